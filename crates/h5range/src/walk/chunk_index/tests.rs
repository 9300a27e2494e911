use std::path::Path;
use std::sync::Arc;

use byte_source::MemorySource;
use byte_source::testing::CountingSource;
use futures::executor::block_on;

use super::*;
use crate::budget::Limits;
use crate::decode::message::link::LinkTarget;

struct Fixture {
    source: Arc<CountingSource<MemorySource>>,
    file: File,
}

impl Fixture {
    fn open(path: &str) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures");
        let memory = MemorySource::new(std::fs::read(folder.join(path)).unwrap());
        let source = Arc::new(CountingSource::new(memory));
        let file = block_on(File::open(source.clone(), Limits::default())).unwrap();
        Self { source, file }
    }

    /// What the chunks of a dataset in the root group take, and the waves that its index took.
    fn storage(&self, name: &str) -> (ChunkStorage, u64) {
        // A question of its own: it knows nothing of what others took along.
        let header = Arc::clone(self.file.header());
        let file = File::with_header(self.source.clone(), header, Limits::default());
        let dataset = async {
            let root = file.object(file.root()).await?;
            let link = file.find_link(&root, name.as_bytes()).await?.unwrap();
            let LinkTarget::Hard { address } = link.target else { panic!("{link:?}") };
            file.object(address).await
        };
        let dataset = block_on(file.drive(dataset)).unwrap();
        let layout = dataset.layout().unwrap().unwrap();
        let before = self.source.waves();
        let found = block_on(file.drive(storage(&file, &dataset, &layout))).unwrap();
        (found, self.source.waves() - before)
    }

    /// The same with nothing but the size.
    fn storage_size(&self, name: &str) -> (u64, u64) {
        let (storage, waves) = self.storage(name);
        (storage.size_bytes, waves)
    }
}

/// Sizes as h5py says them.
#[test]
fn each_index_tells_the_storage_size() {
    let fixture = Fixture::open("layouts/latest.h5");
    for (name, size_bytes, waves) in [
        ("single_chunk", 400, 0),
        ("single_chunk_deflated", 163, 0),
        ("implicit", 840, 0),
        ("fixed_array", 840, 2),
        ("fixed_array_deflated", 428, 2),
        ("fixed_array_bounded", 48, 2),
        ("fixed_array_bounded_deflated", 62, 2),
        ("fixed_array_paged", 4400, 3),
        ("extensible_array", 816, 3),
        ("extensible_array_deflated", 818, 3),
        ("b_tree_2", 432, 1),
        ("b_tree_2_deflated", 319, 2),
        ("sparse", 800, 1),
        ("chunked_unwritten", 0, 0),
        ("contiguous", 0, 0),
    ] {
        assert_eq!(fixture.storage_size(name), (size_bytes, waves), "{name}");
    }
}

#[test]
fn version_1_b_trees_tell_it_for_every_dataset_of_old_files() {
    let fixture = Fixture::open("layouts/earliest.h5");
    for (name, size_bytes, waves) in [
        ("single_chunk", 400, 1),
        ("single_chunk_deflated", 163, 1),
        ("fixed_array_paged", 400, 2),
        ("extensible_array_deflated", 818, 1),
        ("b_tree_2_deflated", 319, 1),
        ("sparse", 800, 1),
        ("chunked_unwritten", 0, 0),
    ] {
        assert_eq!(fixture.storage_size(name), (size_bytes, waves), "{name}");
    }
}

/// Number, smallest and largest size, as h5py lists the chunks.
#[test]
fn each_index_tells_how_many_chunks_there_are_and_how_their_sizes_differ() {
    let earliest = Fixture::open("layouts/earliest.h5");
    let latest = Fixture::open("layouts/latest.h5");
    for (fixture, name, expected) in [
        (&earliest, "b_tree_2_deflated", [9, 31, 38]),
        (&earliest, "chunked_unwritten", [0, 0, 0]),
        (&latest, "single_chunk_deflated", [1, 163, 163]),
        (&latest, "implicit", [6, 140, 140]),
        (&latest, "fixed_array_paged", [1100, 4, 4]),
        (&latest, "fixed_array_deflated", [6, 68, 74]),
        (&latest, "extensible_array_deflated", [34, 21, 25]),
        (&latest, "b_tree_2", [9, 48, 48]),
        (&latest, "b_tree_2_deflated", [9, 31, 38]),
        (&latest, "sparse", [2, 400, 400]),
        (&latest, "contiguous", [0, 0, 0]),
    ] {
        let ChunkStorage { count, smallest_bytes, largest_bytes, .. } = fixture.storage(name).0;
        assert_eq!([count, smallest_bytes, largest_bytes], expected, "{name}");
    }
}
