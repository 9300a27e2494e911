//! What goes to the terminal.

mod check;
mod progress;
mod shapes;
mod table;
mod values;

use std::borrow::Cow;
use std::fmt::Write as _;

pub(crate) use check::write_check;
pub(crate) use progress::Progress;
pub(crate) use shapes::{child_cells, filters_text, shape_text};
pub(crate) use table::Table;
pub(crate) use values::value_text;

/// Text of a file or a store, safe to write to a terminal: control characters, and those that turn
/// the direction of writing, are shown as escapes.
pub(crate) fn escaped(text: &str) -> Cow<'_, str> {
    if !text.contains(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        if is_unsafe(character) {
            // Writing to a String does not fail.
            let _ = write!(safe, "{}", character.escape_default());
        } else {
            safe.push(character);
        }
    }
    Cow::Owned(safe)
}

fn is_unsafe(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_shown_and_not_obeyed() {
        assert_eq!(escaped("a\u{1b}[31mb\n"), "a\\u{1b}[31mb\\n");
        assert_eq!(escaped("x\u{202e}5h.y"), "x\\u{202e}5h.y");
        assert!(matches!(escaped("Größe – 5 µm"), Cow::Borrowed(_)));
    }
}
