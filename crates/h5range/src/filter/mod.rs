//! Filters: what chunks and heap blocks went through on their way into the file (section IV.A.2.l
//! of the specification, "Data Storage - Filter Pipeline"). Here they are undone.
//!
//! Each filter has a file. Those that we cannot undo are refused by the name under which they are
//! registered.

mod bits;
mod bitshuffle;
mod blosc;
mod bzip2;
mod deflate;
mod fletcher32;
mod jpeg_ls;
mod lz4;
mod lzf;
mod nbit;
mod registry;
mod scale_offset;
mod shuffle;
mod szip;
mod zfp;
mod zstd;

use bytes::Bytes;

use crate::decode::Address;
use crate::decode::message::filter_pipeline::{Filter, FilterPipeline};
use crate::error::Error;

/// Why a filter could not be undone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FilterError {
    /// We do not know this filter.
    Unknown {
        /// What the file says of it: its name, or its number.
        filter: String,
    },
    /// The bytes are not what the filter can have written.
    Damaged {
        /// The filter's name.
        filter: &'static str,
        /// What is wrong, as a clause.
        detail: String,
    },
}

impl FilterError {
    /// What is wrong, without the filter's name.
    fn into_detail(self) -> String {
        match self {
            Self::Unknown { filter } => filter,
            Self::Damaged { detail, .. } => detail,
        }
    }

    /// The error of the `structure` at `address` whose filters could not be undone.
    pub fn at(self, structure: &'static str, address: Address) -> Error {
        match self {
            Self::Unknown { filter } => Error::unsupported(format!("the filter {filter}")),
            Self::Damaged { filter, detail } => {
                Error::malformed(structure, address, format!("{filter}: {detail}"))
            }
        }
    }
}

/// Undoes all filters of `pipeline`, the last first, but those whose bit is set in `filter_mask`.
/// What comes out has `size_bytes` bytes, which somebody has paid for. Allocates little more than
/// that, whatever goes in.
///
/// # Errors
///
/// When a filter is unknown, its bytes are damaged, or they have another size.
pub fn undo(
    pipeline: &FilterPipeline,
    filter_mask: u32,
    bytes: Bytes,
    size_bytes: u64,
) -> Result<Bytes, FilterError> {
    let filters = pipeline.filters.iter().enumerate().rev();
    let applied = filters.filter(|(index, _)| !is_skipped(filter_mask, *index));
    let room = size_bytes.saturating_add(size_bytes / GROWTH_SHARE).saturating_add(GROWTH_BYTES);
    let mut bytes = bytes;
    for (_, filter) in applied {
        bytes = undo_one(filter, &bytes, room)?;
    }
    if bytes.len() as u64 == size_bytes {
        return Ok(bytes);
    }
    let detail = format!("{} bytes came out instead of {size_bytes}", bytes.len());
    Err(FilterError::Damaged { filter: "filter pipeline", detail })
}

/// Between two filters there may be more bytes than come out: checksums, headers, and what a filter
/// adds that found nothing to spare. Of those that may come before another one, LZ4 adds most, one byte
/// in 255.
const GROWTH_SHARE: u64 = 128;
const GROWTH_BYTES: u64 = 256;

fn is_skipped(filter_mask: u32, index: usize) -> bool {
    let bit = u32::try_from(index).ok().and_then(|index| 1_u32.checked_shl(index));
    bit.is_some_and(|bit| filter_mask & bit != 0)
}

