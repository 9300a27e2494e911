//! Filter pipeline message (0x000B): what was done to chunks, or to blocks of a fractal heap,
//! before they were written. Section IV.A.2.l of the specification, versions 1 and 2.

use crate::decode::Cursor;
use crate::error::Result;

/// "The maximum possible number of filters in a message is 32."
const FILTERS_MAX: u8 = 32;
/// Filters below this have no name in version 2: the specification names them.
const NAMED_FROM: u16 = 256;

/// Filters in the order in which the writer applied them. A reader undoes them from the last.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FilterPipeline {
    /// The filters.
    pub filters: Vec<Filter>,
}

/// One filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// Its registered number.
    pub id: u16,
    /// What the writer calls it, without the NUL, if it says so.
    pub name: Option<Vec<u8>>,
    /// Whether the writer went on without it when it failed. The mask of a chunk tells.
    pub optional: bool,
    /// Its parameters.
    pub client_data: Vec<u32>,
}

impl FilterPipeline {
    /// Takes the body of the message.
    ///
    /// # Errors
    ///
    /// When the version is unknown or the body breaks the format.
    pub fn decode(cursor: &mut Cursor<'_>) -> Result<Self> {
        let version = cursor.u8("version")?;
        let version = cursor.known_version(version, &[1, 2])?;
        let count = cursor.u8("number of filters")?;
        if count > FILTERS_MAX {
            return Err(cursor.malformed(format!("{count} filters, more than {FILTERS_MAX}")));
        }
        if version == 1 {
            cursor.skip(6, "reserved bytes")?;
        }
        let filters = (0..count).map(|_| Filter::decode(cursor, version)).collect::<Result<_>>()?;
        Ok(Self { filters })
    }
}

impl Filter {
    fn decode(cursor: &mut Cursor<'_>, version: u8) -> Result<Self> {
        let id = cursor.u16("filter identification value")?;
        let has_name = version == 1 || id >= NAMED_FROM;
        let name_bytes = if has_name { cursor.u16("name length")? } else { 0 };
        let optional = cursor.u16("flags")? & 1 != 0;
        let values = cursor.u16("number of client data values")?;
        let padded_name = cursor.take(name_bytes.into(), "name")?;
        let name = padded_name.split(|&byte| byte == 0).next().unwrap_or_default();
        let client_data = client_data(cursor, values)?;
        if version == 1 && values % 2 == 1 {
            // Nothing has to stand behind the last filter.
            cursor.skip(cursor.remaining().min(4), "padding")?;
        }
        let name = (!name.is_empty()).then(|| name.to_vec());
        Ok(Self { id, name, optional, client_data })
    }
}

fn client_data(cursor: &mut Cursor<'_>, values: u16) -> Result<Vec<u32>> {
    let mut bytes = cursor.sub(4 * u64::from(values), "filter client data")?;
    (0..values).map(|_| bytes.u32("client data value")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::testing::{cursor, hex, never_panics};

    fn decode(text: &str) -> Result<FilterPipeline> {
        FilterPipeline::decode(&mut cursor(&hex(text)))
    }

    const VERSION_1: &str = "0102000000000000
        0200 0800 0100 0100 73687566666c6500 08000000 00000000
        0100 0800 0100 0100 6465666c61746500 04000000 00000000";
    const VERSION_2: &str = "0202 0200 0100 0100 08000000
        017d 0400 0000 0200 6c7a6600 04000000 05010000";

    #[test]
    fn version_1_names_and_pads_all_filters() {
        let filter = |id, name: &[u8], parameter| Filter {
            id,
            name: Some(name.to_vec()),
            optional: true,
            client_data: vec![parameter],
        };
        let filters = vec![filter(2, b"shuffle", 8), filter(1, b"deflate", 4)];
        assert_eq!(decode(VERSION_1), Ok(FilterPipeline { filters }));
    }

    #[test]
    fn version_2_names_only_filters_that_the_specification_does_not() {
        let filters = decode(VERSION_2).unwrap().filters;
        assert_eq!((filters[0].id, &filters[0].name), (2, &None));
        assert_eq!((filters[1].id, &filters[1].name), (32_001, &Some(b"lzf".to_vec())));
        assert_eq!((filters[1].optional, &filters[1].client_data[..]), (false, &[4, 261][..]));
    }

    #[test]
    fn the_padding_of_the_last_filter_may_be_missing() {
        assert!(decode(VERSION_1.trim_end_matches("00000000")).is_ok());
    }

    #[test]
    fn refuses_more_than_there_is() {
        assert!(decode(&VERSION_2.replace("0202 ", "0203 ")).is_err());
        assert!(decode(&VERSION_2.replace("0202 ", "0221 ")).is_err());
        assert!(decode(&VERSION_2.replace("0100 0800", "ffff 0800")).is_err());
    }

    #[test]
    fn no_input_panics() {
        never_panics(&hex(VERSION_1), FilterPipeline::decode);
        never_panics(&hex(VERSION_2), FilterPipeline::decode);
    }
}
