//! Link message (0x0006): a name in a new-style group and what it leads to. Section IV.A.2.g of
//! the specification. Also the form in which fractal heaps hold links.

use super::datatype::CharacterSet;
use crate::decode::{Address, Cursor};
use crate::error::{Error, Result};

/// A link, with the texts where they stand in the message: a large group has a hundred thousand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LinkMessage<'a> {
    /// Its name, in [`LinkMessage::charset`] if the writer was honest.
    pub name: &'a [u8],
    /// How the name is encoded.
    pub charset: CharacterSet,
    /// When the link was made, counted in links of its group; if the group keeps it.
    pub creation_order: Option<i64>,
    /// What it leads to.
    pub target: LinkTarget<&'a [u8]>,
}

/// What a link leads to, with its texts as `T`: owned, or where they stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkTarget<T = Vec<u8>> {
    /// An object of this file.
    Hard {
        /// Its object header.
        address: Address,
    },
    /// Whatever is at a path of this file.
    Soft {
        /// The path, relative to the link's group unless it starts with a slash.
        path: T,
    },
    /// Whatever is at a path of another file.
    External {
        /// The name of the file.
        file: T,
        /// The path in that file.
        path: T,
    },
    /// An object of which only damage left no address: a hard link to the undefined address.
    Nowhere,
    /// What only the program that registered the class knows.
    UserDefined {
        /// The link class, 65 to 255.
        class: u8,
        /// The data for that program.
        data: T,
    },
}

impl<'a> LinkMessage<'a> {
    /// Takes the body of the message.
    ///
    /// # Errors
    ///
    /// When the version or link type is unknown, or the body breaks the format.
    pub fn decode(cursor: &mut Cursor<'a>) -> Result<Self> {
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
        let name = cursor.take(name_bytes, "link name")?;
        let target = LinkTarget::decode(cursor, link_type)?;
        Ok(Self { name, charset, creation_order, target })
    }
}

impl<T> LinkTarget<T> {
    /// What a hard link to `address` leads to.
    pub(crate) fn hard(address: Option<Address>) -> Self {
        address.map_or(Self::Nowhere, |address| Self::Hard { address })
    }

    /// The same target, with its texts made into others.
    pub(crate) fn map<U>(&self, mut text: impl FnMut(&T) -> U) -> LinkTarget<U> {
        match self {
            Self::Hard { address } => LinkTarget::Hard { address: *address },
            Self::Soft { path } => LinkTarget::Soft { path: text(path) },
            Self::External { file, path } => {
                LinkTarget::External { file: text(file), path: text(path) }
            }
            Self::Nowhere => LinkTarget::Nowhere,
            Self::UserDefined { class, data } => {
                LinkTarget::UserDefined { class: *class, data: text(data) }
            }
        }
    }
}

impl<'a> LinkTarget<&'a [u8]> {
    fn decode(cursor: &mut Cursor<'a>, link_type: u8) -> Result<Self> {
        match link_type {
            0 => Ok(Self::hard(cursor.offset("object header address")?)),
            1 => Ok(Self::Soft { path: value(cursor)?.take_rest() }),
            64 => Self::decode_external(&mut value(cursor)?),
            65.. => Ok(Self::UserDefined { class: link_type, data: value(cursor)?.take_rest() }),
            _ => Err(Error::unsupported(format!("link type {link_type}"))),
        }
    }

    fn decode_external(value: &mut Cursor<'a>) -> Result<Self> {
        let version = value.u8("version and flags")? >> 4;
        value.known_version(version, &[0])?;
        let file = value.null_terminated("external file name")?;
        // Its NUL may be missing: the value ends here in any case.
        let path = value.take_rest().split(|&byte| byte == 0).next().unwrap_or_default();
        Ok(Self::External { file, path })
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

    /// Decodes the message, and checks what it says with what outlives it.
    fn decode<T>(text: &str, checked: impl FnOnce(LinkMessage<'_>) -> T) -> Result<T> {
        LinkMessage::decode(&mut cursor(&hex(text))).map(checked)
    }

    fn target(text: &str) -> Result<LinkTarget> {
        decode(text, |link| link.target.map(|text| text.to_vec()))
    }

    /// "é" in UTF-8, with creation order.
    const HARD: &str = "0114 0300000000000000 01 02 c3a9 2003000000000000";
    const SOFT: &str = "0108 01 04 736f6674 0200 2f78";
    const EXTERNAL: &str = "0108 40 01 65 0b00 00 6f746865722e683500 78";

    #[test]
    fn hard_links_may_tell_their_creation_order_and_character_set() {
        let expected = LinkMessage {
            name: "é".as_bytes(),
            charset: CharacterSet::Utf8,
            creation_order: Some(3),
            target: LinkTarget::Hard { address: Address::new(800) },
        };
        assert_eq!(decode(HARD, |link| link == expected), Ok(true));
    }

    #[test]
    fn soft_external_and_user_defined_links_have_a_value() {
        assert_eq!(target(SOFT), Ok(LinkTarget::Soft { path: b"/x".to_vec() }));
        let external = LinkTarget::External { file: b"other.h5".to_vec(), path: b"x".to_vec() };
        assert_eq!(target(EXTERNAL), Ok(external));
        let user_defined = LinkTarget::UserDefined { class: 65, data: vec![7] };
        assert_eq!(target("0108 41 01 75 0100 07"), Ok(user_defined));
    }

    #[test]
    fn the_length_of_the_name_may_take_eight_bytes() {
        let is_n = decode("010b 01 0100000000000000 6e 0000", |link| link.name == b"n");
        assert_eq!(is_n, Ok(true));
        assert!(target("010b 01 ffffffffffffffff 6e 0000").is_err());
    }

    #[test]
    fn refuses_what_it_does_not_know() {
        assert!(matches!(target("0108 02 01 6e 0000"), Err(Error::Unsupported(_))));
        assert!(matches!(target("0208 01 01 6e 0000"), Err(Error::Unsupported(_))));
        let newer_external = EXTERNAL.replace("0b00 00", "0b00 10");
        assert!(matches!(target(&newer_external), Err(Error::Unsupported(_))));
    }

    #[test]
    fn a_hard_link_without_an_address_keeps_its_name() {
        let nowhere = HARD.replace("2003000000000000", "ffffffffffffffff");
        assert_eq!(decode(&nowhere, |link| link.name == "é".as_bytes()), Ok(true));
        assert_eq!(target(&nowhere), Ok(LinkTarget::Nowhere));
    }

    #[test]
    fn no_input_panics() {
        for valid in [HARD, SOFT, EXTERNAL] {
            never_panics(&hex(valid), |cursor| LinkMessage::decode(cursor).map(drop));
        }
    }
}
