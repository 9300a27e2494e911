use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

fn span(start: u64, step: u64, count: u64) -> Span {
    Span { start, step, count }
}

/// The row-major numbers of the elements that a selection from `shape` wants, one by one.
fn elements(selection: &Hyperslab, shape: &[u64]) -> Vec<u64> {
    let dimensions = selection.spans().iter().zip(shape);
    dimensions.fold(vec![0], |outer, (span, extent)| {
        let indices = (0..span.count).map(|ordinal| span.start + ordinal * span.step);
        outer.iter().flat_map(|at| indices.clone().map(move |index| at * extent + index)).collect()
    })
}

/// A shape with chunks and a selection from it.
fn cases() -> impl Strategy<Value = (Vec<u64>, Vec<u64>, Hyperslab)> {
    let dimension = (1..12_u64, 1..14_u64, 0..12_u64, 1..6_u64, 0..12_u64);
    vec(dimension, 0..4).prop_map(|dimensions| {
        let shape: Vec<u64> = dimensions.iter().map(|dimension| dimension.0).collect();
        let chunk = dimensions.iter().map(|dimension| dimension.1).collect();
        let spans = dimensions.iter().map(|&(extent, _, start, step, count)| {
            let start = start % extent;
            span(start, step, count.min((extent - start).div_ceil(step)))
        });
        let selection = Hyperslab::new(spans.collect(), &shape).unwrap();
        (shape, chunk, selection)
    })
}

#[test]
fn a_selection_lies_within_the_dataset() {
    let new = |spans: Vec<Span>| Hyperslab::new(spans, &[10, 4]);
    assert!(new(vec![span(9, 1, 1), span(0, 3, 2)]).is_ok());
    assert!(new(vec![span(10, 1, 0), span(4, 1, 0)]).is_ok());
    let error = |spans| new(spans).unwrap_err().to_string();
    assert_eq!(error(vec![span(0, 1, 10)]), "a selection of 1 dimensions from a dataset of 2");
    assert_eq!(error(vec![span(0, 1, 1), span(0, 0, 1)]), "the step along dimension 1 is 0");
    assert_eq!(
        error(vec![span(2, 4, 3), span(0, 1, 1)]),
        "2:11:4 reaches over the end of dimension 0, which has 10 elements"
    );
    assert!(new(vec![span(u64::MAX, u64::MAX, u64::MAX), span(0, 1, 1)]).is_err());
    assert_eq!(Hyperslab::all(&[]).element_count(), Some(1));
    assert_eq!(Hyperslab::all(&[u64::MAX, u64::MAX, 0]).element_count(), Some(0));
    assert_eq!(Hyperslab::all(&[u64::MAX, 2]).element_count(), None);
    assert_eq!(Hyperslab::all(&[3, 2]).to_string(), "[0:3, 0:2]");
}

#[test]
fn a_grid_of_more_chunks_than_can_be_counted_is_none() {
    assert!(ChunkGrid::new(vec![u64::MAX, u64::MAX], vec![1, 1]).is_none());
    assert!(ChunkGrid::new(vec![8], vec![0]).is_none());
    assert!(ChunkGrid::new(vec![8], vec![1, 1]).is_none());
    assert!(ChunkGrid::new(vec![0, 8], vec![3, 3]).is_some());
}

#[test]
fn places_outside_of_the_grid_have_the_number_of_what_follows() {
    let grid = ChunkGrid::new(vec![4, 6], vec![2, 2]).unwrap();
    for (scaled, number) in
        [([0, 0], 0), ([0, 2], 2), ([0, 3], 3), ([1, 0], 3), ([1, 9], 6), ([5, 1], 6)]
    {
        assert_eq!(grid.number_from(&scaled), number, "{scaled:?}");
    }
    assert!(grid.contains(&[1, 2]) && !grid.contains(&[1, 3]) && !grid.contains(&[0]));
}

#[test]
fn blocks_end_where_chunks_do() {
    let whole = Hyperslab::all(&[100, 10]);
    let rows: Vec<u64> = whole.blocks(250, &[8, 10]).map(|block| block.spans()[0].count).collect();
    assert_eq!(rows, [24, 24, 24, 24, 4]);
    // Of chunks that are larger than a block, none is in more blocks than it must be.
    let rows: Vec<u64> = whole.blocks(250, &[30, 10]).map(|block| block.spans()[0].count).collect();
    assert_eq!(rows, [25, 5, 25, 5, 25, 15]);
}

#[test]
fn nothing_has_no_blocks_and_a_scalar_has_one() {
    assert_eq!(Hyperslab::all(&[3, 0]).blocks(10, &[]).count(), 0);
    assert_eq!(Hyperslab::all(&[]).blocks(10, &[]).count(), 1);
}

proptest! {
    #[test]
    fn chunks_together_hold_what_is_selected((shape, chunk, selection) in cases()) {
        let grid = ChunkGrid::new(shape.clone(), chunk.clone()).unwrap();
        let wanted = elements(&selection, &shape);
        let mut found = vec![0_u8; wanted.len()];
        let numbers: Vec<u64> = grid.numbers_met(&selection).collect();
        prop_assert!(numbers.is_sorted_by(|a, b| a < b));
        prop_assert_eq!(numbers.len() as u64, grid.count_met(&selection));
        for number in numbers {
            let scaled = grid.scaled(number);
            prop_assert_eq!(grid.number_from(&scaled), number);
            let lattice = grid.lattice(number, &selection);
            prop_assert!(!lattice.is_empty());
            // A chunk in which each element has its number in the whole dataset, modulo 251.
            let offsets: Vec<u64> = scaled.iter().zip(&chunk).map(|(at, of)| at * of).collect();
            let content: Vec<u8> = elements(&Hyperslab::all(&chunk), &chunk)
                .into_iter()
                .map(|at| {
                    let steps = row_major_steps(&chunk);
                    let places = steps.iter().zip(&chunk).zip(&offsets);
                    let indices = places.map(|((step, of), offset)| at / step % of + offset);
                    let steps = row_major_steps(&shape);
                    let number: u64 = indices.zip(&steps).map(|(index, step)| index * step).sum();
                    (number % 251) as u8
                })
                .collect();
            prop_assert_eq!(lattice.copy(&content, &mut found, 1), Some(()));
        }
        let expected: Vec<u8> = wanted.iter().map(|number| (number % 251) as u8).collect();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn blocks_follow_each_other_and_are_no_larger_than_asked(
        (shape, chunk, selection) in cases(),
        elements_max in 1..60_u64,
    ) {
        let mut found = Vec::new();
        for block in selection.blocks(elements_max, &chunk) {
            prop_assert!((1..=elements_max).contains(&block.element_count().unwrap()));
            found.extend(elements(&block, &shape));
        }
        prop_assert_eq!(found, elements(&selection, &shape));
    }
}
