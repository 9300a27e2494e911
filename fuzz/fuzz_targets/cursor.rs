//! No sequence of takings panics, reads past the end or loses count of where it is.
#![no_main]

use h5range::decode::{Address, Cursor};
use h5scout_fuzz::Input;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let mut input = Input::new(data);
    let (widths, start) = (input.widths(), u64::from(input.number()));
    let steps = input.part();
    let bytes = input.rest();
    let mut cursor = Cursor::new(&bytes, "fuzzed structure", Address::new(start), widths);
    for step in steps.chunks(2) {
        let count = step.get(1).copied().unwrap_or(0);
        let before = cursor.clone();
        let taken = take(&mut cursor, step[0], count);
        let consumed = before.remaining() - cursor.remaining();
        assert_eq!(before.address().get() + consumed, cursor.address().get());
        assert_eq!(&before.peek()[consumed as usize..], cursor.peek());
        assert!(taken || consumed <= WIDEST_BYTES, "an error took {consumed} bytes");
    }
});

/// An address of 32 bytes, which is an error where more than 64 bits of it count.
const WIDEST_BYTES: u64 = 32;

/// One step; whether it went well.
fn take(cursor: &mut Cursor<'_>, kind: u8, count: u8) -> bool {
    match kind % 12 {
        0 => cursor.u8("byte").is_ok(),
        1 => cursor.u16("number").is_ok(),
        2 => cursor.u32("number").is_ok(),
        3 => cursor.u64("number").is_ok(),
        4 => cursor.uint(count, "number").is_ok_and(|_| count <= 8),
        5 => cursor.offset("address").is_ok(),
        6 => cursor.optional_length("length").is_ok(),
        7 => cursor.take(u64::from(count), "bytes").is_ok_and(|b| b.len() == usize::from(count)),
        8 => cursor.take(u64::MAX - u64::from(count), "more than there is").is_ok(),
        9 => cursor.null_terminated("name").is_ok_and(|name| !name.contains(&0)),
        10 => cursor.signature(&[count; 4]).is_ok(),
        _ => cursor.sub(count.into(), "sub").is_ok_and(|mut c| c.take_rest().len() == count.into()),
    }
}
