//! Object headers: the prefix, and the messages of the first chunk and of continuation chunks.
//! Section IV.A.1 of the specification, versions 1 and 2.
//!
//! A header is read in two steps, because its size stands in it: [`Prefix::decode`] needs the first
//! [`PREFIX_BYTES_MAX`] bytes, [`first_chunk`] all of [`Prefix::header_bytes`]. Messages that
//! continue elsewhere are found by the caller, through the continuation messages.

use bytes::Bytes;

use crate::decode::{Address, Cursor, Widths, checksum, message::kind};
use crate::error::Result;
use crate::found::Found;

/// The longest prefix: version 2 with times, attribute thresholds and a size of eight bytes.
pub const PREFIX_BYTES_MAX: u64 = 34;

/// More messages than any chunk holds. Version 1 counts the messages of all chunks in 16 bits, and
/// the links and attributes that version 2 keeps in headers are counted in 16 bits too. It bounds
/// what a large chunk of tiny messages costs us.
const CHUNK_MESSAGES_MAX: usize = 1 << 17;

const STRUCTURE: &str = "object header";
const CHECKSUM_BYTES: u64 = 4;

/// The prefix of an object header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prefix {
    /// 1 or 2.
    pub version: u8,
    /// Size of the prefix itself, with the padding that follows it in version 1.
    pub size_bytes: u64,
    /// Size of the messages in the first chunk.
    pub first_chunk_bytes: u64,
    /// How many messages all chunks hold together. Version 1 only.
    pub message_count: Option<u16>,
    /// How many hard links lead to the object. Version 1 only: version 2 has a message for it.
    pub reference_count: Option<u32>,
    /// Version 2, when the writer was asked to keep them.
    pub times: Option<Times>,
    /// Whether the creation order of attributes is stored.
    pub attribute_order_tracked: bool,
    /// Whether attributes are also indexed by their creation order.
    pub attribute_order_indexed: bool,
    /// When attributes move between header and heap, if not at the default numbers.
    pub attribute_thresholds: Option<AttributeThresholds>,
}

/// The times of an object, in seconds since 1970 UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Times {
    /// Last read.
    pub access_seconds: u32,
    /// Last written.
    pub modification_seconds: u32,
    /// Last change of the header.
    pub change_seconds: u32,
    /// Creation.
    pub birth_seconds: u32,
}

/// When attributes move between header and heap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AttributeThresholds {
    /// "Maximum # of compact attributes".
    pub compact_max: u16,
    /// "Minimum # of dense attributes".
    pub dense_min: u16,
}

/// One message, not decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawMessage {
    /// The message type, one of [`kind`].
    pub kind: u16,
    /// The message flags; see [`RawMessage::is_shared`].
    pub flags: u8,
    /// When the message was added. Version 2, when attribute creation order is tracked.
    pub creation_order: Option<u16>,
    /// Address of the body.
    pub address: Address,
    /// The body.
    pub body: Bytes,
}

impl RawMessage {
    /// Whether the body is a [`SharedMessage`](crate::decode::message::shared::SharedMessage) that
    /// says where the message itself is.
    pub fn is_shared(&self) -> bool {
        self.flags & 0b10 != 0
    }

    /// Whether a reader that does not know the message type must not read the object (bit 7 of the
    /// flags; bit 3 speaks of writers only).
    pub fn must_be_understood(&self) -> bool {
        self.flags & 0b1000_0000 != 0
    }

    /// Whether a writer that did not know the message type changed the object since (bit 5).
    pub fn may_be_outdated(&self) -> bool {
        self.flags & 0b10_0000 != 0
    }
}

impl Prefix {
    /// Takes a prefix of either version.
    ///
    /// # Errors
    ///
    /// When there is none, or of an unknown version.
    pub fn decode(cursor: &mut Cursor<'_>) -> Result<Self> {
        let start = cursor.remaining();
        let mut prefix = if cursor.peek().starts_with(b"OHDR") {
            decode_version_2(cursor)?
        } else {
            decode_version_1(cursor)?
        };
        prefix.size_bytes = start.saturating_sub(cursor.remaining());
        Ok(prefix)
    }

