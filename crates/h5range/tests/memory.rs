//! What a question holds in memory is bounded by what it may spend, not by what a file makes of a
//! few bytes.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::path::Path;
use std::sync::Arc;

use byte_source::MemorySource;
use futures::executor::block_on;
use h5range::decode::message::link::LinkTarget;
use h5range::testing::ask_everything;
use h5range::{Error, File, Limit, Limits, Links, Object, Result};

/// What the default limits let a question hold: bytes decoded, with as much again for the lists
/// that they come from.
const MEMORY_BYTES_MAX: u64 = 512 << 20;

const DECODED: Error = Error::Limit { limit: Limit::DecodedBytes, maximum: 100 };

fn fixture(path: &str) -> MemorySource {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures");
    MemorySource::new(std::fs::read(folder.join(path)).unwrap())
}

/// Asks `question` about the root group's child of this name, with little to decode.
fn ask<T>(
    path: &str,
    name: &str,
    question: impl AsyncFnOnce(&File, Arc<Object>) -> Result<T>,
) -> Result<T> {
    let source = Arc::new(fixture(path));
    let (file, object) = open(source.clone(), name);
    let little = Limits { decoded_bytes: 100, ..Limits::default() };
    let file = File::with_header(source, Arc::clone(file.header()), little);
    block_on(file.drive(question(&file, object)))
}

/// The root group's child of this name.
fn open(source: Arc<MemorySource>, name: &str) -> (File, Arc<Object>) {
    let file = block_on(File::open(source, Limits::default())).unwrap();
    let object = block_on(file.drive(async {
        let root = file.object(file.root()).await?;
        let link = file.find_link(&root, name.as_bytes()).await?.unwrap();
        let LinkTarget::Hard { address } = link.target else { unreachable!("a hard link") };
        file.object(address).await
    }));
    (file, object.unwrap())
}

#[test]
fn messages_of_headers_are_paid_for() {
    let source = Arc::new(fixture("attributes/big.h5"));
    let limits = Limits { decoded_bytes: 10, ..Limits::default() };
    let file = block_on(File::open(source, limits)).unwrap();
    let root = block_on(file.drive(file.object(file.root())));
    let expected = Error::Limit { limit: Limit::DecodedBytes, maximum: 10 };
    assert_eq!(root, Err(expected));
}

#[test]
fn records_of_trees_are_paid_for() {
    let links =
        ask("groups/dense_many_blocks.h5", "many", async |file, group| file.links(&group).await);
    assert_eq!(links.map(|links| links.len()), Err(DECODED));
}

/// What a link of a large group takes at most while the group is read, beside the bytes that are
/// read, and what it takes after that, beside its name.
const READING_BYTES_MAX: usize = 160;
const KEPT_BYTES_MAX: usize = 32;

/// The same of what a link needs that does not lead to an object of its own file.
const TARGET_BYTES_MAX: usize = 24;

#[test]
fn the_links_of_a_group_are_read_and_kept_in_little_memory() {
    let mut groups = vec![
        ("groups/wide_earliest.h5", fixture("groups/wide_earliest.h5"), "wide"),
        ("groups/dense_many_blocks.h5", fixture("groups/dense_many_blocks.h5"), "many"),
    ];
    if let Some(folder) = std::env::var_os("H5SCOUT_LARGE") {
        for name in ["wide_earliest.h5", "wide_latest.h5", "wide_creation_order.h5"] {
            let bytes = std::fs::read(Path::new(&folder).join(name)).unwrap();
            groups.push((name, MemorySource::new(bytes), "wide"));
        }
    }
    for (name, source, group) in groups {
        let (file, group) = open(Arc::new(source), group);
        let mut links = Ok(Links::default());
        let memory = allocation_counter::measure(|| {
            links = block_on(file.drive(file.links(&group)));
        });
        let links = links.unwrap();
        let names: usize = links.iter().map(|link| link.name.len()).sum();
        let targets: usize = links.iter().map(|link| target_bytes(&link.target)).sum();
        let (most, kept) = (memory.bytes_max as usize, links.size_bytes());
        let records = kept - names - targets;
        let each = |bytes: usize| bytes.div_ceil(links.len());
        println!(
            "{name}: {} links, read in {} bytes each, kept in {} beside {} of names and {} of \
             targets",
            links.len(),
            each(most),
            each(records),
            each(names),
            each(targets),
        );
        assert!(most <= links.len() * (READING_BYTES_MAX + each(names)), "{name}: {most}");
        assert!(records <= links.len() * KEPT_BYTES_MAX, "{name}: {kept}");
    }
}

fn target_bytes(target: &LinkTarget<&[u8]>) -> usize {
    match target {
        LinkTarget::Hard { .. } => 0,
        LinkTarget::Nowhere => TARGET_BYTES_MAX,
        LinkTarget::Soft { path: text } | LinkTarget::UserDefined { data: text, .. } => {
            TARGET_BYTES_MAX + text.len()
        }
        LinkTarget::External { file, path } => TARGET_BYTES_MAX + file.len() + path.len(),
    }
}

