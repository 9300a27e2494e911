//! Superblock: the start of an HDF5 file, and where it may stand. Section II.A of the
//! specification, versions 0 to 3.
//!
//! The address of free-space information is not read: it matters to writers.

use crate::decode::message::b_tree_k::BTreeK;
use crate::decode::message::symbol_table::SymbolTableMessage;
use crate::decode::symbol_table_node::{SymbolTableCache, SymbolTableEntry};
use crate::decode::{Address, Cursor, Widths, checksum};
use crate::error::{Error, Result};

/// "Format Signature".
pub const SIGNATURE: [u8; 8] = *b"\x89HDF\r\n\x1a\n";

/// The longest superblock: version 1 with widths of 32 bytes.
pub const SUPERBLOCK_BYTES_MAX: u64 = 244;

const STRUCTURE: &str = "superblock";

/// The positions in a file of `file_bytes` bytes where the signature may stand: 0, 512, 1024, 2048
/// and so on.
pub fn signature_positions(file_bytes: u64) -> impl Iterator<Item = u64> {
    let doubling = std::iter::successors(Some(512_u64), |position| position.checked_mul(2));
    let end = file_bytes.saturating_sub(SIGNATURE.len() as u64 - 1);
    std::iter::once(0).chain(doubling).take_while(move |&position| position < end)
}

/// What the superblock says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Superblock {
    /// 0 to 3.
    pub version: u8,
    /// How wide addresses and lengths are in this file.
    pub widths: Widths,
    /// "File Consistency Flags"; see [`Superblock::is_open_for_writing`].
    pub consistency_flags: u32,
    /// The position in the file from which the writer counted addresses. Where the superblock
    /// stands differs from it when a block was later put in front of the file, or taken away; the
    /// library then counts from the superblock.
    pub base_address: u64,
    /// Where the writer's file ended; `None` if it did not know.
    pub end_of_file: Option<Address>,
    /// The object header of the root group.
    pub root: Address,
    /// What the root group's symbol table message says, if the superblock repeats it. Versions 0
    /// and 1.
    pub root_symbol_table: Option<SymbolTableMessage>,
    /// Sizes of nodes. For versions 2 and 3 the defaults, which the extension may replace.
    pub k: BTreeK,
    /// The driver information block. Versions 0 and 1.
    pub driver_info: Option<Address>,
    /// The object header with further messages about the file. Versions 2 and 3.
    pub extension: Option<Address>,
}

impl Superblock {
    /// Decodes the superblock at `position` of the file. `bytes` begin there and hold
    /// [`SUPERBLOCK_BYTES_MAX`] bytes, or all there are.
    ///
    /// # Errors
    ///
    /// When there is no signature, the version or a width is unknown, the checksum of versions 2
    /// and 3 is wrong, or a field breaks the format.
    pub fn decode(bytes: &[u8], position: u64) -> Result<Self> {
        // Nothing in front of the widths is of these widths.
        let cursor = Cursor::new(bytes, STRUCTURE, Address::new(position), Widths::EIGHT);
        let mut front = cursor.clone();
        if front.array("format signature")? != SIGNATURE {
            return Err(front.malformed("no format signature"));
        }
        let version = front.u8("version number of superblock")?;
        match front.known_version(version, &[0, 1, 2, 3])? {
            0 | 1 => Self::decode_versions_0_and_1(front, version),
            _ => Self::decode_versions_2_and_3(cursor, front, version),
        }
    }

    fn decode_versions_0_and_1(mut front: Cursor<'_>, version: u8) -> Result<Self> {
        zero_version(&mut front, "free-space storage")?;
        zero_version(&mut front, "root group symbol table entry")?;
        front.skip(1, "reserved byte")?;
        zero_version(&mut front, "shared header message format")?;
        let widths = decode_widths(&mut front)?;
        front.skip(1, "reserved byte")?;

        let mut cursor = Cursor::new(front.peek(), STRUCTURE, front.address(), widths);
        let mut k = BTreeK {
            group_leaf: cursor.u16("group leaf node K")?,
            group_internal: cursor.u16("group internal node K")?,
            ..BTreeK::default()
        };
        let consistency_flags = cursor.u32("file consistency flags")?;
        if version == 1 {
            k.indexed_storage_internal = cursor.u16("indexed storage internal node K")?;
            cursor.skip(2, "reserved bytes")?;
        }
        if k.group_leaf == 0 || k.group_internal == 0 || k.indexed_storage_internal == 0 {
            return Err(cursor.malformed(format!("nodes without entries: {k:?}")));
        }
        let base_address = cursor.defined_offset("base address")?.get();
        let _free_space = cursor.offset("address of file free space info")?;
        let end_of_file = cursor.offset("end of file address")?;
        let driver_info = cursor.offset("driver information block address")?;
        let root = SymbolTableEntry::decode(&mut cursor)?;
        let root_symbol_table = match root.cache {
            SymbolTableCache::Group { b_tree, local_heap } => {
                Some(SymbolTableMessage { b_tree, local_heap })
            }
            SymbolTableCache::Nothing | SymbolTableCache::SymbolicLink { .. } => None,
        };
        Ok(Self {
            version,
            widths,
            consistency_flags,
            base_address,
            end_of_file,
            root: root
                .object_header
                .ok_or_else(|| cursor.malformed("the root group has no object header"))?,
            root_symbol_table,
            k,
            driver_info,
            extension: None,
        })
    }

