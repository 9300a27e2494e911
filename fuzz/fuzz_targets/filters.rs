//! Filter pipelines, undone on bytes that no filter wrote.
#![no_main]

use h5range::decode::message::filter_pipeline::FilterPipeline;
use h5range::filter;
use h5scout_fuzz::{Input, cursor};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let mut input = Input::new(data);
    let (widths, size_bytes) = (input.widths(), u64::from(input.number()));
    let filter_mask = u32::from(input.number());
    let (message, bytes) = (input.part(), input.rest());
    let Ok(pipeline) = FilterPipeline::decode(&mut cursor(&message, widths)) else { return };
    if let Ok(undone) = filter::undo(&pipeline, filter_mask, bytes, size_bytes) {
        assert_eq!(undone.len() as u64, size_bytes);
    }
});
