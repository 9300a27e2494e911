//! Symbol table nodes: the links of old groups. Sections III.B and III.C of the specification
//! ("Group Symbol Table Nodes", "Symbol Table Entry").

use crate::decode::{Address, Cursor, Widths};
use crate::error::Result;
use crate::found::Found;

/// Links of one group, sorted by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SymbolTableNode {
    /// The entries in use.
    pub entries: Found<SymbolTableEntry>,
}

impl SymbolTableNode {
    /// Takes a node, as far as its entries are in use and fit into the cursor.
    ///
    /// # Errors
    ///
    /// When it is not a node of a known version.
    pub fn decode(cursor: &mut Cursor<'_>) -> Result<Self> {
        cursor.signature(b"SNOD")?;
        let version = cursor.u8("version number")?;
        cursor.known_version(version, &[1])?;
        cursor.skip(1, "reserved byte")?;
        let symbols = cursor.u16("number of symbols")?;
        let entry_bytes = SymbolTableEntry::encoded_bytes(cursor.widths());
        let mut entries = Found::default();
        // As many as there are bytes for: a level of a large group has thousands of nodes.
        let room = (cursor.remaining() / entry_bytes).min(symbols.into());
        entries.items.reserve_exact(room as usize);
        for _ in 0..symbols {
            let entry = entries.part(cursor.sub(entry_bytes, "symbol table node"))?;
            let Some(mut entry) = entry else { break };
            entries.keep(SymbolTableEntry::decode_in_use(&mut entry))?;
        }
        Ok(Self { entries })
    }

    /// The name of its last entry, as an offset into the group's local heap.
    pub fn greatest_name_offset(&self) -> Option<u64> {
        self.entries.items.last().map(|entry| entry.link_name_offset)
    }

    /// Bytes of a node with room for 2K entries; `leaf_k` is the superblock's "Group Leaf Node K".
    pub fn node_bytes(leaf_k: u16, widths: Widths) -> u64 {
        8 + 2 * u64::from(leaf_k) * SymbolTableEntry::encoded_bytes(widths)
    }
}

/// One link of an old group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SymbolTableEntry {
    /// Where in the group's local heap the name starts. Means nothing in the superblock's entry
    /// for the root group.
    pub link_name_offset: u64,
    /// The object that the link leads to; `None` for a symbolic link.
    pub object_header: Option<Address>,
    /// What the entry tells beside that.
    pub cache: SymbolTableCache,
}

/// "Scratch-pad Space", by its "Cache Type".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SymbolTableCache {
    /// 0: nothing.
    Nothing,
    /// 1: the object is an old group, and its symbol table message says this.
    Group {
        /// The group's tree of symbol table nodes.
        b_tree: Address,
        /// The group's names.
        local_heap: Address,
    },
    /// 2: the entry is a symbolic link.
    SymbolicLink {
        /// Where in the group's local heap the link's value starts.
        value_offset: u32,
    },
}

impl SymbolTableEntry {
    /// Takes an entry.
    ///
    /// # Errors
    ///
    /// When fewer bytes are left, or its cache type is none of the above.
    pub fn decode(cursor: &mut Cursor<'_>) -> Result<Self> {
        let start = cursor.clone();
        // The library writes it as wide as a length, other than the specification's layout table
        // says. The two widths differ in hardly any file.
        let link_name_offset = cursor.length("link name offset")?;
        let object_header = cursor.offset("object header address")?;
        let cache_type = cursor.u32("cache type")?;
        cursor.skip(4, "reserved bytes")?;
        let mut scratch_pad = cursor.sub(SCRATCH_PAD_BYTES, "symbol table entry")?;
        let cache = match cache_type {
            0 => SymbolTableCache::Nothing,
            1 => group(&mut scratch_pad).unwrap_or(SymbolTableCache::Nothing),
            2 => SymbolTableCache::SymbolicLink {
                value_offset: scratch_pad.u32("offset to link value")?,
            },
            other => return Err(start.malformed(format!("cache type {other}"))),
        };
        Ok(Self { link_name_offset, object_header, cache })
    }

