//! Both B-trees: nodes of groups and chunks, and all record types.
#![no_main]

use h5range::decode::Cursor;
use h5range::decode::btree_v1::{ChunkNode, GroupNode};
use h5range::decode::btree_v2::{
    AttributeCreationOrderRecord, AttributeNameRecord, BTreeV2Header, ChunkRecord,
    HugeObjectRecord, LinkCreationOrderRecord, LinkNameRecord, SharedMessageRecord,
};
use h5range::decode::symbol_table_node::SymbolTableNode;
use h5scout_fuzz::{Input, cursor};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let mut input = Input::new(data);
    let (widths, dimensions) = (input.widths(), input.byte());
    let (head, body) = (input.part(), input.rest());
    let _ = GroupNode::decode(&mut cursor(&body, widths));
    let _ = ChunkNode::decode(&mut cursor(&body, widths), dimensions);
    let _ = SymbolTableNode::decode(&mut cursor(&body, widths));

    let Ok(header) = BTreeV2Header::decode(&mut cursor(&head, widths)) else { return };
    let Some(root) = header.root else { return };
    let Ok(node) = header.node(&body, root, header.depth, widths) else { return };
    assert_eq!(node.records.len() as u64, root.record_count);
    for record in &node.records {
        decode_record(cursor(record, widths), header.record_type, dimensions);
    }
});

fn decode_record(mut cursor: Cursor<'_>, record_type: u8, dimensions: u8) {
    let cursor = &mut cursor;
    match record_type {
        1..=4 => drop(HugeObjectRecord::decode(cursor, record_type)),
        5 => drop(LinkNameRecord::decode(cursor)),
        6 => drop(LinkCreationOrderRecord::decode(cursor)),
        7 => drop(SharedMessageRecord::decode(cursor)),
        8 => drop(AttributeNameRecord::decode(cursor)),
        9 => drop(AttributeCreationOrderRecord::decode(cursor)),
        _ => drop(ChunkRecord::decode(cursor, record_type, dimensions)),
    }
}
