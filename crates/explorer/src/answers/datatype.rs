//! A whole datatype, as the file stores it.

use serde::Serialize;
use utoipa::ToSchema;

use super::is_false;
use crate::json::Json;

/// A datatype.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(no_recursion)]
pub struct DatatypeAnswer {
    /// What it is.
    #[serde(flatten)]
    pub class: DatatypeClass,
    /// Whether it is an object of its own, which others share.
    #[serde(skip_serializing_if = "is_false")]
    #[schema(required = false)]
    pub committed: bool,
    /// The address of that object.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub address: Option<u64>,
}

impl From<DatatypeClass> for DatatypeAnswer {
    fn from(class: DatatypeClass) -> Self {
        Self { class, committed: false, address: None }
    }
}

/// The classes of datatypes. Sizes and offsets are in bytes.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(tag = "class", rename_all = "lowercase")]
pub enum DatatypeClass {
    /// An integer.
    Integer {
        /// Size of an element.
        size: u32,
        /// Whether it is signed, as two's complement.
        signed: bool,
        /// Byte order.
        order: ByteOrder,
        /// Number of significant bits, where not all are.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        precision: Option<u16>,
        /// Number of the lowest significant bit, where it is not 0.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        offset: Option<u16>,
    },
    /// A floating-point number.
    Float {
        /// Size of an element.
        size: u32,
        /// Byte order.
        order: ByteOrder,
        /// The exponent, where the type is not one of IEEE 754.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        exponent: Option<FloatExponent>,
        /// The mantissa, where the type is not one of IEEE 754.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        mantissa: Option<FloatMantissa>,
        /// The bias of the exponent, where the type is not one of IEEE 754.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        bias: Option<u32>,
    },
    /// Text.
    String {
        /// Bytes of an element; null where each has its own length.
        length: Option<u32>,
        /// Its characters.
        charset: Charset,
        /// What follows shorter text.
        padding: Padding,
    },
    /// Named integers.
    Enum {
        /// The integers' type.
        base: Box<DatatypeAnswer>,
        /// Name to value, in the file's order.
        #[schema(value_type = std::collections::HashMap<String, i64>)]
        members: Json,
    },
    /// Fields side by side.
    Compound {
        /// Size of an element.
        size: u32,
        /// The fields.
        fields: Vec<Field>,
    },
    /// A fixed number of elements as one.
    Array {
        /// Their number in each dimension.
        dims: Vec<u32>,
        /// Their type.
        base: Box<DatatypeAnswer>,
    },
    /// Any number of elements as one.
    Vlen {
        /// Their type.
        base: Box<DatatypeAnswer>,
    },
    /// Bytes without meaning to HDF5.
    Opaque {
        /// Size of an element.
        size: u32,
        /// What the writer calls them.
        tag: String,
    },
    /// Bits.
    Bitfield {
        /// Size of an element.
        size: u32,
        /// Byte order.
        order: ByteOrder,
    },
    /// The address of something else in the file.
    Reference {
        /// What it leads to.
        to: ReferenceTarget,
        /// Size of an element.
        size: u32,
    },
    /// A time, of a kind that no library reads.
    Time {
        /// Size of an element.
        size: u32,
        /// Byte order.
        order: ByteOrder,
    },
    /// A real and an imaginary part.
    Complex {
        /// Their type.
        base: Box<DatatypeAnswer>,
    },
}

/// Byte order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ByteOrder {
    /// Least significant byte first.
    Little,
    /// Most significant byte first.
    Big,
    /// Little-endian 16-bit words, most significant word first.
    Vax,
}

/// The bits of an exponent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct FloatExponent {
    /// Its lowest bit.
    pub location: u8,
    /// Its number of bits.
    pub size: u8,
}

/// The bits of a mantissa.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct FloatMantissa {
    /// Its lowest bit.
    pub location: u8,
    /// Its number of bits.
    pub size: u8,
    /// What stands before its first bit.
    pub normalization: Normalization,
}

/// How a mantissa is normalised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Normalization {
    /// Not at all.
    None,
    /// The most significant bit is always set, and stored.
    Set,
    /// The most significant bit is always set, and not stored.
    Implied,
}

/// The characters of a string.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Charset {
    /// ASCII.
    Ascii,
    /// UTF-8.
    #[serde(rename = "utf-8")]
    Utf8,
    /// A number to which the format gives no meaning.
    Reserved,
}

/// What follows text that is shorter than its element.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Padding {
    /// A null byte ends it.
    NullTerminated,
    /// Null bytes.
    NullPadded,
    /// Spaces.
    SpacePadded,
    /// A number to which the format gives no meaning.
    Reserved,
}

/// One field of a compound type.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(no_recursion)]
pub struct Field {
    /// Its name, with replacement characters where it is not UTF-8.
    pub name: String,
    /// Where it starts in the element.
    pub offset: u32,
    /// Its type.
    pub datatype: DatatypeAnswer,
}

/// What a reference leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ReferenceTarget {
    /// An object.
    Object,
    /// A selection of a dataset.
    Region,
    /// An attribute.
    Attribute,
}
