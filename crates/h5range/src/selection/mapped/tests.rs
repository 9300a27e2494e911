use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

/// The indices one by one, as the definition says.
fn listed(slab: &Slab, extent: u64) -> Vec<u64> {
    let blocks = (0..slab.count.unwrap_or(extent)).map(|block| slab.start + block * slab.stride);
    let indices = blocks.flat_map(|at| (0..slab.block.unwrap_or(extent)).map(move |i| at + i));
    indices.filter(|index| *index < extent).collect()
}

/// All combinations, the last dimension changing fastest.
pub(in crate::selection) fn combined(dimensions: &[Vec<u64>]) -> Vec<Vec<u64>> {
    dimensions.iter().fold(vec![Vec::new()], |outer, indices| {
        let with = |at: &Vec<u64>, index| [at.as_slice(), &[index]].concat();
        outer.iter().flat_map(|at| indices.iter().map(move |index| with(at, *index))).collect()
    })
}

fn number_of(place: &[u64], shape: &[u64]) -> u64 {
    place.iter().zip(shape).fold(0, |number, (at, extent)| number * extent + at)
}

/// What a block has of a mapping: of the element at each place of the block the number that it has
/// in the source, or -1.
pub(in crate::selection) fn expected(
    of_virtual: Vec<Vec<u64>>,
    of_source: Vec<Vec<u64>>,
    source_shape: &[u64],
    block: &Hyperslab,
) -> Vec<i32> {
    let pairs = of_virtual.into_iter().zip(of_source);
    let pairs: std::collections::HashMap<Vec<u64>, Vec<u64>> = pairs.collect();
    let spans = block.spans().iter().map(|span| (0..span.count).map(|at| span.at(at)).collect());
    let places = combined(&spans.collect::<Vec<Vec<u64>>>());
    let number = |place: &Vec<u64>| {
        pairs.get(place).map_or(-1, |source| number_of(source, source_shape) as i32)
    };
    places.iter().map(number).collect()
}

/// The same by what is mapped.
pub(in crate::selection) fn found(
    mapped: Option<Mapped>,
    source_shape: &[u64],
    block: &Hyperslab,
) -> Vec<i32> {
    let count = block.element_count().unwrap() as usize;
    let mut block = vec![0xff; 4 * count];
    if let Some(Mapped { source, lattices }) = mapped {
        assert!(Hyperslab::new(source.spans().to_vec(), source_shape).is_ok(), "{source}");
        let spans = source.spans().iter();
        let indices = spans.map(|span| (0..span.count).map(|at| span.at(at)).collect::<Vec<_>>());
        let elements = combined(&indices.collect::<Vec<_>>());
        let numbers = elements.iter().map(|place| number_of(place, source_shape) as i32);
        let bytes: Vec<u8> = numbers.flat_map(i32::to_le_bytes).collect();
        for lattice in lattices {
            assert_eq!(lattice.copy(&bytes, &mut block, 4), Some(()), "{lattice:?} of {source}");
        }
    }
    block.chunks(4).map(|number| i32::from_le_bytes(number.try_into().unwrap())).collect()
}

fn slab(start: u64, stride: u64, count: u64, block: u64) -> Slab {
    Slab { start, stride, count: Some(count), block: Some(block) }
}

/// Two slabs with the same number of indices, which lie in extents of these lengths.
fn pair() -> impl Strategy<Value = ((Slab, u64), (Slab, u64))> {
    // Blocks times their number is the same: 12 of 1, 6 of 2, 4 of 3 and so on.
    let shape = || {
        (
            prop_oneof![Just(1_u64), Just(2), Just(3), Just(4), Just(12)],
            0..4_u64,
            0..3_u64,
            0..3_u64,
        )
    };
    (shape(), shape()).prop_map(|(one, other)| {
        let side = |(block, gap, start, behind): (u64, u64, u64, u64)| {
            let slab = slab(start, block + gap, 12 / block, block);
            (slab, slab.extent_of_blocks(12 / block) + behind)
        };
        (side(one), side(other))
    })
}

#[test]
fn a_plane_of_a_virtual_dataset_is_a_whole_source() {
    // Plane 3 of [8, 4, 5] is [4, 5].
    let of_virtual = [slab(3, 1, 1, 1), slab(0, 4, 1, 4), slab(0, 5, 1, 5)];
    let of_virtual = indices_of(&Selection::Regular(of_virtual.into()), &[8, 4, 5]).unwrap();
    let of_source = indices_of(&Selection::All, &[4, 5]).unwrap();
    let span = |start, step, count| Span { start, step, count };
    let block =
        Hyperslab::new(vec![span(1, 2, 2), span(1, 2, 2), span(0, 1, 5)], &[8, 4, 5]).unwrap();
    let mapped_block = mapped(&of_virtual, &of_source, &block).unwrap().unwrap();
    assert_eq!(mapped_block.source.to_string(), "[1:4:2, 0:5]");
    let numbers = found(Some(mapped_block), &[4, 5], &block);
    assert_eq!(numbers[..10], [-1; 10]);
    assert_eq!(numbers[10..], [5, 6, 7, 8, 9, 15, 16, 17, 18, 19]);
    let beside = Hyperslab::new(vec![span(4, 1, 2), span(1, 1, 1), span(0, 1, 5)], &[8, 4, 5]);
    assert_eq!(mapped(&of_virtual, &of_source, &beside.unwrap()), Ok(None));
}

