//! Group info message (0x000A): what a new-style group was made for. Section IV.A.2.k of the
//! specification.

use crate::decode::Cursor;
use crate::error::Result;

/// What a new-style group was made for. Fields that the writer left at their defaults are `None`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GroupInfo {
    /// When links move between header and heap.
    pub link_phase_change: Option<LinkPhaseChange>,
    /// How many links of which length the writer expected.
    pub estimated_entries: Option<EstimatedEntries>,
}

/// When links move between header and heap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LinkPhaseChange {
    /// "Maximum Compact Value".
    pub compact_max: u16,
    /// "Minimum Dense Value".
    pub dense_min: u16,
}

/// What the writer expected when it made the group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EstimatedEntries {
    /// Number of links.
    pub count: u16,
    /// Bytes of a link's name.
    pub name_bytes: u16,
}

impl GroupInfo {
    /// Takes the body of the message.
    ///
    /// # Errors
    ///
    /// When the version is unknown or the body breaks the format.
    pub fn decode(cursor: &mut Cursor<'_>) -> Result<Self> {
        let version = cursor.u8("version")?;
        cursor.known_version(version, &[0])?;
        let flags = cursor.u8("flags")?;
        let link_phase_change = if flags & 0b01 != 0 {
            let compact_max = cursor.u16("maximum compact value")?;
            let dense_min = cursor.u16("minimum dense value")?;
            Some(LinkPhaseChange { compact_max, dense_min })
        } else {
            None
        };
        let estimated_entries = if flags & 0b10 != 0 {
            let count = cursor.u16("estimated number of entries")?;
            let name_bytes = cursor.u16("estimated link name length of entries")?;
            Some(EstimatedEntries { count, name_bytes })
        } else {
            None
        };
        Ok(Self { link_phase_change, estimated_entries })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::testing::{cursor, hex, never_panics};

    const BODY: &str = "0003 0800 0600 0400 1200";

    #[test]
    fn says_only_what_is_not_the_default() {
        let info = GroupInfo::decode(&mut cursor(&hex(BODY))).unwrap();
        let phase_change = LinkPhaseChange { compact_max: 8, dense_min: 6 };
        assert_eq!(info.link_phase_change, Some(phase_change));
        let estimated = EstimatedEntries { count: 4, name_bytes: 18 };
        assert_eq!(info.estimated_entries, Some(estimated));
        let defaults = GroupInfo { link_phase_change: None, estimated_entries: None };
        assert_eq!(GroupInfo::decode(&mut cursor(&[0, 0])), Ok(defaults));
    }

    #[test]
    fn no_input_panics() {
        never_panics(&hex(BODY), GroupInfo::decode);
    }
}
