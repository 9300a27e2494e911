//! Copying elements that lie at equal distances along each dimension.

/// Elements in a source and their places in a target: all combinations of steps along some axes.
/// Everything is counted in elements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Lattice {
    /// From the outermost to the innermost axis.
    pub(crate) axes: Vec<Axis>,
    /// The first element in the source.
    pub(crate) source_start: u64,
    /// Its place in the target.
    pub(crate) target_start: u64,
}

/// One axis of a [`Lattice`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Axis {
    /// Elements along it.
    pub(crate) count: u64,
    /// From one to the next in the source.
    pub(crate) source_step: u64,
    /// From one to the next in the target.
    pub(crate) target_step: u64,
}

impl Lattice {
    /// Whether there is nothing to copy.
    pub(crate) fn is_empty(&self) -> bool {
        self.axes.iter().any(|axis| axis.count == 0)
    }

    /// Elements of the source from the first to the last one of the lattice, both included.
    /// `None` where the number overflows.
    pub(crate) fn source_extent(&self) -> Option<u64> {
        extent(self.axes.iter().map(|axis| (axis.count, axis.source_step)))
    }

    fn target_extent(&self) -> Option<u64> {
        extent(self.axes.iter().map(|axis| (axis.count, axis.target_step)))
    }

    /// The same lattice with as few axes as possible: an axis along which source and target go on
    /// where the axis inside it ends is a part of that one.
    pub(crate) fn joined(&self) -> Vec<Axis> {
        let mut joined: Vec<Axis> = Vec::with_capacity(self.axes.len());
        for &axis in self.axes.iter().filter(|axis| axis.count != 1) {
            let goes_on = |outer: &Axis| {
                axis.count.checked_mul(axis.source_step) == Some(outer.source_step)
                    && axis.count.checked_mul(axis.target_step) == Some(outer.target_step)
            };
            match joined.last_mut().filter(|outer| goes_on(outer)) {
                Some(outer) => {
                    *outer = Axis { count: outer.count.saturating_mul(axis.count), ..axis };
                }
                None => joined.push(axis),
            }
        }
        joined
    }

    /// Whether each element stays where it is.
    pub(crate) fn is_identity(&self) -> bool {
        let in_place = |axis: &Axis| axis.source_step == 1 && axis.target_step == 1;
        let axes = self.joined();
        self.source_start == 0
            && self.target_start == 0
            && axes.len() <= 1
            && axes.iter().all(in_place)
    }

    /// Copies elements of `element_bytes`. `None` when source or target are too short for it.
    pub(crate) fn copy(&self, source: &[u8], target: &mut [u8], element_bytes: u64) -> Option<()> {
        if self.is_empty() {
            return Some(());
        }
        let part = |start: u64, extent: u64| {
            let start = start.checked_mul(element_bytes)?;
            let end = extent.checked_mul(element_bytes)?.checked_add(start)?;
            Some(usize::try_from(start).ok()?..usize::try_from(end).ok()?)
        };
        let source = source.get(part(self.source_start, self.source_extent()?)?)?;
        let target = target.get_mut(part(self.target_start, self.target_extent()?)?)?;
        let axes = self.joined();
        // In bytes from here on: nothing overflows that lies within the slices.
        let axes: Vec<ByteAxis> =
            axes.iter().map(|axis| ByteAxis::new(axis, element_bytes)).collect::<Option<_>>()?;
        let element_bytes = usize::try_from(element_bytes).ok()?;
        match axes.split_last() {
            None => target.get_mut(..element_bytes)?.copy_from_slice(source.get(..element_bytes)?),
            Some((inner, outer)) => {
                let inner = Inner::new(*inner, element_bytes);
                for_each_place(outer, |from, to| {
                    inner.copy(source.get(from..)?, target.get_mut(to..)?)
                })?;
            }
        }
        Some(())
    }
}

