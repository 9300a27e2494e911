//! Arrays of Arrow from elements as they stand in the file.

use std::borrow::Cow;
use std::sync::Arc;

use arrow_array::{ArrayRef, BooleanArray, FixedSizeBinaryArray};
use arrow_buffer::Buffer;
use h5range::{convert, without_padding};

use super::super::form::odd_numbers;
use super::arrays::{list, not_said, structs, texts};
use super::part::{Kind, Number, Part};
use crate::error::{ErrorCode, ExplorerError, Result};

/// Parts of elements that stand one behind the other.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stored<'a> {
    bytes: &'a [u8],
    /// Bytes of an element.
    every: usize,
    /// Where the part begins in each.
    offset: usize,
}

impl<'a> Stored<'a> {
    /// Whole elements of `every` bytes.
    pub(super) fn all(bytes: &'a [u8], every: usize) -> Self {
        Self { bytes, every: every.max(1), offset: 0 }
    }

    fn member(self, offset: usize) -> Self {
        Self { offset: self.offset.saturating_add(offset), ..self }
    }

    /// The parts, which have so many bytes.
    fn parts(self, bytes: usize) -> impl Iterator<Item = &'a [u8]> {
        let elements = self.bytes.chunks_exact(self.every);
        elements.filter_map(move |element| element.get(self.offset..)?.get(..bytes))
    }

    /// They one behind the other.
    fn packed(self, bytes: usize) -> Cow<'a, [u8]> {
        match self {
            Self { bytes: whole, every, offset: 0 } if every == bytes => Cow::Borrowed(whole),
            _ => Cow::Owned(self.parts(bytes).flatten().copied().collect()),
        }
    }
}

impl Part {
    /// The array of these parts.
    ///
    /// # Errors
    ///
    /// For numbers of a shape that nothing is known of, and for what is not in these bytes.
    pub(super) fn of_bytes(&self, stored: Stored<'_>) -> Result<ArrayRef> {
        match &self.kind {
            Kind::Number(number) => number.of_bytes(&stored.packed(self.bytes)),
            Kind::Boolean => {
                let values: Vec<bool> = stored.parts(1).map(|byte| byte != [0]).collect();
                Ok(Arc::new(BooleanArray::from(values)))
            }
            Kind::Text(padding) => {
                texts(stored.parts(self.bytes).map(|text| without_padding(text, *padding)))
            }
            Kind::Opaque(size) => {
                let bytes = Buffer::from_vec(stored.packed(self.bytes).into_owned());
                let opaque = FixedSizeBinaryArray::try_new(*size, bytes, None);
                Ok(Arc::new(opaque.map_err(not_said)?))
            }
            Kind::Complex(number) => {
                let parts = number.of_bytes(&stored.packed(self.bytes))?;
                list(&number.item(), 2, parts)
            }
            Kind::Struct(members) => {
                let arrays = members.iter().map(|member| {
                    let stored = stored.member(member.offset);
                    member.part.of_bytes(stored)
                });
                structs(members, arrays.collect::<Result<_>>()?)
            }
            Kind::List(count, base) => {
                let elements = stored.packed(self.bytes);
                let elements = base.of_bytes(Stored::all(&elements, base.bytes))?;
                list(&base.item(), *count, elements)
            }
            Kind::VariableText | Kind::VariableList(_) | Kind::Reference => Err(elsewhere()),
        }
    }
}

impl Number {
    fn of_bytes(&self, numbers: &[u8]) -> Result<ArrayRef> {
        let Some(types) = &self.conversion else { return Ok(self.number_type.array(numbers)) };
        let numbers = convert(&types.0, &types.1, numbers).ok_or_else(odd_numbers)?;
        Ok(self.number_type.array(&numbers))
    }
}

fn elsewhere() -> ExplorerError {
    let detail = "not supported: elements that are not where they are expected";
    ExplorerError::new(ErrorCode::Unsupported, detail)
}
