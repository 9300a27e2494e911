//! Superblocks, object headers, and what superblock extensions lead to.
#![no_main]

use h5range::decode::cache_image::CacheImage;
use h5range::decode::object_header::{self, Prefix};
use h5range::decode::superblock::{Superblock, signature_positions};
use h5range::decode::{Address, shared_message_table::SharedMessageIndexes};
use h5scout_fuzz::{Input, cursor};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let _ = Superblock::decode(data, 0);
    assert!(signature_positions(data.len() as u64).all(|place| place < data.len() as u64));

    let mut input = Input::new(data);
    let (widths, count) = (input.widths(), input.byte());
    let (header, block) = (input.part(), input.rest());
    let _ = SharedMessageIndexes::decode(&mut cursor(&block, widths), count);
    if let Ok(image) = CacheImage::decode(cursor(&block, widths)) {
        let address = Address::new(count.into());
        assert_eq!(image.lay_over(address, header.clone()).len(), header.len());
    }

    let Ok(prefix) = Prefix::decode(&mut cursor(&header, widths)) else { return };
    let address = Address::new(0);
    let first = object_header::first_chunk(&prefix, &header, address, widths);
    let next = object_header::continuation_chunk(&prefix, &block, address, widths);
    let messages = [first, next].into_iter().flatten().flat_map(|messages| messages.items);
    assert!(messages.map(|raw| raw.body.len()).sum::<usize>() <= data.len(), "messages overlap");
});
