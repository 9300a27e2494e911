//! Hyperslabs of arrays of any shape, cut into blocks that together are the whole.
#![no_main]

use h5range::{Hyperslab, Span};
use h5scout_fuzz::Input;
use libfuzzer_sys::fuzz_target;

const BLOCKS_MAX: usize = 1000;

fuzz_target!(|data: &[u8]| {
    let mut input = Input::new(data);
    let rank = input.byte() % 5;
    let mut number = || match input.byte() {
        0xff => u64::MAX - u64::from(input.byte()),
        0xfe => u64::from(input.number()) << 40,
        small => u64::from(small),
    };
    let shape: Vec<u64> = (0..rank).map(|_| number()).collect();
    let grain: Vec<u64> = (0..rank).map(|_| number()).collect();
    let spans = (0..rank).map(|_| Span { start: number(), step: number(), count: number() });
    let spans: Vec<Span> = spans.collect();
    let elements_max = number();
    let Ok(selection) = Hyperslab::new(spans, &shape) else { return };
    let _ = selection.to_string();
    let mut count = Some(0_u64);
    for (index, block) in selection.blocks(elements_max, &grain).enumerate() {
        let elements = block.element_count().expect("a block can be counted");
        assert!((1..=elements_max.max(1)).contains(&elements), "{block}");
        assert!(Hyperslab::new(block.spans().to_vec(), &shape).is_ok(), "{block}");
        count = count.and_then(|count| count.checked_add(elements));
        if index == BLOCKS_MAX {
            return;
        }
    }
    assert_eq!(count, selection.element_count());
});
