//! From the elements of a file to those that `bin` and `npy` have: the same bytes where NumPy knows
//! the type, else the nearest type that it knows.

use bytes::Bytes;
use h5range::convert;
use h5range::decode::message::datatype::{Datatype, StringPadding};

use super::numpy::NumpyType;
use super::plan::{NoForm, Plan};
use super::{Block, Dtype};
use crate::error::{ErrorCode, ExplorerError, Result};

/// How many times their size elements grow at most: numbers of 8 bits become single precision. A
/// compound of a forged file can have the same bytes in thousands of members.
const GROWTH_MAX: u64 = 4;

/// How elements of one type are given.
#[derive(Debug)]
pub(crate) struct Form {
    numpy: NumpyType,
    steps: Vec<Step>,
    from_bytes: usize,
    to_bytes: usize,
}

/// What becomes of a part of an element.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Step {
    pub(super) from: usize,
    pub(super) from_bytes: usize,
    pub(super) to: usize,
    pub(super) to_bytes: usize,
    pub(super) change: Change,
}

/// How it changes.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Change {
    /// Not at all.
    None,
    /// Numbers of so many bytes are turned round.
    Reverse(usize),
    /// A string without what stands behind it, and zeros.
    Trim(StringPadding),
    /// Numbers of another type.
    Convert(Box<(Datatype, Datatype)>),
}

impl Form {
    /// The form of elements of `datatype`.
    ///
    /// # Errors
    ///
    /// For what has no bytes of its own: elements of variable length, references.
    pub(crate) fn of(datatype: &Datatype, dtype: Dtype) -> Result<Self, NoForm> {
        let (numpy, steps) = Plan::of(datatype, dtype)?;
        let (from_bytes, to_bytes) = (datatype.size as usize, numpy.size() as usize);
        if to_bytes == 0 {
            return Err("elements without bytes".to_owned());
        }
        check_growth(from_bytes as u64, to_bytes as u64)?;
        Ok(Self { numpy, steps, from_bytes, to_bytes })
    }

    /// The type that the elements have.
    pub(crate) fn numpy(&self) -> &NumpyType {
        &self.numpy
    }

    /// Bytes of an element.
    pub(crate) fn element_bytes(&self) -> u64 {
        self.to_bytes as u64
    }

    /// Bytes of an array of this `shape`; `None` where they do not fit 64 bits.
    pub(crate) fn size_bytes(&self, shape: &[u64]) -> Option<u64> {
        if shape.contains(&0) {
            return Some(0);
        }
        shape.iter().try_fold(self.element_bytes(), |bytes, &count| bytes.checked_mul(count))
    }

    /// The elements of a block in this form.
    ///
    /// # Errors
    ///
    /// For numbers of a shape that nothing is known of.
    pub(crate) fn block(&self, block: Block) -> Result<Bytes> {
        let Block::Bytes(elements) = block else { return Ok(Bytes::new()) };
        if let [Step { change: Change::None, .. }] = self.steps.as_slice()
            && self.from_bytes == self.to_bytes
        {
            return Ok(elements);
        }
        let count = elements.len() / self.from_bytes.max(1);
        let mut made = vec![0; count.saturating_mul(self.to_bytes)];
        for step in &self.steps {
            step.apply(&elements, self.from_bytes, &mut made, self.to_bytes)?;
        }
        Ok(made.into())
    }
}

impl Step {
    /// The same for a part that is so many bytes further in the element, and in what is made of it.
    pub(super) fn moved(&self, from: usize, to: usize) -> Self {
        Self {
            from: self.from.saturating_add(from),
            to: self.to.saturating_add(to),
            ..self.clone()
        }
    }

    /// Does it for all elements: `every` bytes of `from` are one, `every_made` of `made`.
    fn apply(&self, from: &[u8], every: usize, made: &mut [u8], every_made: usize) -> Result<()> {
        let parts = from.chunks_exact(every.max(1));
        let parts = parts.filter_map(|element| part(element, self.from, self.from_bytes));
        let places = made.chunks_exact_mut(every_made.max(1)).filter_map(|element| {
            element.get_mut(self.to..).and_then(|element| element.get_mut(..self.to_bytes))
        });
        let Change::Convert(types) = &self.change else {
            parts.zip(places).for_each(|(part, place)| self.change.copy(part, place));
            return Ok(());
        };
        let numbers: Vec<u8> = parts.flatten().copied().collect();
        let numbers = convert(&types.0, &types.1, &numbers).ok_or_else(odd_numbers)?;
        let numbers = numbers.chunks_exact(self.to_bytes.max(1));
        numbers.zip(places).for_each(|(part, place)| place.copy_from_slice(part));
        Ok(())
    }
}