    /// How many bytes from the header's start hold prefix, first chunk and its checksum.
    pub fn header_bytes(&self) -> u64 {
        let checksum = if self.version == 1 { 0 } else { CHECKSUM_BYTES };
        self.size_bytes.saturating_add(self.first_chunk_bytes).saturating_add(checksum)
    }

    fn message_header_bytes(&self) -> u64 {
        match (self.version, self.attribute_order_tracked) {
            (1, _) => 8,
            (_, false) => 4,
            (_, true) => 6,
        }
    }
}

fn decode_version_1(cursor: &mut Cursor<'_>) -> Result<Prefix> {
    // All later versions have a signature: anything else is no header, and not one of the future.
    let version = cursor.u8("version")?;
    if version != 1 {
        return Err(cursor.malformed(format!("neither a signature nor version 1, but {version}")));
    }
    cursor.skip(1, "reserved byte")?;
    let message_count = cursor.u16("total number of header messages")?;
    let reference_count = cursor.u32("object reference count")?;
    let first_chunk_bytes = u64::from(cursor.u32("object header size")?);
    cursor.skip(4, "padding")?;
    Ok(Prefix {
        version,
        size_bytes: 0,
        first_chunk_bytes,
        message_count: Some(message_count),
        reference_count: Some(reference_count),
        times: None,
        attribute_order_tracked: false,
        attribute_order_indexed: false,
        attribute_thresholds: None,
    })
}

fn decode_version_2(cursor: &mut Cursor<'_>) -> Result<Prefix> {
    cursor.signature(b"OHDR")?;
    let version = cursor.u8("version")?;
    cursor.known_version(version, &[2])?;
    let flags = cursor.u8("flags")?;
    let times = (flags & 0b10_0000 != 0).then(|| decode_times(cursor)).transpose()?;
    let thresholds = (flags & 0b1_0000 != 0).then(|| decode_thresholds(cursor)).transpose()?;
    let first_chunk_bytes = cursor.uint(1 << (flags & 0b11), "size of chunk 0")?;
    Ok(Prefix {
        version,
        size_bytes: 0,
        first_chunk_bytes,
        message_count: None,
        reference_count: None,
        times,
        attribute_order_tracked: flags & 0b100 != 0,
        attribute_order_indexed: flags & 0b1000 != 0,
        attribute_thresholds: thresholds,
    })
}

fn decode_times(cursor: &mut Cursor<'_>) -> Result<Times> {
    Ok(Times {
        access_seconds: cursor.u32("access time")?,
        modification_seconds: cursor.u32("modification time")?,
        change_seconds: cursor.u32("change time")?,
        birth_seconds: cursor.u32("birth time")?,
    })
}

fn decode_thresholds(cursor: &mut Cursor<'_>) -> Result<AttributeThresholds> {
    Ok(AttributeThresholds {
        compact_max: cursor.u16("maximum number of compact attributes")?,
        dense_min: cursor.u16("minimum number of dense attributes")?,
    })
}

/// The messages of the first chunk, up to one that is damaged. `bytes` start with the header, at
/// `address`, and hold at least [`Prefix::header_bytes`].
///
/// # Errors
///
/// When the checksum of version 2 is wrong.
pub fn first_chunk(
    prefix: &Prefix,
    bytes: &Bytes,
    address: Address,
    widths: Widths,
) -> Result<Found<RawMessage>> {
    let mut cursor = Cursor::new(bytes, STRUCTURE, address, widths);
    let mut chunk = cursor.sub(prefix.header_bytes(), STRUCTURE)?;
    if prefix.version != 1 {
        chunk = checksum::verified(chunk, STRUCTURE)?;
    }
    chunk.skip(prefix.size_bytes, "prefix")?;
    messages(prefix, bytes, chunk)
}

