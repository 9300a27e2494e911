//! Object reference count message (0x0016). Section IV.A.2.w of the specification.

use crate::decode::Cursor;
use crate::error::Result;

/// Takes the body of the message: how many hard links lead to the object. Version 2 headers
/// without this message have one.
///
/// # Errors
///
/// When the version is unknown or the body breaks the format.
pub fn decode(cursor: &mut Cursor<'_>) -> Result<u32> {
    let version = cursor.u8("version")?;
    cursor.known_version(version, &[0])?;
    cursor.u32("reference count")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::testing::{cursor, hex, never_panics};

    #[test]
    fn a_count() {
        assert_eq!(decode(&mut cursor(&hex("00 02000000"))), Ok(2));
        assert!(decode(&mut cursor(&hex("01 02000000"))).is_err());
    }

    #[test]
    fn no_input_panics() {
        never_panics(&hex("00 02000000"), decode);
    }
}