#[test]
fn shapes_that_differ_do_not_correspond() {
    let of = |shape: &[u64]| indices_of(&Selection::All, shape).unwrap();
    let block = Hyperslab::all(&[3, 4]);
    assert_eq!(mapped(&of(&[3, 4]), &of(&[12]), &block), Err(NotMapped));
    assert_eq!(mapped(&of(&[3, 4]), &of(&[4, 3]), &block), Err(NotMapped));
    assert!(mapped(&of(&[3, 4]), &of(&[3, 1, 4]), &block).is_ok());
    assert_eq!(indices_of(&Selection::Regular(vec![slab(0, 1, 1, 1)]), &[3, 4]), None);
}

#[test]
fn a_huge_mapping_costs_no_more_than_the_block() {
    let pairs_of = slab(0, 1 << 20, 1 << 40, 2);
    let shape = [1 << 62];
    let indices = indices_of(&Selection::Regular(vec![pairs_of]), &shape).unwrap();
    let few = Hyperslab::new(vec![Span { start: 1, step: 1 << 53, count: 100 }], &shape).unwrap();
    let one_index = mapped(&indices, &[Indices::first(2 << 40)], &few).unwrap().unwrap();
    assert_eq!(one_index.lattices.len(), 100);
    let many = Hyperslab::new(vec![Span { start: 0, step: 1, count: 1 << 40 }], &shape).unwrap();
    let error = mapped(&indices, &[Indices::first(2 << 40)], &many);
    assert_eq!(error, Err(NotMapped));
}

#[test]
fn numbered_sources_are_blocks() {
    let open = Slab { start: 2, stride: 10, count: None, block: Some(4) };
    let third = Indices::numbered(&open, 2, 100);
    assert_eq!((third.index(0), third.count()), (22, 4));
    assert_eq!(Indices::numbered(&open, 2, 24).count(), 2, "the dataset ends within it");
    assert!(!Indices::numbered(&open, 3, 24).meets(Span { start: 0, step: 1, count: 24 }));
}

#[test]
fn numbers_that_make_no_sense_do_no_harm() {
    for start in [0, 1, u64::MAX] {
        for stride in [0, 1, u64::MAX] {
            for block in [Some(0), Some(1), Some(u64::MAX), None] {
                for count in [Some(0), Some(3), None] {
                    let slab = Slab { start, stride, count, block };
                    let selection = Selection::Regular(vec![slab]);
                    let indices = indices_of(&selection, &[100]).unwrap();
                    let whole = Hyperslab::all(&[100]);
                    let _ = mapped(&indices, &indices, &whole);
                    let _ = mapped(&[Indices::first(100)], &indices, &whole);
                    let _ = mapped(&indices, &[Indices::first(100)], &whole);
                }
            }
        }
    }
}

proptest! {
    #[test]
    fn blocks_have_what_is_mapped_one_by_one(
        pairs in vec(pair(), 1..3),
        spans in vec((0..40_u64, 1..5_u64, 0..40_u64), 2),
    ) {
        let (sides_virtual, sides_source): (Vec<_>, Vec<_>) = pairs.into_iter().unzip();
        let shape = |sides: &[(Slab, u64)]| sides.iter().map(|side| side.1).collect::<Vec<u64>>();
        let slabs = |sides: &[(Slab, u64)]| sides.iter().map(|side| side.0).collect::<Vec<Slab>>();
        let lists = |sides: &[(Slab, u64)]| {
            sides.iter().map(|(slab, extent)| listed(slab, *extent)).collect::<Vec<_>>()
        };
        let (virtual_shape, source_shape) = (shape(&sides_virtual), shape(&sides_source));
        let spans = spans.iter().zip(&virtual_shape).map(|(&(start, step, count), &extent)| {
            let start = start % extent;
            Span { start, step, count: count.min((extent - start).div_ceil(step)) }
        });
        let block = Hyperslab::new(spans.collect(), &virtual_shape).unwrap();
        let of = |sides: &[(Slab, u64)]| {
            indices_of(&Selection::Regular(slabs(sides)), &shape(sides)).unwrap()
        };
        let mapped = mapped(&of(&sides_virtual), &of(&sides_source), &block).unwrap();
        let expected =
            expected(combined(&lists(&sides_virtual)), combined(&lists(&sides_source)), &source_shape, &block);
        prop_assert_eq!(found(mapped, &source_shape, &block), expected);
    }
}
