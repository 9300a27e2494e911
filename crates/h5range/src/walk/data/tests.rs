use std::path::{Path, PathBuf};
use std::sync::Mutex;

use byte_source::MemorySource;
use byte_source::testing::CountingSource;
use futures::StreamExt;
use futures::executor::block_on;
use futures::future::{BoxFuture, FutureExt};

use super::*;
use crate::budget::Limits;
use crate::error::Limit;
use crate::selection::Span;
use crate::testing::{FolderFiles, find_object};
use crate::value::Value;

struct Fixture {
    path: PathBuf,
    source: Arc<CountingSource<MemorySource>>,
}

impl Fixture {
    fn new(path: &str) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures").join(path);
        let memory = MemorySource::new(std::fs::read(&path).unwrap());
        Self { path, source: Arc::new(CountingSource::new(memory)) }
    }

    fn dataset(&self, name: &str) -> Arc<Dataset> {
        self.dataset_within(name, Limits::default()).unwrap()
    }

    fn dataset_within(&self, name: &str, limits: Limits) -> Result<Arc<Dataset>> {
        let file = block_on(File::open(self.source.clone(), limits))?;
        let object = block_on(file.drive(find_object(&file, name.as_bytes())))?.unwrap();
        let dataset = block_on(Dataset::open(Arc::new(file), &object))?;
        let others = FolderFiles::of(&self.path, Limits::default());
        Ok(Arc::new(dataset.with_other_files(Arc::new(others))))
    }

    /// The numbers of a selection, with the waves and ranges that it took.
    fn read(&self, name: &str, spans: &[(u64, u64, u64)]) -> (Vec<i32>, u64, u64) {
        let dataset = self.dataset(name);
        let (waves, ranges) = (self.source.waves(), self.source.ranges());
        let bytes = block_on(dataset.read(&selection(&dataset, spans))).unwrap();
        (integers(&bytes), self.source.waves() - waves, self.source.ranges() - ranges)
    }
}

fn selection(dataset: &Dataset, spans: &[(u64, u64, u64)]) -> Hyperslab {
    let span = |&(start, step, count): &(u64, u64, u64)| Span { start, step, count };
    Hyperslab::new(spans.iter().map(span).collect(), &dataset.shape()).unwrap()
}

fn integers(bytes: &[u8]) -> Vec<i32> {
    bytes.chunks(4).map(|number| i32::from_le_bytes(number.try_into().unwrap())).collect()
}

#[test]
fn many_selections_take_the_waves_of_one() {
    let fixture = Fixture::new("layouts/latest.h5");
    for name in ["contiguous", "implicit", "fixed_array_deflated", "b_tree_2", "compact"] {
        let dataset = fixture.dataset(name);
        let of = |start, count| {
            let spans: Vec<_> = dataset.shape().iter().map(|_| (start, 1, count)).collect();
            selection(&dataset, &spans)
        };
        let selections = [of(0, 2), of(5, 3), of(1, 4), of(2, 0)];
        let waves = |read: &dyn Fn() -> Vec<Bytes>| {
            let before = fixture.source.waves();
            (read(), fixture.source.waves() - before)
        };
        let (all, waves_of_all) = waves(&|| block_on(dataset.read_each(&selections)).unwrap());
        let (_, waves_of_one) = waves(&|| vec![block_on(dataset.read(&selections[1])).unwrap()]);
        let each: Vec<Bytes> =
            selections.iter().map(|one| block_on(dataset.read(one)).unwrap()).collect();
        assert_eq!((all, waves_of_all), (each, waves_of_one), "{name}");
    }
}