#[test]
fn elements_of_arrays_are_paid_for() {
    for name in ["fixed_array", "fixed_array_paged", "extensible_array"] {
        let size =
            ask("layouts/latest.h5", name, async |file, dataset| file.storage_size(&dataset).await);
        assert_eq!(size, Err(DECODED), "{name}");
    }
}

/// The front of a file of version 0 whose root group's header is at [`ROOT`].
fn front(leaf_k: u16) -> Vec<u8> {
    let mut file = b"\x89HDF\r\n\x1a\n\0\0\0\0\0\x08\x08\0".to_vec();
    file.extend(leaf_k.to_le_bytes());
    file.extend([16, 0, 0, 0, 0, 0]);
    for word in [0, u64::MAX, 1 << 30, u64::MAX, 0, ROOT, 0, 0, 0] {
        file.extend(word.to_le_bytes());
    }
    file
}

const ROOT: u64 = 96;

/// An object header of version 1 with these messages, of types and words.
fn header(messages: &[(u8, Vec<u64>)]) -> Vec<u8> {
    let bytes =
        |words: &[u64]| words.iter().flat_map(|word| word.to_le_bytes()).collect::<Vec<_>>();
    let messages = messages.iter().flat_map(|(kind, words)| {
        let head = [*kind, 0, 8 * words.len() as u8, 0, 0, 0, 0, 0];
        [head.to_vec(), bytes(words)].concat()
    });
    let messages: Vec<u8> = messages.collect();
    let prefix = [&[1, 0, 0xff, 0xff, 1, 0, 0, 0], &(messages.len() as u64).to_le_bytes()[..]];
    [prefix.concat(), messages].concat()
}

/// A root group whose header goes on in 400 places, which all lie over the same tiny messages:
/// 170 KB that would become eight million messages.
fn overlapping_continuations() -> Vec<u8> {
    const CHUNKS: u64 = 400;
    const CHUNK_BYTES: u64 = 160_000;
    const MODIFICATION_TIME: u8 = 0x12;
    let header_bytes = 16 + 24 + CHUNKS * 24;
    let chunk = |chunk| (0x10, vec![ROOT + header_bytes + 8 * chunk, CHUNK_BYTES]);
    let messages: Vec<_> =
        [(0x11, vec![u64::MAX - 1; 2])].into_iter().chain((0..CHUNKS).map(chunk)).collect();
    let mut file = [front(4), header(&messages)].concat();
    file.extend(
        [MODIFICATION_TIME, 0, 0, 0, 0, 0, 0, 0].repeat((CHUNK_BYTES / 8 + CHUNKS) as usize),
    );
    file
}

/// A root group of 5,000 links that all have the same name of 200,000 bytes.
fn one_long_name_for_all() -> Vec<u8> {
    const LINKS: u16 = 5_000;
    const NAME_BYTES: u64 = 200_000;
    let (tree, heap, node) = (ROOT + 40, ROOT + 100, ROOT + 200);
    let names = node + 8 + 40 * u64::from(LINKS);
    let words =
        |words: &[u64]| words.iter().flat_map(|word| word.to_le_bytes()).collect::<Vec<_>>();
    let mut file = [front(LINKS / 2), header(&[(0x11, vec![tree, heap])])].concat();
    file.extend(b"TREE\0\0\x01\0");
    file.extend(words(&[u64::MAX, u64::MAX, 0, node, 0]));
    file.resize(heap as usize, 0);
    file.extend(b"HEAP\0\0\0\0");
    file.extend(words(&[NAME_BYTES + 8, 1, names]));
    file.resize(node as usize, 0);
    file.extend(b"SNOD\x01\0");
    file.extend(LINKS.to_le_bytes());
    for _ in 0..LINKS {
        file.extend(words(&[0, ROOT, 0, 0, 0]));
    }
    file.resize((names + NAME_BYTES) as usize, b'a');
    file.extend([0; 8]);
    file
}

#[test]
fn the_same_bytes_again_and_again_end_with_the_budget() {
    for (name, file) in
        [("continuations", overlapping_continuations()), ("names", one_long_name_for_all())]
    {
        let source = Arc::new(MemorySource::new(file));
        let mut answers = Err(Error::NotHdf5);
        let memory = allocation_counter::measure(|| {
            answers = block_on(ask_everything(source, Limits::default()));
        });
        let answers = answers.unwrap();
        let (_, root) = &answers.objects[0];
        let error = match root {
            Ok(root) => root.links.as_ref().err(),
            Err(error) => Some(error),
        };
        let is_spent =
            |error: &&Error| matches!(error, Error::Limit { limit: Limit::DecodedBytes, .. });
        assert!(error.filter(is_spent).is_some(), "{name}: {error:?}");
        assert!(memory.bytes_max < MEMORY_BYTES_MAX, "{name}: {} bytes", memory.bytes_max);
    }
}
