//! The links of a group in memory, small enough that those of large groups can be kept.
//!
//! All texts stand in one piece of memory, and a link is a record of 24 bytes that says where its
//! name is in it. A link that leads to something else than an object of the same file takes 24
//! more and the texts of its target; a group that was asked for in the order of creation takes 4
//! more for each link.

use std::cmp::Ordering;
use std::fmt;
use std::sync::OnceLock;

use crate::budget::Budget;
use crate::decode::Address;
use crate::decode::message::link::{LinkMessage, LinkTarget};
use crate::error::{Error, Limit, Result};
use crate::found::Found;

/// One link of a group, with its texts as `T`: owned, or where they stand.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Link<T = Vec<u8>> {
    /// Its name as the file has it: any bytes, usually UTF-8.
    pub name: T,
    /// Its number by creation, where the group tracks that.
    pub creation_order: Option<i64>,
    /// Where it leads.
    pub target: LinkTarget<T>,
}

/// One link among [`Links`].
pub type LinkRef<'a> = Link<&'a [u8]>;

/// The links of a group as far as they can be read, by name, as bytes.
#[derive(Clone, Default)]
pub struct Links {
    records: Found<Record>,
    /// The names, and what [`Links::targets`] refer to.
    texts: Vec<u8>,
    /// Where those links lead whose record does not say it.
    targets: Vec<LinkTarget<Span>>,
    by_creation: OnceLock<Box<[u32]>>,
    /// Whether some may stand where nobody who looks for their names comes by.
    misplaced: bool,
}

/// One link.
#[derive(Debug, Clone, Copy)]
struct Record {
    name: Span,
    /// The address of a hard link; or [`ELSEWHERE`] and an index of [`Links::targets`].
    target: u64,
    /// [`UNNUMBERED`] for none.
    creation_order: i64,
}

/// A piece of [`Links::texts`].
#[derive(Debug, Clone, Copy)]
struct Span {
    start: u32,
    length: u32,
}

/// Addresses from here on are in no file that can be written, since files end before 2⁶³ bytes; a
/// damaged link may have one.
const ELSEWHERE: u64 = 1 << 63;

/// Behind all numbers: a group counts its links from 0, and has not that many.
const UNNUMBERED: i64 = i64::MAX;

/// The most bytes of texts, and the most links, that positions of 32 bits can say.
const ROOM_MAX: u64 = u32::MAX as u64;

impl Links {
    /// How many links were found.
    pub fn len(&self) -> usize {
        self.records.items.len()
    }

    /// Whether none was found.
    pub fn is_empty(&self) -> bool {
        self.records.items.is_empty()
    }