    /// Takes an entry of a node. Those that are not in use are zeros, and say nothing wrong: but a
    /// node that counts one of them counts wrong.
    fn decode_in_use(cursor: &mut Cursor<'_>) -> Result<Self> {
        let start = cursor.clone();
        let entry = Self::decode(cursor)?;
        let has_object = entry.object_header.is_none_or(|address| address.get() > 0);
        if entry.link_name_offset == 0 && !has_object {
            return Err(start.malformed("an entry that is not in use is counted"));
        }
        Ok(entry)
    }

    /// Bytes that [`SymbolTableEntry::decode`] takes.
    pub fn encoded_bytes(widths: Widths) -> u64 {
        u64::from(widths.length) + u64::from(widths.offset) + 8 + SCRATCH_PAD_BYTES
    }
}

const SCRATCH_PAD_BYTES: u64 = 16;

/// What the group's own header says too: where it has no room here, or is damaged, it is not
/// missed.
fn group(scratch_pad: &mut Cursor<'_>) -> Result<SymbolTableCache> {
    Ok(SymbolTableCache::Group {
        b_tree: scratch_pad.defined_offset("address of B-tree")?,
        local_heap: scratch_pad.defined_offset("address of name heap")?,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn entry(name: u64, object: u64, cache_type: u32, scratch: [u64; 2]) -> Vec<u8> {
        let mut bytes = [name.to_le_bytes(), object.to_le_bytes()].concat();
        bytes.extend(u64::from(cache_type).to_le_bytes());
        bytes.extend(scratch.iter().flat_map(|word| word.to_le_bytes()));
        bytes
    }

    fn decode(bytes: &[u8]) -> Result<SymbolTableNode> {
        let at = Address::new(1072);
        SymbolTableNode::decode(&mut Cursor::new(bytes, "symbol table node", at, Widths::EIGHT))
    }

    #[test]
    fn entries_tell_what_they_cache() {
        let mut bytes = b"SNOD\x01\0\x03\0".to_vec();
        bytes.extend(entry(8, 800, 0, [7, 7]));
        bytes.extend(entry(16, 1600, 1, [136, 680]));
        bytes.extend(entry(24, u64::MAX, 2, [32, 0]));
        bytes.extend(b"the entries that are not in use may hold anything");
        let entries = decode(&bytes).unwrap().entries.all().unwrap();
        let expected = [
            (8, Some(Address::new(800)), SymbolTableCache::Nothing),
            (
                16,
                Some(Address::new(1600)),
                SymbolTableCache::Group {
                    b_tree: Address::new(136),
                    local_heap: Address::new(680),
                },
            ),
            (24, None, SymbolTableCache::SymbolicLink { value_offset: 32 }),
        ];
        for (entry, (link_name_offset, object_header, cache)) in entries.iter().zip(expected) {
            assert_eq!(*entry, SymbolTableEntry { link_name_offset, object_header, cache });
        }
        assert_eq!(entries.len(), 3);
    }

    #[test]
    fn a_node_of_the_default_k_has_328_bytes() {
        assert_eq!(SymbolTableNode::node_bytes(4, Widths::EIGHT), 328);
    }

    #[test]
    fn an_unknown_cache_type_is_an_error_of_its_entry_alone() {
        let mut bytes = b"SNOD\x01\0\x02\0".to_vec();
        bytes.extend(entry(8, 800, 9, [0, 0]));
        bytes.extend(entry(16, 1600, 0, [0, 0]));
        let entries = decode(&bytes).unwrap().entries;
        assert_eq!(
            entries.errors[0].to_string(),
            "damaged file: symbol table node at address 1080: cache type 9"
        );
        assert_eq!((entries.items[0].link_name_offset, entries.total()), (16, Some(2)));
    }

    #[test]
    fn a_node_has_the_entries_that_are_there_whatever_their_number_says() {
        let mut bytes = b"SNOD\x01\0\xff\xff".to_vec();
        bytes.extend(entry(8, 800, 0, [0, 0]));
        bytes.extend(entry(0, 0, 0, [0, 0]));
        let entries = decode(&bytes).unwrap().entries;
        assert_eq!((entries.items.len(), entries.errors.len()), (1, 2));
        assert_eq!(entries.total(), None);
    }

    proptest! {
        #[test]
        fn any_bytes_give_an_answer(tail in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = decode(&[b"SNOD\x01\0".to_vec(), tail].concat());
        }
    }
}
