//! Link messages that stand one behind the other, as in the blocks of a group's fractal heap that
//! nothing was ever deleted from.

use crate::decode::Cursor;
use crate::decode::message::link::LinkMessage;
use crate::error::Result;

/// Takes link messages from the front of some bytes, up to where only zeros follow. Nothing frames
/// them: what is not a message is an error, and the last item.
#[derive(Debug, Clone)]
pub struct LinkSequence<'a> {
    cursor: Cursor<'a>,
    has_failed: bool,
}

impl<'a> LinkSequence<'a> {
    /// The messages at the front of `cursor`.
    pub fn new(cursor: Cursor<'a>) -> Self {
        Self { cursor, has_failed: false }
    }

    /// How many messages there are, and how many bytes they take together.
    ///
    /// # Errors
    ///
    /// When there is something else among them.
    pub fn extent(mut self) -> Result<(u64, u64)> {
        let (before, mut count) = (self.cursor.remaining(), 0);
        for message in self.by_ref() {
            message?;
            count += 1;
        }
        Ok((count, before - self.cursor.remaining()))
    }
}

impl<'a> Iterator for LinkSequence<'a> {
    type Item = Result<LinkMessage<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.cursor.peek();
        // A message starts with its version, which is not 0.
        let is_end =
            rest.first().is_none_or(|&byte| byte == 0) && rest.iter().all(|&byte| byte == 0);
        if self.has_failed || is_end {
            return None;
        }
        let message = LinkMessage::decode(&mut self.cursor);
        self.has_failed = message.is_err();
        Some(message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::testing::{cursor, hex, never_panics};

    /// A hard link "a" and a soft link "bc".
    const LINKS: &str = "0100 01 61 2003000000000000 0108 01 02 6263 0200 2f78";

    fn names(bytes: &[u8]) -> Vec<Result<String>> {
        let messages = LinkSequence::new(cursor(bytes));
        messages.map(|link| link.map(|link| link.name.escape_ascii().to_string())).collect()
    }

    #[test]
    fn the_messages_end_where_the_zeros_begin_or_the_bytes_end() {
        let expected = [Ok("a".to_owned()), Ok("bc".to_owned())];
        let length = hex(LINKS).len() as u64;
        for zeros in [0, 1, 100] {
            let bytes = [hex(LINKS), vec![0; zeros]].concat();
            assert_eq!(names(&bytes), expected);
            assert_eq!(LinkSequence::new(cursor(&bytes)).extent(), Ok((2, length)));
        }
        assert_eq!(LinkSequence::new(cursor(&[0; 9])).extent(), Ok((0, 0)));
        assert_eq!(LinkSequence::new(cursor(&[])).extent(), Ok((0, 0)));
    }

    #[test]
    fn what_is_no_message_is_an_error_and_the_last_item() {
        for tail in ["00 01", "02", "0100 01 61 20"] {
            let bytes = hex(&format!("{LINKS} {tail}"));
            let names = names(&bytes);
            assert_eq!(names.len(), 3);
            assert!(names[2].is_err());
            assert!(LinkSequence::new(cursor(&bytes)).extent().is_err());
        }
    }

    #[test]
    fn no_input_panics() {
        never_panics(&hex(LINKS), |cursor| LinkSequence::new(cursor.clone()).extent());
    }
}