/// The messages of a continuation chunk, which is all of `bytes`, up to one that is damaged.
///
/// # Errors
///
/// When the signature or checksum of version 2 is wrong.
pub fn continuation_chunk(
    prefix: &Prefix,
    bytes: &Bytes,
    address: Address,
    widths: Widths,
) -> Result<Found<RawMessage>> {
    const STRUCTURE: &str = "object header continuation block";
    let mut chunk = Cursor::new(bytes, STRUCTURE, address, widths);
    if prefix.version != 1 {
        chunk = checksum::verified(chunk, STRUCTURE)?;
        chunk.signature(b"OCHK")?;
    }
    messages(prefix, bytes, chunk)
}

/// Takes messages to the end of `chunk`, which lies in `bytes`, or to one that is damaged: where
/// the next one starts is then not known. Fewer bytes than a message header are a gap.
fn messages(prefix: &Prefix, bytes: &Bytes, mut chunk: Cursor<'_>) -> Result<Found<RawMessage>> {
    let mut messages = Found::default();
    while chunk.remaining() >= prefix.message_header_bytes() {
        let message = messages.part(decode_message(prefix, bytes, &mut chunk))?;
        let Some(message) = message else { break };
        if message.kind == kind::NIL {
            continue;
        }
        if messages.items.len() == CHUNK_MESSAGES_MAX {
            let detail = format!("more than {CHUNK_MESSAGES_MAX} messages");
            messages.part::<()>(Err(chunk.malformed(detail)))?;
            break;
        }
        messages.items.push(message);
    }
    Ok(messages)
}

