//! One page of a group's links: filtered, in order, from where the last page ended.

use h5range::walk::Link;

use crate::cursor::PageCursor;
use crate::path::lossy;
use crate::queries::{ChildrenQuery, Order};

/// A page of links.
pub(crate) struct Page<'a> {
    pub(crate) links: Vec<&'a Link>,
    /// Links that the filter leaves, over all pages.
    pub(crate) total: u64,
    /// The order in force.
    pub(crate) order: Order,
    /// The end of this page, if another one follows.
    pub(crate) next: Option<PageCursor>,
}

impl<'a> Page<'a> {
    /// The page of `links`, which are sorted by name, that `query` asks for.
    pub(crate) fn of(links: &'a [Link], query: &ChildrenQuery, creation_tracked: bool) -> Self {
        let wanted = |link: &&Link| match &query.q {
            Some(q) => lossy(&link.name).to_lowercase().contains(q),
            None => true,
        };
        let mut all: Vec<&Link> = links.iter().filter(wanted).collect();
        let order = match query.order {
            Order::Creation if creation_tracked => Order::Creation,
            _ => Order::Name,
        };
        if order == Order::Creation {
            all.sort_by_key(|link| number(link));
        }
        let total = all.len() as u64;
        let start = query.after.as_ref().map_or(0, |after| start(&all, order, after));
        let limit = usize::try_from(query.limit).unwrap_or(usize::MAX);
        let page: Vec<&Link> = all.iter().skip(start).take(limit).copied().collect();
        let more = start.saturating_add(page.len()) < all.len();
        let next = page.last().filter(|_| more).map(|last| match order {
            Order::Name => PageCursor::Name(last.name.clone()),
            Order::Creation => PageCursor::Creation(number(last)),
        });
        Self { links: page, total, order, next }
    }
}

/// How many of `links` are before the page that follows `after`. A cursor of the other order, of
/// a version of the file in which the group was kept differently, starts over: showing an entry
/// twice is better than never.
fn start(links: &[&Link], order: Order, after: &PageCursor) -> usize {
    match (order, after) {
        (Order::Name, PageCursor::Name(name)) => links.partition_point(|link| &link.name <= name),
        (Order::Creation, PageCursor::Creation(last)) => {
            links.partition_point(|link| number(link) <= *last)
        }
        _ => 0,
    }
}

fn number(link: &Link) -> i64 {
    link.creation_order.unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use h5range::decode::Address;
    use h5range::decode::message::link::LinkTarget;

    use super::*;
    use crate::queries::Place;

    fn links(names: &[(&str, i64)]) -> Vec<Link> {
        let link = |(name, number): &(&str, i64)| Link {
            name: name.as_bytes().to_vec(),
            creation_order: Some(*number),
            target: LinkTarget::Hard { address: Address::new(96) },
        };
        names.iter().map(link).collect()
    }

    fn query(limit: u64) -> ChildrenQuery {
        ChildrenQuery::new(Place::new(None, None).unwrap()).with_limit(limit).unwrap()
    }

    fn names(page: &Page<'_>) -> String {
        page.links.iter().map(|link| lossy(&link.name)).collect::<Vec<_>>().join(" ")
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
                assert_eq!((names(&page).as_str(), page.total, page.order), (expected, 5, order));
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
        assert_eq!((names(&page).as_str(), page.order), ("a b", Order::Name));
    }

    #[test]
    fn the_filter_ignores_case_and_counts_in_total() {
        let links = links(&[("Temp", 0), ("pressure", 1), ("temp_2", 2)]);
        let page = Page::of(&links, &query(1).with_q("TEMP"), false);
        assert_eq!((names(&page).as_str(), page.total), ("Temp", 2));
    }

    #[test]
    fn a_page_that_ends_with_the_group_has_no_next() {
        let links = links(&[("a", 0), ("b", 1)]);
        assert_eq!(Page::of(&links, &query(2), false).next, None);
        let after_all = query(2).with_after(&PageCursor::Name(b"z".to_vec()).encode()).unwrap();
        assert_eq!(Page::of(&links, &after_all, false).links.len(), 0);
    }
}