    /// `whole` is at the signature, which the checksum covers; `front` behind the version.
    fn decode_versions_2_and_3(
        mut whole: Cursor<'_>,
        mut front: Cursor<'_>,
        version: u8,
    ) -> Result<Self> {
        let widths = decode_widths(&mut front)?;
        let consistency_flags = u32::from(front.u8("file consistency flags")?);
        let size_bytes = 16 + 4 * u64::from(widths.offset);
        checksum::verified(whole.sub(size_bytes, STRUCTURE)?, STRUCTURE)?;

        let mut cursor = Cursor::new(front.peek(), STRUCTURE, front.address(), widths);
        Ok(Self {
            version,
            widths,
            consistency_flags,
            base_address: cursor.defined_offset("base address")?.get(),
            extension: cursor.offset("superblock extension address")?,
            end_of_file: cursor.offset("end of file address")?,
            root: cursor.defined_offset("root group object header address")?,
            root_symbol_table: None,
            k: BTreeK::default(),
            driver_info: None,
        })
    }

    /// Whether the file says that a writer has it open, or died with it open. Only version 3 keeps
    /// these flags.
    pub fn is_open_for_writing(&self) -> bool {
        const WRITE_ACCESS: u32 = 1 << 0;
        const SINGLE_WRITER_MULTIPLE_READERS: u32 = 1 << 2;
        let flags = WRITE_ACCESS | SINGLE_WRITER_MULTIPLE_READERS;
        self.version >= 3 && self.consistency_flags & flags != 0
    }
}

fn decode_widths(cursor: &mut Cursor<'_>) -> Result<Widths> {
    Ok(Widths {
        offset: decode_width(cursor, "size of offsets")?,
        length: decode_width(cursor, "size of lengths")?,
    })
}

fn decode_width(cursor: &mut Cursor<'_>, what: &str) -> Result<u8> {
    match cursor.u8(what)? {
        width @ (2 | 4 | 8 | 16 | 32) => Ok(width),
        width => Err(cursor.malformed(format!("{what} is {width}"))),
    }
}

