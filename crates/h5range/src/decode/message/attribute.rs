//! Attribute message (0x000C): name, type, shape and data of an attribute. Section IV.A.2.m of the
//! specification, versions 1 to 3. Also the form in which fractal heaps hold attributes.

use bytes::Bytes;

use super::dataspace::Dataspace;
use super::datatype::{CharacterSet, Datatype};
use super::shared::MaybeShared;
use crate::decode::{Address, Cursor, Widths};
use crate::error::Result;

/// An attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttributeMessage {
    /// Its name, without the NUL, in [`AttributeMessage::charset`] if the writer was honest.
    pub name: Vec<u8>,
    /// How the name is encoded.
    pub charset: CharacterSet,
    /// The type of its elements.
    pub datatype: MaybeShared<Datatype>,
    /// How many elements it has.
    pub dataspace: MaybeShared<Dataspace>,
    /// All bytes behind the dataspace: the elements, and perhaps padding. Only who knows the shared
    /// parts knows where the elements end.
    pub data: Bytes,
}

impl AttributeMessage {
    /// Decodes the body of the message, which stands at `address`.
    ///
    /// # Errors
    ///
    /// When the version is unknown or the body breaks the format.
    pub fn decode(body: &Bytes, address: Address, widths: Widths) -> Result<Self> {
        let mut cursor = Cursor::new(body, STRUCTURE, address, widths);
        let front = Front::decode(&mut cursor)?;
        let datatype = front.field(&mut cursor, front.datatype_bytes, "attribute datatype")?;
        let dataspace = front.field(&mut cursor, front.dataspace_bytes, "attribute dataspace")?;
        Ok(Self {
            datatype: front.datatype(datatype)?,
            dataspace: front.dataspace(dataspace)?,
            // The cursor runs over `body`, so what it has left is part of it.
            data: body.slice_ref(cursor.take_rest()),
            name: front.name.to_vec(),
            charset: CharacterSet::from_code(front.charset_code),
        })
    }

    /// Decodes the name only, for an attribute of which the rest cannot be read.
    ///
    /// # Errors
    ///
    /// When not even that is possible.
    pub fn decode_name(body: &Bytes, address: Address, widths: Widths) -> Result<Vec<u8>> {
        let front = Front::decode(&mut Cursor::new(body, STRUCTURE, address, widths))?;
        Ok(front.name.to_vec())
    }
}

const STRUCTURE: &str = "attribute message";

/// What stands in front of the datatype.
struct Front<'a> {
    version: u8,
    flags: u8,
    datatype_bytes: u16,
    dataspace_bytes: u16,
    charset_code: u8,
    name: &'a [u8],
}

impl<'a> Front<'a> {
    fn decode(cursor: &mut Cursor<'a>) -> Result<Self> {
        let version = cursor.u8("version")?;
        let version = cursor.known_version(version, &[1, 2, 3])?;
        let flags = cursor.u8("flags")?;
        let name_bytes = cursor.u16("name size")?;
        let mut front = Self {
            version,
            // Reserved in version 1, which knows no shared parts.
            flags: if version == 1 { 0 } else { flags },
            datatype_bytes: cursor.u16("datatype size")?,
            dataspace_bytes: cursor.u16("dataspace size")?,
            charset_code: if version == 3 { cursor.u8("name character set")? } else { 0 },
            name: &[],
        };
        let padded_name = front.field(cursor, name_bytes, "attribute name")?.take_rest();
        front.name = padded_name.split(|&byte| byte == 0).next().unwrap_or_default();
        Ok(front)
    }

    /// Takes a field of `size_bytes`, and in version 1 the padding behind it.
    fn field(
        &self,
        cursor: &mut Cursor<'a>,
        size_bytes: u16,
        what: &'static str,
    ) -> Result<Cursor<'a>> {
        let size_bytes = u64::from(size_bytes);
        let field = cursor.sub(size_bytes, what)?;
        if self.version == 1 {
            // Nothing has to stand behind the last field of an attribute without data.
            let padding = size_bytes.next_multiple_of(8).saturating_sub(size_bytes);
            cursor.skip(padding.min(cursor.remaining()), what)?;
        }
        Ok(field)
    }

    fn datatype(&self, mut field: Cursor<'_>) -> Result<MaybeShared<Datatype>> {
        MaybeShared::decode(&mut field, self.flags & 0b01 != 0, Datatype::decode)
    }

    fn dataspace(&self, mut field: Cursor<'_>) -> Result<MaybeShared<Dataspace>> {
        MaybeShared::decode(&mut field, self.flags & 0b10 != 0, Dataspace::decode)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::message::shared::SharedMessage;
    use crate::decode::testing::{bytes_never_panic, hex};

    /// Three 64-bit integers named "n".
    const VERSION_1: &str = "01 00 0200 0c00 1800 6e00000000000000
        10080000 08000000 0000 4000 00000000
        0101010000000000 0300000000000000 0300000000000000
        0000000000000000 0100000000000000 0200000000000000";
    const VERSION_3: &str = "03 00 0200 0c00 1400 00 6e00 10080000 08000000 0000 4000
        02010101 0300000000000000 0300000000000000
        0000000000000000 0100000000000000 0200000000000000";

    fn decode(text: &str) -> Result<AttributeMessage> {
        AttributeMessage::decode(&hex(text).into(), Address::new(0), Widths::EIGHT)
    }

    #[test]
    fn all_versions_say_the_same() {
        let attribute = decode(VERSION_1).unwrap();
        assert_eq!(attribute.name, b"n");
        assert_eq!(attribute.charset, CharacterSet::Ascii);
        let MaybeShared::Here(datatype) = &attribute.datatype else { panic!("{attribute:?}") };
        assert_eq!(datatype.size, 8);
        let shape = Dataspace::Simple { dimensions: vec![3], maximum: Some(vec![Some(3)]) };
        assert_eq!(attribute.dataspace, MaybeShared::Here(shape));
        assert_eq!(attribute.data.len(), 24);

        assert_eq!(decode(VERSION_3), Ok(attribute.clone()));
        let version_2 = VERSION_3.replace("03 00 0200 0c00 1400 00", "02 00 0200 0c00 1400");
        assert_eq!(decode(&version_2), Ok(attribute));
    }

    #[test]
    fn a_datatype_may_be_committed() {
        let text = "03 01 0200 0a00 0400 01 6e00 0302 2003000000000000 02000000 07";
        let attribute = decode(text).unwrap();
        let committed = SharedMessage::Committed { address: Address::new(800) };
        assert_eq!(attribute.datatype, MaybeShared::Shared(committed));
        assert_eq!(attribute.dataspace, MaybeShared::Here(Dataspace::Scalar));
        assert_eq!(attribute.charset, CharacterSet::Utf8);
        assert_eq!(&attribute.data[..], [7]);
    }

    #[test]
    fn the_name_can_be_read_when_the_datatype_cannot() {
        let broken = VERSION_3.replace("10080000", "ff080000");
        assert!(decode(&broken).is_err());
        let name =
            AttributeMessage::decode_name(&hex(&broken).into(), Address::new(0), Widths::EIGHT);
        assert_eq!(name, Ok(b"n".to_vec()));
    }

    #[test]
    fn a_datatype_ends_where_its_size_says() {
        assert!(decode(&VERSION_3.replace("0c00 1400", "0b00 1500")).is_err());
    }

    #[test]
    fn no_input_panics() {
        for valid in [VERSION_1, VERSION_3] {
            bytes_never_panic(&hex(valid), AttributeMessage::decode);
        }
    }
}
