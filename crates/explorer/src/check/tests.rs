//! Walks over the fixtures and over files made to be wide or deep, with counted waves.

use std::path::Path;

use byte_source::MemorySource;
use byte_source::testing::{CountingSource, FailingSource};
use futures::executor::block_on;
use h5range::{Limit, Limits};
use store::SourceErrorKind;

use super::*;
use crate::caches::FileVersion;

fn fixture(path: &str) -> MemorySource {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures");
    MemorySource::new(std::fs::read(folder.join(path)).unwrap())
}

/// What a walk finds in `source`, which may cost `limits`.
fn walk(source: Arc<dyn ByteSource>, limits: Limits) -> h5range::Result<Found> {
    let recorder = Arc::new(Recorder::new(source, Arc::new(Meter::new())));
    let version = FileVersion { key: "file".to_owned(), etag: "1".to_owned() };
    let caches = Caches::new(CACHE_BYTES);
    block_on(async {
        let open = OpenFile::open(recorder.clone(), version, caches, limits).await?.keeping_all();
        Walk::new(&open, &|_| ()).run(&recorder).await
    })
}

fn walked(source: MemorySource) -> Found {
    walk(Arc::new(source), Limits::default()).unwrap()
}

/// A file of groups whose links are in their headers: `children` says for each group which others
/// it leads to. The first is the root. Without checksums, since all structures are of the first
/// versions.
fn file_of_groups(children: &[Vec<usize>]) -> MemorySource {
    const SUPERBLOCK_BYTES: usize = 96;
    const LINK_INFO_BYTES: usize = 8 + 24;
    const LINK_BYTES: usize = 8 + 24;
    let header_bytes = |links: usize| 16 + LINK_INFO_BYTES + links * LINK_BYTES;
    let addresses: Vec<usize> = children
        .iter()
        .scan(SUPERBLOCK_BYTES, |at, links| {
            let address = *at;
            *at += header_bytes(links.len());
            Some(address)
        })
        .collect();
    let mut file = b"\x89HDF\r\n\x1a\n\0\0\0\0\0\x08\x08\0\x04\0\x10\0\0\0\0\0".to_vec();
    let size = addresses.last().unwrap() + header_bytes(children.last().unwrap().len());
    for address in [0, u64::MAX, size as u64, u64::MAX, 0, SUPERBLOCK_BYTES as u64, 0, 0, 0] {
        file.extend(address.to_le_bytes());
    }
    for links in children {
        let messages = 1 + u16::try_from(links.len()).unwrap();
        let body_bytes = u32::try_from(header_bytes(links.len()) - 16).unwrap();
        file.extend([1, 0]);
        file.extend(messages.to_le_bytes());
        file.extend(1_u32.to_le_bytes());
        file.extend(body_bytes.to_le_bytes());
        file.extend([0; 4]);
        file.extend([2, 0, 24, 0, 0, 0, 0, 0, 0, 0]);
        file.extend([0xff; 16]);
        file.extend([0; 6]);
        for &child in links {
            file.extend([6, 0, 24, 0, 0, 0, 0, 0, 1, 0, 13]);
            file.extend(format!("link-{child:08}").as_bytes());
            file.extend((addresses[child] as u64).to_le_bytes());
        }
    }
    assert_eq!(file.len(), size);
    MemorySource::new(file)
}

#[test]
fn a_level_costs_one_wave_and_phases_that_ask_nothing_none() {
    let source = Arc::new(CountingSource::new(fixture("groups/deep_latest.h5")));
    let found = walk(source.clone(), Limits::default()).unwrap();
    assert_eq!((found.groups.count, found.groups.levels, found.datasets.count), (41, 42, 1));
    // The superblock, and the headers of 42 levels. Links are in them.
    assert_eq!(found.cost.listing.waves, 1 + 42);
    assert_eq!(found.cost.soft_links.waves, 0);
    assert_eq!(found.cost.attributes.waves, 0);
    assert_eq!(found.cost.storage.waves, 0);
    assert_eq!(source.waves(), 43);
}

#[test]
fn all_groups_of_a_level_share_their_waves() {
    let found = walked(fixture("layouts/latest.h5"));
    // The superblock; the header of the root; its name index and heap, and the heap's block; the
    // headers of all datasets.
    assert_eq!(found.cost.listing.waves, 5);
    // The deepest chunk index is an extensible array with its data blocks, or a paged fixed array.
    assert_eq!(found.cost.storage.waves, 3);
}

