//! The answers do not depend on how bytes are joined, cut and kept on their way.
#![no_main]

use std::sync::Arc;

use byte_source::{ByteSource, MemorySource};
use futures::executor::block_on;
use h5range::Limits;
use h5range::testing::{TIGHT_LIMITS, ask_everything};
use h5scout_fuzz::{Input, kept::KeptSource};
use libfuzzer_sys::fuzz_target;

/// Answers are compared as texts: these are kept short.
const LIMITS: Limits = Limits { decoded_bytes: 1 << 20, ..TIGHT_LIMITS };

fuzz_target!(|data: &[u8]| {
    let mut input = Input::new(data);
    let (gap_bytes, request_bytes) = (input.number().into(), input.number().into());
    let object = MemorySource::new(input.rest());
    let ask = |source: Arc<dyn ByteSource>| block_on(ask_everything(source, LIMITS));
    let whole = ask(Arc::new(object.clone()));
    let kept = ask(Arc::new(KeptSource::new(object, gap_bytes, request_bytes)));
    match (whole, kept) {
        (Ok(whole), Ok(kept)) => assert!(whole.agree_with(&kept)),
        (whole, kept) => assert_eq!(whole.err(), kept.err()),
    }
});
