//! Where elements say which collections of the global heap they refer to, and what stands there
//! changed: elements that come together from several files refer to the heaps of all of these.

use crate::budget::Budget;
use crate::decode::message::datatype::{Datatype, DatatypeClass};
use crate::decode::{Address, Cursor, Widths};
use crate::error::{Error, Result};
use crate::value::variable_length;

const ELEMENT: &str = "element";

/// The places in an element of a type at which sequences and strings of variable length stand.
#[derive(Debug, Clone)]
pub(crate) struct HeapPlaces {
    places: Vec<usize>,
    element_bytes: usize,
    widths: Widths,
}

impl HeapPlaces {
    /// Those of `datatype`. Of references into the heap, and of what is in the heap itself, there are
    /// none here.
    ///
    /// # Errors
    ///
    /// When they are more than `budget` pays for.
    pub(crate) fn of(datatype: &Datatype, widths: Widths, budget: &Budget) -> Result<Self> {
        let mut places = Vec::new();
        add_places(datatype, 0, &mut places, budget)?;
        let element_bytes = usize::try_from(datatype.size).unwrap_or(usize::MAX);
        Ok(Self { places, element_bytes, widths })
    }

    /// The widths of the addresses there.
    pub(crate) fn widths(&self) -> Widths {
        self.widths
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// Puts what `replace` says of it in the place of the address of each collection. Elements that
    /// refer to none have zeros there.
    ///
    /// # Errors
    ///
    /// That of `replace`; when an element ends before one of its places, or what is to stand there
    /// does not fit the width of an address.
    pub(crate) fn replace(
        &self,
        elements: &mut [u8],
        mut replace: impl FnMut(Address) -> Result<Address>,
    ) -> Result<()> {
        for element in elements.chunks_exact_mut(self.element_bytes) {
            for &place in &self.places {
                let address = self.address_at(place, element)?.map(&mut replace).transpose()?;
                self.put(address.map_or(0, Address::get), place, element)?;
            }
        }
        Ok(())
    }

    /// The address of the first collection that an element refers to; `None` where there is none.
    ///
    /// # Errors
    ///
    /// As above.
    pub(crate) fn first(&self, element: &[u8]) -> Result<Option<Address>> {
        for &place in &self.places {
            if let Some(address) = self.address_at(place, element)? {
                return Ok(Some(address));
            }
        }
        Ok(None)
    }

    fn address_at(&self, place: usize, element: &[u8]) -> Result<Option<Address>> {
        let stored = element.get(place..).unwrap_or_default();
        let mut cursor = Cursor::new(stored, ELEMENT, Address::new(0), self.widths);
        Ok(variable_length::decode(&mut cursor)?.id.collection)
    }

    /// Behind the length of the sequence, in the bytes that were decoded before.
    fn put(&self, address: u64, place: usize, element: &mut [u8]) -> Result<()> {
        let width = usize::from(self.widths.offset);
        let bytes = address.to_le_bytes();
        let (used, beyond) = bytes.split_at(width.min(bytes.len()));
        let is_undefined = used.iter().all(|byte| *byte == u8::MAX);
        let target = element.get_mut(place..).and_then(|from| from.get_mut(LENGTH_BYTES..));
        let target = target.and_then(|from| from.get_mut(..width));
        match target {
            Some(target) if !is_undefined && beyond.iter().all(|byte| *byte == 0) => {
                target.fill(0);
                target.iter_mut().zip(used).for_each(|(target, byte)| *target = *byte);
                Ok(())
            }
            _ => Err(Error::unsupported(format!("{address} as an address of {width} bytes"))),
        }
    }
}

/// Bytes of the length that a sequence begins with.
const LENGTH_BYTES: usize = 4;

/// Adds the places in an element of `datatype`, which starts at `start` of the whole one.
fn add_places(
    datatype: &Datatype,
    start: u64,
    places: &mut Vec<usize>,
    budget: &Budget,
) -> Result<()> {
    match &datatype.class {
        DatatypeClass::VariableLength { .. } => {
            budget.list::<usize>(1)?;
            places.push(usize::try_from(start).unwrap_or(usize::MAX));
        }
        DatatypeClass::Array { base, .. } => {
            let count = u64::from(datatype.size) / u64::from(base.size.max(1));
            let first = places.len();
            add_places(base, start, places, budget)?;
            let of_one = places.get(first..).unwrap_or_default().to_vec();
            if of_one.is_empty() {
                // There may be billions of elements of which none refers to anything.
                return Ok(());
            }
            budget.list::<usize>(count.saturating_mul(of_one.len() as u64))?;
            for step in (1..count).map(|index| index.saturating_mul(base.size.into())) {
                let step = usize::try_from(step).unwrap_or(usize::MAX);
                places.extend(of_one.iter().map(|place| place.saturating_add(step)));
            }
        }
        DatatypeClass::Compound { members } => {
            for member in members {
                let start = start.saturating_add(member.offset.into());
                add_places(&member.datatype, start, places, budget)?;
            }
        }
        _ => {}
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::budget::Limits;
    use crate::decode::message::datatype::{Member, VariableLengthKind};

    fn sequence() -> Datatype {
        let (kind, base) = (VariableLengthKind::Sequence, Box::new(number(1)));
        Datatype { size: 16, class: DatatypeClass::VariableLength { kind, base } }
    }

    fn number(size: u32) -> Datatype {
        Datatype { size, class: DatatypeClass::Opaque { tag: Vec::new() } }
    }

    /// A number, a sequence, and an array of two of them.
    fn record() -> Datatype {
        let pair = DatatypeClass::Array { dimensions: vec![2], base: Box::new(sequence()) };
        let pair = Datatype { size: 32, class: pair };
        let members = [(0, number(4)), (4, sequence()), (20, pair)];
        let member = |(offset, datatype)| Member { name: Vec::new(), offset, datatype };
        let members = members.into_iter().map(member).collect();
        Datatype { size: 52, class: DatatypeClass::Compound { members } }
    }

    fn places(widths: Widths) -> HeapPlaces {
        HeapPlaces::of(&record(), widths, &Budget::new(Limits::default())).unwrap()
    }

    fn stored(length: u32, address: u64) -> Vec<u8> {
        [&length.to_le_bytes()[..], &address.to_le_bytes(), &[7, 0, 0, 0]].concat()
    }

    #[test]
    fn sequences_are_found_in_members_and_arrays() {
        assert_eq!(places(Widths::EIGHT).places, [4, 20, 36]);
        let few = Budget::new(Limits { decoded_bytes: 20, ..Limits::default() });
        assert!(HeapPlaces::of(&record(), Widths::EIGHT, &few).is_err());
    }

    #[test]
    fn arrays_of_what_refers_to_nothing_are_not_gone_through() {
        let class = DatatypeClass::Array { dimensions: vec![u32::MAX], base: Box::new(number(1)) };
        let array = Datatype { size: u32::MAX, class };
        let places = HeapPlaces::of(&array, Widths::EIGHT, &Budget::new(Limits::default()));
        assert!(places.unwrap().is_empty());
    }

    #[test]
    fn addresses_are_replaced_and_what_is_empty_has_none() {
        let strings = [stored(3, 4096), stored(0, 99), stored(5, u64::MAX)].concat();
        let mut element = [&[1, 2, 3, 4][..], &strings].concat();
        let places = places(Widths::EIGHT);
        assert_eq!(places.first(&element), Ok(Some(Address::new(4096))));
        let mut met = Vec::new();
        let replaced = places.replace(&mut element, |address| {
            met.push(address.get());
            Ok(Address::new(1))
        });
        assert_eq!((replaced, met), (Ok(()), vec![4096]));
        let strings = [stored(3, 1), stored(0, 0), stored(5, 0)].concat();
        assert_eq!(element, [&[1, 2, 3, 4][..], &strings].concat());
        assert_eq!(places.first(&[0; 52]), Ok(None));
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let narrow = places(Widths { offset: 2, length: 8 });
        for (number, fits) in [(0xfffe, true), (0xffff, false), (0x1_0000, false)] {
            let mut element = [&[0; 4][..], &stored(3, 1), &[0; 32]].concat();
            let replaced = narrow.replace(&mut element, |_| Ok(Address::new(number)));
            assert_eq!(replaced.is_ok(), fits, "{number}");
        }
        let mut short = [1; 52];
        let wide = places(Widths { offset: 32, length: 8 });
        assert!(wide.replace(&mut short, Ok).is_err());
    }
}
