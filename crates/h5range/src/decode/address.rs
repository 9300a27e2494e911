//! Addresses in a file and how wide the file writes them.

use std::fmt;

/// A place in the file, relative to the file's base address, as the file itself gives it. What
/// h5py calls `addr`. Never the undefined address: that is `None` wherever it may stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address(u64);

impl Address {
    /// The address `bytes` bytes behind the base address.
    pub const fn new(bytes: u64) -> Self {
        Self(bytes)
    }

    /// Bytes behind the base address.
    pub const fn get(self) -> u64 {
        self.0
    }

    /// The address `bytes` bytes further on; `None` when there is no such number.
    pub fn checked_add(self, bytes: u64) -> Option<Self> {
        self.0.checked_add(bytes).map(Self)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// "Size of Offsets" and "Size of Lengths" of the superblock, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Widths {
    /// Bytes of an address: 2, 4, 8, 16 or 32.
    pub offset: u8,
    /// Bytes of a length: 2, 4, 8, 16 or 32.
    pub length: u8,
}

impl Widths {
    /// What nearly all files have.
    pub const EIGHT: Self = Self { offset: 8, length: 8 };
}