/// All datasets of `layouts/` hold the numbers from 0 on, in order.
#[test]
fn a_selection_takes_the_waves_of_the_index_and_one() {
    let fixture = Fixture::new("layouts/latest.h5");
    let block = [(6, 3, 2), (4, 2, 2)];
    let of_ten_columns = vec![64, 66, 94, 96];
    for (name, spans, expected, waves) in [
        ("compact", &[(2, 3, 3)][..], vec![2, 5, 8], 0),
        ("contiguous", &[(97, 1, 3)], vec![97, 98, 99], 1),
        ("contiguous_early", &[(9, 1, 1)], vec![9], 1),
        ("contiguous_unallocated", &[(0, 99, 2)], vec![0, 0], 0),
        ("single_chunk", &block, of_ten_columns.clone(), 1),
        ("single_chunk_deflated", &block, of_ten_columns.clone(), 1),
        ("implicit", &block, of_ten_columns.clone(), 1),
        ("fixed_array", &block, of_ten_columns.clone(), 3),
        ("fixed_array_deflated", &block, of_ten_columns, 3),
        ("fixed_array_paged", &[(1, 1023, 2)], vec![1, 1024], 4),
        ("extensible_array", &[(40, 9, 2), (1, 2, 2)], vec![161, 163, 197, 199], 4),
        ("extensible_array_deflated", &[(0, 2, 2), (0, 1, 1)], vec![0, 8], 2),
        ("b_tree_2", &[(11, 1, 1), (0, 7, 2)], vec![88, 95], 3),
        ("b_tree_2_deflated", &[(11, 1, 1), (0, 7, 2)], vec![88, 95], 3),
        ("chunked_unwritten", &[(0, 1, 1), (0, 50, 2)], vec![0, 0], 0),
        ("sparse", &[(5, 99_999_995, 2), (5, 99_995, 2)], vec![1, 0, 0, 2], 3),
    ] {
        let (found, took, _) = fixture.read(name, spans);
        assert_eq!(found, expected, "{name}");
        assert_eq!(took, waves, "{name}");
    }
}

#[test]
fn only_chunks_that_are_met_are_read() {
    let fixture = Fixture::new("layouts/latest.h5");
    // Header and data block of the index; of chunks of 7 by 5 one, and two of them side by side.
    assert_eq!(fixture.read("fixed_array_deflated", &[(8, 1, 2), (1, 1, 3)]).2, 2 + 1);
    assert_eq!(fixture.read("fixed_array_deflated", &[(8, 1, 2), (4, 1, 2)]).2, 2 + 2);
    // Without filters only the bytes that are wanted, joined where they lie close.
    let (_, _, ranges) = fixture.read("contiguous", &[(0, 33, 4)]);
    assert_eq!(ranges, 1);
}

#[test]
fn of_a_large_index_only_what_leads_to_the_chunks_is_read() {
    let fixture = Fixture::new("layouts/large_indexes.h5");
    let read = |name: &str, spans: &[(u64, u64, u64)]| {
        let dataset = fixture.dataset(name);
        let ranges = fixture.source.ranges();
        let bytes = block_on(dataset.read(&selection(&dataset, spans))).unwrap();
        (bytes, fixture.source.ranges() - ranges)
    };
    // Header with the blocks that stand behind it; page; chunk.
    assert_eq!(read("pages", &[(140_000, 1, 1)]), (Bytes::from_static(&[1]), 5));
    assert_eq!(read("pages", &[(140_001, 1, 1)]), (Bytes::from_static(&[0]), 4));
    assert_eq!(read("secondary_blocks", &[(2_500, 1, 1)]), (Bytes::from_static(&[1]), 3));
    assert_eq!(read("fixed_array_pages", &[(1_023, 1, 2)]), (Bytes::from_static(&[1, 1]), 6));
    // Header and one node of each level.
    let (found, ranges) = read("b_tree_2_deep", &[(150, 1, 1), (149, 1, 3)]);
    assert_eq!(found, [0, 1, 0][..]);
    assert!(ranges <= 5, "{ranges}");
}

#[test]
fn blocks_follow_each_other_and_together_are_the_selection() {
    let fixture = Fixture::new("layouts/latest.h5");
    for name in ["contiguous", "fixed_array_deflated", "extensible_array", "b_tree_2"] {
        let dataset = fixture.dataset(name);
        let whole = Hyperslab::all(&dataset.shape());
        let expected = block_on(dataset.read(&whole)).unwrap();
        let located = block_on(dataset.locate(whole)).unwrap();
        let waves = fixture.source.waves();
        let blocks: Vec<_> = block_on(located.stream(100).collect());
        assert!(blocks.len() > 1, "{name}");
        assert_eq!(fixture.source.waves() - waves, blocks.len() as u64, "{name}");
        let mut found = Vec::new();
        for block in blocks {
            let (block, bytes) = block.unwrap();
            assert_eq!(block.element_count(), Some(bytes.len() as u64 / 4));
            assert!(bytes.len() <= 1600);
            found.extend(bytes);
        }
        assert_eq!(found, expected, "{name}");
    }
}

