//! From a datatype to a type of Arrow, part by part.

use std::sync::Arc;

use arrow_schema::{DataType, Field, FieldRef, Fields};
use h5range::decode::message::datatype::{
    ByteOrder, Datatype, DatatypeClass, Member, StringPadding, VariableLengthKind,
};

use super::super::NumberType;
use super::super::plan::{NoForm, as_number, nearest};
use crate::datatype::{complex_parts, is_boolean};
use crate::path::lossy;

/// What Arrow calls the elements of a list.
pub(super) const ITEM: &str = "item";

/// What becomes of an element, or of a part of it.
#[derive(Debug)]
pub(super) struct Part {
    /// Its bytes in the file. Not zero.
    pub(super) bytes: usize,
    pub(super) kind: Kind,
}

#[derive(Debug)]
pub(super) enum Kind {
    /// A number.
    Number(Number),
    /// NumPy's enumeration of two values.
    Boolean,
    /// A string of fixed size.
    Text(StringPadding),
    /// A string of variable length.
    VariableText,
    /// Bytes without a meaning.
    Opaque(i32),
    /// The address of what a reference leads to.
    Reference,
    /// Two numbers.
    Complex(Number),
    /// Members.
    Struct(Vec<StructMember>),
    /// An array; one of several dimensions is a list of lists.
    List(i32, Box<Part>),
    /// A sequence of variable length.
    VariableList(Box<Part>),
}

/// A number of Arrow.
#[derive(Debug)]
pub(super) struct Number {
    pub(super) number_type: NumberType,
    /// From which type to which one it has to be converted first.
    pub(super) conversion: Option<Box<(Datatype, Datatype)>>,
}

#[derive(Debug)]
pub(super) struct StructMember {
    pub(super) name: String,
    /// Where it begins in the element.
    pub(super) offset: usize,
    pub(super) part: Part,
}

impl Part {
    /// What becomes of elements of `datatype`.
    ///
    /// # Errors
    ///
    /// For numbers of more than 64 bits, and for what Arrow has no size for.
    pub(super) fn of(datatype: &Datatype) -> Result<Self, NoForm> {
        let bytes = datatype.size as usize;
        if bytes == 0 {
            return Err("elements without bytes".to_owned());
        }
        let kind = match &datatype.class {
            DatatypeClass::FixedPoint { .. }
            | DatatypeClass::FloatingPoint(_)
            | DatatypeClass::Bitfield { .. }
            | DatatypeClass::Time { .. } => Kind::Number(Number::of(datatype)?),
            DatatypeClass::Enumeration { .. } if is_boolean(datatype) => Kind::Boolean,
            DatatypeClass::Enumeration { base, .. } => return Self::of(base),
            DatatypeClass::Complex { base } => Kind::Complex(Number::of(base)?),
            DatatypeClass::String { padding, .. } => Kind::Text(*padding),
            DatatypeClass::Opaque { .. } => Kind::Opaque(size(datatype.size)?),
            DatatypeClass::Reference { .. } => Kind::Reference,
            DatatypeClass::Compound { members } => match complex_parts(datatype) {
                Some((real, _)) => Kind::Complex(Number::of(&real.datatype)?),
                None => Kind::Struct(struct_members(members)?),
            },
            DatatypeClass::Array { dimensions, base } => return Self::array(dimensions, base),
            DatatypeClass::VariableLength { kind: VariableLengthKind::String { .. }, .. } => {
                Kind::VariableText
            }
            DatatypeClass::VariableLength { base, .. } => {
                Kind::VariableList(Box::new(Self::of(base)?))
            }
        };
        Ok(Self { bytes, kind })
    }