impl Change {
    /// For parts that stay as long as they are.
    fn copy(&self, part: &[u8], place: &mut [u8]) {
        place.iter_mut().zip(part).for_each(|(to, from)| *to = *from);
        match self {
            Self::None | Self::Convert(_) => {}
            Self::Reverse(bytes) => {
                place.chunks_exact_mut((*bytes).max(1)).for_each(<[u8]>::reverse);
            }
            Self::Trim(padding) => {
                let end = text_end(part, *padding);
                place.iter_mut().skip(end).for_each(|byte| *byte = 0);
            }
        }
    }
}

fn part(element: &[u8], start: usize, length: usize) -> Option<&[u8]> {
    element.get(start..)?.get(..length)
}

/// Where a string ends.
fn text_end(bytes: &[u8], padding: StringPadding) -> usize {
    match padding {
        StringPadding::SpacePad => {
            bytes.iter().rposition(|byte| *byte != b' ').map_or(0, |last| last.saturating_add(1))
        }
        _ => bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len()),
    }
}

/// # Errors
///
/// When elements of `from_bytes` become so much larger that their members must overlap.
pub(super) fn check_growth(from_bytes: u64, to_bytes: u64) -> Result<(), NoForm> {
    if to_bytes > from_bytes.saturating_mul(GROWTH_MAX) {
        return Err("compounds whose members overlap".to_owned());
    }
    Ok(())
}

pub(super) fn odd_numbers() -> ExplorerError {
    let detail = "not supported: numbers of this shape in another one; json may have them";
    ExplorerError::new(ErrorCode::Unsupported, detail)
}

#[cfg(test)]
mod tests {
    use h5range::decode::message::datatype::{
        ByteOrder, CharacterSet, DatatypeClass, Member, VariableLengthKind,
    };

    use super::*;
    use crate::datatype::testing::{float_type, integer_type};
    use ByteOrder::{BigEndian, LittleEndian};

    /// The description of the type, and what becomes of `elements`.
    fn form(datatype: &Datatype, dtype: Dtype, elements: &[u8]) -> (String, Vec<u8>) {
        let form = Form::of(datatype, dtype).unwrap();
        let block = Block::Bytes(Bytes::copy_from_slice(elements));
        (form.numpy().description(), form.block(block).unwrap().to_vec())
    }

    fn compound(members: &[(u32, Datatype)], size: u32) -> Datatype {
        let members = members.iter().enumerate().map(|(number, (offset, datatype))| Member {
            name: format!("m{number}").into_bytes(),
            offset: *offset,
            datatype: datatype.clone(),
        });
        Datatype { size, class: DatatypeClass::Compound { members: members.collect() } }
    }

    #[test]
    fn numbers_stay_as_they_are_or_become_safe() {
        let big = integer_type(2, true, BigEndian);
        assert_eq!(form(&big, Dtype::Origin, &[1, 2]), ("'>i2'".to_owned(), vec![1, 2]));
        assert_eq!(form(&big, Dtype::Safe, &[1, 2]), ("'<i2'".to_owned(), vec![2, 1]));
        let half = float_type(2, LittleEndian);
        let bytes = [0x00, 0x3c, 0x00, 0xc0];
        assert_eq!(form(&half, Dtype::Origin, &bytes), ("'<f2'".to_owned(), bytes.to_vec()));
        let singles: Vec<u8> = [1_f32, -2.0].into_iter().flat_map(f32::to_le_bytes).collect();
        assert_eq!(form(&half, Dtype::Safe, &bytes), ("'<f4'".to_owned(), singles));
        let long = integer_type(8, false, LittleEndian);
        assert_eq!(form(&long, Dtype::Safe, &[7; 8]), ("'<u8'".to_owned(), vec![7; 8]));
    }

    #[test]
    fn what_numpy_has_no_name_for_becomes_the_next_larger_number() {
        let odd = integer_type(3, true, BigEndian);
        let number = [0xff, 0xff, 0xfe];
        let (big, little) = ((-2_i32).to_be_bytes().to_vec(), (-2_i32).to_le_bytes().to_vec());
        assert_eq!(form(&odd, Dtype::Origin, &number), ("'>i4'".to_owned(), big));
        assert_eq!(form(&odd, Dtype::Safe, &number), ("'<i4'".to_owned(), little));
        assert!(Form::of(&integer_type(16, true, LittleEndian), Dtype::Origin).is_err());
    }