#[test]
fn blocks_end_where_chunks_do_if_sixteen_times_the_bytes_are_enough_for_that() {
    let fixture = Fixture::new("layouts/latest.h5");
    // 20 rows of 40 bytes, in chunks of 7 by 5 numbers.
    let dataset = fixture.dataset("fixed_array_deflated");
    let rows = |block_bytes, first| {
        let rows = selection(&dataset, &[(first, 1, 20 - first), (0, 1, 10)]);
        let located = block_on(dataset.locate(rows)).unwrap();
        let counts = located.blocks(block_bytes).map(|block| block.shape()[0]);
        counts.collect::<Vec<u64>>()
    };
    for block_bytes in [18, 70, 100] {
        assert_eq!(rows(block_bytes, 0), [7, 7, 6]);
        assert_eq!(rows(block_bytes, 3), [4, 7, 6]);
        assert_eq!(rows(block_bytes, 6), [1, 7, 6]);
    }
    // Chunks of a row that have 280 bytes, of which 120 are selected.
    assert_eq!(rows(60, 17), [3]);
    assert_eq!(rows(600, 0), [14, 6]);
    // The chunks of a row are more than is allowed: the part of a row of numbers that is in one chunk.
    assert_eq!(rows(17, 0).len(), 20 * 2);
}

#[test]
fn a_stream_reads_each_chunk_once() {
    // Three rows of two chunks, of which the first may be met by its last line alone.
    for (first, chunks) in [(0, 6), (3, 6), (6, 6), (7, 4), (13, 4), (19, 2)] {
        let fixture = Fixture::new("layouts/latest.h5");
        let dataset = fixture.dataset("fixed_array_deflated");
        let rows = selection(&dataset, &[(first, 1, 20 - first), (0, 1, 10)]);
        let located = block_on(dataset.locate(rows)).unwrap();
        let ranges = fixture.source.ranges();
        assert!(block_on(located.stream(70).collect::<Vec<_>>()).iter().all(Result::is_ok));
        assert_eq!(fixture.source.ranges() - ranges, chunks, "from row {first} on");
    }
    // Where a row of chunks is too much: one chunk for each part of it that is in order.
    let fixture = Fixture::new("layouts/latest.h5");
    let dataset = fixture.dataset("fixed_array_deflated");
    let located = block_on(dataset.locate(Hyperslab::all(&[20, 10]))).unwrap();
    let ranges = fixture.source.ranges();
    block_on(located.stream(17).collect::<Vec<_>>());
    assert_eq!(fixture.source.ranges() - ranges, 20 * 2);
}

#[test]
fn the_memory_of_a_stream_is_that_of_its_blocks_and_of_the_chunks_for_them() {
    let fixture = Fixture::new("layouts/latest.h5");
    // 20 rows of 40 bytes, in chunks of 140 bytes for 7 by 5 numbers.
    let dataset = fixture.dataset("fixed_array_deflated");
    for (spans, block_bytes, expected) in [
        ([(0, 1, 20), (0, 1, 10)], 1000, 800 + 6 * 140),
        ([(0, 1, 20), (0, 1, 10)], 70, 2 * (280 + 2 * 140)),
        ([(0, 7, 3), (0, 5, 2)], 1000, 24 + 6 * 140),
        ([(8, 1, 1), (3, 1, 1)], 4, 4 + 140),
        ([(8, 1, 0), (3, 1, 1)], 4, 0),
    ] {
        let located = block_on(dataset.locate(selection(&dataset, &spans))).unwrap();
        assert_eq!(located.stream_memory_bytes(block_bytes), expected, "{spans:?}");
    }
}

#[test]
fn a_block_is_smaller_where_it_needs_many_chunks() {
    let fixture = Fixture::new("layouts/latest.h5");
    let dataset = fixture.dataset("fixed_array_deflated");
    // One number of each chunk row, which have 700 bytes for their 5 numbers.
    let every_seventh = selection(&dataset, &[(0, 7, 3), (0, 5, 2)]);
    let located = block_on(dataset.locate(every_seventh)).unwrap();
    let blocks: Vec<Hyperslab> = located.blocks(70).collect();
    assert_eq!(blocks.len(), 3);
}