    /// Bytes that it has in Arrow, about: of what it leads to, those that lead there.
    pub(super) fn made_bytes(&self) -> u64 {
        match &self.kind {
            Kind::Number(number) => number.number_type.size() as u64,
            Kind::Complex(number) => 2 * number.number_type.size() as u64,
            Kind::Struct(members) => {
                let made = members.iter().map(|member| member.part.made_bytes());
                made.fold(0, u64::saturating_add)
            }
            Kind::List(_, base) => {
                let count = self.bytes.checked_div(base.bytes).unwrap_or(0);
                base.made_bytes().saturating_mul(count as u64)
            }
            _ => self.bytes as u64,
        }
    }

    fn array(dimensions: &[u32], base: &Datatype) -> Result<Self, NoForm> {
        let Some((&count, others)) = dimensions.split_first() else { return Self::of(base) };
        if count == 0 {
            return Err("arrays without elements".to_owned());
        }
        let inner = Self::array(others, base)?;
        let bytes = inner.bytes.saturating_mul(count as usize);
        Ok(Self { bytes, kind: Kind::List(size(count)?, Box::new(inner)) })
    }

    /// Whether it leads to something that is not in its bytes.
    pub(super) fn leads_elsewhere(&self) -> bool {
        match &self.kind {
            Kind::VariableText | Kind::VariableList(_) | Kind::Reference => true,
            Kind::Struct(members) => members.iter().any(|member| member.part.leads_elsewhere()),
            Kind::List(_, base) => base.leads_elsewhere(),
            Kind::Number(_) | Kind::Boolean | Kind::Text(_) => false,
            Kind::Opaque(_) | Kind::Complex(_) => false,
        }
    }

    /// A column of it, or a part of one. Only references may lead nowhere.
    pub(super) fn field(&self, name: &str) -> Field {
        Field::new(name, self.data_type(), matches!(self.kind, Kind::Reference))
    }

    /// What Arrow has in a list of it.
    pub(super) fn item(&self) -> FieldRef {
        Arc::new(self.field(ITEM))
    }

    fn data_type(&self) -> DataType {
        match &self.kind {
            Kind::Number(number) => number.number_type.data_type(),
            Kind::Boolean => DataType::Boolean,
            Kind::Text(_) | Kind::VariableText => DataType::Utf8,
            Kind::Opaque(bytes) => DataType::FixedSizeBinary(*bytes),
            Kind::Reference => DataType::UInt64,
            Kind::Complex(number) => DataType::FixedSizeList(number.item(), 2),
            Kind::Struct(members) => DataType::Struct(struct_fields(members)),
            Kind::List(count, base) => DataType::FixedSizeList(base.item(), *count),
            Kind::VariableList(base) => DataType::List(base.item()),
        }
    }
}

impl Number {
    /// The number itself where Arrow has its type, else the next larger one.
    fn of(datatype: &Datatype) -> Result<Self, NoForm> {
        let number = as_number(datatype);
        if let Some(number_type) = NumberType::of(&number) {
            return Ok(Self { number_type, conversion: None });
        }
        let target = nearest(&number, ByteOrder::LittleEndian)?;
        let number_type = NumberType::of(&target).ok_or("numbers of this shape")?;
        Ok(Self { number_type, conversion: Some(Box::new((number, target))) })
    }

    /// What Arrow has in a list of it.
    pub(super) fn item(&self) -> FieldRef {
        Arc::new(Field::new(ITEM, self.number_type.data_type(), false))
    }
}

fn struct_members(members: &[Member]) -> Result<Vec<StructMember>, NoForm> {
    if members.is_empty() {
        return Err("compounds without members".to_owned());
    }
    let members = members.iter().map(|Member { name, offset, datatype }| {
        let (name, offset) = (lossy(name), *offset as usize);
        Ok(StructMember { name, offset, part: Part::of(datatype)? })
    });
    members.collect()
}

pub(super) fn struct_fields(members: &[StructMember]) -> Fields {
    members.iter().map(|member| member.part.field(&member.name)).collect()
}

/// A size as Arrow has it.
fn size(size: u32) -> Result<i32, NoForm> {
    i32::try_from(size).map_err(|_| format!("parts of {size} bytes or elements"))
}
