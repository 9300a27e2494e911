//! Dataspace message (0x0001): how many elements, in which shape. Section IV.A.2.b of the
//! specification, versions 1 and 2.
//!
//! The permutation indices of version 1 are not read: no library ever wrote them.

use crate::decode::Cursor;
use crate::error::Result;

/// The most dimensions that the reference library writes or reads.
const RANK_MAX: u8 = 32;

/// How the elements of a dataset or an attribute are arranged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Dataspace {
    /// No elements, and no shape.
    Null,
    /// One element.
    Scalar,
    /// An array of at least one dimension.
    Simple {
        /// Elements along each dimension, the slowest changing first.
        dimensions: Vec<u64>,
        /// How far each dimension may grow, an inner `None` meaning without limit. `None` when the
        /// file stores no maximum: then it is the current size.
        maximum: Option<Vec<Option<u64>>>,
    },
}

impl Dataspace {
    /// Takes the body of the message.
    ///
    /// # Errors
    ///
    /// When the version is unknown or the body breaks the format.
    pub fn decode(cursor: &mut Cursor<'_>) -> Result<Self> {
        let version = cursor.u8("version")?;
        let version = cursor.known_version(version, &[1, 2])?;
        let rank = cursor.u8("dimensionality")?;
        if rank > RANK_MAX {
            return Err(cursor.malformed(format!("{rank} dimensions, more than {RANK_MAX}")));
        }
        let has_maximum = cursor.u8("flags")? & 1 != 0;
        let is_null = match version {
            1 => {
                cursor.skip(5, "reserved bytes")?;
                false
            }
            _ => is_null(cursor)?,
        };
        match (is_null, rank) {
            (true, _) => Ok(Self::Null),
            (false, 0) => Ok(Self::Scalar),
            (false, _) => decode_simple(cursor, rank, has_maximum),
        }
    }

    /// How many elements there are; `None` when the number does not fit 64 bits.
    pub fn element_count(&self) -> Option<u64> {
        match self {
            Self::Null => Some(0),
            Self::Scalar => Some(1),
            // A zero first: it makes the product zero whatever the others would overflow to.
            Self::Simple { dimensions, .. } if dimensions.contains(&0) => Some(0),
            Self::Simple { dimensions, .. } => {
                dimensions.iter().try_fold(1_u64, |count, &size| count.checked_mul(size))
            }
        }
    }
}

/// Whether "Type", which version 2 added, says that there is no data.
fn is_null(cursor: &mut Cursor<'_>) -> Result<bool> {
    match cursor.u8("type")? {
        0 | 1 => Ok(false),
        2 => Ok(true),
        other => Err(cursor.malformed(format!("dataspace type {other}"))),
    }
}

fn decode_simple(cursor: &mut Cursor<'_>, rank: u8, has_maximum: bool) -> Result<Dataspace> {
    let dimensions = (0..rank).map(|_| cursor.length("dimension size")).collect::<Result<_>>()?;
    let maximum = if has_maximum {
        let sizes = (0..rank).map(|_| cursor.optional_length("dimension maximum size"));
        Some(sizes.collect::<Result<_>>()?)
    } else {
        None
    };
    Ok(Dataspace::Simple { dimensions, maximum })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::testing::{cursor, hex, never_panics};

    fn decode(text: &str) -> Result<Dataspace> {
        Dataspace::decode(&mut cursor(&hex(text)))
    }

    const UNLIMITED_ROWS: &str = "0102010000000000 0300000000000000 0400000000000000
                                  ffffffffffffffff 0a00000000000000";

    #[test]
    fn a_simple_dataspace_may_have_a_dimension_without_limit() {
        let expected =
            Dataspace::Simple { dimensions: vec![3, 4], maximum: Some(vec![None, Some(10)]) };
        assert_eq!(decode(UNLIMITED_ROWS), Ok(expected.clone()));
        let version_2 = UNLIMITED_ROWS.replace("0102010000000000", "02020101");
        assert_eq!(decode(&version_2), Ok(expected));
    }

    #[test]
    fn scalar_and_null() {
        assert_eq!(decode("0100000000000000"), Ok(Dataspace::Scalar));
        assert_eq!(decode("02000000"), Ok(Dataspace::Scalar));
        assert_eq!(decode("02000002"), Ok(Dataspace::Null));
        assert_eq!(Dataspace::Scalar.element_count(), Some(1));
        assert_eq!(Dataspace::Null.element_count(), Some(0));
    }

    #[test]
    fn counts_elements_without_overflow() {
        let count = |dimensions: &[u64]| {
            Dataspace::Simple { dimensions: dimensions.to_vec(), maximum: None }.element_count()
        };
        assert_eq!(count(&[3, 4]), Some(12));
        assert_eq!(count(&[u64::MAX, u64::MAX, 0]), Some(0));
        assert_eq!(count(&[u64::MAX, 2]), None);
    }

    #[test]
    fn refuses_what_is_not_a_dataspace() {
        for damaged in ["0121000000000000", "02000003", "01010000", "0301000000000000"] {
            assert!(decode(damaged).is_err(), "{damaged}");
        }
    }

    #[test]
    fn no_input_panics() {
        never_panics(&hex(UNLIMITED_ROWS), Dataspace::decode);
    }
}
