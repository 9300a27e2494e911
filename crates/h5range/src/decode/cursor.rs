//! Checked reading of bytes that somebody else wrote.

#[cfg(test)]
use crate::decode::trace;
use crate::decode::{Address, Widths};
use crate::error::{Error, Result};

/// A position in a slice of the file. No method panics, none reads past the end of the slice, and
/// every error says in which structure and at which address of the file it arose.
///
/// A length that the file declares becomes a child cursor at once ([`Cursor::sub`]), so that a
/// structure cannot read past its own end.
#[derive(Debug, Clone)]
pub struct Cursor<'a> {
    rest: &'a [u8],
    structure: &'static str,
    address: u64,
    widths: Widths,
}

impl<'a> Cursor<'a> {
    /// A cursor over `bytes`, which stand at `address` and hold one `structure` (its name in the
    /// specification).
    pub fn new(bytes: &'a [u8], structure: &'static str, address: Address, widths: Widths) -> Self {
        Self { rest: bytes, structure, address: address.get(), widths }
    }

    /// Takes `count` bytes. `what` names them in the error, as everywhere below.
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`] when fewer are left, as for all methods that take bytes.
    pub fn take(&mut self, count: u64, what: &str) -> Result<&'a [u8]> {
        let split = usize::try_from(count).ok().and_then(|count| self.rest.split_at_checked(count));
        let Some((taken, rest)) = split else {
            let left = self.rest.len();
            return Err(self.malformed(format!("{what} needs {count} bytes, {left} are left")));
        };
        self.rest = rest;
        self.address = self.address.saturating_add(count);
        Ok(taken)
    }

    /// Takes a fixed number of bytes.
    pub fn array<const N: usize>(&mut self, what: &str) -> Result<[u8; N]> {
        #[cfg(test)]
        trace::field(self, N, what);
        let taken = self.take(N as u64, what)?;
        <[u8; N]>::try_from(taken).map_err(|_| self.malformed(format!("{what} is cut short")))
    }

    /// Takes one byte.
    pub fn u8(&mut self, what: &str) -> Result<u8> {
        self.array::<1>(what).map(|[byte]| byte)
    }

    /// Takes a 16-bit integer, little-endian as all integers of the format.
    pub fn u16(&mut self, what: &str) -> Result<u16> {
        self.array(what).map(u16::from_le_bytes)
    }

    /// Takes a 32-bit integer.
    pub fn u32(&mut self, what: &str) -> Result<u32> {
        self.array(what).map(u32::from_le_bytes)
    }

    /// Takes a 64-bit integer.
    pub fn u64(&mut self, what: &str) -> Result<u64> {
        self.array(what).map(u64::from_le_bytes)
    }

    /// Takes an integer of `width` bytes, 0 to 8.
    pub fn uint(&mut self, width: u8, what: &str) -> Result<u64> {
        if width > 8 {
            return Err(self.malformed(format!("{what} is {width} bytes wide, more than 8")));
        }
        #[cfg(test)]
        trace::field(self, width.into(), what);
        let taken = self.take(u64::from(width), what)?;
        Ok(little_endian(taken))
    }

    /// Takes an address ("Size of Offsets" bytes). `None` is the undefined address, all ones.
    pub fn offset(&mut self, what: &str) -> Result<Option<Address>> {
        Ok(self.wide(self.widths.offset, what)?.map(Address::new))
    }

    /// Takes an address that must be defined.
    pub fn defined_offset(&mut self, what: &str) -> Result<Address> {
        match self.offset(what)? {
            Some(address) => Ok(address),
            None => Err(self.malformed(format!("{what} is the undefined address"))),
        }
    }

    /// Takes a length ("Size of Lengths" bytes).
    pub fn length(&mut self, what: &str) -> Result<u64> {
        let width = self.widths.length;
        Ok(self.wide(width, what)?.unwrap_or(all_ones(width)))
    }

    /// Takes a length of which all ones mean "unlimited" or "undefined".
    pub fn optional_length(&mut self, what: &str) -> Result<Option<u64>> {
        self.wide(self.widths.length, what)
    }

    /// Takes an integer of one of the superblock's widths, which go up to 32 bytes. `None` is all
    /// ones. No file is so large that more than 64 bits of it count.
    fn wide(&mut self, width: u8, what: &str) -> Result<Option<u64>> {
        #[cfg(test)]
        trace::field(self, width.into(), what);
        let start = self.clone();
        let taken = self.take(u64::from(width), what)?;
        if taken.iter().all(|&byte| byte == u8::MAX) {
            return Ok(None);
        }
        let (low, high) = taken.split_at(taken.len().min(size_of::<u64>()));
        if high.iter().any(|&byte| byte != 0) {
            return Err(start.malformed(format!("{what} is beyond 64 bits")));
        }
        Ok(Some(little_endian(low)))
    }

    /// Takes `count` bytes as a cursor of their own, over a `structure` of its own.
    pub fn sub(&mut self, count: u64, structure: &'static str) -> Result<Cursor<'a>> {
        let address = self.address;
        let taken = self.take(count, structure)?;
        Ok(Cursor { rest: taken, structure, address, widths: self.widths })
    }

    /// Takes the four-byte signature of a structure.
    pub fn signature(&mut self, expected: &[u8; 4]) -> Result<()> {
        let at = self.clone();
        if self.array::<4>("signature")? == *expected {
            return Ok(());
        }
        Err(at.malformed(format!("no signature {}", expected.escape_ascii())))
    }

    /// Takes bytes up to a NUL and the NUL itself; the NUL is not part of the answer.
    pub fn null_terminated(&mut self, what: &str) -> Result<&'a [u8]> {
        let Some(count) = self.rest.iter().position(|&byte| byte == 0) else {
            return Err(self.malformed(format!("{what} has no terminating NUL")));
        };
        let taken = self.take(count as u64, what)?;
        self.skip(1, what)?;
        Ok(taken)
    }

    /// Passes over `count` bytes.
    pub fn skip(&mut self, count: u64, what: &str) -> Result<()> {
        self.take(count, what).map(|_| ())
    }

    /// Takes all that is left.
    pub fn take_rest(&mut self) -> &'a [u8] {
        let rest = std::mem::take(&mut self.rest);
        self.address = self.address.saturating_add(rest.len() as u64);
        rest
    }

    /// The bytes ahead, without taking them.
    pub fn peek(&self) -> &'a [u8] {
        self.rest
    }

    /// The name of the structure, in the words of the specification.
    pub fn structure(&self) -> &'static str {
        self.structure
    }

    /// How many bytes are left.
    pub fn remaining(&self) -> u64 {
        self.rest.len() as u64
    }

    /// True when nothing is left.
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// The address of the next byte.
    pub fn address(&self) -> Address {
        Address::new(self.address)
    }

    /// The widths of addresses and lengths in this file.
    pub fn widths(&self) -> Widths {
        self.widths
    }

    /// An [`Error::Malformed`] of this structure, here.
    pub fn malformed(&self, detail: impl Into<String>) -> Error {
        Error::malformed(self.structure, self.address(), detail)
    }

    /// Checks that a version number is one of `known`.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`]: a newer writer may have written it.
    pub fn known_version(&self, version: u8, known: &[u8]) -> Result<u8> {
        if known.contains(&version) {
            return Ok(version);
        }
        Err(Error::unsupported(format!("{} version {version}", self.structure)))
    }
}

