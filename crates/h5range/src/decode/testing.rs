//! What the tests of all decoders share: bytes from hexadecimal text, and "no input panics".

use bytes::Bytes;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::decode::{Address, Cursor, Widths};
use crate::error::Result;

/// The bytes that `text` writes as hexadecimal digits, with blanks wherever they help to read.
pub(crate) fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    digits.chunks(2).map(byte).collect()
}

/// A cursor over `bytes` of a file with ordinary widths.
pub(crate) fn cursor(bytes: &[u8]) -> Cursor<'_> {
    Cursor::new(bytes, "test structure", Address::new(1000), Widths::EIGHT)
}

/// Feeds random bytes and damaged copies of `valid` to `decode`, in files of all widths.
pub(crate) fn never_panics<T>(valid: &[u8], decode: impl Fn(&mut Cursor<'_>) -> Result<T>) {
    bytes_never_panic(valid, |bytes, address, widths| {
        decode(&mut Cursor::new(bytes, "test structure", address, widths))
    });
}

/// [`never_panics`] for decoders that slice shared bytes instead of reading a cursor.
pub(crate) fn bytes_never_panic<T>(
    valid: &[u8],
    decode: impl Fn(&Bytes, Address, Widths) -> Result<T>,
) {
    let random = vec(any::<u8>(), 0..200);
    let input = prop_oneof![1 => random, 3 => damaged(valid.to_vec())];
    let width = || prop::sample::select(vec![2, 4, 8, 8, 8]);
    let address = prop::sample::select(vec![0, u64::MAX]);
    let config = Config { cases: 1000, failure_persistence: None, ..Config::default() };
    let outcome = TestRunner::new(config).run(
        &(input, address, width(), width()),
        |(bytes, address, offset, length)| {
            let widths = Widths { offset, length };
            // Either answer is right: only a panic fails here.
            let _answer = decode(&Bytes::from(bytes), Address::new(address), widths);
            Ok(())
        },
    );
    outcome.unwrap();
}

/// `valid` with a few bytes overwritten and perhaps cut short.
fn damaged(valid: Vec<u8>) -> impl Strategy<Value = Vec<u8>> {
    let edge = prop_oneof![any::<u8>(), Just(0), Just(1), Just(0x7f), Just(0xff)];
    let edits = vec((any::<prop::sample::Index>(), edge), 0..4);
    (edits, any::<prop::sample::Index>(), any::<bool>()).prop_map(move |(edits, end, cut)| {
        let mut bytes = valid.clone();
        for (at, byte) in edits {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if cut {
            bytes.truncate(end.index(valid.len()));
        }
        bytes
    })
}