/// Takes a version number of which only 0 was ever defined.
fn zero_version(cursor: &mut Cursor<'_>, what: &str) -> Result<()> {
    match cursor.u8(what)? {
        0 => Ok(()),
        version => Err(Error::unsupported(format!("{what} version {version}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::testing::{bytes_never_panic, hex};

    /// As h5py writes it with the earliest format.
    const VERSION_0: &str = "894844460d0a1a0a 00 00 00 00 00 08 08 00 0400 1000 00000000
        0000000000000000 ffffffffffffffff 0008000000000000 ffffffffffffffff
        0000000000000000 6000000000000000 01000000 00000000 8800000000000000 a802000000000000";
    /// And with the latest, in a file with a user block of 512 bytes.
    const VERSION_3: &str = "894844460d0a1a0a 03 08 08 00 0002000000000000
        ffffffffffffffff c300000000000000 3000000000000000";

    fn version_3(text: &str) -> Vec<u8> {
        let mut bytes = hex(text);
        bytes.extend(checksum::lookup3(&bytes).to_le_bytes());
        bytes
    }

    #[test]
    fn version_0_repeats_where_the_root_group_keeps_its_links() {
        let superblock = Superblock::decode(&hex(VERSION_0), 0).unwrap();
        assert_eq!((superblock.version, superblock.widths), (0, Widths::EIGHT));
        assert_eq!(superblock.end_of_file, Some(Address::new(2048)));
        assert_eq!(superblock.root, Address::new(96));
        let (b_tree, local_heap) = (Address::new(136), Address::new(680));
        let symbol_table = Some(SymbolTableMessage { b_tree, local_heap });
        assert_eq!(superblock.root_symbol_table, symbol_table);
        assert_eq!((superblock.k, superblock.driver_info), (BTreeK::default(), None));
    }

    #[test]
    fn version_1_has_a_third_k() {
        let text = VERSION_0
            .replace("894844460d0a1a0a 00", "894844460d0a1a0a 01")
            .replace("00000000\n", "00000000 4000 0000\n");
        let superblock = Superblock::decode(&hex(&text), 0).unwrap();
        assert_eq!(superblock.k.indexed_storage_internal, 64);
        assert_eq!(superblock.root, Address::new(96));
        let with_wide_numbers = hex(&text).len() as u64 + 5 * (32 - 8) + (32 - 8);
        assert_eq!(with_wide_numbers, SUPERBLOCK_BYTES_MAX);
    }

    #[test]
    fn version_3_has_a_checksum() {
        let mut bytes = version_3(VERSION_3);
        bytes.extend([0xaa; 40]);
        let superblock = Superblock::decode(&bytes, 512).unwrap();
        assert_eq!((superblock.base_address, superblock.root.get()), (512, 48));
        assert_eq!(superblock.extension, None);
        assert!(!superblock.is_open_for_writing());
        bytes[20] ^= 1;
        assert!(Superblock::decode(&bytes, 512).unwrap_err().to_string().contains("checksum"));
    }

    #[test]
    fn only_version_3_says_that_it_is_open_for_writing() {
        let is_open = |from: &str, to: &str| {
            let bytes = version_3(&VERSION_3.replace(from, to));
            Superblock::decode(&bytes, 0).unwrap().is_open_for_writing()
        };
        assert!(is_open("03 08 08 00", "03 08 08 05"));
        assert!(!is_open("03 08 08 00", "02 08 08 05"));
    }

    #[test]
    fn addresses_are_as_wide_as_it_says() {
        let text = "894844460d0a1a0a 02 04 02 00 00000000 ffffffff c3000000 30000000";
        let superblock = Superblock::decode(&version_3(text), 0).unwrap();
        assert_eq!(superblock.widths, Widths { offset: 4, length: 2 });
        assert_eq!((superblock.extension, superblock.root), (None, Address::new(48)));
    }

    #[test]
    fn addresses_may_be_wider_than_any_file_needs() {
        let address = |low: &str| format!("{low}{}", "00".repeat(31));
        let undefined = "ff".repeat(32);
        let [base, end, root] = ["00", "c3", "30"].map(address);
        let text = format!("894844460d0a1a0a 03 20 10 00 {base} {undefined} {end} {root}");
        let superblock = Superblock::decode(&version_3(&text), 0).unwrap();
        assert_eq!(superblock.widths, Widths { offset: 32, length: 16 });
        assert_eq!((superblock.extension, superblock.root), (None, Address::new(48)));
        let odd = VERSION_3.replace("03 08 08", "03 03 08");
        let odd = Superblock::decode(&version_3(&odd), 0);
        assert!(matches!(odd, Err(Error::Malformed { .. })), "{odd:?}");
    }

    #[test]
    fn what_is_not_a_superblock_is_refused() {
        assert!(Superblock::decode(&hex(&VERSION_0.replace("8948", "8949")), 0).is_err());
        assert!(Superblock::decode(&hex(&VERSION_0.replace("0400 1000", "0000 1000")), 0).is_err());
        let newer = Superblock::decode(&hex(&VERSION_3.replace("0a 03", "0a 04")), 0);
        assert_eq!(newer, Err(Error::unsupported("superblock version 4")));
        let no_root = VERSION_0.replace("6000000000000000", "ffffffffffffffff");
        assert!(Superblock::decode(&hex(&no_root), 0).is_err());
    }

    #[test]
    fn a_signature_stands_at_0_or_a_power_of_two_from_512_on() {
        let positions = |file_bytes| signature_positions(file_bytes).collect::<Vec<_>>();
        assert_eq!(positions(2056), [0, 512, 1024, 2048]);
        assert_eq!(positions(2055), [0, 512, 1024]);
        assert_eq!(positions(7), []);
        assert_eq!(positions(u64::MAX).last(), Some(&(1 << 63)));
    }

    #[test]
    fn no_input_panics() {
        bytes_never_panic(&hex(VERSION_0), |bytes, address, _| {
            Superblock::decode(bytes, address.get())
        });
        bytes_never_panic(&hex(VERSION_3), |bytes, address, _| {
            let sealed = [&bytes[..], &checksum::lookup3(bytes).to_le_bytes()].concat();
            Superblock::decode(&sealed, address.get())
        });
    }
}
