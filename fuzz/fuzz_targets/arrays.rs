//! Fixed and extensible arrays of chunks.
#![no_main]

use h5range::decode::Address;
use h5range::decode::extensible_array::{DataBlock, ExtensibleArrayHeader};
use h5range::decode::fixed_array::FixedArrayHeader;
use h5scout_fuzz::{Input, cursor};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let mut input = Input::new(data);
    let (widths, element_count) = (input.widths(), u64::from(input.number()));
    let (head, block) = (input.part(), input.rest());
    let block_cursor = || cursor(&block, widths);

    if let Ok(header) = FixedArrayHeader::decode(&mut cursor(&head, widths)) {
        let _ = header.data_block_bytes(widths);
        match header.is_paged() {
            true => {
                for page in header.pages(block_cursor()).into_iter().flatten() {
                    assert!(page.element_count > 0);
                    let _ = header.page_bytes(page.element_count);
                }
            }
            false => drop(header.elements(block_cursor())),
        }
    }
    if let Ok(header) = ExtensibleArrayHeader::decode(&mut cursor(&head, widths)) {
        let _ = header.index_block_bytes(widths);
        let index = header.index_block(block_cursor());
        for secondary in index.into_iter().flat_map(|index| index.secondary_blocks) {
            let _ = header.secondary_block_bytes(secondary, widths);
            let _ = header.secondary_block_elements(secondary);
            let _ = header.secondary_block(secondary, block_cursor());
        }
        for is_page in [false, true] {
            let block =
                DataBlock { address: Address::new(0), first_element: 0, element_count, is_page };
            let _ = header.data_block_bytes(block, widths);
            let _ = header.data_block(block, block_cursor());
        }
    }
});
