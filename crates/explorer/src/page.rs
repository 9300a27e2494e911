//! One page of a group's links: filtered, in order, from where the last page ended.

use std::ops::Range;

use h5range::{LinkRef, Links};

use crate::cursor::PageCursor;
use crate::path::lossy;
use crate::queries::{ChildrenQuery, Order};

/// A page of links.
pub(crate) struct Page {
    /// Where its links are among those of the group.
    pub(crate) places: Vec<usize>,
    /// Links that the filter leaves, over all pages.
    pub(crate) total: u64,
    /// The order in force.
    pub(crate) order: Order,
    /// The end of this page, if another one follows.
    pub(crate) next: Option<PageCursor>,
}

impl Page {
    /// The page of `links` that `query` asks for. Looks at no more links than the page has, unless
    /// there is a filter.
    pub(crate) fn of(links: &Links, query: &ChildrenQuery, creation_tracked: bool) -> Self {
        let sorted = match query.order {
            Order::Creation if creation_tracked => Sorted::ByCreation(links, links.by_creation()),
            _ => Sorted::ByName(links),
        };
        let start = query.after.as_ref().map_or(0, |after| sorted.start(after));
        let limit = usize::try_from(query.limit).unwrap_or(usize::MAX);
        let (places, before, behind) = match &query.q {
            Some(q) => sorted.filtered(start, limit, q),
            None => {
                let places: Vec<usize> = sorted.places(start..links.len()).take(limit).collect();
                let end = start.saturating_add(places.len());
                (places, start, links.len().saturating_sub(end))
            }
        };
        let next = places.last().filter(|_| behind > 0).and_then(|last| sorted.cursor(*last));
        let total = (before + places.len() + behind) as u64;
        Self { places, total, order: sorted.order(), next }
    }
}

/// The links of a group in an order.
#[derive(Clone, Copy)]
enum Sorted<'a> {
    ByName(&'a Links),
    /// With the places in this order.
    ByCreation(&'a Links, &'a [u32]),
}

impl<'a> Sorted<'a> {
    fn links(self) -> &'a Links {
        match self {
            Self::ByName(links) | Self::ByCreation(links, _) => links,
        }
    }

    fn order(self) -> Order {
        match self {
            Self::ByName(_) => Order::Name,
            Self::ByCreation(..) => Order::Creation,
        }
    }

    /// The places of those links that have these positions in the order.
    fn places(self, positions: Range<usize>) -> impl Iterator<Item = usize> {
        positions.filter_map(move |position| match self {
            Self::ByName(_) => Some(position),
            Self::ByCreation(_, places) => places.get(position).map(|place| *place as usize),
        })
    }

    /// How many links are before the page that follows `after`. A cursor of the other order, of a
    /// version of the file in which the group was kept differently, starts over: showing an entry
    /// twice is better than never.
    fn start(self, after: &PageCursor) -> usize {
        match (self, after) {
            (Self::ByName(links), PageCursor::Name(name)) => {
                links.partition_point(|link| link.name <= name.as_slice())
            }
            (Self::ByCreation(links, places), PageCursor::Creation(last)) => {
                let number = |place: &u32| links.get(*place as usize).map(|link| number(&link));
                places.partition_point(|place| number(place).is_some_and(|number| number <= *last))
            }
            _ => 0,
        }
    }

    /// The cursor that leads on from the link at this place.
    fn cursor(self, last: usize) -> Option<PageCursor> {
        let last = self.links().get(last)?;
        Some(match self {
            Self::ByName(_) => PageCursor::Name(last.name.to_vec()),
            Self::ByCreation(..) => PageCursor::Creation(number(&last)),
        })
    }

    /// The places of up to `limit` links from position `start` on whose names hold `q`; and how
    /// many such links there are before and behind these.
    fn filtered(self, start: usize, limit: usize, q: &str) -> (Vec<usize>, usize, usize) {
        let links = self.links();
        let mut filter = NameFilter { q, folded: String::new() };
        let mut is_wanted =
            |place: &usize| links.get(*place).is_some_and(|link| filter.matches(link.name));
        let before = self.places(0..start).filter(&mut is_wanted).count();
        let mut rest = self.places(start..links.len()).filter(is_wanted);
        let places = rest.by_ref().take(limit).collect();
        (places, before, rest.count())
    }
}

