use super::*;
use crate::decode::checksum::lookup3;
use crate::decode::testing::{bytes_never_panic, cursor, hex, never_panics};

fn with_checksum(mut bytes: Vec<u8>) -> Vec<u8> {
    let checksum = lookup3(&bytes);
    bytes.extend(checksum.to_le_bytes());
    bytes
}

/// A tree of link names: type 5, nodes of 512 bytes, records of 11 bytes.
fn header(depth: u8) -> Vec<u8> {
    let fields = "00 05 00020000 0b00";
    let rest = "64 28 0010000000000000 0200 8d00000000000000";
    let bytes = format!("42544844 {fields} {depth:02x}00 {rest}");
    with_checksum(hex(&bytes))
}

fn decoded(depth: u8) -> BTreeV2Header {
    BTreeV2Header::decode(&mut cursor(&header(depth))).unwrap()
}

fn pointer(address: u64, record_count: u64) -> NodePointer {
    NodePointer { address: Address::new(address), record_count }
}

#[test]
fn the_header_describes_the_tree() {
    let header = decoded(1);
    assert_eq!((header.record_type, header.node_bytes, header.record_bytes), (5, 512, 11));
    assert_eq!((header.depth, header.record_count), (1, 141));
    assert_eq!(header.root, Some(pointer(4096, 2)));
}

#[test]
fn a_wrong_bit_in_the_header_is_found() {
    let mut bytes = header(1);
    bytes[8] ^= 1;
    let error = BTreeV2Header::decode(&mut cursor(&bytes)).unwrap_err();
    assert!(error.to_string().contains("checksum"), "{error}");
}

#[test]
fn a_tree_without_records_has_no_root() {
    let bytes =
        hex("42544844 00 05 00020000 0b00 0000 64 28 ffffffffffffffff 0000 0000000000000000");
    let header = BTreeV2Header::decode(&mut cursor(&with_checksum(bytes))).unwrap();
    assert_eq!((header.root, header.record_count), (None, 0));
}

#[test]
fn records_of_no_bytes_and_trees_without_end_are_refused() {
    for (record_bytes, depth) in [("0000", "0100"), ("0b00", "4100")] {
        let fields = format!("00 05 00020000 {record_bytes} {depth} 64 28");
        let bytes = hex(&format!("42544844 {fields} 0010000000000000 0200 0000000000000000"));
        assert!(BTreeV2Header::decode(&mut cursor(&with_checksum(bytes))).is_err());
    }
}

#[test]
fn a_leaf_has_only_records() {
    let records = ["first recor", "second reco"].concat();
    let mut bytes = with_checksum([b"BTLF\0\x05", records.as_bytes()].concat());
    bytes.resize(512, 0);
    let node = decoded(0).node(&bytes.into(), pointer(4096, 2), 0, Widths::EIGHT).unwrap();
    assert_eq!(
        node,
        Node {
            records: vec![Bytes::from("first recor"), Bytes::from("second reco")],
            children: vec![],
        }
    );
}

/// A leaf of 512 bytes holds 45 such records, so a count takes one byte; two levels hold 1,149, so
/// a total takes two.
#[test]
fn totals_stand_only_above_the_nodes_above_the_leaves() {
    let record = b"only record";
    let low = hex("0020000000000000 2d 0030000000000000 17");
    let high = hex("0020000000000000 2d 7d04 0030000000000000 17 6100");
    for (depth, pointers) in [(1, low), (2, high)] {
        let bytes = with_checksum([&b"BTIN\0\x05"[..], record, &pointers].concat());
        let node = decoded(2).node(&bytes.into(), pointer(4096, 1), depth, Widths::EIGHT).unwrap();
        assert_eq!(node.records, [&record[..]]);
        assert_eq!(node.children, [pointer(0x2000, 45), pointer(0x3000, 23)]);
    }
}

#[test]
fn a_node_of_another_type_or_with_a_wrong_bit_is_malformed() {
    let header = decoded(0);
    let node = |bytes: Vec<u8>, depth| {
        let error = header.node(&bytes.into(), pointer(4096, 1), depth, Widths::EIGHT).unwrap_err();
        error.to_string()
    };
    let good = with_checksum(b"BTLF\0\x05only record".to_vec());
    let mut wrong = good.clone();
    wrong[10] ^= 1;
    assert!(node(wrong, 0).contains("checksum"));
    let other = with_checksum(b"BTLF\0\x08only record".to_vec());
    assert!(node(other, 0).contains("type 8 in a tree of type 5"));
    assert!(node(good[..10].to_vec(), 0).contains("needs 21 bytes"));
}

#[test]
fn numbers_take_as_many_bytes_as_the_greatest_needs() {
    let widths = [0, 1, 123, 255, 256, 20_000, 65_535, 65_536, u64::MAX].map(width_for);
    assert_eq!(widths, [1, 1, 1, 1, 2, 2, 2, 3, 8]);
}

#[test]
fn no_bytes_panic() {
    never_panics(&header(1), BTreeV2Header::decode);
    let header = decoded(2);
    for depth in [0, 1, 2, u16::MAX] {
        for records in [0, 1, 45, u64::MAX] {
            bytes_never_panic(&[0; 100], |bytes, address, widths| {
                header.node(bytes, NodePointer { address, record_count: records }, depth, widths)
            });
        }
    }
}
