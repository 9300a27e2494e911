//! Link message (0x0006): a name in a new-style group and what it leads to. Section IV.A.2.g of
//! the specification. Also the form in which fractal heaps hold links.

use super::datatype::CharacterSet;
use crate::decode::{Address, Cursor};
use crate::error::{Error, Result};

/// A link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkMessage {
    /// Its name, in [`LinkMessage::charset`] if the writer was honest.
    pub name: Vec<u8>,
    /// How the name is encoded.
    pub charset: CharacterSet,
    /// When the link was made, counted in links of its group; if the group keeps it.
    pub creation_order: Option<i64>,
    /// What it leads to.
    pub target: LinkTarget,
}

/// What a link leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkTarget {
    /// An object of this file.
    Hard {
        /// Its object header.
        address: Address,
    },
    /// Whatever is at a path of this file.
    Soft {
        /// The path, relative to the link's group unless it starts with a slash.
        path: Vec<u8>,
    },
    /// Whatever is at a path of another file.
    External {
        /// The name of the file.
        file: Vec<u8>,
        /// The path in that file.
        path: Vec<u8>,
    },
    /// An object of which only damage left no address: a hard link to the undefined address.
    Nowhere,
    /// What only the program that registered the class knows.
    UserDefined {
        /// The link class, 65 to 255.
        class: u8,
        /// The data for that program.
        data: Vec<u8>,
    },
}

impl LinkMessage {
    /// Takes the body of the message.
    ///
    /// # Errors
    ///
    /// When the version or link type is unknown, or the body breaks the format.
    pub fn decode(cursor: &mut Cursor<'_>) -> Result<Self> {
        let version = cursor.u8("version")?;
        cursor.known_version(version, &[1])?;
        let flags = cursor.u8("flags")?;
        let link_type = if flags & 0b1000 != 0 { cursor.u8("link type")? } else { 0 };
        let creation_order = (flags & 0b100 != 0)
            .then(|| cursor.u64("creation order").map(u64::cast_signed))
            .transpose()?;
        let charset = match flags & 0b1_0000 {
            0 => CharacterSet::Ascii,
            _ => CharacterSet::from_code(cursor.u8("link name character set")?),
        };
        let name_bytes = cursor.uint(1 << (flags & 0b11), "length of link name")?;
        let name = cursor.take(name_bytes, "link name")?.to_vec();
        let target = LinkTarget::decode(cursor, link_type)?;
        Ok(Self { name, charset, creation_order, target })
    }
}

impl LinkTarget {
    /// What a hard link to `address` leads to.
    pub(crate) fn hard(address: Option<Address>) -> Self {
        address.map_or(Self::Nowhere, |address| Self::Hard { address })
    }

    fn decode(cursor: &mut Cursor<'_>, link_type: u8) -> Result<Self> {
        match link_type {
            0 => Ok(Self::hard(cursor.offset("object header address")?)),
            1 => Ok(Self::Soft { path: value(cursor)?.take_rest().to_vec() }),
            64 => Self::decode_external(&mut value(cursor)?),
            65.. => {
                let data = value(cursor)?.take_rest().to_vec();
                Ok(Self::UserDefined { class: link_type, data })
            }
            _ => Err(Error::unsupported(format!("link type {link_type}"))),
        }
    }

    fn decode_external(value: &mut Cursor<'_>) -> Result<Self> {
        let version = value.u8("version and flags")? >> 4;
        value.known_version(version, &[0])?;
        let file = value.null_terminated("external file name")?.to_vec();
        // Its NUL may be missing: the value ends here in any case.
        let path = value.take_rest().split(|&byte| byte == 0).next().unwrap_or_default();
        Ok(Self::External { file, path: path.to_vec() })
    }
}

/// Takes the value of a link that is not a hard link.
fn value<'a>(cursor: &mut Cursor<'a>) -> Result<Cursor<'a>> {
    let length = cursor.u16("length of link value")?;
    cursor.sub(length.into(), "link value")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::testing::{cursor, hex, never_panics};

    fn decode(text: &str) -> Result<LinkMessage> {
        LinkMessage::decode(&mut cursor(&hex(text)))
    }

    /// "é" in UTF-8, with creation order.
    const HARD: &str = "0114 0300000000000000 01 02 c3a9 2003000000000000";
    const SOFT: &str = "0108 01 04 736f6674 0200 2f78";
    const EXTERNAL: &str = "0108 40 01 65 0b00 00 6f746865722e683500 78";

    #[test]
    fn hard_links_may_tell_their_creation_order_and_character_set() {
        let expected = LinkMessage {
            name: "é".into(),
            charset: CharacterSet::Utf8,
            creation_order: Some(3),
            target: LinkTarget::Hard { address: Address::new(800) },
        };
        assert_eq!(decode(HARD), Ok(expected));
    }

    #[test]
    fn soft_external_and_user_defined_links_have_a_value() {
        let target = |text: &str| decode(text).map(|link| link.target);
        assert_eq!(target(SOFT), Ok(LinkTarget::Soft { path: b"/x".to_vec() }));
        let external = LinkTarget::External { file: b"other.h5".to_vec(), path: b"x".to_vec() };
        assert_eq!(target(EXTERNAL), Ok(external));
        let user_defined = LinkTarget::UserDefined { class: 65, data: vec![7] };
        assert_eq!(target("0108 41 01 75 0100 07"), Ok(user_defined));
    }

    #[test]
    fn the_length_of_the_name_may_take_eight_bytes() {
        let link = decode("010b 01 0100000000000000 6e 0000").unwrap();
        assert_eq!(link.name, b"n");
        assert!(decode("010b 01 ffffffffffffffff 6e 0000").is_err());
    }

    #[test]
    fn refuses_what_it_does_not_know() {
        assert!(matches!(decode("0108 02 01 6e 0000"), Err(Error::Unsupported(_))));
        assert!(matches!(decode("0208 01 01 6e 0000"), Err(Error::Unsupported(_))));
        let newer_external = EXTERNAL.replace("0b00 00", "0b00 10");
        assert!(matches!(decode(&newer_external), Err(Error::Unsupported(_))));
    }

    #[test]
    fn a_hard_link_without_an_address_keeps_its_name() {
        let link = decode(&HARD.replace("2003000000000000", "ffffffffffffffff")).unwrap();
        assert_eq!((link.name.as_slice(), link.target), ("é".as_bytes(), LinkTarget::Nowhere));
    }

    #[test]
    fn no_input_panics() {
        for valid in [HARD, SOFT, EXTERNAL] {
            never_panics(&hex(valid), LinkMessage::decode);
        }
    }
}
