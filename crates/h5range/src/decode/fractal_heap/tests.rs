use bytes::Bytes;

use super::*;
use crate::decode::btree_v2::{FilteredObject, HugeObjectPlace};
use crate::decode::checksum::lookup3;
use crate::decode::testing::{bytes_never_panic, cursor, hex, never_panics};

/// Where [`cursor`] says that its bytes stand.
const HEADER_AT: &str = "e803000000000000";

fn with_checksum(mut bytes: Vec<u8>) -> Vec<u8> {
    let checksum = lookup3(&bytes);
    bytes.extend(checksum.to_le_bytes());
    bytes
}

/// A heap of links: blocks of 512 to 2048 bytes, four in a row, a heap of 2^32 bytes.
fn header(heap_id_bytes: u16, flags: u8, root_rows: u8, deflate: bool) -> Vec<u8> {
    let undefined = "ffffffffffffffff";
    let zero = "0000000000000000";
    let pipeline = "02 01 0100 0000 0100 06000000";
    let filter_bytes = if deflate { "0c00" } else { "0000" };
    let mut text = format!("46524850 00 {:04x} {filter_bytes}", heap_id_bytes.swap_bytes());
    text += &format!("{flags:02x} 00100000 {zero} 0030000000000000 {zero} {undefined}");
    text += &zero.repeat(8);
    text += "0400 0002000000000000 0008000000000000 2000";
    text += &format!("0100 0020000000000000 {root_rows:02x}00");
    if deflate {
        text += &format!("2c01000000000000 01000000 {pipeline}");
    }
    with_checksum(hex(&text))
}

fn decoded(heap_id_bytes: u16, flags: u8, root_rows: u8, deflate: bool) -> FractalHeapHeader {
    let bytes = header(heap_id_bytes, flags, root_rows, deflate);
    FractalHeapHeader::decode(&mut cursor(&bytes)).unwrap()
}

#[test]
fn the_header_describes_the_heap() {
    let bytes = header(7, 2, 5, false);
    assert_eq!(FractalHeapHeader::encoded_bytes(cursor(&bytes)), Ok(146));
    assert_eq!(bytes.len(), 146);
    let header = decoded(7, 2, 5, false);
    assert_eq!(header.address, Address::new(1000));
    assert_eq!((header.heap_id_bytes, header.managed_object_bytes_max), (7, 4096));
    assert!(header.direct_blocks_have_checksums);
    assert_eq!(header.huge_objects, Some(Address::new(0x3000)));
    assert_eq!((header.root_block, header.root_rows), (Some(Address::new(0x2000)), 5));
    assert_eq!(header.table.starting_block_bytes(), 512);
    assert_eq!(header.filters, None);
}

#[test]
fn a_heap_with_filters_describes_them() {
    let bytes = header(7, 0, 0, true);
    assert_eq!(FractalHeapHeader::encoded_bytes(cursor(&bytes)), Ok(bytes.len() as u64));
    let filters = decoded(7, 0, 0, true).filters.unwrap();
    assert_eq!(filters.root_block, FilteredBlock { size_bytes: 300, filter_mask: 1 });
    let ids: Vec<u16> = filters.pipeline.filters.iter().map(|filter| filter.id).collect();
    assert_eq!(ids, [1]);
}

#[test]
fn a_header_with_a_wrong_bit_or_too_many_rows_is_malformed() {
    let mut bytes = header(7, 2, 5, false);
    bytes[20] ^= 1;
    let error = FractalHeapHeader::decode(&mut cursor(&bytes)).unwrap_err();
    assert!(error.to_string().contains("checksum"), "{error}");
    // Rows of 2^11 bytes and more, up to 2^32: 22.
    assert!(FractalHeapHeader::decode(&mut cursor(&header(7, 2, 22, false))).is_ok());
    let error = FractalHeapHeader::decode(&mut cursor(&header(7, 2, 23, false))).unwrap_err();
    assert!(error.to_string().contains("23 rows"), "{error}");
}

#[test]
fn ids_say_where_objects_are() {
    let place =
        |filtered| HugeObjectPlace { address: Address::new(4096), size_bytes: 5000, filtered };
    let filtered = FilteredObject { filter_mask: 1, memory_bytes: 9000 };
    let huge = "10 0010000000000000 8813000000000000";
    let managed = ManagedObject { offset: 530, size_bytes: 20 };
    for (id, deflate, expected) in [
        ("00 12020000 1400", false, HeapId::Managed(managed)),
        ("10 070000000000", false, HeapId::Huge(HugeObject::Indirect(7))),
        (huge, false, HeapId::Huge(HugeObject::Direct(place(None)))),
        (huge, true, HeapId::Huge(HugeObject::Indirect(4096))),
        (
            &format!("{huge} 01000000 2823000000000000"),
            true,
            HeapId::Huge(HugeObject::Direct(place(Some(filtered)))),
        ),
        ("22 616263 000000", false, HeapId::Tiny(b"abc")),
        ("20 02 616263 00000000 00000000 00000000 00000000", false, HeapId::Tiny(b"abc")),
    ] {
        let id = hex(id);
        let header = decoded(u16::try_from(id.len()).unwrap(), 2, 5, deflate);
        assert_eq!(HeapId::decode(&id, &header, Widths::EIGHT), Ok(expected), "{id:?}");
    }
}

