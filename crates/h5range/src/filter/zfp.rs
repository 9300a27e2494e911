//! Filter 32013: ZFP, compression of arrays of numbers, mostly with loss.
//!
//! The parameters are a version, and behind it the words of a ZFP header that says type, shape and
//! mode. Its writer's byte order is that of the words, and of the numbers.

use bytes::Bytes;
use zfp_rs::{
    ZfpBitStream, ZfpConfig, ZfpFieldMetadata, ZfpFieldMut, ZfpHeaderMask, ZfpScalar, ZfpScalarType,
};

use crate::filter::FilterError;

/// Decompresses `bytes`, to at most `room` bytes.
pub(super) fn undo(bytes: &[u8], parameters: &[u32], room: u64) -> Result<Bytes, FilterError> {
    let (_, header) = parameters.split_first().ok_or_else(|| damaged("it has no parameters"))?;
    let little = header_in(header, u32::to_le_bytes);
    let is_big_endian = little.is_none();
    let header = little.or_else(|| header_in(header, u32::to_be_bytes));
    let (metadata, config) = header.ok_or_else(|| damaged("it has no header"))?;
    let mut numbers = match metadata.scalar_type {
        ZfpScalarType::I32 => decompress(bytes, &metadata, &config, room, i32::to_le_bytes),
        ZfpScalarType::I64 => decompress(bytes, &metadata, &config, room, i64::to_le_bytes),
        ZfpScalarType::F32 => decompress(bytes, &metadata, &config, room, f32::to_le_bytes),
        ZfpScalarType::F64 => decompress(bytes, &metadata, &config, room, f64::to_le_bytes),
    }?;
    if is_big_endian {
        let number_bytes = match metadata.scalar_type {
            ZfpScalarType::I32 | ZfpScalarType::F32 => 4,
            ZfpScalarType::I64 | ZfpScalarType::F64 => 8,
        };
        numbers.chunks_exact_mut(number_bytes).for_each(<[u8]>::reverse);
    }
    Ok(numbers.into())
}

/// What a header says whose words have this byte order; `None` where it is none.
fn header_in(
    words: &[u32],
    to_bytes: impl Fn(u32) -> [u8; 4],
) -> Option<(ZfpFieldMetadata, ZfpConfig)> {
    let bytes: Vec<u8> = words.iter().flat_map(|word| to_bytes(*word)).collect();
    let mut stream = ZfpBitStream::from_bytes(&bytes).ok()?;
    let all = ZfpHeaderMask::MAGIC | ZfpHeaderMask::META | ZfpHeaderMask::MODE;
    let header = stream.read_header(all).ok()?;
    Some((header.metadata?, header.config?))
}

fn decompress<T: ZfpScalar + Default, const BYTES: usize>(
    bytes: &[u8],
    metadata: &ZfpFieldMetadata,
    config: &ZfpConfig,
    room: u64,
    to_bytes: impl Fn(T) -> [u8; BYTES],
) -> Result<Vec<u8>, FilterError> {
    let used = metadata.dims.iter().filter(|extent| **extent > 0);
    let count = used.fold(1_u64, |count, extent| count.saturating_mul(*extent as u64));
    let size_bytes = count.saturating_mul(BYTES as u64);
    if size_bytes > room {
        return Err(damaged(&format!("it decompresses to {size_bytes} bytes")));
    }
    let mut numbers = vec![T::default(); usize::try_from(count).unwrap_or(0)];
    let mut stream =
        ZfpBitStream::from_bytes(bytes).map_err(|error| damaged(&error.to_string()))?;
    let mut field = ZfpFieldMut::new(&mut numbers, metadata.dims)
        .map_err(|error| damaged(&error.to_string()))?;
    stream.decompress(config, &mut field).map_err(|error| damaged(&error.to_string()))?;
    Ok(numbers.into_iter().flat_map(to_bytes).collect())
}

fn damaged(detail: &str) -> FilterError {
    FilterError::Damaged { filter: "zfp", detail: detail.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_header_is_damaged() {
        for parameters in [&[][..], &[1], &[1, 2, 3, 4]] {
            assert!(undo(&[0; 64], parameters, 64).is_err(), "{parameters:?}");
        }
    }
}
