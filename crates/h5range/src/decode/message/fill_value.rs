//! Fill value messages (0x0005, and the old 0x0004): the value of elements that nobody wrote.
//! Sections IV.A.2.e and IV.A.2.f of the specification, versions 1 to 3.

use crate::decode::Cursor;
use crate::error::Result;

/// The fill value of a dataset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FillValue {
    /// Who defined it.
    pub defined: FillDefined,
    /// One element of the dataset's type, when the user defined it.
    pub value: Option<Vec<u8>>,
    /// "Space Allocation Time": 1 early, 2 late, 3 incremental; 0 when the message does not say.
    pub alloc_time: u8,
    /// "Fill Value Write Time": 0 on allocation, 1 never, 2 if set by the user.
    pub write_time: u8,
}

/// Who defined a fill value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FillDefined {
    /// The library: all bytes are zero.
    Default,
    /// The user.
    User,
    /// The user wants none: unwritten elements have no defined value.
    Undefined,
}

/// What a dataset without any fill value message has.
impl Default for FillValue {
    fn default() -> Self {
        Self { defined: FillDefined::Undefined, value: None, alloc_time: 0, write_time: 2 }
    }
}

impl FillValue {
    /// Takes the body of the message 0x0005.
    ///
    /// # Errors
    ///
    /// When the version is unknown or the body breaks the format.
    pub fn decode(cursor: &mut Cursor<'_>) -> Result<Self> {
        let version = cursor.u8("version")?;
        match cursor.known_version(version, &[1, 2, 3])? {
            3 => Self::decode_version_3(cursor),
            _ => Self::decode_versions_1_and_2(cursor),
        }
    }

    fn decode_versions_1_and_2(cursor: &mut Cursor<'_>) -> Result<Self> {
        let alloc_time = cursor.u8("space allocation time")?;
        let write_time = cursor.u8("fill value write time")?;
        // Version 1 has a size behind this in any case, but it means nothing if this is zero.
        if cursor.u8("fill value defined")? == 0 {
            return Ok(Self {
                defined: FillDefined::Undefined,
                value: None,
                alloc_time,
                write_time,
            });
        }
        // The library takes the size as signed, and a negative one for "undefined".
        let size_bytes = cursor.u32("fill value size")?;
        let (defined, value) = match size_bytes {
            0 => (FillDefined::Default, None),
            size if size.cast_signed() < 0 => (FillDefined::Undefined, None),
            size => (FillDefined::User, Some(value(cursor, size)?)),
        };
        Ok(Self { defined, value, alloc_time, write_time })
    }

    fn decode_version_3(cursor: &mut Cursor<'_>) -> Result<Self> {
        let flags = cursor.u8("flags")?;
        let (defined, value) = match (flags & 0b1_0000 != 0, flags & 0b10_0000 != 0) {
            (false, false) => (FillDefined::Default, None),
            (true, false) => (FillDefined::Undefined, None),
            (true, true) => {
                return Err(cursor.malformed("a fill value both defined and undefined"));
            }
            (false, true) => match cursor.u32("fill value size")? {
                0 => (FillDefined::Default, None),
                size => (FillDefined::User, Some(value(cursor, size)?)),
            },
        };
        let (alloc_time, write_time) = (flags & 0b11, flags >> 2 & 0b11);
        Ok(Self { defined, value, alloc_time, write_time })
    }

    /// Takes the body of the old message 0x0004, which says nothing about times.
    ///
    /// # Errors
    ///
    /// When the body breaks the format.
    pub fn decode_old(cursor: &mut Cursor<'_>) -> Result<Self> {
        let (defined, value) = match cursor.u32("fill value size")? {
            0 => (FillDefined::Undefined, None),
            size => (FillDefined::User, Some(value(cursor, size)?)),
        };
        Ok(Self { defined, value, alloc_time: 0, write_time: 0 })
    }
}

fn value(cursor: &mut Cursor<'_>, size_bytes: u32) -> Result<Vec<u8>> {
    cursor.take(size_bytes.into(), "fill value").map(<[u8]>::to_vec)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::testing::{cursor, hex, never_panics};

    fn decode(text: &str) -> Result<FillValue> {
        FillValue::decode(&mut cursor(&hex(text)))
    }

    const VERSION_2: &str = "02030201 08000000 0000000000001c40";
    const VERSION_3: &str = "032b 08000000 0000000000001c40";

    #[test]
    fn a_value_of_the_user() {
        let expected = FillValue {
            defined: FillDefined::User,
            value: Some(7_f64.to_le_bytes().to_vec()),
            alloc_time: 3,
            write_time: 2,
        };
        assert_eq!(decode(VERSION_2), Ok(expected.clone()));
        assert_eq!(decode(VERSION_3), Ok(expected));
    }

    #[test]
    fn the_default_and_no_value_at_all() {
        let defined = |text: &str| decode(text).map(|fill| fill.defined);
        assert_eq!(defined("02020201 00000000"), Ok(FillDefined::Default));
        assert_eq!(defined("030a"), Ok(FillDefined::Default));
        assert_eq!(defined("01020200 00000000"), Ok(FillDefined::Undefined));
        assert_eq!(defined("02020200"), Ok(FillDefined::Undefined));
        assert_eq!(defined("031a"), Ok(FillDefined::Undefined));
        assert!(decode("033a 00000000").is_err());
    }

    #[test]
    fn the_old_message_is_a_value_or_nothing() {
        let old = FillValue::decode_old(&mut cursor(&hex("02000000 0700"))).unwrap();
        assert_eq!((old.defined, old.value), (FillDefined::User, Some(vec![7, 0])));
        let none = FillValue::decode_old(&mut cursor(&[0; 4])).unwrap();
        assert_eq!(none.defined, FillDefined::Undefined);
    }

    #[test]
    fn a_value_must_be_there() {
        assert!(decode(&VERSION_2.replace("08000000", "09000000")).is_err());
        assert!(decode(&VERSION_3.replace("08000000", "ffffffff")).is_err());
    }

    #[test]
    fn no_input_panics() {
        never_panics(&hex(VERSION_2), FillValue::decode);
        never_panics(&hex(VERSION_3), FillValue::decode);
        never_panics(&hex("02000000 0700"), FillValue::decode_old);
    }
}