#[test]
fn a_thousand_levels_are_walked() {
    let levels: Vec<Vec<usize>> =
        (1..=1_000).map(|next| if next < 1_000 { vec![next] } else { vec![] }).collect();
    let found = walked(file_of_groups(&levels));
    assert_eq!((found.groups.count, found.groups.levels), (1_000, 1_000));
    assert_eq!(found.cost.listing.waves, 1 + 1_000);
    assert_eq!((found.errors.damage.count, found.spent), (0, None));
}

#[test]
fn many_children_are_read_in_batches() {
    let mut groups = vec![(1..=2 * BATCH + 1).collect()];
    groups.resize(2 * BATCH + 2, Vec::new());
    let found = walked(file_of_groups(&groups));
    assert_eq!(found.groups.count as usize, 2 * BATCH + 2);
    // The superblock; the root's header, which is longer than the first ask; three batches.
    assert_eq!(found.cost.listing.waves, 1 + 2 + 3);
    assert_eq!(found.groups.most_links as usize, 2 * BATCH + 1);
}

#[test]
fn an_object_with_many_links_is_walked_once() {
    let found = walked(file_of_groups(&[vec![1, 2], vec![2, 0, 1], vec![0, 2]]));
    assert_eq!((found.groups.count, found.groups.levels), (3, 2));
    assert_eq!(found.links.count, 7);
}

#[test]
fn a_spent_limit_leaves_what_was_found_before() {
    let groups = [vec![1, 2, 3], vec![4], vec![], vec![], vec![]];
    let limits = Limits { nodes: 3, ..Limits::default() };
    let found = walk(Arc::new(file_of_groups(&groups)), limits).unwrap();
    assert_eq!(found.spent, Some(Error::Limit { limit: Limit::Nodes, maximum: 3 }));
    assert_eq!((found.groups.count, found.errors.damage.count), (3, 0));
}

#[test]
fn a_failed_source_is_no_damage() {
    for waves in [1, 5, 20] {
        let source = fixture("groups/deep_latest.h5");
        let failing = FailingSource::after(waves, SourceErrorKind::Timeout, source);
        let ended = walk(Arc::new(failing), Limits::default());
        assert!(matches!(ended, Err(Error::Source(_))), "{ended:?}");
    }
}

#[test]
fn soft_links_are_followed_without_a_request() {
    let found = walked(fixture("links/soft_latest.h5"));
    assert_eq!(found.links.kinds["soft"], 40);
    assert_eq!(found.cost.soft_links.requests, 0);
    assert!(found.dangling_links.listed.iter().any(|link| link.path == "/entry/gone"));
}

#[test]
fn a_path_of_many_steps_is_paid_for() {
    let limits = Limits { nodes: 100, ..Limits::default() };
    let found = walk(Arc::new(fixture("links/soft_latest.h5")), limits).unwrap();
    assert_eq!(found.spent, Some(Error::Limit { limit: Limit::Nodes, maximum: 100 }));
}

#[test]
fn where_the_file_was_cut_bytes_are_missing() {
    for path in ["ordinary/latest.h5", "superblocks/user_block_512_earliest.h5"] {
        let whole = fixture(path);
        let most = 0..whole.size_bytes() - 100;
        let bytes = block_on(whole.read_many(std::slice::from_ref(&most))).unwrap();
        assert_eq!(walked(whole).missing_bytes, 0, "{path}");
        let cut = walked(MemorySource::new(bytes[0].clone()));
        assert_eq!(cut.missing_bytes, 100, "{path}");
        assert_eq!(cut.errors.damage.listed[0].structure, Some("superblock"), "{path}");
    }
}

#[test]
fn names_that_nobody_can_ask_for_are_damage() {
    for (path, expected) in [
        ("links/patched_name_empty.h5", "it is empty"),
        ("links/patched_name_twice.h5", "is there twice"),
    ] {
        let damage = walked(fixture(path)).errors.damage;
        assert_eq!((damage.count, damage.listed[0].structure), (1, Some("link name")), "{path}");
        assert!(damage.listed[0].detail.contains(expected), "{:?}", damage.listed);
    }
}

/// The elements of the innermost dataset are the last bytes of the file.
#[test]
fn elements_behind_the_end_of_the_file_are_damage() {
    let whole = fixture("groups/deep_latest.h5");
    let most = 0..whole.size_bytes() - 1;
    let bytes = block_on(whole.read_many(std::slice::from_ref(&most))).unwrap();
    let damage = walked(MemorySource::new(bytes[0].clone())).errors.damage;
    let [superblock, layout] = damage.listed.as_slice() else { panic!("{damage:?}") };
    assert_eq!(superblock.structure, Some("superblock"));
    assert_eq!(layout.structure, Some("data layout message"));
    assert!(layout.path.ends_with("/d/leaf"), "{layout:?}");
    assert_eq!(layout.detail, "elements up to address 5695, but the file ends at 5694");
}