    /// The link at this place in the order of names.
    pub fn get(&self, at: usize) -> Option<LinkRef<'_>> {
        self.records.items.get(at).map(|record| self.link(record))
    }

    /// All links in the order of names.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = LinkRef<'_>> {
        self.records.items.iter().map(|record| self.link(record))
    }

    /// How many links, in the order of names, are before the first for which `is_before` does not
    /// hold.
    pub fn partition_point(&self, is_before: impl Fn(LinkRef<'_>) -> bool) -> usize {
        self.records.items.partition_point(|record| is_before(self.link(record)))
    }

    /// The places of all links in the order of creation, those without a number last and by name.
    /// Sorted when it is asked for the first time.
    pub fn by_creation(&self) -> &[u32] {
        self.by_creation.get_or_init(|| {
            let mut places: Vec<(i64, u32)> =
                self.records.items.iter().map(|record| record.creation_order).zip(0..).collect();
            places.sort_unstable();
            places.into_iter().map(|(_, at)| at).collect()
        })
    }

    /// Whether each of them is found by who looks for its name alone. In a damaged old group the
    /// tree may lead elsewhere.
    pub fn are_in_place(&self) -> bool {
        !self.misplaced
    }

    /// The links of this name: one, unless the file is damaged.
    pub fn named(&self, name: &[u8]) -> impl Iterator<Item = LinkRef<'_>> {
        let start = self.partition_point(|link| link.name < name);
        self.iter().skip(start).take_while(move |link| link.name == name)
    }

    /// The first link of this name.
    ///
    /// # Errors
    ///
    /// Where it was not found, but may be among those that are missing: the first error.
    pub fn pick(&self, name: &[u8]) -> Result<Option<Link>> {
        match (self.named(name).next(), self.incomplete()) {
            (None, Some(error)) => Err(error.clone()),
            (found, _) => Ok(found.as_ref().map(LinkRef::to_owned)),
        }
    }

    /// The links, for what needs all of them.
    ///
    /// # Errors
    ///
    /// The first error where links are missing.
    pub fn all(&self) -> Result<&Self> {
        self.incomplete().map_or(Ok(self), |error| Err(error.clone()))
    }

    /// What is damaged; see [`Found::errors`].
    pub fn errors(&self) -> &[Error] {
        &self.records.errors
    }

    /// How many links there are, with those that cannot be read; `None` where damage hides that.
    pub fn total(&self) -> Option<u64> {
        self.records.total()
    }

    /// Why links may be missing; `None` where all of them were found.
    pub fn incomplete(&self) -> Option<&Error> {
        self.records.incomplete()
    }

    /// Memory that these links take, in bytes, with their order of creation: for caches.
    pub fn size_bytes(&self) -> usize {
        let records = self.records.items.capacity() * (size_of::<Record>() + size_of::<u32>());
        let targets = self.targets.capacity() * size_of::<LinkTarget<Span>>();
        size_of::<Self>() + records + targets + self.texts.capacity()
    }

    fn link(&self, record: &Record) -> LinkRef<'_> {
        let elsewhere = record.target.checked_sub(ELSEWHERE).map(|index| {
            let target = usize::try_from(index).ok().and_then(|index| self.targets.get(index));
            target.map_or(LinkTarget::Nowhere, |target| target.map(|text| self.text(*text)))
        });
        let here = LinkTarget::Hard { address: Address::new(record.target) };
        Link {
            name: self.text(record.name),
            creation_order: Some(record.creation_order).filter(|number| *number != UNNUMBERED),
            target: elsewhere.unwrap_or(here),
        }
    }

    fn text(&self, span: Span) -> &[u8] {
        let (start, length) = (span.start as usize, span.length as usize);
        self.texts.get(start..).and_then(|texts| texts.get(..length)).unwrap_or_default()
    }
}

