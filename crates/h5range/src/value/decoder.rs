//! Decodes elements, with the objects of the global heap at hand that they refer to.

use std::collections::HashMap;

use bytes::Bytes;

use crate::budget::Budget;
use crate::decode::global_heap::GlobalHeapId;
use crate::decode::message::datatype::{
    Datatype, DatatypeClass, EnumerationMember, Member, ReferenceKind, VariableLengthKind,
};
use crate::decode::{Address, Cursor, Widths};
use crate::error::{Error, Result};
use crate::value::references::{self, Target};
use crate::value::{Elements, Reference, Value, Values};
use crate::value::{floating_point, numbers, strings, variable_length};

const ELEMENT: &str = "element";

/// The objects that the elements refer to, or why one of them cannot be read.
pub(crate) type HeapObjects = HashMap<GlobalHeapId, Result<Bytes>>;

/// Decodes `elements`, to at most about `scalars_max` scalars: no element, and no element of an
/// array or a sequence, is begun once there are so many.
///
/// # Errors
///
/// When an element is malformed, refers to an object that could not be read, or has a type that we
/// cannot decode; when the values take more memory than the budget has.
pub(crate) fn decode(
    elements: &Elements<'_>,
    heap: &HeapObjects,
    scalars_max: u64,
    budget: &Budget,
    widths: Widths,
) -> Result<Values> {
    let mut decoder = Decoder { heap, budget, scalars_left: scalars_max, truncated: false };
    let mut data = Cursor::new(elements.data, ELEMENT, elements.address, widths);
    let values = decoder.elements(elements.datatype, &mut data, elements.count)?;
    Ok(Values { values, truncated: decoder.truncated })
}

struct Decoder<'a> {
    heap: &'a HeapObjects,
    budget: &'a Budget,
    scalars_left: u64,
    truncated: bool,
}

