//! Types as NumPy names them (`numpy.lib.format`, `numpy.dtype`).

use std::fmt::Write as _;

/// A type of NumPy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NumpyType {
    /// A number, or bytes of a fixed size.
    Simple {
        /// `b`, `i`, `u`, `f`, `c`, `S` or `V`.
        letter: char,
        /// Bytes of an element.
        size: u32,
        /// Whether the most significant byte comes first.
        is_big_endian: bool,
    },
    /// Members side by side, perhaps with gaps.
    Record { fields: Vec<NumpyField>, size: u32 },
    /// A small array in each element.
    Array { dimensions: Vec<u32>, base: Box<NumpyType> },
}

/// A member of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NumpyField {
    pub(crate) name: String,
    pub(crate) offset: u32,
    pub(crate) numpy_type: NumpyType,
}

impl NumpyType {
    /// One that is little-endian, or of single bytes.
    pub(crate) fn simple(letter: char, size: u32) -> Self {
        Self::Simple { letter, size, is_big_endian: false }
    }

    /// Bytes of an element.
    pub(crate) fn size(&self) -> u32 {
        match self {
            Self::Simple { size, .. } | Self::Record { size, .. } => *size,
            Self::Array { dimensions, base } => {
                dimensions.iter().fold(base.size(), |size, count| size.saturating_mul(*count))
            }
        }
    }

    /// The description of a type in the head of an `npy` file: a literal of Python. Of an array it
    /// is that of its elements, whose dimensions belong to the shape.
    pub(crate) fn description(&self) -> String {
        match self {
            Self::Simple { .. } => literal(&self.simple_text()),
            Self::Record { fields, size } => record(fields, *size),
            Self::Array { base, .. } => base.description(),
        }
    }

    /// The dimensions of the small array in each element; none for others.
    pub(crate) fn inner_shape(&self) -> Vec<u64> {
        match self {
            Self::Array { dimensions, base } => {
                let own = dimensions.iter().map(|&count| u64::from(count));
                own.chain(base.inner_shape()).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Whether it is of numbers whose most significant byte comes first.
    pub(crate) fn is_big_endian(&self) -> bool {
        match self {
            Self::Simple { is_big_endian, .. } => *is_big_endian,
            Self::Array { base, .. } => base.is_big_endian(),
            Self::Record { .. } => false,
        }
    }

    /// `<f8`, `|S4`.
    fn simple_text(&self) -> String {
        let Self::Simple { letter, size, is_big_endian } = self else { return String::new() };
        let order = match (letter, size) {
            ('S' | 'V' | 'b', _) | (_, 1) => '|',
            _ if *is_big_endian => '>',
            _ => '<',
        };
        format!("{order}{letter}{size}")
    }
}

/// `[('a', '<i4'), ('', '|V4'), ('b', '<f8', (2, 3))]`: a member without a name is a gap.
fn record(fields: &[NumpyField], size: u32) -> String {
    let mut text = String::from("[");
    let mut end = 0;
    let gap = |text: &mut String, from: u32, to: u32| {
        if let Some(bytes @ 1..) = to.checked_sub(from) {
            let _ = write!(text, "('', '|V{bytes}'), ");
        }
    };
    for NumpyField { name, offset, numpy_type } in fields {
        gap(&mut text, end, *offset);
        let (name, description) = (literal(name), numpy_type.description());
        let _ = match numpy_type.inner_shape().as_slice() {
            [] => write!(text, "({name}, {description}), "),
            inner => write!(text, "({name}, {description}, {}), ", shape_text(inner)),
        };
        end = offset.saturating_add(numpy_type.size());
    }
    gap(&mut text, end, size);
    if text.len() > 1 {
        text.truncate(text.len() - 2);
    }
    text.push(']');
    text
}

/// `(3, 4)`, `(3,)`, `()`.
pub(crate) fn shape_text(shape: &[u64]) -> String {
    let counts: Vec<String> = shape.iter().map(u64::to_string).collect();
    match counts.as_slice() {
        [only] => format!("({only},)"),
        counts => format!("({})", counts.join(", ")),
    }
}

/// A text as Python writes it between quotes.
fn literal(text: &str) -> String {
    let mut quoted = String::from("'");
    for letter in text.chars() {
        match letter {
            '\'' | '\\' => quoted.extend(['\\', letter]),
            control if control.is_control() => {
                let _ = write!(quoted, "\\u{:04x}", u32::from(control));
            }
            letter => quoted.push(letter),
        }
    }
    quoted.push('\'');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(name: &str, offset: u32, numpy_type: NumpyType) -> NumpyField {
        NumpyField { name: name.to_owned(), offset, numpy_type }
    }

    #[test]
    fn simple_types_say_their_order_where_it_means_something() {
        let big = NumpyType::Simple { letter: 'f', size: 8, is_big_endian: true };
        let types = [big, NumpyType::simple('i', 4), NumpyType::simple('u', 1)];
        assert_eq!(types.map(|simple| simple.description()), ["'>f8'", "'<i4'", "'|u1'"]);
        let types = [NumpyType::simple('b', 1), NumpyType::simple('S', 12)];
        assert_eq!(types.map(|simple| simple.description()), ["'|b1'", "'|S12'"]);
    }

    #[test]
    fn records_say_their_gaps_and_arrays() {
        let base = Box::new(NumpyType::simple('f', 8));
        let array = NumpyType::Array { dimensions: vec![2, 3], base };
        let fields = vec![field("a", 0, NumpyType::simple('i', 4)), field("it's", 8, array)];
        let record = NumpyType::Record { fields, size: 60 };
        assert_eq!(
            record.description(),
            r"[('a', '<i4'), ('', '|V4'), ('it\'s', '<f8', (2, 3)), ('', '|V4')]"
        );
    }

    #[test]
    fn a_shape_is_a_tuple() {
        let shapes: [&[u64]; 3] = [&[], &[3], &[3, 0]];
        assert_eq!(shapes.map(shape_text), ["()", "(3,)", "(3, 0)"]);
    }
}