/// How walkers put the table together.
impl Links {
    /// Adds links, or what is wrong with them. Each is asked for twice: first for its size, so that
    /// the table never takes more than it needs, and is paid for before it takes anything. Many
    /// links may have the same texts.
    ///
    /// # Errors
    ///
    /// Only what ends the question, as for all of these; see [`Found`].
    pub(crate) fn extend<'a>(
        &mut self,
        links: impl Iterator<Item = Result<LinkRef<'a>>> + Clone,
        budget: &Budget,
    ) -> Result<()> {
        self.make_room(links.clone().filter_map(Result::ok), budget)?;
        for link in links {
            let record = link.map(|link| self.add(&link));
            self.records.keep(record)?;
        }
        Ok(())
    }

    /// See [`Found::part`].
    pub(crate) fn part<P>(&mut self, part: Result<P>) -> Result<Option<P>> {
        self.records.part(part)
    }

    /// See [`Found::inherit`].
    pub(crate) fn inherit<U>(&mut self, other: Found<U>) -> Result<Vec<U>> {
        self.records.inherit(other)
    }

    /// See [`Found::note`].
    pub(crate) fn note(&mut self, error: Error) -> Result<()> {
        self.records.note(error)
    }

    /// The finished table. Of links of the same name the one that was added first stays first.
    pub(crate) fn sorted(mut self) -> Self {
        let mut records = std::mem::take(&mut self.records.items);
        records.sort_unstable_by(|a, b| self.compare(a, b));
        self.records.items = records;
        self
    }

    /// The same for the links of an old group, added in the order of its tree. `keys_agree` is
    /// whether each key of the tree is the last name to the left of it.
    pub(crate) fn sorted_from_tree(mut self, keys_agree: bool) -> Self {
        let name = |record: &Record| self.text(record.name);
        let ascend = self.records.items.is_sorted_by(|a, b| name(a) < name(b));
        self.misplaced = !(keys_agree && ascend);
        self.sorted()
    }

    /// See [`Found::or_more`].
    pub(crate) fn or_more(self, other: Self) -> Result<Self> {
        let is_better = other.records.has_more_than(&self.records);
        let (mut better, worse) = if is_better { (other, self) } else { (self, other) };
        worse.records.errors.into_iter().try_for_each(|error| better.note(error))?;
        Ok(better)
    }

    fn compare(&self, a: &Record, b: &Record) -> Ordering {
        let by_name = self.text(a.name).cmp(self.text(b.name));
        by_name.then(a.name.start.cmp(&b.name.start))
    }

    fn make_room<'a>(
        &mut self,
        links: impl Iterator<Item = LinkRef<'a>>,
        budget: &Budget,
    ) -> Result<()> {
        let (mut records, mut targets, mut text_bytes) = (0, 0, 0);
        for link in links {
            records += 1;
            targets += usize::from(address_of(&link).is_none());
            text_bytes = link.text_bytes().saturating_add(text_bytes);
        }
        budget.list::<Record>(records as u64)?;
        budget.list::<LinkTarget<Span>>(targets as u64)?;
        budget.decoded(text_bytes)?;
        let position = text_bytes.saturating_add(self.texts.len() as u64);
        if position.max((records + self.len()) as u64) > ROOM_MAX {
            return Err(Error::Limit { limit: Limit::DecodedBytes, maximum: ROOM_MAX });
        }
        self.records.items.reserve_exact(records);
        self.targets.reserve_exact(targets);
        self.texts.reserve_exact(text_bytes as usize);
        Ok(())
    }

    /// Adds a link for which there is room.
    fn add(&mut self, link: &LinkRef<'_>) -> Record {
        let name = self.add_text(link.name);
        let target = address_of(link).unwrap_or_else(|| {
            let target = link.target.map(|text| self.add_text(text));
            self.targets.push(target);
            ELSEWHERE + (self.targets.len() as u64 - 1)
        });
        Record { name, target, creation_order: link.creation_order.unwrap_or(UNNUMBERED) }
    }

    /// Adds a text. There is room for it, so no position is cut short.
    fn add_text(&mut self, text: &[u8]) -> Span {
        let start = self.texts.len() as u32;
        self.texts.extend_from_slice(text);
        Span { start, length: text.len() as u32 }
    }
}

/// Where a link leads, if its record can say it.
fn address_of(link: &LinkRef<'_>) -> Option<u64> {
    match link.target {
        LinkTarget::Hard { address } => Some(address.get()).filter(|address| *address < ELSEWHERE),
        _ => None,
    }
}

impl PartialEq for Links {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
            && self.errors() == other.errors()
            && self.total() == other.total()
    }
}

impl fmt::Debug for Links {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).entries(self.errors()).finish()
    }
}

impl<T: AsRef<[u8]>> Link<T> {
    /// What is wrong with a link of the group at `group` that leads [nowhere](LinkTarget::Nowhere).
    pub fn leads_nowhere(&self, group: Address) -> Error {
        let name = self.name.as_ref().escape_ascii();
        Error::malformed("link", group, format!("the hard link \"{name}\" leads nowhere"))
    }
}

impl LinkRef<'_> {
    /// The link with its texts.
    pub fn to_owned(&self) -> Link {
        Link {
            name: self.name.to_vec(),
            creation_order: self.creation_order,
            target: self.target.map(|text| text.to_vec()),
        }
    }

    fn text_bytes(&self) -> u64 {
        let mut bytes = self.name.len() as u64;
        self.target.map(|text| bytes = bytes.saturating_add(text.len() as u64));
        bytes
    }
}