#[test]
fn memory_is_paid_for_before_it_is_taken() {
    let fixture = Fixture::new("layouts/latest.h5");
    let little = Limits { decoded_bytes: 3_000, ..Limits::default() };
    let dataset = fixture.dataset_within("sparse", little).unwrap();
    for spans in [[(0, 1, 40), (0, 1, 40)], [(0, 10, 1000), (0, 10, 1000)]] {
        let error = block_on(dataset.read(&selection(&dataset, &spans))).unwrap_err();
        assert_eq!(error, Error::Limit { limit: Limit::DecodedBytes, maximum: 3_000 });
    }
    let huge = Hyperslab::all(&dataset.shape());
    assert!(block_on(dataset.read(&huge)).is_err());
    // The chunks take memory beside the block where they have filters.
    assert_eq!(fixture.dataset("fixed_array").elements_within(3_000), 750);
    assert_eq!(fixture.dataset("fixed_array_deflated").elements_within(3_000), 375);
}

#[test]
fn chunks_are_counted_as_ranges() {
    let fixture = Fixture::new("layouts/latest.h5");
    let few = Limits { ranges: 500, ..Limits::default() };
    let dataset = fixture.dataset_within("fixed_array_paged", few).unwrap();
    assert!(block_on(dataset.read(&selection(&dataset, &[(0, 1, 400)]))).is_ok());
    let error = block_on(dataset.read(&selection(&dataset, &[(0, 1, 600)]))).unwrap_err();
    assert_eq!(error, Error::Limit { limit: Limit::Ranges, maximum: 500 });
}

#[test]
fn damaged_chunks_are_errors_and_others_are_read() {
    let fixture = Fixture::new("layouts/latest.h5");
    let dataset = fixture.dataset("fixed_array_deflated");
    let mut bytes = std::fs::read(&fixture.path).unwrap();
    let first = block_on(dataset.locate(selection(&dataset, &[(0, 1, 1), (0, 1, 1)]))).unwrap();
    let at = usize::try_from(first.first_chunk_address().unwrap().get()).unwrap();
    bytes[at + 10] ^= 0xff;
    let source = Arc::new(CountingSource::new(MemorySource::new(bytes)));
    let damaged = Fixture { source, ..fixture };
    let dataset = damaged.dataset("fixed_array_deflated");
    let error = block_on(dataset.read(&selection(&dataset, &[(0, 1, 1), (0, 1, 9)]))).unwrap_err();
    let Error::Malformed { structure: "chunk", address, .. } = error else { panic!("{error}") };
    assert_eq!(address, at as u64);
    assert_eq!(damaged.read("fixed_array_deflated", &[(19, 1, 1), (8, 1, 2)]).0, [198, 199]);
}

/// Counts jobs, and runs them in threads.
#[derive(Default)]
struct Threads(Mutex<Vec<usize>>);

impl Executor for Threads {
    fn run(&self, jobs: Vec<Job>) -> BoxFuture<'static, ()> {
        self.0.lock().unwrap().push(jobs.len());
        std::thread::scope(|threads| jobs.into_iter().for_each(|job| drop(threads.spawn(job))));
        async {}.boxed()
    }
}

/// All elements of a dataset, and how many jobs were made of them at a time.
fn read_in_threads(fixture: &str, dataset: &str) -> (Vec<i32>, Vec<usize>) {
    let dataset = Arc::try_unwrap(Fixture::new(fixture).dataset(dataset)).ok().unwrap();
    let threads = Arc::new(Threads::default());
    let dataset = Arc::new(dataset.with_executor(threads.clone()));
    let found = block_on(dataset.read(&Hyperslab::all(&dataset.shape()))).unwrap();
    let jobs = threads.0.lock().unwrap().clone();
    (integers(&found), jobs)
}

#[test]
fn chunks_are_decoded_where_the_caller_says() {
    let (found, jobs) = read_in_threads("layouts/latest.h5", "fixed_array_deflated");
    assert_eq!(found, (0..200).collect::<Vec<i32>>());
    assert_eq!(jobs, [1], "chunks this small are one job");
}