fn undo_one(filter: &Filter, bytes: &Bytes, room: u64) -> Result<Bytes, FilterError> {
    let parameters = filter.client_data.as_slice();
    match filter.id {
        1 => deflate::undo(bytes, room),
        2 => Ok(shuffle::undo(bytes, parameters.first().copied())),
        3 => fletcher32::undo(bytes),
        4 => szip::undo(bytes, parameters, room),
        5 => nbit::undo(bytes, parameters, room),
        6 => scale_offset::undo(bytes, parameters, room),
        307 => bzip2::undo(bytes, room),
        32_000 => lzf::undo(bytes, room),
        32_001 => blosc::undo(bytes, room),
        32_004 => lz4::undo(bytes, room),
        32_008 => bitshuffle::undo(bytes, parameters, room),
        32_013 => zfp::undo(bytes, parameters, room),
        32_015 => zstd::undo(bytes, room),
        32_018 => jpeg_ls::undo(bytes, room),
        32_026 => blosc::undo_2(bytes, room),
        id => Err(FilterError::Unknown { filter: registry::describe(id, filter.name.as_deref()) }),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::ZlibEncoder;
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    const DEFLATE: u16 = 1;
    const SHUFFLE: u16 = 2;
    const FLETCHER32: u16 = 3;

    fn pipeline(ids: &[u16]) -> FilterPipeline {
        let filter = |&id: &u16| Filter { id, name: None, optional: false, client_data: vec![4] };
        FilterPipeline { filters: ids.iter().map(filter).collect() }
    }

    fn deflated(bytes: &[u8]) -> Bytes {
        deflated_with(Compression::default(), bytes)
    }

    fn deflated_with(compression: Compression, bytes: &[u8]) -> Bytes {
        let mut encoder = ZlibEncoder::new(Vec::new(), compression);
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap().into()
    }

    #[test]
    fn filters_are_undone_from_the_last_to_the_first() {
        let numbers: Vec<u8> = (1..=3_u32).flat_map(u32::to_le_bytes).collect();
        let shuffled = [1, 2, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        let undone = undo(&pipeline(&[SHUFFLE, DEFLATE]), 0, deflated(&shuffled), 12);
        assert_eq!(undone.unwrap(), numbers);
    }

    #[test]
    fn a_skipped_filter_stays_out() {
        let undone = undo(&pipeline(&[DEFLATE, SHUFFLE]), 0b10, deflated(b"as it is"), 8);
        assert_eq!(undone.unwrap(), &b"as it is"[..]);
        let undone = undo(&pipeline(&[DEFLATE]), 1, Bytes::from("as it is"), 8);
        assert_eq!(undone.unwrap(), &b"as it is"[..]);
    }

    #[test]
    fn a_checksum_may_lie_below_the_compression() {
        let mut bytes = 7_u64.to_le_bytes().to_vec();
        bytes.extend(fletcher32::checksum(&bytes).to_le_bytes());
        let undone = undo(&pipeline(&[FLETCHER32, DEFLATE]), 0, deflated(&bytes), 8);
        assert_eq!(undone.unwrap(), &7_u64.to_le_bytes()[..]);
    }

    #[test]
    fn between_two_filters_there_may_be_more_bytes_than_come_out() {
        let zeros = vec![0; 1 << 20];
        let stored = deflated_with(Compression::none(), &zeros);
        assert!(stored.len() > zeros.len() + 80);
        let undone = undo(&pipeline(&[DEFLATE, DEFLATE]), 0, deflated(&stored), 1 << 20);
        assert_eq!(undone.unwrap(), zeros);
    }

    #[test]
    fn what_comes_out_has_the_size_that_it_must_have() {
        let bomb = deflated(&vec![0; 1 << 20]);
        for size_bytes in [0, 1000, (1 << 20) - 1, (1 << 20) + 1, u64::MAX] {
            let undone = undo(&pipeline(&[DEFLATE]), 0, bomb.clone(), size_bytes);
            assert!(matches!(undone, Err(FilterError::Damaged { .. })), "{size_bytes}");
        }
    }

    #[test]
    fn an_unknown_filter_is_refused_by_name() {
        let mut unknown = pipeline(&[32_019]);
        let refused = |unknown: &FilterPipeline| {
            let error = undo(unknown, 0, Bytes::new(), 0).unwrap_err();
            error.at("chunk", Address::new(0))
        };
        let expected = Error::unsupported("the filter 32019 (JPEG)");
        assert_eq!(refused(&unknown), expected);
        unknown.filters[0].name = Some(b"ours".to_vec());
        assert_eq!(refused(&unknown), expected, "the registered name counts");
        unknown.filters[0].id = 400;
        assert_eq!(refused(&unknown), Error::unsupported("the filter 400 (ours)"));
        unknown.filters[0].name = None;
        assert_eq!(refused(&unknown), Error::unsupported("the filter 400"));
    }

    proptest! {
        #[test]
        fn what_was_compressed_comes_back(bytes in vec(any::<u8>(), 0..500)) {
            let undone = undo(&pipeline(&[DEFLATE]), 0, deflated(&bytes), bytes.len() as u64);
            prop_assert_eq!(undone.unwrap(), bytes);
        }

        #[test]
        fn any_bytes_through_any_filters_give_the_size_or_an_error(
            ids in vec(prop_oneof![0..7_u16, Just(307), Just(32_000), Just(32_004), Just(32_001), Just(32_008), Just(32_013), Just(32_015), Just(32_018), Just(32_026)], 0..5),
            filter_mask in any::<u32>(),
            bytes in vec(any::<u8>(), 0..200),
            size_bytes in prop_oneof![0..300_u64, Just(1 << 20)],
        ) {
            if let Ok(undone) = undo(&pipeline(&ids), filter_mask, bytes.into(), size_bytes) {
                prop_assert_eq!(undone.len() as u64, size_bytes);
            }
        }
    }
}
