//! From the elements of a file to those that `bin` and `npy` have: the same bytes where NumPy knows
//! the type, else the nearest type that it knows.

use bytes::Bytes;
use h5range::convert;
use h5range::decode::message::datatype::{Datatype, StringPadding};

use super::numpy::NumpyType;
use super::plan::{NoForm, Plan};
use super::{Block, Dtype};
use crate::error::{ErrorCode, ExplorerError, Result};

/// How elements of one type are given.
#[derive(Debug)]
pub(crate) struct Form {
    numpy: NumpyType,
    steps: Vec<Step>,
    from_bytes: usize,
    to_bytes: usize,
}

/// What becomes of a part of an element.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Step {
    pub(super) from: usize,
    pub(super) from_bytes: usize,
    pub(super) to: usize,
    pub(super) to_bytes: usize,
    pub(super) change: Change,
}

/// How it changes.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Change {
    /// Not at all.
    None,
    /// Numbers of so many bytes are turned round.
    Reverse(usize),
    /// A string without what stands behind it, and zeros.
    Trim(StringPadding),
    /// Numbers of another type.
    Convert(Box<(Datatype, Datatype)>),
}

impl Form {
    /// The form of elements of `datatype`.
    ///
    /// # Errors
    ///
    /// For what has no bytes of its own: elements of variable length, references.
    pub(crate) fn of(datatype: &Datatype, dtype: Dtype) -> Result<Self, NoForm> {
        let (numpy, steps) = Plan::of(datatype, dtype)?;
        let (from_bytes, to_bytes) = (datatype.size as usize, numpy.size() as usize);
        if to_bytes == 0 {
            return Err("elements without bytes".to_owned());
        }
        Ok(Self { numpy, steps, from_bytes, to_bytes })
    }

    /// The type that the elements have.
    pub(crate) fn numpy(&self) -> &NumpyType {
        &self.numpy
    }

    /// Bytes of an element.
    pub(crate) fn element_bytes(&self) -> u64 {
        self.to_bytes as u64
    }

    /// Bytes of an array of this `shape`; `None` where they do not fit 64 bits.
    pub(crate) fn size_bytes(&self, shape: &[u64]) -> Option<u64> {
        if shape.contains(&0) {
            return Some(0);
        }
        shape.iter().try_fold(self.element_bytes(), |bytes, &count| bytes.checked_mul(count))
    }

    /// The elements of a block in this form.
    ///
    /// # Errors
    ///
    /// For numbers of a shape that nothing is known of.
    pub(crate) fn block(&self, block: Block) -> Result<Bytes> {
        let Block::Bytes(elements) = block else { return Ok(Bytes::new()) };
        if let [Step { change: Change::None, .. }] = self.steps.as_slice()
            && self.from_bytes == self.to_bytes
        {
            return Ok(elements);
        }
        let count = elements.len() / self.from_bytes.max(1);
        let mut made = vec![0; count.saturating_mul(self.to_bytes)];
        for step in &self.steps {
            step.apply(&elements, self.from_bytes, &mut made, self.to_bytes)?;
        }
        Ok(made.into())
    }
}

impl Step {
    /// Does it for all elements: `every` bytes of `from` are one, `every_made` of `made`.
    fn apply(&self, from: &[u8], every: usize, made: &mut [u8], every_made: usize) -> Result<()> {
        let parts = from.chunks_exact(every.max(1));
        let parts = parts.filter_map(|element| part(element, self.from, self.from_bytes));
        let places = made.chunks_exact_mut(every_made.max(1)).filter_map(|element| {
            element.get_mut(self.to..).and_then(|element| element.get_mut(..self.to_bytes))
        });
        let Change::Convert(types) = &self.change else {
            parts.zip(places).for_each(|(part, place)| self.change.copy(part, place));
            return Ok(());
        };
        let numbers: Vec<u8> = parts.flatten().copied().collect();
        let numbers = convert(&types.0, &types.1, &numbers).ok_or_else(odd_numbers)?;
        let numbers = numbers.chunks_exact(self.to_bytes.max(1));
        numbers.zip(places).for_each(|(part, place)| place.copy_from_slice(part));
        Ok(())
    }
}

impl Change {
    /// For parts that stay as long as they are.
    fn copy(&self, part: &[u8], place: &mut [u8]) {
        place.iter_mut().zip(part).for_each(|(to, from)| *to = *from);
        match self {
            Self::None | Self::Convert(_) => {}
            Self::Reverse(bytes) => {
                place.chunks_exact_mut((*bytes).max(1)).for_each(<[u8]>::reverse);
            }
            Self::Trim(padding) => {
                let end = text_end(part, *padding);
                place.iter_mut().skip(end).for_each(|byte| *byte = 0);
            }
        }
    }
}

fn part(element: &[u8], start: usize, length: usize) -> Option<&[u8]> {
    element.get(start..)?.get(..length)
}

/// Where a string ends.
fn text_end(bytes: &[u8], padding: StringPadding) -> usize {
    match padding {
        StringPadding::SpacePad => {
            bytes.iter().rposition(|byte| *byte != b' ').map_or(0, |last| last.saturating_add(1))
        }
        _ => bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len()),
    }
}

fn odd_numbers() -> ExplorerError {
    let detail = "not supported: numbers of this shape in another one; json may have them";
    ExplorerError::new(ErrorCode::Unsupported, detail)
}