impl Decoder<'_> {
    fn elements(
        &mut self,
        datatype: &Datatype,
        data: &mut Cursor<'_>,
        count: u64,
    ) -> Result<Vec<Value>> {
        self.sequence(count, |decoder| decoder.element(datatype, data))
    }

    fn sequence(
        &mut self,
        count: u64,
        mut next: impl FnMut(&mut Self) -> Result<Value>,
    ) -> Result<Vec<Value>> {
        let mut values = Vec::new();
        for _ in 0..count {
            if self.scalars_left == 0 {
                self.truncated = true;
                break;
            }
            self.budget.decoded(size_of::<Value>() as u64)?;
            values.push(next(self)?);
        }
        Ok(values)
    }

    fn element(&mut self, datatype: &Datatype, data: &mut Cursor<'_>) -> Result<Value> {
        let mut element = data.sub(datatype.size.into(), ELEMENT)?;
        match &datatype.class {
            DatatypeClass::Compound { members } => self.compound(members, &element),
            DatatypeClass::Array { dimensions, base } => self.array(dimensions, base, &mut element),
            DatatypeClass::VariableLength { kind: VariableLengthKind::Sequence, base } => {
                self.variable_length_sequence(base, &mut element)
            }
            _ => {
                self.count_scalar();
                self.scalar(datatype, element)
            }
        }
    }

    fn count_scalar(&mut self) {
        self.scalars_left = self.scalars_left.saturating_sub(1);
    }

    fn compound(&mut self, members: &[Member], element: &Cursor<'_>) -> Result<Value> {
        let mut values = Vec::new();
        for Member { name, offset, datatype } in members {
            self.budget.decoded(size_of::<(Vec<u8>, Value)>() as u64)?;
            let mut member = element.clone();
            member.skip((*offset).into(), "the members before")?;
            values.push((self.bytes(name)?, self.element(datatype, &mut member)?));
        }
        Ok(Value::Compound(values))
    }

    /// An array of several dimensions is a sequence of arrays of the others.
    fn array(
        &mut self,
        dimensions: &[u32],
        base: &Datatype,
        data: &mut Cursor<'_>,
    ) -> Result<Value> {
        let values = match dimensions.split_first() {
            None => return self.element(base, data),
            Some((&first, others)) => {
                self.sequence(first.into(), |decoder| decoder.array(others, base, data))
            }
        };
        values.map(Value::Sequence)
    }

    fn variable_length_sequence(
        &mut self,
        base: &Datatype,
        element: &mut Cursor<'_>,
    ) -> Result<Value> {
        let stored = variable_length::decode(element)?;
        let object = self.object(stored.id, element)?;
        let mut data = object_cursor(&object, stored.id, element);
        let scalars_left = self.scalars_left;
        let values = self.elements(base, &mut data, stored.length.into())?;
        // A sequence of nothing but empty sequences counts too. So each object in the heap has its
        // scalar, and there are never more objects to read than scalars.
        if stored.length > 0 && self.scalars_left == scalars_left {
            self.count_scalar();
        }
        Ok(Value::Sequence(values))
    }

    fn scalar(&self, datatype: &Datatype, mut element: Cursor<'_>) -> Result<Value> {
        let number = |value: Option<Value>| {
            value.ok_or_else(|| {
                Error::unsupported(format!("a number of {} bytes of this shape", datatype.size))
            })
        };
        match &datatype.class {
            DatatypeClass::FixedPoint { order, signed: true, bit_offset, precision } => {
                let value = numbers::signed(element.peek(), *order, *bit_offset, *precision);
                number(value.map(Value::Signed))
            }
            DatatypeClass::FixedPoint { order, bit_offset, precision, .. }
            | DatatypeClass::Bitfield { order, bit_offset, precision } => {
                let value = numbers::unsigned(element.peek(), *order, *bit_offset, *precision);
                number(value.map(Value::Unsigned))
            }
            DatatypeClass::Time { order, precision } => {
                let value = numbers::unsigned(element.peek(), *order, 0, *precision);
                number(value.map(Value::Unsigned))
            }
            DatatypeClass::FloatingPoint(shape) => {
                number(floating_point::decode(element.peek(), shape).map(Value::Float))
            }
            DatatypeClass::Complex { base } => {
                let part_bytes = base.size.into();
                let (real, imaginary) = (
                    self.scalar(base, element.sub(part_bytes, ELEMENT)?)?,
                    self.scalar(base, element.sub(part_bytes, ELEMENT)?)?,
                );
                match (real, imaginary) {
                    (Value::Float(real), Value::Float(imaginary)) => {
                        Ok(Value::Complex(real, imaginary))
                    }
                    _ => Err(Error::unsupported("a complex number that is not of floats")),
                }
            }
            DatatypeClass::String { padding, .. } => {
                self.bytes(strings::without_padding(element.peek(), *padding)).map(Value::Text)
            }
            DatatypeClass::Opaque { .. } => self.bytes(element.peek()).map(Value::Opaque),
            DatatypeClass::Enumeration { base, members } => {
                self.enumeration(base, members, element)
            }
            DatatypeClass::Reference { kind } => self.reference(*kind, &mut element),
            DatatypeClass::VariableLength { .. } => self.variable_length_string(&mut element),
            DatatypeClass::Compound { .. } | DatatypeClass::Array { .. } => {
                Err(element.malformed("a number was expected"))
            }
        }
    }

    fn enumeration(
        &self,
        base: &Datatype,
        members: &[EnumerationMember],
        element: Cursor<'_>,
    ) -> Result<Value> {
        let member = members.iter().find(|member| member.value == element.peek());
        let name = member.map(|member| self.bytes(&member.name)).transpose()?;
        let value = Box::new(self.scalar(base, element)?);
        Ok(Value::Enumeration { name, value })
    }

    /// A string in the heap is a string of C, which ends at its first NUL.
    fn variable_length_string(&self, element: &mut Cursor<'_>) -> Result<Value> {
        let stored = variable_length::decode(element)?;
        let object = self.object(stored.id, element)?;
        let mut data = object_cursor(&object, stored.id, element);
        let string = data.take(stored.length.into(), "string")?;
        self.bytes(strings::up_to_nul(string)).map(Value::Text)
    }

    fn reference(&self, kind: ReferenceKind, element: &mut Cursor<'_>) -> Result<Value> {
        let stored = references::decode(element, kind)?;
        let address = match stored.target {
            Target::Null => None,
            Target::Object(address) => Some(address),
            Target::InHeap { id, is_token } => {
                let object = self.object(id, element)?;
                let mut block = object_cursor(&object, id, element);
                Some(references::address_in_heap(&mut block, is_token)?)
            }
        };
        Ok(Value::Reference(Reference { kind: stored.kind, address }))
    }

    /// The object with this id; nothing for the null id.
    fn object(&self, id: GlobalHeapId, element: &Cursor<'_>) -> Result<Bytes> {
        match self.heap.get(&id) {
            Some(object) => object.clone(),
            None if id.collection.is_none() => Ok(Bytes::new()),
            None => Err(element.malformed("the object that it refers to was not read")),
        }
    }

    fn bytes(&self, bytes: &[u8]) -> Result<Vec<u8>> {
        self.budget.decoded(bytes.len() as u64)?;
        Ok(bytes.to_vec())
    }
}

/// A cursor over an object of the heap. Errors in it name the collection.
fn object_cursor<'o>(object: &'o Bytes, id: GlobalHeapId, element: &Cursor<'_>) -> Cursor<'o> {
    let address = id.collection.unwrap_or(Address::new(0));
    Cursor::new(object, "global heap object", address, element.widths())
}

#[cfg(test)]
mod tests;