#[test]
fn ids_of_other_kinds_and_cut_ids_are_errors() {
    let header = decoded(7, 2, 5, false);
    let error =
        |id: &str| HeapId::decode(&hex(id), &header, Widths::EIGHT).unwrap_err().to_string();
    assert_eq!(error("40 000000000000"), "not supported: fractal heap id version 1");
    assert!(error("30 000000000000").contains("id type 3"));
    for cut in ["", "00 120200", "10 0700", "2f 616263"] {
        assert!(error(cut).contains("damaged"), "{cut}");
    }
}

fn place(offset: u64) -> BlockPlace {
    BlockPlace { address: Address::new(8192), offset }
}

#[test]
fn an_indirect_block_lists_direct_blocks_and_then_indirect_ones() {
    let header = decoded(7, 2, 5, false);
    let mut text = format!("46484942 00 {HEADER_AT} 00000000");
    for child in 0..20_u64 {
        let address = if child == 1 { u64::MAX } else { child << 12 };
        text += &format!("{:016x}", address.swap_bytes());
    }
    let bytes = with_checksum(hex(&text));
    assert_eq!(IndirectBlock::encoded_bytes(&header, 5, Widths::EIGHT), bytes.len() as u64);
    let block = IndirectBlock::decode(&bytes, place(0), 5, &header, Widths::EIGHT).unwrap();
    let child = |address| Some(IndirectChild { address: Address::new(address), filtered: None });
    assert_eq!(block.children.len(), 20);
    assert_eq!(block.children[..3], [child(0), None, child(0x2000)]);
}

#[test]
fn filtered_direct_blocks_have_a_size_and_a_mask_and_indirect_blocks_have_not() {
    let header = decoded(7, 2, 5, true);
    let direct = "0010000000000000 2c01000000000000 02000000";
    let indirect = "0020000000000000";
    let text =
        format!("46484942 00 {HEADER_AT} 00000000 {} {}", direct.repeat(16), indirect.repeat(4));
    let bytes = with_checksum(hex(&text));
    assert_eq!(IndirectBlock::encoded_bytes(&header, 5, Widths::EIGHT), bytes.len() as u64);
    let block = IndirectBlock::decode(&bytes, place(0), 5, &header, Widths::EIGHT).unwrap();
    let filtered = Some(FilteredBlock { size_bytes: 300, filter_mask: 2 });
    assert_eq!(
        (block.children[15], block.children[16]),
        (
            Some(IndirectChild { address: Address::new(0x1000), filtered }),
            Some(IndirectChild { address: Address::new(0x2000), filtered: None })
        )
    );
}

/// A direct block of 64 bytes at offset 512, with "object" in its last bytes.
fn direct_block() -> Vec<u8> {
    let mut bytes = hex(&format!("46484442 00 {HEADER_AT} 00020000 00000000"));
    bytes.resize(58, 0);
    bytes.extend(b"object");
    let checksum = lookup3(&bytes);
    bytes[17..21].copy_from_slice(&checksum.to_le_bytes());
    bytes
}

#[test]
fn a_direct_block_gives_its_objects() {
    let header = decoded(7, 2, 5, false);
    let bytes = Bytes::from(direct_block());
    let block = DirectBlock::decode(bytes, place(512), &header, Widths::EIGHT).unwrap();
    let object = |offset, size_bytes| block.object(ManagedObject { offset, size_bytes });
    assert_eq!(object(512 + 58, 6).unwrap(), &b"object"[..]);
    for (offset, size_bytes) in [(512 + 58, 7), (511, 1), (u64::MAX, 1), (512, u64::MAX)] {
        assert!(object(offset, size_bytes).is_err(), "{offset} {size_bytes}");
    }
}

#[test]
fn a_block_belongs_to_its_heap_and_its_offset() {
    let header = decoded(7, 2, 5, false);
    let decode = |bytes: Vec<u8>, offset| {
        DirectBlock::decode(bytes.into(), place(offset), &header, Widths::EIGHT)
            .unwrap_err()
            .to_string()
    };
    assert!(decode(direct_block(), 1024).contains("the block at offset 512 of the heap at 1000"));
    let mut other = direct_block();
    other[5] ^= 1;
    assert!(decode(other, 512).contains("of the heap at 1001"));
    let mut damaged = direct_block();
    damaged[60] ^= 1;
    assert!(decode(damaged, 512).contains("checksum"));
}

#[test]
fn no_bytes_panic() {
    never_panics(&header(7, 2, 5, true), FractalHeapHeader::decode);
    for filtered in [true, false] {
        let header = decoded(7, 2, 5, filtered);
        bytes_never_panic(&[0; 30], |id, _, widths| {
            HeapId::decode(id, &header, widths).map(|_| ())
        });
        bytes_never_panic(&direct_block(), |bytes, _, widths| {
            let block = DirectBlock::decode(bytes.clone(), place(512), &header, widths)?;
            block.object(ManagedObject { offset: 560, size_bytes: 10 })
        });
        for rows in [0, 5, u16::MAX] {
            bytes_never_panic(&[0; 100], |bytes, _, widths| {
                IndirectBlock::encoded_bytes(&header, rows, widths);
                IndirectBlock::decode(bytes, place(0), rows, &header, widths)
            });
        }
    }
}
