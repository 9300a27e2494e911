//! Strings of fixed size: where they end.

use crate::decode::message::datatype::StringPadding;

/// A string of fixed size without what stands behind it.
pub fn without_padding(bytes: &[u8], padding: StringPadding) -> &[u8] {
    match padding {
        StringPadding::NullTerminate => up_to_nul(bytes),
        StringPadding::NullPad | StringPadding::Reserved(_) => without_trailing(bytes, 0),
        // C programs put a NUL into strings that they call padded with spaces; it is no text.
        StringPadding::SpacePad => without_trailing(without_trailing(bytes, 0), b' '),
    }
}

/// The bytes before the first NUL; all of them when there is none.
pub(super) fn up_to_nul(bytes: &[u8]) -> &[u8] {
    bytes.split(|&byte| byte == 0).next().unwrap_or(bytes)
}

fn without_trailing(bytes: &[u8], padding: u8) -> &[u8] {
    let mut string = bytes;
    while let Some((&last, rest)) = string.split_last()
        && last == padding
    {
        string = rest;
    }
    string
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_padding_ends_a_string_in_its_own_way() {
        for (padding, bytes, expected) in [
            (StringPadding::NullTerminate, &b"ab\0cd\0"[..], &b"ab"[..]),
            (StringPadding::NullTerminate, b"full", b"full"),
            (StringPadding::NullTerminate, b"\0\0", b""),
            (StringPadding::NullPad, b"ab\0cd\0\0", b"ab\0cd"),
            (StringPadding::NullPad, b"ab  ", b"ab  "),
            (StringPadding::SpacePad, b" a b  ", b" a b"),
            (StringPadding::SpacePad, b"   ", b""),
            (StringPadding::SpacePad, b"4.1 \0", b"4.1"),
            (StringPadding::SpacePad, b"", b""),
        ] {
            assert_eq!(without_padding(bytes, padding), expected, "{padding:?} {bytes:?}");
        }
    }
}
