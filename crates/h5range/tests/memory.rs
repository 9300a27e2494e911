//! What a question holds in memory is bounded by what it may spend, not by what a file makes of a
//! few bytes.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::path::Path;
use std::sync::Arc;

use byte_source::MemorySource;
use futures::executor::block_on;
use h5range::{Error, File, Limit, Limits, Result};

const DECODED: Error = Error::Limit { limit: Limit::DecodedBytes, maximum: 100 };

fn fixture(path: &str) -> MemorySource {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures");
    MemorySource::new(std::fs::read(folder.join(path)).unwrap())
}

/// Asks `question` about the root group's child of this name, with little to decode.
fn ask<T>(
    path: &str,
    name: &str,
    question: impl AsyncFnOnce(&File, Arc<h5range::Object>) -> Result<T>,
) -> Result<T> {
    let source = Arc::new(fixture(path));
    let file = block_on(File::open(source.clone(), Limits::default()))?;
    let object = block_on(file.drive(async {
        let root = file.object(file.root()).await?;
        let link = file.find_link(&root, name.as_bytes()).await?.unwrap();
        let h5range::decode::message::link::LinkTarget::Hard { address } = link.target else {
            return Err(Error::NotHdf5);
        };
        file.object(address).await
    }))?;
    let little = Limits { decoded_bytes: 100, ..Limits::default() };
    let file = File::with_header(source, Arc::clone(file.header()), little);
    block_on(file.drive(question(&file, object)))
}

#[test]
fn elements_of_arrays_are_paid_for() {
    for name in ["fixed_array", "fixed_array_paged", "extensible_array"] {
        let size =
            ask("layouts/latest.h5", name, async |file, dataset| file.storage_size(&dataset).await);
        assert_eq!(size, Err(DECODED), "{name}");
    }
}
