//! The body of a message that is flagged as shared: where the message itself is. Section IV.A.1 of
//! the specification ("Shared Message"), versions 1 to 3.

use crate::decode::{Address, Cursor};
use crate::error::{Error, Result};

/// Where a shared message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SharedMessage {
    /// In the file's heap of shared messages.
    Heap {
        /// The id of the object in that fractal heap.
        id: [u8; 8],
    },
    /// In the header of another object: a committed datatype.
    Committed {
        /// The address of that header.
        address: Address,
    },
}

/// A message that may be shared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MaybeShared<T> {
    /// The message.
    Here(T),
    /// Where it is.
    Shared(SharedMessage),
}

impl SharedMessage {
    /// Takes the body of a shared message.
    ///
    /// # Errors
    ///
    /// When the version or type is unknown, or the body breaks the format.
    pub fn decode(cursor: &mut Cursor<'_>) -> Result<Self> {
        let version = cursor.u8("shared message version")?;
        let version = cursor.known_version(version, &[1, 2, 3])?;
        let sharing = cursor.u8("shared message type")?;
        match (version, sharing) {
            (1, _) => {
                cursor.skip(6, "reserved bytes")?;
                // What the specification calls the address is a symbol table entry, which begins
                // with the offset of a name.
                let _name_offset = cursor.length("link name offset")?;
            }
            (2, _) | (3, 2) => {}
            (_, 1) => return Ok(Self::Heap { id: cursor.array("heap id of shared message")? }),
            (_, other) => {
                return Err(Error::unsupported(format!("shared message type {other}")));
            }
        }
        Ok(Self::Committed { address: cursor.defined_offset("address of shared message")? })
    }
}

impl<T> MaybeShared<T> {
    /// Takes the message with `decode`, or where it is if it `is_shared`.
    pub(crate) fn decode(
        cursor: &mut Cursor<'_>,
        is_shared: bool,
        decode: impl FnOnce(&mut Cursor<'_>) -> Result<T>,
    ) -> Result<Self> {
        if is_shared {
            SharedMessage::decode(cursor).map(Self::Shared)
        } else {
            decode(cursor).map(Self::Here)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::testing::{cursor, hex, never_panics};

    fn decode(text: &str) -> Result<SharedMessage> {
        SharedMessage::decode(&mut cursor(&hex(text)))
    }

    #[test]
    fn a_committed_datatype_is_at_an_address() {
        let expected = Ok(SharedMessage::Committed { address: Address::new(800) });
        assert_eq!(decode("0302 2003000000000000"), expected);
        assert_eq!(decode("0200 2003000000000000"), expected);
        assert_eq!(decode("0100 000000000000 0000000000000000 2003000000000000"), expected);
    }

    #[test]
    fn other_messages_are_in_a_heap_since_version_3() {
        let id = [1, 2, 3, 4, 5, 6, 7, 8];
        assert_eq!(decode("0301 0102030405060708"), Ok(SharedMessage::Heap { id }));
    }

    #[test]
    fn refuses_what_it_does_not_know() {
        assert!(matches!(decode("0305 0102030405060708"), Err(Error::Unsupported(_))));
        assert!(matches!(decode("0402 0102030405060708"), Err(Error::Unsupported(_))));
        assert!(matches!(decode("0302 ffffffffffffffff"), Err(Error::Malformed { .. })));
    }

    #[test]
    fn no_input_panics() {
        never_panics(&hex("0302 2003000000000000"), SharedMessage::decode);
    }
}
