use super::*;
use crate::decode::checksum::lookup3;
use crate::decode::testing::{cursor, hex, never_panics};

fn with_checksum(text: &str) -> Vec<u8> {
    let mut bytes = hex(text);
    let checksum = lookup3(&bytes);
    bytes.extend(checksum.to_le_bytes());
    bytes
}

/// An array as the library makes it for plain chunks: 2^32 elements, 4 in the index block, 16 in
/// the least data block, 4 pointers in the least secondary block; but pages of 64 elements.
fn header_bytes() -> Vec<u8> {
    let numbers = "00 00 08 20 04 10 04 06";
    let statistics = "00".repeat(48);
    with_checksum(&format!("45414844 {numbers} {statistics} 0010000000000000"))
}

fn header() -> ExtensibleArrayHeader {
    ExtensibleArrayHeader::decode(&mut cursor(&header_bytes())).unwrap()
}

const HEADER_AT: &str = "e803000000000000";
const NONE: &str = "ffffffffffffffff";

#[test]
fn groups_double() {
    let header = header();
    assert_eq!(header.index_block, Some(Address::new(4096)));
    assert_eq!(header.groups_in_index_block(), 0..4);
    assert_eq!(header.secondary_groups(), 4..29);
    let groups = (0..6).map(|group| (header.data_blocks_of(group), header.elements_of(group)));
    assert_eq!(groups.collect::<Vec<_>>(), [(1, 16), (1, 32), (2, 32), (2, 64), (4, 64), (4, 128)]);
    assert_eq!((header.pages_of(4), header.pages_of(5)), (None, Some(2)));
}

#[test]
fn the_index_block_has_elements_data_blocks_and_secondary_blocks() {
    let header = header();
    let at = |address: u64| format!("{:016x}", address.swap_bytes());
    let elements = [at(1), NONE.to_owned(), at(2), NONE.to_owned()].concat();
    let data_blocks =
        [at(16), NONE.to_owned(), at(48), NONE.to_owned(), NONE.to_owned(), at(96)].concat();
    let secondary = [NONE.to_owned(), at(500)].concat() + &NONE.repeat(23);
    let bytes =
        with_checksum(&format!("45414942 00 00 {HEADER_AT} {elements} {data_blocks} {secondary}"));
    assert_eq!(header.index_block_bytes(Widths::EIGHT), bytes.len() as u64);
    let block = header.index_block(cursor(&bytes)).unwrap();
    assert_eq!(block.elements.iter().filter(|element| element.address.is_some()).count(), 2);
    let counts = block
        .data_blocks
        .iter()
        .map(|block| (block.address.get(), block.first_element, block.element_count));
    assert_eq!(counts.collect::<Vec<_>>(), [(16, 4, 16), (48, 4 + 48, 32), (96, 4 + 176, 64)]);
    let secondary = SecondaryBlock { address: Address::new(500), group: 5 };
    assert_eq!(block.secondary_blocks, [secondary]);
}

#[test]
fn a_secondary_block_leads_to_data_blocks() {
    let header = header();
    let block = SecondaryBlock { address: Address::new(500), group: 4 };
    let pointers = format!("0020000000000000 {}", NONE.repeat(3));
    let bytes = with_checksum(&format!("45415342 00 00 {HEADER_AT} 00000000 {pointers}"));
    assert_eq!(header.secondary_block_bytes(block, Widths::EIGHT), bytes.len() as u64);
    let data_block = DataBlock {
        address: Address::new(0x2000),
        // Behind 4 elements of the index block and groups of 16, 32, 64 and 128.
        first_element: 244,
        element_count: 64,
        is_page: false,
    };
    assert_eq!(header.secondary_block_elements(block), 244..500);
    assert_eq!(header.secondary_block(block, cursor(&bytes)).unwrap(), [data_block]);
    let elements = format!("0030000000000000 {}", NONE.repeat(63));
    let bytes = with_checksum(&format!("45414442 00 00 {HEADER_AT} 00000000 {elements}"));
    assert_eq!(header.data_block_bytes(data_block, Widths::EIGHT), bytes.len() as u64);
    assert_eq!(header.data_block(data_block, cursor(&bytes)).unwrap().len(), 64);
}

#[test]
fn of_large_data_blocks_only_written_pages_are_there() {
    let header = header();
    let block = SecondaryBlock { address: Address::new(500), group: 5 };
    let pointers = format!("0020000000000000 0030000000000000 {}", NONE.repeat(2));
    // Four bitmaps of a byte; the first four bits are pages 0 and 1 of blocks 0 and 1.
    let bitmap = "60000000";
    let bytes = with_checksum(&format!("45415342 00 00 {HEADER_AT} 00000000 {bitmap} {pointers}"));
    assert_eq!(header.secondary_block_bytes(block, Widths::EIGHT), bytes.len() as u64);
    let page = |address, first_element| DataBlock {
        address: Address::new(address),
        first_element,
        element_count: 64,
        is_page: true,
    };
    let pages = header.secondary_block(block, cursor(&bytes)).unwrap();
    // A data block without elements has 22 bytes, a page 516.
    assert_eq!(pages, [page(0x2000 + 22 + 516, 500 + 64), page(0x3000 + 22, 500 + 128)]);
    assert_eq!(header.data_block_bytes(pages[0], Widths::EIGHT), 516);
    let bytes = with_checksum(&NONE.repeat(64));
    assert_eq!(header.data_block(pages[0], cursor(&bytes)).unwrap().len(), 64);
}

#[test]
fn impossible_numbers_are_malformed() {
    for numbers in ["00 00 08 20 04 0f 04 06", "00 00 08 20 04 10 03 06", "00 00 08 41 04 10 04 06"]
    {
        let statistics = "00".repeat(48);
        let bytes = with_checksum(&format!("45414844 {numbers} {statistics} {NONE}"));
        assert!(ExtensibleArrayHeader::decode(&mut cursor(&bytes)).is_err(), "{numbers}");
    }
}

#[test]
fn no_bytes_panic() {
    never_panics(&header_bytes(), ExtensibleArrayHeader::decode);
    let block = with_checksum(&format!("45415342 00 00 {HEADER_AT} 00000000 {NONE}"));
    for (max_bits, page_bits) in [(32, 6), (64, 0), (64, 63)] {
        let header = ExtensibleArrayHeader { max_bits, page_bits, ..header() };
        header.index_block_bytes(Widths::EIGHT);
        never_panics(&block, |cursor| header.index_block(cursor.clone()));
        for group in header.secondary_groups().step_by(11) {
            let secondary = SecondaryBlock { address: Address::new(0), group };
            header.secondary_block_bytes(secondary, Widths::EIGHT);
            never_panics(&block, |cursor| header.secondary_block(secondary, cursor.clone()));
        }
    }
}