fn decode_message(prefix: &Prefix, bytes: &Bytes, chunk: &mut Cursor<'_>) -> Result<RawMessage> {
    let kind = match prefix.version {
        1 => chunk.u16("header message type")?,
        _ => u16::from(chunk.u8("header message type")?),
    };
    let size_bytes = chunk.u16("size of header message data")?;
    let flags = chunk.u8("header message flags")?;
    let creation_order = if prefix.version == 1 {
        if size_bytes % 8 != 0 {
            let detail = format!("a message of {size_bytes} bytes, not a multiple of 8");
            return Err(chunk.malformed(detail));
        }
        chunk.skip(3, "reserved bytes")?;
        None
    } else if prefix.attribute_order_tracked {
        Some(chunk.u16("header message creation order")?)
    } else {
        None
    };
    let address = chunk.address();
    let body = chunk.take(u64::from(size_bytes), "header message data")?;
    // `chunk` runs over `bytes`, so the body is part of them.
    Ok(RawMessage { kind, flags, creation_order, address, body: bytes.slice_ref(body) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::testing::{bytes_never_panic, cursor, hex};

    /// A committed `u16` of a file with the earliest format.
    const VERSION_1: &str = "0100010001000000 1800000000000000
                             0300100005000000 10010000020000000000100000000000";
    /// The same of a file with the latest format: times, a NIL message, checksum.
    const VERSION_2: &str = "4f484452 0220 74a5026b 74a5026b 74a5026b 74a5026b 16
                             030c0005 100100000200000000001000 00020000 0000 14134f17";

    fn decode(bytes: &Bytes, address: Address, widths: Widths) -> Result<Vec<RawMessage>> {
        let prefix = Prefix::decode(&mut Cursor::new(bytes, STRUCTURE, address, widths))?;
        first_chunk(&prefix, bytes, address, widths).and_then(Found::all)
    }

    fn decode_hex(text: &str) -> Result<Vec<RawMessage>> {
        decode(&hex(text).into(), Address::new(1000), Widths::EIGHT)
    }

    #[test]
    fn version_1_has_padding_behind_the_prefix() {
        let prefix = Prefix::decode(&mut cursor(&hex(VERSION_1))).unwrap();
        assert_eq!((prefix.size_bytes, prefix.first_chunk_bytes), (16, 24));
        assert_eq!((prefix.message_count, prefix.reference_count), (Some(1), Some(1)));
        let messages = decode_hex(VERSION_1).unwrap();
        assert_eq!(messages.len(), 1);
        assert_eq!(messages[0].kind, kind::DATATYPE);
        assert_eq!(messages[0].address, Address::new(1024));
        assert_eq!(messages[0].body.len(), 16);
    }

    #[test]
    fn version_2_has_times_and_a_checksum() {
        let prefix = Prefix::decode(&mut cursor(&hex(VERSION_2))).unwrap();
        assert_eq!(prefix.header_bytes(), hex(VERSION_2).len() as u64);
        assert_eq!(prefix.times.unwrap().birth_seconds, 0x6b02_a574);
        let messages = decode_hex(VERSION_2).unwrap();
        assert_eq!(messages.len(), 1, "the NIL message is dropped: {messages:?}");
        assert_eq!(messages[0].body.len(), 12);
        let damaged = VERSION_2.replace("1001", "1000");
        assert!(decode_hex(&damaged).unwrap_err().to_string().contains("checksum"));
    }

    #[test]
    fn a_continuation_chunk_of_version_2_has_a_signature_and_may_end_with_a_gap() {
        let prefix = Prefix { attribute_order_tracked: true, ..version_2_prefix() };
        let mut bytes = hex("4f43484b 06010000 0700 aa 0000000000");
        bytes.extend(checksum::lookup3(&bytes).to_le_bytes());
        let chunk = |bytes: Vec<u8>| {
            let address = Address::new(0);
            continuation_chunk(&prefix, &bytes.into(), address, Widths::EIGHT).and_then(Found::all)
        };
        let messages = chunk(bytes.clone()).unwrap();
        assert_eq!(messages.len(), 1);
        assert_eq!(messages[0].creation_order, Some(7));
        assert_eq!(&messages[0].body[..], [0xaa]);

        bytes[0] = b'X';
        bytes.truncate(16);
        bytes.extend(checksum::lookup3(&bytes).to_le_bytes());
        assert!(chunk(bytes).unwrap_err().to_string().contains("signature OCHK"));
    }

    #[test]
    fn a_message_must_fit_its_chunk_and_in_version_1_be_aligned() {
        assert!(decode_hex(&VERSION_1.replace("03001000", "03001800")).is_err());
        assert!(decode_hex(&VERSION_1.replace("03001000", "03000f00")).is_err());
        assert!(decode_hex(&VERSION_1.replace("18000000", "20000000")).is_err());
        assert!(decode_hex("0200010001000000 0000000000000000").is_err());
    }

    #[test]
    fn messages_before_a_damaged_one_are_kept() {
        let chunk = hex(&(VERSION_1[VERSION_1.len() - 49..].to_owned() + "0300 ffff 00000000"));
        let prefix = Prefix::decode(&mut cursor(&hex(VERSION_1))).unwrap();
        let chunk = continuation_chunk(&prefix, &chunk.into(), Address::new(0), Widths::EIGHT);
        let messages = chunk.unwrap();
        assert_eq!((messages.items.len(), messages.total()), (1, None));
    }

    #[test]
    fn endless_tiny_messages_are_refused() {
        let tiny = [6, 0, 0, 0].repeat(CHUNK_MESSAGES_MAX + 1);
        let mut bytes = b"OCHK".to_vec();
        bytes.extend(tiny);
        bytes.extend(checksum::lookup3(&bytes).to_le_bytes());
        let prefix = version_2_prefix();
        let answer = continuation_chunk(&prefix, &bytes.into(), Address::new(0), Widths::EIGHT);
        let messages = answer.unwrap();
        assert_eq!(messages.items.len(), CHUNK_MESSAGES_MAX);
        assert!(messages.all().unwrap_err().to_string().contains("messages"));
    }

    #[test]
    fn no_input_panics() {
        bytes_never_panic(&hex(VERSION_1), decode);
        bytes_never_panic(&hex(VERSION_2), decode);
        let mut chunk = b"OCHK".to_vec();
        chunk.extend([6, 1, 0, 0, 0xaa, 0]);
        bytes_never_panic(&chunk, |bytes, address, widths| {
            let sealed = [&bytes[..], &checksum::lookup3(bytes).to_le_bytes()].concat();
            continuation_chunk(&version_2_prefix(), &sealed.into(), address, widths)
        });
    }

    fn version_2_prefix() -> Prefix {
        Prefix { times: None, ..Prefix::decode(&mut cursor(&hex(VERSION_2))).unwrap() }
    }
}
