//! Planes of datasets of 1 GiB in deflated chunks, by each index that such chunks can have: that they
//! hold what was written, and what they cost in waves and bytes.
//!
//! `make_large.py` writes the files, as those of `large.rs`; without them the tests are skipped.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use byte_source::MemorySource;
use byte_source::testing::CountingSource;
use h5range::testing::find_object;
use h5range::{Dataset, File, Hyperslab, Limits, Span};

const SHAPE: [u64; 3] = [64, 2048, 2048];

/// The planes: one index along each dimension in turn.
const PLANES: [(usize, u64); 3] = [(0, 17), (1, 1030), (2, 2047)];

/// Waves of the index and that of the chunks. A tree has no bound: version 1 trees that were written
/// in order stay below it up to 180,000 chunks, those of version 2 up to some 2,000, which is why
/// their chunks are larger here.
const WAVES_MAX: u64 = 4;

#[tokio::test(flavor = "multi_thread")]
async fn a_plane_of_a_gibibyte_takes_few_waves_and_little_more_than_its_chunks() {
    let Some(folder) = std::env::var_os("H5SCOUT_LARGE").map(PathBuf::from) else {
        eprintln!("slices: skipped, there are no large files (H5SCOUT_LARGE)");
        return;
    };
    for (file, name, side) in [
        ("sliced_earliest.h5", "b_tree_1", 64),
        ("sliced_latest.h5", "fixed_array", 64),
        ("sliced_latest.h5", "extensible_array", 64),
        ("sliced_latest.h5", "b_tree_2", 128),
    ] {
        let chunk = [16, side, side];
        for (dimension, index) in PLANES {
            let cost = read_plane(&folder.join(file), name, chunk, dimension, index).await;
            let Cost { waves, bytes, chunk_bytes } = cost;
            let times = bytes as f64 / chunk_bytes as f64;
            eprintln!("{name}, dimension {dimension}: {waves} waves, {times:.3} x its chunks");
            assert!(waves <= WAVES_MAX, "{name}: {waves} waves");
            assert!(times <= 1.2, "{name}: {times} times its chunks");
        }
    }
}

/// What reading a plane cost.
struct Cost {
    waves: u64,
    bytes: u64,
    /// What the chunks that it meets have in the file.
    chunk_bytes: u64,
}

async fn read_plane(
    path: &Path,
    name: &str,
    chunk: [u64; 3],
    dimension: usize,
    index: u64,
) -> Cost {
    let memory = MemorySource::new(std::fs::read(path).expect("a large file"));
    let source = Arc::new(CountingSource::new(memory));
    let file = File::open(source.clone(), Limits::default()).await.expect("a file");
    let object = file.drive(find_object(&file, name.as_bytes())).await.expect("a group");
    let object = object.expect("the dataset");
    let stored = file.drive(file.storage_size(&object)).await.expect("an index");
    let counts = SHAPE.iter().zip(chunk).map(|(extent, side)| extent / side);
    let chunks: u64 = counts.clone().product();
    let met: u64 =
        counts.enumerate().filter(|(at, _)| *at != dimension).map(|(_, of)| of).product();

    // A question of its own, which knows nothing of the index.
    let limits = Limits { decoded_bytes: 1 << 30, ..Limits::default() };
    let file = File::with_header(source.clone(), Arc::clone(file.header()), limits);
    let dataset = Dataset::open(Arc::new(file), &object).await.expect("a dataset");
    let mut spans = SHAPE.map(|count| Span { start: 0, step: 1, count });
    spans[dimension] = Span { start: index, step: 1, count: 1 };
    let plane = Hyperslab::new(spans.to_vec(), &SHAPE).expect("a plane");
    let (waves, bytes) = (source.waves(), source.bytes());
    let elements = Arc::new(dataset).read(&plane).await.expect("elements");
    assert_eq!(elements, expected(&plane, chunk), "{name}");
    Cost {
        waves: source.waves() - waves,
        bytes: source.bytes() - bytes,
        chunk_bytes: stored.expect("a size") / chunks * met,
    }
}

/// The numbers that `make_large.py` wrote.
fn expected(plane: &Hyperslab, chunk: [u64; 3]) -> Vec<u8> {
    let indices = |dimension: usize| {
        let span = plane.spans()[dimension];
        (0..span.count).map(move |at| (span.start + at * span.step) % chunk[dimension])
    };
    let mut elements = Vec::new();
    for z in indices(0) {
        for y in indices(1) {
            for x in indices(2) {
                let ordinal = (z * chunk[1] + y) * chunk[2] + x;
                let number = if ordinal < 4096 { ordinal * 2_654_435_761 } else { 0 };
                elements.extend((number as u32).to_le_bytes());
            }
        }
    }
    elements
}
