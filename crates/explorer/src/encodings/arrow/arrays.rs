//! Arrays of Arrow from numbers, texts and lists.

use std::sync::Arc;

use arrow_array::types::{
    ArrowPrimitiveType, Float16Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type,
    Int64Type, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{
    ArrayRef, FixedSizeListArray, ListArray, PrimitiveArray, StringArray, StructArray,
};
use arrow_buffer::{Buffer, OffsetBuffer, ScalarBuffer};
use arrow_schema::{ArrowError, DataType, FieldRef};

use super::super::NumberType;
use super::super::cells::Kind;
use super::part::{StructMember, struct_fields};
use crate::error::{ErrorCode, ExplorerError, Result};

/// A number of half precision.
pub(super) type Half = <Float16Type as ArrowPrimitiveType>::Native;

impl NumberType {
    /// What Arrow calls it.
    pub(super) fn data_type(self) -> DataType {
        match (self.kind, self.size) {
            (Kind::Signed, 1) => DataType::Int8,
            (Kind::Signed, 2) => DataType::Int16,
            (Kind::Signed, 4) => DataType::Int32,
            (Kind::Signed, _) => DataType::Int64,
            (Kind::Unsigned, 1) => DataType::UInt8,
            (Kind::Unsigned, 2) => DataType::UInt16,
            (Kind::Unsigned, 4) => DataType::UInt32,
            (Kind::Unsigned, _) => DataType::UInt64,
            (Kind::Float, 2) => DataType::Float16,
            (Kind::Float, 4) => DataType::Float32,
            (Kind::Float, _) => DataType::Float64,
        }
    }

    /// The numbers in `bytes`.
    pub(super) fn array(self, bytes: &[u8]) -> ArrayRef {
        macro_rules! numbers {
            ($type:ty, $native:ty) => {
                match self.is_big_endian {
                    true => primitives::<$type, _>(bytes, <$native>::from_be_bytes),
                    false => primitives::<$type, _>(bytes, <$native>::from_le_bytes),
                }
            };
        }
        match (self.kind, self.size) {
            (Kind::Signed, 1) => numbers!(Int8Type, i8),
            (Kind::Signed, 2) => numbers!(Int16Type, i16),
            (Kind::Signed, 4) => numbers!(Int32Type, i32),
            (Kind::Signed, _) => numbers!(Int64Type, i64),
            (Kind::Unsigned, 1) => numbers!(UInt8Type, u8),
            (Kind::Unsigned, 2) => numbers!(UInt16Type, u16),
            (Kind::Unsigned, 4) => numbers!(UInt32Type, u32),
            (Kind::Unsigned, _) => numbers!(UInt64Type, u64),
            (Kind::Float, 2) => numbers!(Float16Type, Half),
            (Kind::Float, 4) => numbers!(Float32Type, f32),
            (Kind::Float, _) => numbers!(Float64Type, f64),
        }
    }
}

fn primitives<T: ArrowPrimitiveType, const BYTES: usize>(
    bytes: &[u8],
    read: impl Fn([u8; BYTES]) -> T::Native,
) -> ArrayRef {
    let (numbers, _) = bytes.as_chunks::<BYTES>();
    let numbers: Vec<T::Native> = numbers.iter().map(|number| read(*number)).collect();
    Arc::new(PrimitiveArray::<T>::new(ScalarBuffer::from(numbers), None))
}

/// Texts. Bytes that are none become replacement characters: Arrow has no other bytes in a text.
pub(super) fn texts<'a>(texts: impl Iterator<Item = &'a [u8]>) -> Result<ArrayRef> {
    let (mut letters, mut ends) = (Vec::new(), Ends::default());
    for text in texts {
        let before = letters.len();
        letters.extend_from_slice(String::from_utf8_lossy(text).as_bytes());
        ends.add(letters.len().saturating_sub(before))?;
    }
    let texts = StringArray::try_new(ends.offsets(), Buffer::from_vec(letters), None);
    Ok(Arc::new(texts.map_err(not_said)?))
}

/// Lists of `count` of the elements each.
pub(super) fn list(item: &FieldRef, count: i32, elements: ArrayRef) -> Result<ArrayRef> {
    let lists = FixedSizeListArray::try_new(Arc::clone(item), count, elements, None);
    Ok(Arc::new(lists.map_err(not_said)?))
}

/// Lists that end in these places.
pub(super) fn variable_lists(item: &FieldRef, ends: Ends, elements: ArrayRef) -> Result<ArrayRef> {
    let lists = ListArray::try_new(Arc::clone(item), ends.offsets(), elements, None);
    Ok(Arc::new(lists.map_err(not_said)?))
}

/// Members side by side.
pub(super) fn structs(members: &[StructMember], arrays: Vec<ArrayRef>) -> Result<ArrayRef> {
    let structs = StructArray::try_new(struct_fields(members), arrays, None);
    Ok(Arc::new(structs.map_err(not_said)?))
}

/// The elements of a list, as Arrow counts them.
pub(super) fn list_size(count: u64) -> Result<i32> {
    i32::try_from(count).map_err(|_| {
        let most = i32::MAX;
        let problem =
            format!("arrow has lists of up to {most} elements, and a dimension has {count}");
        ExplorerError::bad_request("format", problem)
    })
}

/// Where texts or lists end that stand one behind the other: 31 bits tell it.
#[derive(Debug)]
pub(super) struct Ends(Vec<i32>);

impl Default for Ends {
    fn default() -> Self {
        Self(vec![0])
    }
}

impl Ends {
    /// Adds one of this length.
    pub(super) fn add(&mut self, length: usize) -> Result<()> {
        let last = self.0.last().copied().unwrap_or(0);
        let end = i32::try_from(length).ok().and_then(|length| last.checked_add(length));
        self.0.push(end.ok_or_else(|| {
            let detail = "some rows have texts or sequences of more than 2 GiB, which is more than a \
                          batch of arrow has; select fewer";
            ExplorerError::new(ErrorCode::LimitReached, detail)
        })?);
        Ok(())
    }

    fn offsets(self) -> OffsetBuffer<i32> {
        OffsetBuffer::new(ScalarBuffer::from(self.0))
    }
}

/// Arrays that do not fit together.
pub(super) fn not_said(error: ArrowError) -> ExplorerError {
    let logged = Some(error.to_string());
    let detail = "not supported: elements that arrow cannot say";
    ExplorerError { logged, ..ExplorerError::new(ErrorCode::Unsupported, detail) }
}
