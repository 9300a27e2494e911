use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::budget::Limits;
use crate::decode::selection::Selection;
use crate::decode::testing::cursor;
use crate::error::Error;
use crate::selection::indices_of;
use crate::selection::mapped::tests::{combined, expected, found};

/// The first and the last corner of each block.
type Corners = Vec<[Vec<u64>; 2]>;

fn budget() -> Budget {
    Budget::new(Limits::default())
}

/// An irregular selection of version 3, in numbers of one byte.
fn blocks(corners: &Corners) -> Places {
    let rank = corners[0][0].len() as u8;
    let mut bytes = vec![2, 0, 0, 0, 3, 0, 0, 0, 0, 1, rank, 0, 0, 0, corners.len() as u8];
    bytes.extend(corners.iter().flatten().flatten().map(|&at| at as u8));
    match Selection::decode(&mut cursor(&bytes), &budget()) {
        Ok(Selection::Blocks(places)) => places,
        other => panic!("{other:?}"),
    }
}

fn all_of(shape: &[u64]) -> Vec<Vec<u64>> {
    combined(&shape.iter().map(|&extent| (0..extent).collect()).collect::<Vec<_>>())
}

/// The places in an array of this shape that are in any block, in the order of the array.
fn listed(corners: &Corners, shape: &[u64]) -> Vec<Vec<u64>> {
    let in_block = |place: &[u64], [first, last]: &[Vec<u64>; 2]| {
        place
            .iter()
            .zip(first.iter().zip(last))
            .all(|(at, (first, last))| (first..=last).contains(&at))
    };
    let mut places = all_of(shape);
    places.retain(|place| corners.iter().any(|block| in_block(place, block)));
    places
}

/// Blocks of an array of this shape.
fn corners(shape: &'static [u64]) -> impl Strategy<Value = Corners> {
    let side = |extent: u64| (0..extent, 0..extent).prop_map(|(a, b)| (a.min(b), a.max(b)));
    let block = shape.iter().map(|&extent| side(extent)).collect::<Vec<_>>();
    let block = block.prop_map(|sides| {
        let (first, last) = sides.into_iter().unzip();
        [first, last]
    });
    vec(block, 1..4)
}

fn ordered(corners: &Corners, shape: &[u64]) -> Ordered {
    Ordered::of_blocks(&blocks(corners), shape, &budget()).unwrap().unwrap()
}

#[test]
fn what_does_not_fit_the_dataset_is_none_and_what_is_too_much_is_paid_for() {
    let square = blocks(&vec![[vec![1, 1], vec![2, 2]]]);
    assert!(Ordered::of_blocks(&square, &[9], &budget()).unwrap().is_none());
    assert!(Ordered::of_blocks(&square, &[u64::MAX, 9], &budget()).unwrap().is_none());
    let little = || Budget::new(Limits { decoded_bytes: 1000, ..Limits::default() });
    let high = blocks(&vec![[vec![0, 0], vec![200, 0]]]);
    let error = Ordered::of_blocks(&high, &[9, 9], &little()).unwrap_err();
    assert!(matches!(error, Error::Limit { .. }));
    let indices = indices_of(&Selection::All, &[1 << 40, 2]).unwrap();
    let error = Ordered::of_indices(&indices, &[1 << 40, 2], &little()).unwrap_err();
    assert!(matches!(error, Error::Limit { .. }));
}

proptest! {
    #[test]
    fn irregular_blocks_hold_elements_in_the_order_of_the_dataset(
        own in corners(&[5, 6]),
        starts in (0..4_u64, 0..5_u64),
        steps in (1..4_u64, 1..4_u64),
        missing in 0..4_u64,
    ) {
        let of_virtual = listed(&own, &[5, 6]);
        let count = of_virtual.len() as u64;
        let span = |start: u64, step: u64, extent: u64| {
            Span { start, step, count: (extent - start).div_ceil(step) }
        };
        let spans = vec![span(starts.0, steps.0, 5), span(starts.1, steps.1, 6)];
        let block = Hyperslab::new(spans, &[5, 6]).unwrap();
        // The source has become shorter than what is mapped of it.
        let shape = [count.saturating_sub(missing).max(1)];
        let of_source = Ordered::of_blocks(
            &blocks(&vec![[vec![0], vec![count - 1]]]), &shape, &budget(),
        ).unwrap().unwrap();
        let of_own = ordered(&own, &[5, 6]);
        prop_assert_eq!(of_own.element_count(), count);
        let mapped = mapped_in_order(&of_own, &of_source, &shape, &block, &budget()).unwrap();
        let source_places: Vec<Vec<u64>> = (0..shape[0]).map(|at| vec![at]).collect();
        prop_assert_eq!(
            found(mapped, &shape, &block),
            expected(of_virtual, source_places, &shape, &block)
        );
    }

    #[test]
    fn regular_blocks_of_another_shape_too(own in corners(&[3, 4, 5])) {
        let of_source = listed(&own, &[3, 4, 5]);
        let shape = [of_source.len() as u64, 1];
        let indices = indices_of(&Selection::All, &shape).unwrap();
        let of_virtual = Ordered::of_indices(&indices, &shape, &budget()).unwrap();
        let block = Hyperslab::all(&shape);
        let from = ordered(&own, &[3, 4, 5]);
        let mapped = mapped_in_order(&of_virtual, &from, &[3, 4, 5], &block, &budget()).unwrap();
        prop_assert_eq!(
            found(mapped, &[3, 4, 5], &block),
            expected(all_of(&shape), of_source, &[3, 4, 5], &block)
        );
    }
}
