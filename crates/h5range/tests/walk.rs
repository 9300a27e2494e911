//! What a reader of `h5range` can do, and how many waves it costs, on the project's fixtures.
//!
//! The fixtures are written by h5py; `fixtures/make` has the scripts. What they hold in full is
//! compared with h5py's own dumps by the tests of the whole.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::path::Path;
use std::sync::Arc;

use byte_source::testing::{CountingSource, FailingSource};
use byte_source::{ByteSource, MemorySource, SourceErrorKind};
use futures::executor::block_on;
use futures::future::join_all;
use h5range::decode::Address;
use h5range::decode::message::link::LinkTarget;
use h5range::{Error, File, Limits, Link, ObjectKind, Result};

struct Fixture {
    source: Arc<CountingSource<MemorySource>>,
    file: File,
}

impl Fixture {
    fn open(path: &str) -> Self {
        let source = Arc::new(CountingSource::new(memory(path)));
        let file = block_on(File::open(source.clone(), Limits::default())).unwrap();
        Self { source, file }
    }

    /// The answer and the waves that it took.
    fn ask<T>(&self, question: impl Future<Output = Result<T>>) -> (Result<T>, u64) {
        let before = self.source.waves();
        let answer = block_on(self.file.drive(question));
        (answer, self.source.waves() - before)
    }

    fn address_of(&self, path: &str) -> Address {
        let question = async {
            let mut at = self.file.root();
            for name in path.split('/').filter(|name| !name.is_empty()) {
                let group = self.file.object(at).await?;
                let link = self.file.find_link(&group, name.as_bytes()).await?.unwrap();
                let LinkTarget::Hard { address } = link.target else { panic!("{link:?}") };
                at = address;
            }
            Ok(at)
        };
        self.ask(question).0.unwrap()
    }

    fn links(&self, path: &str) -> Vec<Link> {
        let address = self.address_of(path);
        let question = async {
            let group = self.file.object(address).await?;
            self.file.links(&group).await
        };
        let links = self.ask(question).0.unwrap();
        assert_eq!(links.errors(), []);
        links.iter().map(|link| link.to_owned()).collect()
    }

    fn names(&self, path: &str) -> Vec<String> {
        let name = |link: Link| String::from_utf8(link.name).unwrap();
        self.links(path).into_iter().map(name).collect()
    }
}

fn memory(path: &str) -> MemorySource {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures");
    MemorySource::new(std::fs::read(folder.join(path)).unwrap())
}

fn open(source: impl ByteSource + 'static) -> Result<File> {
    block_on(File::open(Arc::new(source), Limits::default()))
}

#[test]
fn the_superblock_is_found_in_one_wave() {
    for path in ["ordinary/earliest.h5", "ordinary/v108.h5", "ordinary/latest.h5"] {
        assert_eq!(Fixture::open(path).source.waves(), 1, "{path}");
    }
}

#[test]
fn what_is_not_hdf5_is_said_to_be_no_hdf5() {
    assert_eq!(open(MemorySource::new(Vec::new())).err(), Some(Error::NotHdf5));
    assert_eq!(open(MemorySource::new(vec![0; 100_000])).err(), Some(Error::NotHdf5));
}

#[test]
fn a_failing_source_is_not_a_damaged_file() {
    let source = FailingSource::after(1, SourceErrorKind::Timeout, memory("ordinary/latest.h5"));
    let file = open(source).unwrap();
    let answer = block_on(file.drive(file.object(file.root())));
    assert!(matches!(answer, Err(Error::Source(_))), "{answer:?}");
}

#[test]
fn every_kind_of_link_storage_lists_its_links_by_name() {
    let expected = ["data", "elsewhere", "gone", "name", "scalars", "shortcut"];
    for path in ["ordinary/earliest.h5", "ordinary/v108.h5", "ordinary/latest.h5"] {
        assert_eq!(Fixture::open(path).names("entry"), expected, "{path}");
    }
}

#[test]
fn links_say_where_they_lead() {
    for path in ["ordinary/earliest.h5", "ordinary/latest.h5"] {
        let links = Fixture::open(path).links("entry");
        let soft = |path: &str| LinkTarget::Soft { path: path.into() };
        assert!(matches!(links[0].target, LinkTarget::Hard { .. }));
        let elsewhere =
            LinkTarget::External { file: b"no_such_file.h5".to_vec(), path: b"/data".to_vec() };
        assert_eq!(links[1].target, elsewhere);
        assert_eq!(links[2].target, soft("/no/such/object"));
        assert_eq!(links[5].target, soft("/entry/data/x"));
    }
}

