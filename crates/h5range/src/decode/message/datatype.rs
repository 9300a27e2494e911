//! Datatype message (0x0003): what an element is. Section IV.A.2.d of the specification, versions
//! 1 to 5, all classes.
//!
//! The values of padding bits are not kept: they matter to writers.

mod decode;

use crate::decode::Cursor;
use crate::error::Result;

/// The type of an element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Datatype {
    /// Bytes of one element. Never zero.
    pub size: u32,
    /// What these bytes mean.
    pub class: DatatypeClass,
}

impl Datatype {
    /// Takes the body of the message, or a type nested in another structure.
    ///
    /// # Errors
    ///
    /// When the version or class is unknown, the body breaks the format, or types are nested deeper
    /// than [`DEPTH_MAX`](crate::DEPTH_MAX).
    pub fn decode(cursor: &mut Cursor<'_>) -> Result<Self> {
        decode::datatype(cursor, 0)
    }
}

/// The classes of datatypes with their properties.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DatatypeClass {
    /// Class 0: an integer, in two's complement if it is signed.
    FixedPoint {
        /// The order of its bytes.
        order: ByteOrder,
        /// Whether it may be negative.
        signed: bool,
        /// The lowest bit that counts.
        bit_offset: u16,
        /// How many bits count.
        precision: u16,
    },
    /// Class 1: a floating-point number of any shape.
    FloatingPoint(FloatingPoint),
    /// Class 2: a time. What it counts is not specified.
    Time {
        /// The order of its bytes.
        order: ByteOrder,
        /// How many bits count.
        precision: u16,
    },
    /// Class 3: a string of fixed size.
    String {
        /// What stands behind a shorter string.
        padding: StringPadding,
        /// How characters are encoded.
        charset: CharacterSet,
    },
    /// Class 4: bits without a meaning as a number.
    Bitfield {
        /// The order of its bytes.
        order: ByteOrder,
        /// The lowest bit that counts.
        bit_offset: u16,
        /// How many bits count.
        precision: u16,
    },
    /// Class 5: bytes whose meaning only the tag tells.
    Opaque {
        /// What the writer calls it, without padding.
        tag: Vec<u8>,
    },
    /// Class 6: members side by side, which lie within the element and may leave gaps.
    Compound {
        /// The members in the order of the file.
        members: Vec<Member>,
    },
    /// Class 7: a pointer to an object, a region of a dataset, or an attribute.
    Reference {
        /// What it points to and how it is written.
        kind: ReferenceKind,
    },
    /// Class 8: a number of which some values have names.
    Enumeration {
        /// The type of the number, of the same size.
        base: Box<Datatype>,
        /// The names.
        members: Vec<EnumerationMember>,
    },
    /// Class 9: a length and a global heap id that leads to so many elements.
    VariableLength {
        /// A sequence of elements, or one string.
        kind: VariableLengthKind,
        /// The type of the elements.
        base: Box<Datatype>,
    },
    /// Class 10: a small array in each element. Members of compounds that are arrays in the old way
    /// (version 1) are such types too.
    Array {
        /// Elements along each dimension, the slowest changing first. Their product times the
        /// size of the base type is the size of the type.
        dimensions: Vec<u32>,
        /// The type of the elements.
        base: Box<Datatype>,
    },
    /// Class 11: real and imaginary part, side by side.
    Complex {
        /// The floating-point type of either part, half as large.
        base: Box<Datatype>,
    },
}

/// The order of the bytes of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ByteOrder {
    /// Least significant byte first.
    LittleEndian,
    /// Most significant byte first.
    BigEndian,
    /// Most significant pair of bytes first, each pair with its least significant byte first.
    Vax,
}

/// Where the parts of a floating-point number are. Bits count from the least significant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FloatingPoint {
    /// The order of its bytes.
    pub order: ByteOrder,
    /// The lowest bit that counts.
    pub bit_offset: u16,
    /// How many bits count.
    pub precision: u16,
    /// The bit that is set in negative numbers.
    pub sign_location: u8,
    /// The lowest bit of the exponent.
    pub exponent_location: u8,
    /// Bits of the exponent.
    pub exponent_size: u8,
    /// The lowest bit of the mantissa.
    pub mantissa_location: u8,
    /// Bits of the mantissa.
    pub mantissa_size: u8,
    /// What to subtract from the exponent.
    pub exponent_bias: u32,
    /// What is known of the mantissa's highest bit.
    pub normalization: Normalization,
}

/// What is known of the highest bit of a mantissa.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Normalization {
    /// Nothing.
    None,
    /// It is always set, and stored.
    AlwaysSet,
    /// It is always set, and therefore not stored.
    Implied,
}

/// What stands behind a string that is shorter than its field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StringPadding {
    /// A NUL ends the string; what follows has no meaning.
    NullTerminate,
    /// NULs up to the end, if there is room for any.
    NullPad,
    /// Spaces up to the end, if there is room for any.
    SpacePad,
    /// One of the numbers 3 to 15, to which no meaning was given.
    Reserved(u8),
}

impl StringPadding {
    fn from_code(code: u8) -> Self {
        match code {
            0 => Self::NullTerminate,
            1 => Self::NullPad,
            2 => Self::SpacePad,
            other => Self::Reserved(other),
        }
    }
}

/// How characters are encoded, according to the writer. Nobody checks it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CharacterSet {
    /// ASCII.
    Ascii,
    /// UTF-8.
    Utf8,
    /// One of the numbers from 2, to which no meaning was given.
    Reserved(u8),
}

impl CharacterSet {
    /// The set with this number in the specification.
    pub(crate) fn from_code(code: u8) -> Self {
        match code {
            0 => Self::Ascii,
            1 => Self::Utf8,
            other => Self::Reserved(other),
        }
    }
}

/// A member of a compound type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its name.
    pub name: Vec<u8>,
    /// Bytes from the start of the element to the member.
    pub offset: u32,
    /// Its type.
    pub datatype: Datatype,
}

/// A named value of an enumeration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnumerationMember {
    /// Its name.
    pub name: Vec<u8>,
    /// Its value, as bytes of the base type.
    pub value: Vec<u8>,
}

/// What a reference points to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReferenceKind {
    /// An object, as its address.
    Object,
    /// A region of a dataset, as a global heap id.
    Region,
    /// An object, perhaps of another file, in the encoding of version 1.12 and later. The library
    /// gives this kind to all references in that encoding: what one points to, its value tells.
    Object2,
    /// A region of a dataset, in that encoding.
    Region2,
    /// An attribute, in that encoding.
    Attribute,
}

/// The two kinds of variable-length types.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum VariableLengthKind {
    /// A sequence of elements.
    Sequence,
    /// A string.
    String {
        /// What ends the string.
        padding: StringPadding,
        /// How characters are encoded.
        charset: CharacterSet,
    },
}
