//! Local heaps, global heap collections and fractal heaps.
#![no_main]

use bytes::Bytes;
use h5range::decode::fractal_heap::{
    BlockPlace, DirectBlock, FractalHeapHeader, HeapId, IndirectBlock,
};
use h5range::decode::global_heap::{GlobalHeapCollection, GlobalHeapId};
use h5range::decode::local_heap::{LocalHeapData, LocalHeapHeader};
use h5range::decode::{Address, Widths};
use h5scout_fuzz::{Input, cursor};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let mut input = Input::new(data);
    let (widths, offset) = (input.widths(), u64::from(input.number()));
    let (head, id, block) = (input.part(), input.part(), input.rest());
    let address = Address::new(0);

    let _ = LocalHeapHeader::decode(&mut cursor(&head, widths));
    let _ = LocalHeapData { bytes: block.clone(), address }.string(offset);
    let _ = GlobalHeapId::decode(&mut cursor(&id, widths));
    if let Ok(collection) = GlobalHeapCollection::decode(&block, address, widths) {
        assert!(
            collection
                .objects()
                .all(|(index, data)| collection.object(index.into()) == Ok(Some(data)))
        );
    }
    if let Ok(header) = FractalHeapHeader::decode(&mut cursor(&head, widths)) {
        fractal_heap(&header, &id, block, offset, widths);
    }
});

fn fractal_heap(header: &FractalHeapHeader, id: &[u8], block: Bytes, offset: u64, widths: Widths) {
    let place = BlockPlace { address: Address::new(0), offset };
    let rows = header.root_rows;
    let indirect = IndirectBlock::decode(&block, place, rows, header, widths);
    let bytes_max = IndirectBlock::encoded_bytes(header, rows, widths);
    assert!(indirect.is_err() || block.len() as u64 >= bytes_max.min(4));
    let Ok(HeapId::Managed(object)) = HeapId::decode(id, header, widths) else { return };
    if let Some(span) = header.table.child(object.offset, rows) {
        assert!(span.offset <= object.offset && object.offset - span.offset < span.size_bytes);
    }
    if let Ok(direct) = DirectBlock::decode(block, place, header, widths) {
        let found = direct.object(object);
        assert!(found.is_err() || found.is_ok_and(|data| data.len() as u64 == object.size_bytes));
    }
}
