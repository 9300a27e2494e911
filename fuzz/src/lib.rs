//! What the fuzz targets share: how an input says its widths and is cut into parts, and a source
//! that answers from pieces as the store does.

pub mod kept;
// The store's own arithmetic: it is private there, and the store itself is too slow to build and to
// run a hundred thousand times.
#[expect(dead_code, reason = "the store uses more of it")]
#[path = "../../crates/store/src/extents.rs"]
mod extents;
#[expect(dead_code, reason = "the store uses more of it")]
#[path = "../../crates/store/src/ranges.rs"]
mod ranges;

use bytes::Bytes;
use h5range::decode::{Address, Cursor, Widths};

/// An input that is cut into parts from its front.
pub struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    /// All of an input.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// One byte; 0 where nothing is left, as for all numbers.
    pub fn byte(&mut self) -> u8 {
        self.bytes(1).first().copied().unwrap_or(0)
    }

    /// A number of two bytes.
    pub fn number(&mut self) -> u16 {
        u16::from_le_bytes([self.byte(), self.byte()])
    }

    /// Widths that a superblock can have.
    pub fn widths(&mut self) -> Widths {
        let byte = self.byte();
        let width = |bits: u8| [8, 4, 2, 8, 8, 16, 32, 8][usize::from(bits & 7)];
        Widths { offset: width(byte), length: width(byte >> 3) }
    }

    /// A part whose length stands before it, cut where the input ends.
    pub fn part(&mut self) -> Bytes {
        let length = self.number();
        Bytes::copy_from_slice(self.bytes(length.into()))
    }

    /// All that is left.
    pub fn rest(self) -> Bytes {
        Bytes::copy_from_slice(self.0)
    }

    fn bytes(&mut self, count: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(count.min(self.0.len()));
        self.0 = rest;
        taken
    }
}

/// A cursor over a structure at address 0.
pub fn cursor(bytes: &Bytes, widths: Widths) -> Cursor<'_> {
    Cursor::new(bytes, "fuzzed structure", Address::new(0), widths)
}