#[test]
fn elements_of_a_virtual_dataset_are_put_in_order_where_the_caller_says() {
    let (_, by_dimension) = read_in_threads("layouts/virtual_shapes.h5", "blocks");
    let (found, in_order) = read_in_threads("layouts/virtual_shapes.h5", "irregular");
    assert_eq!(found.iter().filter(|&&number| number != 0).count(), 16);
    // The source, the fill value, what is put into the block; and first of all the order.
    assert_eq!((by_dimension, in_order), (vec![1; 3], vec![1; 4]));
}

#[test]
fn elements_of_other_files_come_by_the_way_to_them_or_not_at_all() {
    let fixture = Fixture::new("layouts/external_storage.h5");
    assert_eq!(fixture.read("one", &[(3, 5, 3)]).0, [3, 8, 13]);
    // The first ten numbers of this one are in a file that is there, from its byte 8 on.
    assert_eq!(fixture.read("two", &[(0, 9, 2)]).0, [2, 11]);
    let dataset = fixture.dataset("two");
    let error = block_on(dataset.read(&Hyperslab::all(&[40]))).unwrap_err();
    assert!(error.to_string().contains("\"no_such_file.raw\", which is not there"), "{error}");
    let alone = Arc::try_unwrap(fixture.dataset("one")).ok().unwrap();
    let alone = Arc::new(alone.with_other_files(Arc::new(NoOtherFiles)));
    assert!(matches!(
        block_on(alone.read(&Hyperslab::all(&[20]))),
        Err(Error::LinkUnresolved { .. })
    ));
}

#[test]
fn a_virtual_dataset_has_its_fill_value_where_a_source_is_missing() {
    let fixture = Fixture::new("layouts/virtual.h5");
    let dataset = fixture.dataset("others");
    let found = block_on(dataset.read(&selection(&dataset, &[(0, 1, 3), (7, 2, 2)]))).unwrap();
    let numbers: Vec<i64> =
        found.chunks(8).map(|number| i64::from_le_bytes(number.try_into().unwrap())).collect();
    assert_eq!(numbers, [7, 9, -1, -1, 7, 9]);
    let nested = fixture.dataset("nested");
    assert_eq!(block_on(nested.read(&selection(&nested, &[(0, 1, 3), (7, 2, 2)]))).unwrap(), found);
}

#[test]
fn sequences_of_a_virtual_dataset_are_in_the_heaps_of_its_sources() {
    let fixture = Fixture::new("layouts/virtual_sequences.h5");
    let texts = |name: &str, spans: &[(u64, u64, u64)], scalars_max| {
        let dataset = fixture.dataset(name);
        let elements = block_on(dataset.read(&selection(&dataset, spans))).unwrap();
        let values = block_on(dataset.values(&elements, scalars_max)).unwrap();
        let texts = values.values.into_iter().map(|value| match value {
            Value::Text(text) => String::from_utf8(text).unwrap(),
            other => panic!("{other:?}"),
        });
        (texts.collect::<Vec<String>>(), values.truncated)
    };
    let in_turns = ["text 0.1 x", "text 1.1 x", "text 0.2 xx", "text 1.2 xx"];
    assert_eq!(
        texts("texts_in_turns", &[(2, 1, 4)], None),
        (in_turns.map(String::from).into(), false)
    );
    let first = (in_turns[..2].iter().map(|text| (*text).to_owned()).collect(), true);
    assert_eq!(texts("texts_in_turns", &[(2, 1, 4)], Some(1)), first);
    // A source is missing: there is the fill value, which is in the heap of the file itself.
    let (filled, _) = texts("with_fill", &[(39, 2, 3)], None);
    assert!(filled[0].starts_with("text 1.39 ") && filled[1..] == ["none", "none"]);
    assert_eq!(texts("with_fill", &[(46, 1, 2)], None).0, ["own 8", "own 16"]);
    assert_eq!(texts("nested", &[(0, 1, 2), (79, 1, 1)], None).0[1], "own 39");
    // Elements that were not read from a source have no numbers.
    let dataset = fixture.dataset("texts_in_turns");
    let unread = [&[5, 0, 0, 0, 1][..], &[0; 11]].concat();
    assert!(matches!(block_on(dataset.values(&unread, None)), Err(Error::Malformed { .. })));
}