/// The steps of an array of this shape whose last index changes fastest.
pub(crate) fn row_major_steps(shape: &[u64]) -> Vec<u64> {
    let mut step = 1_u64;
    let mut steps: Vec<u64> = Vec::with_capacity(shape.len());
    for extent in shape.iter().rev() {
        steps.push(step);
        step = step.saturating_mul(*extent);
    }
    steps.reverse();
    steps
}

/// The number of the element at `place` in an array with these steps.
pub(crate) fn number_of(place: &[u64], steps: &[u64]) -> u64 {
    let products = place.iter().zip(steps).map(|(at, step)| at.saturating_mul(*step));
    products.fold(0, u64::saturating_add)
}

fn extent(mut axes: impl Iterator<Item = (u64, u64)>) -> Option<u64> {
    axes.try_fold(1_u64, |extent, (count, step)| {
        count.saturating_sub(1).checked_mul(step)?.checked_add(extent)
    })
}

#[derive(Clone, Copy)]
struct ByteAxis {
    count: usize,
    source_step: usize,
    target_step: usize,
}

impl ByteAxis {
    fn new(axis: &Axis, element_bytes: u64) -> Option<Self> {
        let bytes = |step: u64| usize::try_from(step.checked_mul(element_bytes)?).ok();
        Some(Self {
            count: usize::try_from(axis.count).ok()?,
            source_step: bytes(axis.source_step)?,
            target_step: bytes(axis.target_step)?,
        })
    }
}

/// Calls `visit` with the places in source and target of each combination of steps along `axes`.
fn for_each_place(
    axes: &[ByteAxis],
    mut visit: impl FnMut(usize, usize) -> Option<()>,
) -> Option<()> {
    let mut at = vec![0_usize; axes.len()];
    let (mut from, mut to) = (0_usize, 0_usize);
    loop {
        visit(from, to)?;
        let mut carried = true;
        for (index, axis) in at.iter_mut().zip(axes).rev() {
            *index += 1;
            if *index < axis.count {
                from = from.checked_add(axis.source_step)?;
                to = to.checked_add(axis.target_step)?;
                carried = false;
                break;
            }
            *index = 0;
            let back = axis.count.checked_sub(1)?;
            from = from.checked_sub(back.checked_mul(axis.source_step)?)?;
            to = to.checked_sub(back.checked_mul(axis.target_step)?)?;
        }
        if carried {
            return Some(());
        }
    }
}

/// How the innermost axis is copied.
enum Inner {
    /// One run of so many bytes.
    Run(usize),
    /// Element by element.
    Scattered(ByteAxis, usize),
}

impl Inner {
    fn new(axis: ByteAxis, element_bytes: usize) -> Self {
        match axis {
            ByteAxis { count, source_step, target_step }
                if source_step == element_bytes && target_step == element_bytes =>
            {
                Self::Run(count.saturating_mul(element_bytes))
            }
            axis => Self::Scattered(axis, element_bytes),
        }
    }

    fn copy(&self, source: &[u8], target: &mut [u8]) -> Option<()> {
        match *self {
            Self::Run(bytes) => target.get_mut(..bytes)?.copy_from_slice(source.get(..bytes)?),
            Self::Scattered(axis, 1) => scattered::<1>(axis, source, target),
            Self::Scattered(axis, 2) => scattered::<2>(axis, source, target),
            Self::Scattered(axis, 4) => scattered::<4>(axis, source, target),
            Self::Scattered(axis, 8) => scattered::<8>(axis, source, target),
            Self::Scattered(axis, bytes) => {
                for (from, to) in steps(axis, source, target) {
                    to.get_mut(..bytes)?.copy_from_slice(from.get(..bytes)?);
                }
            }
        }
        Some(())
    }
}

/// With a size that the compiler knows, an element is one load and one store.
fn scattered<const BYTES: usize>(axis: ByteAxis, source: &[u8], target: &mut [u8]) {
    for (from, to) in steps(axis, source, target) {
        if let (Some(from), Some(to)) = (from.first_chunk::<BYTES>(), to.first_chunk_mut::<BYTES>())
        {
            *to = *from;
        }
    }
}

