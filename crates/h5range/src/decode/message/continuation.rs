//! Object header continuation message (0x0010): where more messages are. Section IV.A.2.q of the
//! specification.

use crate::decode::{Address, Cursor};
use crate::error::Result;

/// Where more messages of the object header are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Continuation {
    /// The block's address.
    pub address: Address,
    /// The block's size, with signature and checksum where it has them.
    pub length_bytes: u64,
}

impl Continuation {
    /// Takes the body of the message.
    ///
    /// # Errors
    ///
    /// When the body breaks the format.
    pub fn decode(cursor: &mut Cursor<'_>) -> Result<Self> {
        let address = cursor.defined_offset("continuation block address")?;
        let length_bytes = cursor.length("continuation block length")?;
        Ok(Self { address, length_bytes })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::testing::{cursor, hex, never_panics};

    const BODY: &str = "801d000000000000 a000000000000000";

    #[test]
    fn an_address_and_a_length() {
        let continuation = Continuation::decode(&mut cursor(&hex(BODY))).unwrap();
        assert_eq!((continuation.address.get(), continuation.length_bytes), (7552, 160));
    }

    #[test]
    fn no_input_panics() {
        never_panics(&hex(BODY), Continuation::decode);
    }
}
