//! Every header message, by its type.
#![no_main]

use bytes::Bytes;
use h5range::Budget;
use h5range::decode::message::{
    attribute::AttributeMessage, attribute_info::AttributeInfo, b_tree_k::BTreeK,
    cache_image::CacheImageMessage, continuation::Continuation, dataspace::Dataspace,
    datatype::Datatype, driver_info::DriverInfo, external_files::ExternalFiles,
    file_space_info::FileSpaceInfo, fill_value::FillValue, filter_pipeline::FilterPipeline,
    group_info::GroupInfo, kind, layout::Layout, link::LinkMessage, link_info::LinkInfo,
    modification_time, reference_count, shared::SharedMessage, shared_table::SharedTable,
    symbol_table::SymbolTableMessage,
};
use h5range::decode::selection::Selection;
use h5range::decode::virtual_mapping::VirtualMapping;
use h5range::decode::{Address, Cursor, Widths};
use h5range::testing::TIGHT_LIMITS;
use h5scout_fuzz::{Input, cursor};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let mut input = Input::new(data);
    let (kind, widths) = (u16::from(input.byte()), input.widths());
    decode(kind, &input.rest(), widths);
});

fn decode(kind: u16, body: &Bytes, widths: Widths) {
    let cursor = &mut cursor(body, widths);
    match kind {
        kind::DATASPACE => drop(Dataspace::decode(cursor).map(|space| space.element_count())),
        kind::LINK_INFO => drop(LinkInfo::decode(cursor)),
        kind::DATATYPE => drop(Datatype::decode(cursor)),
        kind::FILL_VALUE_OLD => drop(FillValue::decode_old(cursor)),
        kind::FILL_VALUE => drop(FillValue::decode(cursor)),
        kind::LINK => drop(LinkMessage::decode(cursor)),
        kind::EXTERNAL_FILES => drop(ExternalFiles::decode(cursor)),
        kind::LAYOUT => drop(Layout::decode(cursor)),
        kind::GROUP_INFO => drop(GroupInfo::decode(cursor)),
        kind::FILTER_PIPELINE => drop(FilterPipeline::decode(cursor)),
        kind::ATTRIBUTE => attribute(body, widths),
        kind::MODIFICATION_TIME_OLD => drop(modification_time::decode_old(cursor)),
        kind::SHARED_TABLE => drop(SharedTable::decode(cursor)),
        kind::CONTINUATION => drop(Continuation::decode(cursor)),
        kind::SYMBOL_TABLE => drop(SymbolTableMessage::decode(cursor)),
        kind::MODIFICATION_TIME => drop(modification_time::decode(cursor)),
        kind::B_TREE_K => drop(BTreeK::decode(cursor)),
        kind::DRIVER_INFO => drop(DriverInfo::decode(cursor)),
        kind::ATTRIBUTE_INFO => drop(AttributeInfo::decode(cursor)),
        kind::REFERENCE_COUNT => drop(reference_count::decode(cursor)),
        kind::FILE_SPACE_INFO => drop(FileSpaceInfo::decode(cursor)),
        kind::METADATA_CACHE_IMAGE => drop(CacheImageMessage::decode(cursor)),
        _ => not_in_headers(cursor),
    }
}

/// A name that can be read alone is the name that the whole attribute has.
fn attribute(body: &Bytes, widths: Widths) {
    let address = Address::new(0);
    if let Ok(whole) = AttributeMessage::decode(body, address, widths) {
        let name = AttributeMessage::decode_name(body, address, widths);
        assert_eq!(name.as_ref(), Ok(&whole.name));
    }
}

/// What stands in place of messages, or in the global heap.
fn not_in_headers(cursor: &mut Cursor<'_>) {
    drop(SharedMessage::decode(&mut cursor.clone()));
    drop(DriverInfo::decode_block(&mut cursor.clone()));
    let budget = Budget::new(TIGHT_LIMITS);
    for mapping in VirtualMapping::decode_all(cursor, &budget).into_iter().flatten() {
        extents(&mapping.source_selection);
        extents(&mapping.virtual_selection);
    }
}

/// The elements of a slab lie within the extent that ends with them.
fn extents(selection: &Selection) {
    let _ = (0..4).map(|dimension| selection.end(dimension)).max();
    let Some((_, slab)) = selection.unlimited() else { return };
    for elements in [0, 1, 1000, u64::MAX] {
        let _ = slab.extent_of_blocks(elements);
        let _ = slab.elements_within(slab.extent_of(elements));
    }
}
