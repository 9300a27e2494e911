//! Metadata cache image: structures that the writer kept in one block when it closed the file,
//! instead of writing each to its address. The specification does not describe it; libhdf5
//! (`H5Cimage.c`) does.
//!
//! What stands at the address of such a structure may be old, or nothing at all: the image counts.
//! How structures depend on each other is passed over: it matters to writers.

use bytes::{Bytes, BytesMut};

use crate::decode::checksum::verified;
use crate::decode::{Address, Cursor};
use crate::error::{Error, Result};

const BLOCK: &str = "metadata cache image";

/// The structures of an image, in the order of their addresses, of which none reaches into the
/// next.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CacheImage {
    entries: Vec<Entry>,
    /// A wrong checksum. The image is used all the same, as by libhdf5: what is in it is all that
    /// there is of these structures, and most of them have checksums of their own.
    pub damage: Option<Error>,
}

/// One structure: the bytes that belong at an address.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    start: u64,
    bytes: Bytes,
}

impl Entry {
    fn end(&self) -> u64 {
        self.start.saturating_add(self.bytes.len() as u64)
    }
}

impl CacheImage {
    /// Decodes a whole block, which must fill the cursor.
    ///
    /// # Errors
    ///
    /// When the version is unknown, the block breaks the format, or two structures share bytes.
    pub fn decode(mut whole: Cursor<'_>) -> Result<Self> {
        let damage = verified(whole.clone(), BLOCK).err();
        let mut cursor = whole.sub(whole.remaining().saturating_sub(4), BLOCK)?;
        cursor.signature(b"MDCI")?;
        let version = cursor.u8("version")?;
        cursor.known_version(version, &[0])?;
        cursor.skip(1, "flags")?;
        cursor.length("image data length")?;
        let count = cursor.u32("number of entries")?;
        let mut entries = Vec::new();
        for _ in 0..count {
            entries.push(Entry::decode(&mut cursor)?);
        }
        entries.sort_by_key(|entry| entry.start);
        let overlap = entries.windows(2).find(|pair| pair[0].end() > pair[1].start);
        if let Some([first, second]) = overlap {
            let detail = format!("the entries at {} and {} overlap", first.start, second.start);
            return Err(cursor.malformed(detail));
        }
        Ok(Self { entries, damage })
    }

    /// `bytes`, which were read from `address`, with those in the image in their places.
    pub fn lay_over(&self, address: Address, bytes: Bytes) -> Bytes {
        let start = address.get();
        let end = start.saturating_add(bytes.len() as u64);
        let first = self.entries.partition_point(|entry| entry.end() <= start);
        let newer = self.entries.iter().skip(first).take_while(|entry| entry.start < end);
        let mut newer = newer.peekable();
        if newer.peek().is_none() {
            return bytes;
        }
        let mut bytes = BytesMut::from(bytes);
        newer.for_each(|entry| entry.lay_over(start, &mut bytes));
        bytes.freeze()
    }

    /// Memory that the image takes, in bytes.
    pub fn size_bytes(&self) -> usize {
        self.entries.iter().map(|entry| size_of::<Entry>() + entry.bytes.len()).sum()
    }
}

impl Entry {
    fn decode(cursor: &mut Cursor<'_>) -> Result<Self> {
        cursor.skip(1 + 1 + 1 + 1, "type, flags, ring and age")?;
        cursor.skip(2 + 2, "numbers of dependent entries")?;
        let parents = cursor.u16("number of entries that it depends on")?;
        cursor.skip(4, "place in the order of use")?;
        let address = cursor.defined_offset("address of the entry")?;
        let size_bytes = cursor.length("size of the entry")?;
        for _ in 0..parents {
            cursor.offset("address of an entry that it depends on")?;
        }
        let bytes = Bytes::copy_from_slice(cursor.take(size_bytes, "the entry")?);
        Ok(Self { start: address.get(), bytes })
    }

    /// Copies what this entry and `bytes`, which stand at `start`, have in common.
    fn lay_over(&self, start: u64, bytes: &mut [u8]) {
        let (skip_theirs, skip_ours) =
            (self.start.saturating_sub(start), start.saturating_sub(self.start));
        let theirs = usize::try_from(skip_theirs).ok().and_then(|skip| bytes.get_mut(skip..));
        let ours = usize::try_from(skip_ours).ok().and_then(|skip| self.bytes.get(skip..));
        for (byte, newer) in theirs.into_iter().flatten().zip(ours.into_iter().flatten()) {
            *byte = *newer;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::checksum::lookup3;
    use crate::decode::testing::{cursor, hex, never_panics};

    /// One entry of an image: what is at `address`.
    fn entry(address: u64, bytes: &[u8]) -> Vec<u8> {
        let mut entry = hex("16 01 01 00 0000 0000 0100 ffffffff");
        entry.extend(address.to_le_bytes());
        entry.extend((bytes.len() as u64).to_le_bytes());
        entry.extend(800_u64.to_le_bytes());
        entry.extend(bytes);
        entry
    }

    fn block(entries: &[Vec<u8>]) -> Vec<u8> {
        let mut block = hex("4d444349 00 00 0000000000000000");
        block.extend((entries.len() as u32).to_le_bytes());
        block.extend(entries.concat());
        let checksum = lookup3(&block);
        block.extend(checksum.to_le_bytes());
        block
    }

    fn image(entries: &[Vec<u8>]) -> Result<CacheImage> {
        CacheImage::decode(cursor(&block(entries)))
    }

    fn laid_over(image: &CacheImage, address: u64, bytes: &[u8]) -> Bytes {
        image.lay_over(Address::new(address), Bytes::copy_from_slice(bytes))
    }

    #[test]
    fn what_the_image_has_replaces_what_was_read() {
        let image = image(&[entry(30, b"cc"), entry(10, b"aaaa"), entry(20, b"bb")]).unwrap();
        assert_eq!(laid_over(&image, 8, b".............."), &b"..aaaa......bb"[..]);
        assert_eq!(laid_over(&image, 12, b"."), &b"a"[..]);
        assert_eq!(laid_over(&image, 13, b"..."), &b"a.."[..]);
        assert_eq!(laid_over(&image, 21, b".........."), &b"b........c"[..]);
        assert_eq!(laid_over(&image, 14, b"......"), &b"......"[..]);
    }

    #[test]
    fn entries_that_share_bytes_are_damage() {
        let error = image(&[entry(10, b"aaaa"), entry(13, b"b")]).unwrap_err();
        assert!(error.to_string().ends_with("the entries at 10 and 13 overlap"), "{error}");
    }

    #[test]
    fn a_wrong_checksum_is_said_and_the_image_used() {
        let mut block = block(&[entry(10, b"aaaa")]);
        assert_eq!(CacheImage::decode(cursor(&block)).unwrap().damage, None);
        *block.last_mut().unwrap() ^= 1;
        let image = CacheImage::decode(cursor(&block)).unwrap();
        assert!(image.damage.as_ref().unwrap().to_string().contains("checksum"));
        assert_eq!(laid_over(&image, 10, b"...."), &b"aaaa"[..]);
    }

    #[test]
    fn no_input_panics() {
        let valid = block(&[entry(10, b"aaaa"), entry(u64::MAX - 1, b"bb")]);
        never_panics(&valid, |cursor| {
            let image = CacheImage::decode(cursor.clone())?;
            image.lay_over(Address::new(0), Bytes::from_static(b"0123456789abcdef"));
            Ok(())
        });
    }
}