impl<'a> From<LinkMessage<'a>> for LinkRef<'a> {
    fn from(message: LinkMessage<'a>) -> Self {
        Self { name: message.name, creation_order: message.creation_order, target: message.target }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::budget::Limits;
    use crate::testing::table_of;

    fn hard(name: &str, number: i64) -> LinkRef<'_> {
        let target = LinkTarget::Hard { address: Address::new(96) };
        Link { name: name.as_bytes(), creation_order: Some(number), target }
    }

    fn table(links: &[LinkRef<'_>]) -> Links {
        table_of(links).unwrap()
    }

    #[test]
    fn links_come_back_as_they_were_put_in_by_name() {
        let address = |address| LinkTarget::Hard { address: Address::new(address) };
        let targets = [
            address(0),
            address(ELSEWHERE - 1),
            address(ELSEWHERE),
            address(u64::MAX),
            LinkTarget::Soft { path: b"/a/b".as_slice() },
            LinkTarget::External { file: b"other.h5", path: b"" },
            LinkTarget::UserDefined { class: 65, data: b"\0\xff" },
            LinkTarget::Nowhere,
        ];
        let names = [b"h".as_slice(), b"", b"\xff", b"a", b"ab", b"b", b"aa", b"c"];
        let numbers = [None, Some(0), Some(-1), Some(i64::MIN), None, Some(7), Some(8), None];
        let mut links: Vec<LinkRef<'_>> = names
            .into_iter()
            .zip(targets)
            .zip(numbers)
            .map(|((name, target), creation_order)| Link { name, creation_order, target })
            .collect();
        let table = table(&links);
        links.sort_by_key(|link| link.name);
        assert!(table.iter().eq(links.iter().copied()), "{table:?}");
        for link in &links {
            assert_eq!(table.pick(link.name), Ok(Some(link.to_owned())));
        }
        assert_eq!(table.pick(b"absent"), Ok(None));
    }

    #[test]
    fn the_order_of_creation_has_unnumbered_links_last_and_by_name() {
        let unnumbered = |name| Link { creation_order: None, ..hard(name, 0) };
        let table = table(&[unnumbered("z"), hard("c", 1), unnumbered("a"), hard("b", -2)]);
        let names = |places: &[u32]| -> String {
            let link = |at: &u32| table.get(*at as usize).unwrap().name[0];
            places.iter().map(|at| char::from(link(at))).collect()
        };
        assert_eq!(names(table.by_creation()), "bcaz");
    }

    #[test]
    fn of_links_of_one_name_the_first_is_picked_and_all_are_there() {
        let mut links = Vec::from_iter((0..100).map(|number| hard("twice", number)));
        links.extend((0..100).map(|number| hard("other", number)));
        let table = table(&links);
        let numbers = table.named(b"twice").map(|link| link.creation_order.unwrap());
        assert!(numbers.eq(0..100));
        assert_eq!(table.pick(b"twice").unwrap().unwrap().creation_order, Some(0));
    }

    #[test]
    fn a_name_that_is_not_found_may_be_among_those_that_are_missing() {
        let damage = Error::malformed("link message", Address::new(1), "damaged");
        let mut table = table(&[hard("a", 0)]);
        let damaged = std::iter::once_with(|| Err(damage.clone()));
        table.extend(damaged, &Budget::new(Limits::default())).unwrap();
        assert_eq!((table.len(), table.total()), (1, Some(2)));
        assert_eq!(table.pick(b"a").unwrap().unwrap().name, b"a");
        assert_eq!(table.pick(b"b"), Err(damage));
    }

    #[test]
    fn a_table_is_paid_for_before_it_takes_memory() {
        let name = "x".repeat(100);
        let links = [hard(&name, 0), hard(&name, 1)];
        let links = links.iter().map(|link| Ok(*link));
        for (decoded_bytes, is_enough) in [(2 * (24 + 100) - 1, false), (2 * (24 + 100), true)] {
            let budget = Budget::new(Limits { decoded_bytes, ..Limits::default() });
            let mut table = Links::default();
            assert_eq!(table.extend(links.clone(), &budget).is_ok(), is_enough);
            assert_eq!(table.texts.capacity(), if is_enough { 200 } else { 0 });
        }
    }

    #[test]
    fn a_hard_link_takes_its_name_and_no_more_than_28_bytes() {
        let names = Vec::from_iter((0..10_000).map(|number| format!("link_{number:06}")));
        let links = Vec::from_iter(names.iter().zip(0..).map(|(name, at)| hard(name, at)));
        let mut kept = None;
        let memory = allocation_counter::measure(|| {
            let table = table(&links);
            assert_eq!(table.by_creation().len(), links.len());
            kept = Some(table);
        });
        let table = kept.unwrap();
        let expected = links.len() * (28 + "link_000000".len());
        assert_eq!(memory.bytes_current, expected as i64);
        assert_eq!(table.size_bytes(), size_of::<Links>() + expected);
    }
}