#[test]
fn all_headers_of_a_group_are_one_wave() {
    let fixture = Fixture::open("ordinary/earliest.h5");
    let links = fixture.links("entry/scalars");
    let addresses = links.iter().map(|link| match link.target {
        LinkTarget::Hard { address } => address,
        _ => panic!("{link:?}"),
    });
    let headers = addresses.map(|address| fixture.file.object(address));
    let (objects, waves) = fixture.ask(async { Ok(join_all(headers).await) });
    for object in objects.unwrap() {
        assert_eq!(object.unwrap().kind, ObjectKind::Dataset);
    }
    assert_eq!(waves, 1);
}

#[test]
fn a_dense_group_is_read_in_the_waves_of_its_index_and_one_more() {
    let fixture = Fixture::open("groups/dense_many_blocks.h5");
    let address = fixture.address_of("many");
    let (group, _) = fixture.ask(fixture.file.object(address));
    let group = group.unwrap();
    // Headers of index and heap; root of the index beside the indirect block; leaves; blocks.
    let (links, waves) = fixture.ask(fixture.file.links(&group));
    assert_eq!(links.unwrap().len(), 700);
    assert!(waves <= 5, "{waves} waves");
    assert_eq!(fixture.ask(fixture.file.link_count(&group)), (Ok(700), 1));
    let (found, waves) = fixture.ask(fixture.file.find_link(&group, b"n0321"));
    assert_eq!(found.unwrap().unwrap().target, LinkTarget::Soft { path: b"/target/321".to_vec() });
    assert!(waves <= 5, "{waves} waves");
    assert_eq!(fixture.ask(fixture.file.find_link(&group, b"absent")).0, Ok(None));
}

#[test]
fn an_old_group_of_several_levels_lists_and_finds() {
    let fixture = Fixture::open("groups/symbol_table_small_k.h5");
    let group = fixture.ask(fixture.file.object(fixture.address_of("tall"))).0.unwrap();
    let links = fixture.ask(fixture.file.links(&group)).0.unwrap();
    assert_eq!(links.len(), 60);
    for link in links.iter() {
        let found = fixture.ask(fixture.file.find_link(&group, link.name)).0;
        assert_eq!(found, Ok(Some(link.to_owned())));
    }
    assert_eq!(fixture.ask(fixture.file.find_link(&group, b"absent")).0, Ok(None));
    assert_eq!(fixture.ask(fixture.file.link_count(&group)).0, Ok(60));
}

#[test]
fn a_name_in_an_old_group_is_found_while_its_names_are_read() {
    let fixture = Fixture::open("ordinary/earliest.h5");
    let group = fixture.ask(fixture.file.object(fixture.address_of("entry/scalars"))).0.unwrap();
    // Headers of heap and tree; the names, and along with them the symbol table nodes.
    let (found, waves) = fixture.ask(fixture.file.find_link(&group, b"s003"));
    assert!(found.unwrap().is_some());
    assert_eq!(waves, 2);
}

#[test]
fn the_tree_and_the_heap_of_an_old_group_come_with_its_header() {
    let fixture = Fixture::open("ordinary/earliest.h5");
    let root = fixture.ask(fixture.file.object(fixture.file.root())).0.unwrap();
    let (found, waves) = fixture.ask(async {
        let entry = fixture.file.find_link(&root, b"entry").await?.unwrap();
        let LinkTarget::Hard { address } = entry.target else { panic!("{entry:?}") };
        let group = fixture.file.object(address).await?;
        fixture.file.find_link(&group, b"scalars").await
    });
    assert!(found.unwrap().is_some());
    // Two for the name in the root, two for `entry` and the name in it: as for each further level.
    assert_eq!(waves, 4);
}

#[test]
fn a_group_that_contains_itself_is_read_like_any_other() {
    for path in ["groups/cycles_earliest.h5", "groups/cycles_latest.h5"] {
        assert!(!Fixture::open(path).names("/").is_empty(), "{path}");
    }
}
