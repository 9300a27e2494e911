//! Arrays of Arrow from elements that the reader has decoded: those that lead to something else.

use std::sync::Arc;

use arrow_array::{ArrayRef, BooleanArray, FixedSizeBinaryArray, UInt64Array};
use arrow_buffer::Buffer;
use h5range::Value;

use super::super::NumberType;
use super::super::cells::Kind as NumberKind;
use super::arrays::{Ends, Half, list, not_said, structs, texts, variable_lists};
use super::part::{Kind, Number, Part};
use crate::error::{ErrorCode, ExplorerError, Result};

impl Part {
    /// The array of these values.
    ///
    /// # Errors
    ///
    /// When they are of another type, or too many in sequences.
    pub(super) fn of_values(&self, values: &[&Value]) -> Result<ArrayRef> {
        match &self.kind {
            Kind::Number(number) => number.of_values(values),
            Kind::Boolean => {
                let values = values.iter().map(|value| integer(value).map(|number| number != 0));
                Ok(Arc::new(BooleanArray::from(values.collect::<Result<Vec<bool>>>()?)))
            }
            Kind::Text(_) | Kind::VariableText => {
                let bytes = values.iter().map(|value| match value {
                    Value::Text(text) => Ok(text.as_slice()),
                    _ => Err(of_another_type()),
                });
                texts(bytes.collect::<Result<Vec<&[u8]>>>()?.into_iter())
            }
            Kind::Opaque(size) => {
                let bytes = values.iter().map(|value| match value {
                    Value::Opaque(bytes) => Ok(bytes.as_slice()),
                    _ => Err(of_another_type()),
                });
                let bytes = Buffer::from_vec(bytes.collect::<Result<Vec<&[u8]>>>()?.concat());
                let opaque = FixedSizeBinaryArray::try_new(*size, bytes, None);
                Ok(Arc::new(opaque.map_err(not_said)?))
            }
            Kind::Reference => {
                let addresses = values.iter().map(|value| match value {
                    Value::Reference(reference) => {
                        Ok(reference.address.map(|address| address.get()))
                    }
                    _ => Err(of_another_type()),
                });
                Ok(Arc::new(UInt64Array::from(addresses.collect::<Result<Vec<Option<u64>>>>()?)))
            }
            Kind::Complex(number) => list(&number.item(), 2, number.of_values(values)?),
            Kind::Struct(members) => {
                let arrays = members
                    .iter()
                    .enumerate()
                    .map(|(place, member)| member.part.of_values(&each_member(values, place)?));
                structs(members, arrays.collect::<Result<_>>()?)
            }
            Kind::List(count, base) => {
                let (elements, _) = joined(values)?;
                list(&base.item(), *count, base.of_values(&elements)?)
            }
            Kind::VariableList(base) => {
                let (elements, ends) = joined(values)?;
                variable_lists(&base.item(), ends, base.of_values(&elements)?)
            }
        }
    }
}

impl Number {
    fn of_values(&self, values: &[&Value]) -> Result<ArrayRef> {
        let number_type = NumberType { is_big_endian: false, ..self.number_type };
        let mut bytes = Vec::new();
        values.iter().try_for_each(|value| number_type.append(value, &mut bytes))?;
        Ok(number_type.array(&bytes))
    }
}

impl NumberType {
    /// Adds the number, or both of a complex one.
    fn append(self, value: &Value, bytes: &mut Vec<u8>) -> Result<()> {
        match (self.kind, value) {
            (NumberKind::Float, Value::Float(number)) => self.append_float(*number, bytes),
            (NumberKind::Float, Value::Complex(real, imaginary)) => {
                self.append_float(*real, bytes);
                self.append_float(*imaginary, bytes);
            }
            (NumberKind::Float, Value::Compound(parts)) => {
                return parts.iter().try_for_each(|(_, part)| self.append(part, bytes));
            }
            (NumberKind::Float, _) => return Err(of_another_type()),
            _ => bytes.extend(integer(value)?.to_le_bytes().iter().take(self.size)),
        }
        Ok(())
    }

    fn append_float(self, number: f64, bytes: &mut Vec<u8>) {
        match self.size {
            2 => bytes.extend(Half::from_f64(number).to_le_bytes()),
            4 => bytes.extend((number as f32).to_le_bytes()),
            _ => bytes.extend(number.to_le_bytes()),
        }
    }
}

/// An integer, that of an enumeration too.
fn integer(value: &Value) -> Result<i128> {
    match value {
        Value::Signed(number) => Ok((*number).into()),
        Value::Unsigned(number) => Ok((*number).into()),
        Value::Enumeration { value, .. } => integer(value),
        _ => Err(of_another_type()),
    }
}

/// The member of each compound that stands in this place.
fn each_member<'a>(values: &[&'a Value], place: usize) -> Result<Vec<&'a Value>> {
    let members = values.iter().map(|value| match value {
        Value::Compound(members) => members.get(place).map(|(_, value)| value),
        _ => None,
    });
    members.collect::<Option<_>>().ok_or_else(of_another_type)
}

/// The elements of all sequences, one behind the other, and where each sequence ends.
fn joined<'a>(values: &[&'a Value]) -> Result<(Vec<&'a Value>, Ends)> {
    let (mut elements, mut ends) = (Vec::new(), Ends::default());
    for value in values {
        let Value::Sequence(sequence) = value else { return Err(of_another_type()) };
        elements.extend(sequence);
        ends.add(sequence.len())?;
    }
    Ok((elements, ends))
}

fn of_another_type() -> ExplorerError {
    ExplorerError::new(ErrorCode::Unsupported, "not supported: values of another type than said")
}