/// The number in up to eight bytes.
fn little_endian(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |value, &byte| value << 8 | u64::from(byte))
}

fn all_ones(width: u8) -> u64 {
    u64::MAX.checked_shr(64_u32.saturating_sub(8 * u32::from(width))).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn cursor(bytes: &[u8]) -> Cursor<'_> {
        Cursor::new(bytes, "test structure", Address::new(1000), Widths { offset: 4, length: 2 })
    }

    #[test]
    fn reads_little_endian_numbers_of_every_width() {
        let mut c = cursor(&[1, 2, 0, 3, 0, 0, 0, 4, 0, 0]);
        assert_eq!(c.u8("a"), Ok(1));
        assert_eq!(c.u16("b"), Ok(2));
        assert_eq!(c.u32("c"), Ok(3));
        assert_eq!(c.uint(3, "d"), Ok(4));
        assert_eq!(c.uint(0, "nothing"), Ok(0));
        assert!(c.is_empty());
    }

    #[test]
    fn addresses_and_lengths_have_the_widths_of_the_superblock() {
        let mut c = cursor(&[9, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 7, 0, 0xff, 0xff]);
        assert_eq!(c.offset("address"), Ok(Some(Address::new(9))));
        assert_eq!(c.offset("undefined address"), Ok(None));
        assert_eq!(c.length("length"), Ok(7));
        assert_eq!(c.optional_length("unlimited"), Ok(None));
    }

    #[test]
    fn addresses_wider_than_64_bits_are_read_as_far_as_a_file_can_reach() {
        let decode = |bytes: &[u8]| {
            let widths = Widths { offset: 16, length: 32 };
            Cursor::new(bytes, "test structure", Address::new(1000), widths).offset("address")
        };
        let mut bytes = [0; 16];
        bytes[..2].copy_from_slice(&[7, 1]);
        assert_eq!(decode(&bytes), Ok(Some(Address::new(0x107))));
        assert_eq!(decode(&[0xff; 16]), Ok(None));
        bytes[8] = 1;
        assert_eq!(
            decode(&bytes).unwrap_err().to_string(),
            "damaged file: test structure at address 1000: address is beyond 64 bits"
        );
    }

    #[test]
    fn an_error_says_what_is_missing_in_which_structure_and_where() {
        let mut c = cursor(&[0; 5]);
        c.u32("flags").unwrap();
        assert_eq!(
            c.u16("message size").unwrap_err().to_string(),
            "damaged file: test structure at address 1004: message size needs 2 bytes, 1 are left"
        );
    }

    #[test]
    fn a_sub_cursor_ends_where_its_declared_length_ends() {
        let mut c = cursor(&[1, 2, 3, 4]);
        let mut sub = c.sub(2, "inner").unwrap();
        assert_eq!(sub.u16("both"), Ok(0x0201));
        assert!(sub.u8("one more").is_err());
        assert_eq!(c.take_rest(), [3, 4]);
        assert!(c.sub(u64::MAX, "huge").is_err());
    }

    #[test]
    fn names_end_at_their_nul() {
        let mut c = cursor(b"ab\0c");
        assert_eq!(c.null_terminated("name"), Ok(&b"ab"[..]));
        assert!(c.null_terminated("next name").is_err());
    }

    proptest! {
        #[test]
        fn every_byte_is_given_once_and_in_order(
            bytes in vec(any::<u8>(), 0..100),
            counts in vec(0..40_u64, 0..20),
        ) {
            let mut c = cursor(&bytes);
            let mut given = Vec::<u8>::new();
            for count in counts {
                let (address, left) = (c.address().get(), c.remaining());
                match c.take(count, "some") {
                    Ok(taken) => given.extend(taken),
                    Err(_) => prop_assert!(count > left && c.remaining() == left),
                }
                prop_assert_eq!(c.address().get() - address, left - c.remaining());
            }
            given.extend(c.take_rest());
            prop_assert_eq!(given, bytes);
        }
    }
}