/// Whether names hold a text, whatever their case.
struct NameFilter<'a> {
    /// In lower case.
    q: &'a str,
    /// The last name in lower case: one piece of memory for all of them.
    folded: String,
}

impl NameFilter<'_> {
    fn matches(&mut self, name: &[u8]) -> bool {
        match std::str::from_utf8(name) {
            Ok(name) if name.is_ascii() => {
                self.folded.clear();
                self.folded.push_str(name);
                self.folded.make_ascii_lowercase();
                self.folded.contains(self.q)
            }
            _ => lossy(name).to_lowercase().contains(self.q),
        }
    }
}

fn number(link: &LinkRef<'_>) -> i64 {
    link.creation_order.unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use h5range::Link;
    use h5range::decode::Address;
    use h5range::decode::message::link::LinkTarget;
    use h5range::testing::table_of;

    use super::*;
    use crate::queries::Place;

    fn links(names: &[(&'static str, i64)]) -> Links {
        let link = |(name, number): &(&'static str, i64)| Link {
            name: name.as_bytes(),
            creation_order: Some(*number),
            target: LinkTarget::Hard { address: Address::new(96) },
        };
        table_of(&names.iter().map(link).collect::<Vec<_>>()).unwrap()
    }

    fn query(limit: u64) -> ChildrenQuery {
        ChildrenQuery::new(Place::new(None, None).unwrap()).with_limit(limit).unwrap()
    }

    fn names(links: &Links, page: &Page) -> String {
        let name = |place: &usize| lossy(links.get(*place).unwrap().name);
        page.places.iter().map(name).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn pages_follow_each_other_without_gap_or_repetition() {
        let links = links(&[("a", 3), ("b", 1), ("c", 2), ("d", 5), ("e", 4)]);
        for (order, expected) in
            [(Order::Name, ["a b", "c d", "e"]), (Order::Creation, ["b c", "a e", "d"])]
        {
            let mut query = query(2).with_order(order);
            for (at, expected) in expected.into_iter().enumerate() {
                let page = Page::of(&links, &query, true);
                assert_eq!(
                    (names(&links, &page).as_str(), page.total, page.order),
                    (expected, 5, order)
                );
                assert_eq!(page.next.is_some(), at < 2);
                if let Some(next) = page.next {
                    query = query.with_after(&next.encode()).unwrap();
                }
            }
        }
    }

    #[test]
    fn a_group_that_does_not_track_creation_falls_back_to_names() {
        let links = links(&[("a", 2), ("b", 1)]);
        let page = Page::of(&links, &query(9).with_order(Order::Creation), false);
        assert_eq!((names(&links, &page).as_str(), page.order), ("a b", Order::Name));
    }

    #[test]
    fn the_filter_ignores_case_and_counts_in_total() {
        let links = links(&[("Temp", 0), ("pressure", 1), ("temp_2", 2)]);
        let page = Page::of(&links, &query(1).with_q("TEMP"), false);
        assert_eq!((names(&links, &page).as_str(), page.total), ("Temp", 2));
    }

    #[test]
    fn pages_of_what_the_filter_leaves_follow_each_other_too() {
        let links = links(&[("a1", 5), ("B", 1), ("A2", 4), ("a3", 3), ("c", 2), ("xÀ4", 0)]);
        for (q, order, expected) in [
            ("a", Order::Name, ["A2 a1", "a3"]),
            ("A", Order::Creation, ["a3 A2", "a1"]),
            ("à", Order::Name, ["xÀ4", ""]),
            ("", Order::Creation, ["xÀ4 B", "c a3"]),
        ] {
            let first = query(2).with_q(q).with_order(order);
            let page = Page::of(&links, &first, true);
            assert_eq!(names(&links, &page), expected[0]);
            let Some(next) = page.next else { continue };
            let second = Page::of(&links, &first.with_after(&next.encode()).unwrap(), true);
            assert_eq!((names(&links, &second).as_str(), second.total), (expected[1], page.total));
        }
    }

    #[test]
    fn a_page_that_ends_with_the_group_has_no_next() {
        let links = links(&[("a", 0), ("b", 1)]);
        assert_eq!(Page::of(&links, &query(2), false).next, None);
        let after_all = query(2).with_after(&PageCursor::Name(b"z".to_vec()).encode()).unwrap();
        assert_eq!(Page::of(&links, &after_all, false).places.len(), 0);
    }
}
