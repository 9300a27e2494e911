//! What is still read of damaged structures. The fixtures in `damaged/` have one part overwritten
//! each; libhdf5 lists such a group up to there, or not at all.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::path::Path;
use std::sync::Arc;

use byte_source::MemorySource;
use futures::executor::block_on;
use h5range::decode::message::link::LinkTarget;
use h5range::{Attributes, Error, File, Limits, Links, Object, Result};

/// A file, and the object that is damaged in it.
struct Damaged {
    file: File,
    object: Arc<Object>,
}

impl Damaged {
    /// The object called `name` in the root, or the root itself.
    fn open(fixture: &str, name: Option<&str>) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/damaged");
        let source = Arc::new(MemorySource::new(std::fs::read(folder.join(fixture)).unwrap()));
        let file = block_on(File::open(source, Limits::default())).unwrap();
        let question = async {
            let root = file.object(file.root()).await?;
            let Some(name) = name else { return Ok(root) };
            let link = file.find_link(&root, name.as_bytes()).await?.unwrap();
            let LinkTarget::Hard { address } = link.target else { unreachable!("a hard link") };
            file.object(address).await
        };
        let object = block_on(file.drive(question)).unwrap();
        Self { file, object }
    }

    fn ask<T>(&self, question: impl Future<Output = Result<T>>) -> Result<T> {
        block_on(self.file.drive(question))
    }

    fn links(&self) -> Links {
        self.ask(self.file.links(&self.object)).unwrap()
    }

    fn attributes(&self) -> Attributes {
        self.ask(self.file.attributes(&self.object)).unwrap()
    }

    /// Those of `names` that are found, by looking them up or else among all links; none of the
    /// others may be said not to be there.
    fn found(&self, names: &[String]) -> Vec<String> {
        let links = self.links();
        let is_found =
            |name: &&String| match self.ask(self.file.find_link(&self.object, name.as_bytes())) {
                Ok(found) => found.unwrap().name == name.as_bytes(),
                Err(_) => match links.pick(name.as_bytes()) {
                    Ok(found) => found.is_some(),
                    Err(error) => !matches!(error, Error::Malformed { .. }),
                },
            };
        names.iter().filter(is_found).cloned().collect()
    }
}

fn names(links: &Links) -> Vec<String> {
    links.iter().map(|link| String::from_utf8(link.name.to_vec()).unwrap()).collect()
}

fn numbered(count: usize, width: usize) -> Vec<String> {
    (0..count).map(|i| format!("n{i:0width$}")).collect()
}

#[test]
fn damage_costs_the_links_behind_it_and_no_other() {
    for (fixture, group, all, lost_at_most, structure) in [
        ("symbol_table_node.h5", "wide", numbered(40, 2), 8, "symbol table node"),
        ("symbol_table_entry.h5", "g", numbered(6, 1), 1, "symbol table node"),
        ("name_index_leaf.h5", "wide", numbered(200, 3), 40, "version 2 B-tree node"),
        ("heap_block.h5", "wide", numbered(200, 3), 60, "fractal heap direct block"),
        ("continuation_latest.h5", "g", numbered(8, 1), 2, "object header continuation block"),
    ] {
        let damaged = Damaged::open(fixture, Some(group));
        let links = damaged.links();
        let Some(Error::Malformed { structure: named, .. }) = links.incomplete() else {
            unreachable!("{fixture} is damaged")
        };
        assert_eq!(*named, structure, "{fixture}");
        let listed = names(&links);
        assert!(listed.is_sorted() && listed.iter().all(|name| all.contains(name)), "{listed:?}");
        let lost = all.len() - listed.len();
        assert!((1..=lost_at_most).contains(&lost), "{fixture}: {lost} are lost");
        assert_eq!(damaged.found(&all), listed, "{fixture}");
    }
}

#[test]
fn links_that_lie_behind_damage_are_counted_only_where_an_index_does() {
    for (fixture, group, expected) in [
        ("symbol_table_node.h5", "wide", None),
        ("continuation_latest.h5", "g", None),
        // Its header has the number, and its own checksum.
        ("name_index_leaf.h5", "wide", Some(200)),
        ("name_index_of_two.h5", "wide", Some(40)),
    ] {
        let damaged = Damaged::open(fixture, Some(group));
        let count = damaged.ask(damaged.file.link_count(&damaged.object));
        assert_eq!(count.ok(), expected, "{fixture}");
    }
}

#[test]
fn nothing_is_missing_where_there_is_another_way_to_it() {
    for (fixture, group, all) in [
        ("name_index_of_two.h5", Some("wide"), numbered(40, 2)),
        ("root_symbol_table.h5", None, numbered(6, 1)),
    ] {
        let damaged = Damaged::open(fixture, group);
        let links = damaged.links();
        assert_eq!((names(&links), links.total()), (all.clone(), Some(all.len() as u64)));
        assert!(links.incomplete().is_none() && !links.errors().is_empty(), "{:?}", links.errors());
        assert_eq!(damaged.found(&all), all, "{fixture}");
        assert_eq!(links.pick(b"absent"), Ok(None));
    }
}

#[test]
fn damage_costs_the_attributes_behind_it_and_no_other() {
    for (fixture, count, width, lost_at_most) in
        [("attribute_index_leaf.h5", 200, 3, 40), ("continuation_earliest.h5", 12, 2, 11)]
    {
        let damaged = Damaged::open(fixture, Some("d"));
        let attributes = damaged.attributes();
        assert!(attributes.incomplete().is_some() && attributes.total().is_none());
        let lost = count - attributes.items.len();
        assert!((1..=lost_at_most).contains(&lost), "{fixture}: {lost} are lost");
        for name in (0..count).map(|i| format!("a{i:0width$}").into_bytes()) {
            let listed = attributes.items.iter().find(|entry| entry.name == name);
            match damaged.ask(damaged.file.find_attribute(&damaged.object, &name)) {
                Ok(found) => assert_eq!((found.as_ref(), listed.is_some()), (listed, true)),
                Err(error) => {
                    assert!(matches!(error, Error::Malformed { .. }), "{error}");
                    assert_eq!(listed, None);
                }
            }
        }
    }
}

#[test]
fn an_object_is_what_the_rest_of_its_header_says() {
    let damaged = Damaged::open("continuation_earliest.h5", Some("d"));
    assert!(damaged.object.damage().is_some());
    let shape = damaged.object.dataspace().unwrap().unwrap();
    assert_eq!(shape.element_count(), Some(3));
}