    #[test]
    fn members_keep_their_places_unless_one_changes_its_size() {
        let members = [(0, integer_type(1, false, LittleEndian)), (4, float_type(2, BigEndian))];
        let record = compound(&members, 8);
        let element = [9, 0, 0, 0, 0x3c, 0x00, 0, 0];
        let (description, bytes) = form(&record, Dtype::Origin, &element);
        assert_eq!(description, "[('m0', '|u1'), ('', '|V3'), ('m1', '>f2'), ('', '|V2')]");
        assert_eq!(bytes, element);
        let (description, bytes) = form(&record, Dtype::Safe, &[element, element].concat());
        assert_eq!(description, "[('m0', '|u1'), ('m1', '<f4')]");
        assert_eq!(bytes, [[9, 0, 0, 0x80, 0x3f], [9, 0, 0, 0x80, 0x3f]].concat());
    }

    #[test]
    fn arrays_of_numbers_are_turned_at_once() {
        let base = Box::new(integer_type(2, true, BigEndian));
        let class = DatatypeClass::Array { dimensions: vec![2, 2], base };
        let array = Datatype { size: 8, class };
        let form = Form::of(&array, Dtype::Safe).unwrap();
        assert_eq!((form.numpy().inner_shape(), form.steps.len()), (vec![2, 2], 1));
        let block = Block::Bytes(Bytes::from_static(&[0, 1, 0, 2, 0, 3, 0, 4]));
        assert_eq!(form.block(block).unwrap(), [1, 0, 2, 0, 3, 0, 4, 0][..]);
    }

    #[test]
    fn nested_members_are_moved_with_what_they_are_in() {
        let odd = integer_type(3, false, LittleEndian);
        let inner = compound(&[(0, odd), (3, integer_type(1, false, LittleEndian))], 4);
        let class = DatatypeClass::Array { dimensions: vec![2], base: Box::new(inner) };
        let outer = [(0, integer_type(1, false, LittleEndian)), (1, Datatype { size: 8, class })];
        let element = [7, 1, 0, 0, 2, 3, 0, 0, 4];
        let (description, bytes) = form(&compound(&outer, 9), Dtype::Origin, &element);
        let inner = "[('m0', '<u4'), ('m1', '|u1')]";
        assert_eq!(description, format!("[('m0', '|u1'), ('m1', {inner}, (2,))]"));
        assert_eq!(bytes, [7, 1, 0, 0, 0, 2, 3, 0, 0, 0, 4]);
    }

    #[test]
    fn no_nesting_takes_more_steps_than_there_are_numbers() {
        let mut nested = integer_type(3, false, LittleEndian);
        for _ in 0..60 {
            nested = compound(&[(0, nested)], 3);
        }
        let (_, bytes) = form(&nested, Dtype::Origin, &[1, 2, 3]);
        assert_eq!(bytes, [1, 2, 3, 0]);
        let base = Box::new(compound(&[], 1));
        let class = DatatypeClass::Array { dimensions: vec![u32::MAX], base };
        let nothing = Datatype { size: u32::MAX, class };
        assert!(Form::of(&nothing, Dtype::Origin).is_ok());
        let several = [(0, integer_type(3, false, LittleEndian)), (3, nested)];
        let class = DatatypeClass::Array {
            dimensions: vec![1 << 20],
            base: Box::new(compound(&several, 6)),
        };
        let why = Form::of(&Datatype { size: 6 << 20, class }, Dtype::Origin).unwrap_err();
        assert!(why.contains("more than 65536 numbers"), "{why}");
    }

    #[test]
    fn members_that_share_bytes_do_not_make_elements_grow_without_bound() {
        let member = integer_type(8, false, LittleEndian);
        let overlapping = |count| compound(&vec![(0, member.clone()); count], 8);
        assert!(Form::of(&overlapping(4), Dtype::Origin).is_ok());
        let why = Form::of(&overlapping(5), Dtype::Origin).unwrap_err();
        assert_eq!(why, "compounds whose members overlap");
    }

    #[test]
    fn texts_lose_what_stands_behind_them() {
        let charset = CharacterSet::Ascii;
        for (padding, stored, text) in [
            (StringPadding::NullTerminate, b"ab\0x", b"ab\0\0"),
            (StringPadding::SpacePad, b"a b ", b"a b\0"),
            (StringPadding::NullPad, b"ab\0\0", b"ab\0\0"),
        ] {
            let datatype = Datatype { size: 4, class: DatatypeClass::String { padding, charset } };
            assert_eq!(form(&datatype, Dtype::Origin, stored), ("'|S4'".to_owned(), text.to_vec()));
        }
    }

    #[test]
    fn what_has_no_bytes_of_its_own_has_no_form() {
        let base = Box::new(integer_type(4, true, LittleEndian));
        let class = DatatypeClass::VariableLength { kind: VariableLengthKind::Sequence, base };
        let sequence = Datatype { size: 16, class };
        for datatype in [sequence.clone(), compound(&[(0, sequence)], 16)] {
            let why = Form::of(&datatype, Dtype::Origin).unwrap_err();
            assert_eq!(why, "elements of variable length");
        }
    }
}