fn steps<'a>(
    axis: ByteAxis,
    source: &'a [u8],
    target: &'a mut [u8],
) -> impl Iterator<Item = (&'a [u8], &'a mut [u8])> {
    let source = source.chunks(axis.source_step.max(1));
    source.zip(target.chunks_mut(axis.target_step.max(1))).take(axis.count)
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    /// Element by element, as the definition says.
    fn copy_naively(lattice: &Lattice, source: &[u8], target: &mut [u8], element_bytes: usize) {
        let counts: Vec<u64> = lattice.axes.iter().map(|axis| axis.count).collect();
        for ordinal in 0..counts.iter().product::<u64>() {
            let (mut rest, mut from, mut to) =
                (ordinal, lattice.source_start, lattice.target_start);
            for axis in lattice.axes.iter().rev() {
                from += rest % axis.count * axis.source_step;
                to += rest % axis.count * axis.target_step;
                rest /= axis.count;
            }
            let (from, to) = (from as usize * element_bytes, to as usize * element_bytes);
            target[to..to + element_bytes].copy_from_slice(&source[from..from + element_bytes]);
        }
    }

    #[test]
    fn a_whole_array_is_one_run() {
        let steps = row_major_steps(&[4, 3, 2]);
        let axes = [4, 3, 2].into_iter().zip(steps);
        let axes: Vec<Axis> = axes
            .map(|(count, step)| Axis { count, source_step: step, target_step: step })
            .collect();
        let lattice = Lattice { axes, source_start: 0, target_start: 0 };
        assert_eq!(lattice.joined(), [Axis { count: 24, source_step: 1, target_step: 1 }]);
    }

    #[test]
    fn a_lattice_that_does_not_fit_copies_nothing() {
        let axis = |count, source_step| Axis { count, source_step, target_step: 1 };
        let lattice = |axes| Lattice { axes, source_start: 1, target_start: 0 };
        let mut target = [0; 4];
        assert_eq!(lattice(vec![axis(3, 1)]).copy(&[1, 2, 3], &mut target, 1), None);
        assert_eq!(lattice(vec![axis(5, 1)]).copy(&[1; 9], &mut target, 1), None);
        assert_eq!(lattice(vec![axis(u64::MAX, u64::MAX)]).copy(&[1; 9], &mut target, 1), None);
        assert_eq!(lattice(vec![axis(2, 1)]).copy(&[1; 9], &mut target, u64::MAX), None);
        assert_eq!(target, [0; 4]);
        assert_eq!(lattice(vec![]).copy(&[1, 2], &mut target, 1), Some(()));
        assert_eq!(lattice(vec![axis(0, 1)]).copy(&[], &mut target, 1), Some(()));
        assert_eq!(target, [2, 0, 0, 0]);
    }

    proptest! {
        #[test]
        fn copies_as_one_by_one(
            steps in vec((1..5_u64, 1..4_u64, 1..4_u64), 0..5),
            starts in (0..5_u64, 0..5_u64),
            element_bytes in prop_oneof![Just(1_usize), Just(2), Just(3), Just(4), Just(8), Just(16)],
        ) {
            // Axes that do not overlap: each steps over all that is inside it.
            let (mut axes, mut source_room, mut target_room) = (Vec::new(), 1, 1);
            for (count, source_factor, target_factor) in steps {
                let axis = Axis {
                    count,
                    source_step: source_room * source_factor,
                    target_step: target_room * target_factor,
                };
                source_room = axis.source_step * count;
                target_room = axis.target_step * count;
                axes.insert(0, axis);
            }
            let lattice = Lattice { axes, source_start: starts.0, target_start: starts.1 };
            let source: Vec<u8> = (0..(source_room + 5) as usize * element_bytes)
                .map(|at| (at % 251) as u8)
                .collect();
            let mut target = vec![255; (target_room + 5) as usize * element_bytes];
            let mut expected = target.clone();
            copy_naively(&lattice, &source, &mut expected, element_bytes);
            prop_assert_eq!(lattice.copy(&source, &mut target, element_bytes as u64), Some(()));
            prop_assert_eq!(target, expected);
        }
    }
}
