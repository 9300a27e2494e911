//! Filter 32018, FCIDECOMP: JPEG-LS streams (ITU-T Recommendation T.87) without loss, with one scan
//! for each component.

mod context;
mod scan;
mod stuffed;

use bytes::Bytes;

use crate::filter::FilterError;
use crate::filter::jpeg_ls::scan::{Coding, Thresholds};
use crate::filter::jpeg_ls::stuffed::StuffedBits;

/// Decompresses `bytes`, to at most `room` bytes: the samples of each component behind those of the
/// one before, in one byte or, with the least significant byte first, in two.
pub(super) fn undo(bytes: &[u8], room: u64) -> Result<Bytes, FilterError> {
    let mut stream = Stream { rest: bytes };
    let mut thresholds = None;
    if stream.marker()? != START_OF_IMAGE {
        return Err(damaged("it is no JPEG stream"));
    }
    let frame = loop {
        match stream.marker()? {
            START_OF_FRAME => break Frame::decode(stream.segment()?)?,
            _ => drop(stream.segment()?),
        }
    };
    let plane_bytes = frame.plane_bytes();
    let size_bytes = plane_bytes.saturating_mul(frame.components.into());
    if size_bytes > room {
        return Err(damaged(&format!("it decompresses to {size_bytes} bytes")));
    }
    let mut samples = vec![0; usize::try_from(size_bytes).unwrap_or(0)];
    let plane_bytes = usize::try_from(plane_bytes).unwrap_or(0).max(1);
    for plane in samples.chunks_exact_mut(plane_bytes) {
        loop {
            match stream.marker()? {
                START_OF_SCAN => break check_scan(stream.segment()?)?,
                PRESET => thresholds = Thresholds::decode(stream.segment()?)?.or(thresholds),
                END_OF_IMAGE => return Err(ends_early()),
                _ => drop(stream.segment()?),
            }
        }
        let coding = Coding::new(frame.precision, thresholds)
            .ok_or_else(|| damaged("its parameters do not fit each other"))?;
        let mut bits = StuffedBits::new(stream.rest);
        scan::decode(&coding, frame.width, frame.sample_bytes(), plane, &mut bits)
            .ok_or_else(ends_early)?;
        stream.skip_scan();
    }
    Ok(samples.into())
}

// "Marker code assignments", T.81 and T.87.
const START_OF_IMAGE: u8 = 0xd8;
const END_OF_IMAGE: u8 = 0xd9;
const START_OF_SCAN: u8 = 0xda;
const START_OF_FRAME: u8 = 0xf7;
const PRESET: u8 = 0xf8;

/// What is left of a stream of markers.
struct Stream<'a> {
    rest: &'a [u8],
}

impl<'a> Stream<'a> {
    fn marker(&mut self) -> Result<u8, FilterError> {
        match self.rest {
            [0xff, marker, rest @ ..] => {
                self.rest = rest;
                Ok(*marker)
            }
            [] | [_] => Err(ends_early()),
            _ => Err(damaged("there is no marker where one must be")),
        }
    }

    /// What belongs to the marker before, whose length counts itself.
    fn segment(&mut self) -> Result<&'a [u8], FilterError> {
        let (length, rest) = self.rest.split_first_chunk::<2>().ok_or_else(ends_early)?;
        let length = usize::from(u16::from_be_bytes(*length)).saturating_sub(2);
        let (segment, rest) = rest.split_at_checked(length).ok_or_else(ends_early)?;
        self.rest = rest;
        Ok(segment)
    }

    /// Goes to the next marker: a byte of ones with another behind it whose first bit is set.
    fn skip_scan(&mut self) {
        let is_marker = |pair: &[u8]| matches!(pair, [0xff, 0x80..=0xff]);
        let length = self.rest.windows(2).position(is_marker).unwrap_or(self.rest.len());
        self.rest = self.rest.get(length..).unwrap_or_default();
    }
}

/// The shape of an image.
struct Frame {
    /// Bits of a sample.
    precision: u32,
    height: u16,
    width: u16,
    components: u8,
}

impl Frame {
    fn decode(segment: &[u8]) -> Result<Self, FilterError> {
        let [precision, height_1, height_0, width_1, width_0, components, ..] = *segment else {
            return Err(ends_early());
        };
        let frame = Self {
            precision: precision.into(),
            height: u16::from_be_bytes([height_1, height_0]),
            width: u16::from_be_bytes([width_1, width_0]),
            components,
        };
        match frame.precision {
            2..=16 if frame.width > 0 => Ok(frame),
            bits => Err(damaged(&format!("there are no samples of {bits} bits"))),
        }
    }

    fn sample_bytes(&self) -> usize {
        if self.precision > 8 { 2 } else { 1 }
    }

    fn plane_bytes(&self) -> u64 {
        let samples = u64::from(self.height) * u64::from(self.width);
        samples.saturating_mul(self.sample_bytes() as u64)
    }
}

/// Whether a scan is as the filter writes them, by its header.
fn check_scan(segment: &[u8]) -> Result<(), FilterError> {
    match *segment {
        [1, _, _, 0, 0, _] => Ok(()),
        [1, _, _, _, 0, _] => {
            Err(FilterError::Unknown { filter: "32018 (FCIDECOMP) with loss".to_owned() })
        }
        _ => Err(damaged("a scan has more than one component")),
    }
}

fn ends_early() -> FilterError {
    damaged("it ends too early")
}

fn damaged(detail: &str) -> FilterError {
    FilterError::Damaged { filter: "fcidecomp", detail: detail.to_owned() }
}

#[cfg(test)]
mod tests;
