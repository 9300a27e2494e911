//! What has to be done to an element of some type, part by part, and the type that it then has.

use h5range::decode::message::datatype::{
    ByteOrder, Datatype, DatatypeClass, FloatingPoint, Member, Normalization, StringPadding,
};

use super::Dtype;
use super::form::{Change, Step};
use super::numpy::{NumpyField, NumpyType};
use crate::datatype::{complex_parts, is_boolean, is_ieee};
use crate::path::lossy;

/// Steps of one element: a record of as many numbers is none that anybody reads.
const STEPS_MAX: usize = 1 << 16;

/// Why a type has no form, as a noun.
pub(crate) type NoForm = String;

/// The steps so far.
pub(super) struct Plan {
    dtype: Dtype,
    steps: Vec<Step>,
}

impl Plan {
    /// The steps for elements of `datatype`, and the type that they lead to.
    ///
    /// # Errors
    ///
    /// For what has no bytes of its own, or no type that is near.
    pub(super) fn of(datatype: &Datatype, dtype: Dtype) -> Result<(NumpyType, Vec<Step>), NoForm> {
        let mut plan = Self { dtype, steps: Vec::new() };
        let numpy = plan.part(datatype, 0, 0)?;
        Ok((numpy, plan.steps))
    }

    /// A part of this type: `from` is where it is in the element, `to` where it shall be.
    fn part(&mut self, datatype: &Datatype, from: u32, to: u32) -> Result<NumpyType, NoForm> {
        let size = datatype.size;
        match &datatype.class {
            DatatypeClass::FixedPoint { order, signed, bit_offset, precision } => {
                let letter = if *signed { 'i' } else { 'u' };
                let is_whole = *bit_offset == 0 && u32::from(*precision) == size.saturating_mul(8);
                if is_whole && matches!(size, 1 | 2 | 4 | 8) && *order != ByteOrder::Vax {
                    return self.number(letter, size, *order, from, to);
                }
                self.nearest(datatype, letter, from, to)
            }
            DatatypeClass::Bitfield { .. } | DatatypeClass::Time { .. } => {
                self.part(&as_number(datatype), from, to)
            }
            DatatypeClass::FloatingPoint(float) => self.float(datatype, float, from, to),
            DatatypeClass::Enumeration { .. } if is_boolean(datatype) => {
                self.step(from, 1, to, 1, Change::None)?;
                Ok(NumpyType::simple('b', 1))
            }
            DatatypeClass::Enumeration { base, .. } => self.part(base, from, to),
            DatatypeClass::Complex { base } => self.complex(base, from, to),
            DatatypeClass::Compound { members } => match complex_parts(datatype) {
                Some((real, _)) => self.complex(&real.datatype, from, to),
                None => self.record(members, size, from, to),
            },
            DatatypeClass::Array { dimensions, base } => self.array(dimensions, base, from, to),
            DatatypeClass::String { padding: StringPadding::NullPad, .. } => {
                self.step(from, size, to, size, Change::None)?;
                Ok(NumpyType::simple('S', size))
            }
            DatatypeClass::String { padding, .. } => {
                self.step(from, size, to, size, Change::Trim(*padding))?;
                Ok(NumpyType::simple('S', size))
            }
            DatatypeClass::Opaque { .. } => {
                self.step(from, size, to, size, Change::None)?;
                Ok(NumpyType::simple('V', size))
            }
            DatatypeClass::VariableLength { .. } => Err("elements of variable length".to_owned()),
            DatatypeClass::Reference { .. } => Err("references".to_owned()),
        }
    }

    /// A number that NumPy knows.
    fn number(
        &mut self,
        letter: char,
        size: u32,
        order: ByteOrder,
        from: u32,
        to: u32,
    ) -> Result<NumpyType, NoForm> {
        let is_big_endian = order == ByteOrder::BigEndian && size > 1;
        let turned = is_big_endian && self.dtype != Dtype::Origin;
        let change = if turned { Change::Reverse(size as usize) } else { Change::None };
        self.step(from, size, to, size, change)?;
        Ok(NumpyType::Simple { letter, size, is_big_endian: is_big_endian && !turned })
    }

    /// A number that NumPy has no name for.
    fn nearest(
        &mut self,
        datatype: &Datatype,
        letter: char,
        from: u32,
        to: u32,
    ) -> Result<NumpyType, NoForm> {
        let stays = self.dtype == Dtype::Origin && is_big_endian(datatype);
        let order = if stays { ByteOrder::BigEndian } else { ByteOrder::LittleEndian };
        let target = nearest(datatype, order)?;
        let size = target.size;
        let is_big_endian = stays && size > 1;
        let change = Change::Convert(Box::new((datatype.clone(), target)));
        self.step(from, datatype.size, to, size, change)?;
        Ok(NumpyType::Simple { letter, size, is_big_endian })
    }

    fn float(
        &mut self,
        datatype: &Datatype,
        float: &FloatingPoint,
        from: u32,
        to: u32,
    ) -> Result<NumpyType, NoForm> {
        let size = datatype.size;
        let is_known = is_ieee(size, float) && size <= 8 && float.order != ByteOrder::Vax;
        let stays = self.dtype != Dtype::Safe || size > 2;
        if is_known && stays {
            return self.number('f', size, float.order, from, to);
        }
        if is_long_double(size, float) && self.dtype != Dtype::Safe {
            return self.number('f', size, float.order, from, to);
        }
        self.nearest(datatype, 'f', from, to)
    }

    /// Two numbers, which NumPy knows as one where they are of single or double precision.
    fn complex(&mut self, base: &Datatype, from: u32, to: u32) -> Result<NumpyType, NoForm> {
        let real = self.part(base, from, to)?;
        let (from, to) = (from.saturating_add(base.size), to.saturating_add(real.size()));
        let imaginary = self.part(base, from, to)?;
        let size = real.size().saturating_mul(2);
        Ok(match real {
            NumpyType::Simple { letter: 'f', size: 4 | 8, is_big_endian } => {
                NumpyType::Simple { letter: 'c', size, is_big_endian }
            }
            real => {
                let offset = real.size();
                let field = |name: &str, offset, numpy_type| NumpyField {
                    name: name.to_owned(),
                    offset,
                    numpy_type,
                };
                let fields = vec![field("r", 0, real), field("i", offset, imaginary)];
                NumpyType::Record { fields, size }
            }
        })
    }

    /// Members in their places; one behind the other where one of them changes its size, or they do
    /// not stand in the order of the file.
    fn record(
        &mut self,
        members: &[Member],
        size: u32,
        from: u32,
        to: u32,
    ) -> Result<NumpyType, NoForm> {
        // Where a member shall be is known when all types are: until then it is at the beginning.
        let (mut types, mut first_steps) = (Vec::new(), Vec::new());
        for member in members {
            first_steps.push(self.steps.len());
            types.push(self.part(&member.datatype, from.saturating_add(member.offset), to)?);
        }
        let (offsets, size) = places(members, &types, size);
        let ends = first_steps.iter().skip(1).copied().chain([self.steps.len()]);
        for ((&first, end), &offset) in first_steps.iter().zip(ends).zip(&offsets) {
            for step in self.steps.get_mut(first..end).unwrap_or_default() {
                step.to = step.to.saturating_add(offset as usize);
            }
        }
        let fields =
            members.iter().zip(types).zip(offsets).map(|((member, numpy_type), offset)| {
                NumpyField { name: lossy(&member.name), offset, numpy_type }
            });
        Ok(NumpyType::Record { fields: fields.collect(), size })
    }

    fn array(
        &mut self,
        dimensions: &[u32],
        base: &Datatype,
        from: u32,
        to: u32,
    ) -> Result<NumpyType, NoForm> {
        let count = dimensions.iter().fold(1_u32, |count, &size| count.saturating_mul(size));
        let before = self.steps.len();
        let numpy = self.part(base, from, to)?;
        let (every, every_made) = (base.size, numpy.size());
        let first = self.steps.get(before..).unwrap_or_default().to_vec();
        match first.as_slice() {
            // What is done to each number of one type is done to all of them at once.
            [Step { change: change @ (Change::None | Change::Reverse(_)), .. }] => {
                self.steps.truncate(before);
                let (bytes, made) = (every.saturating_mul(count), every_made.saturating_mul(count));
                self.step(from, bytes, to, made, change.clone())?;
            }
            // Compounds without members: there may be billions of them.
            [] => {}
            first => {
                for number in 1..count {
                    let from = number.saturating_mul(every) as usize;
                    let to = number.saturating_mul(every_made) as usize;
                    for step in first {
                        self.push(step.moved(from, to))?;
                    }
                }
            }
        }
        Ok(NumpyType::Array { dimensions: dimensions.to_vec(), base: Box::new(numpy) })
    }

    fn step(
        &mut self,
        from: u32,
        from_bytes: u32,
        to: u32,
        to_bytes: u32,
        change: Change,
    ) -> Result<(), NoForm> {
        let [from, from_bytes, to, to_bytes] =
            [from, from_bytes, to, to_bytes].map(|number| number as usize);
        self.push(Step { from, from_bytes, to, to_bytes, change })
    }

    fn push(&mut self, step: Step) -> Result<(), NoForm> {
        if self.steps.len() >= STEPS_MAX {
            return Err(format!("elements of more than {STEPS_MAX} numbers"));
        }
        self.steps.push(step);
        Ok(())
    }
}

/// Where members of these types are in a record, and its size: as in the file, where a record was of
/// `size` bytes, or one behind the other.
fn places(members: &[Member], types: &[NumpyType], size: u32) -> (Vec<u32>, u32) {
    let same_sizes = members
        .iter()
        .zip(types)
        .all(|(member, numpy_type)| member.datatype.size == numpy_type.size());
    let is_ordered = members.windows(2).all(|pair| match pair {
        [one, next] => one.offset.saturating_add(one.datatype.size) <= next.offset,
        _ => true,
    });
    if same_sizes && is_ordered {
        return (members.iter().map(|member| member.offset).collect(), size);
    }
    let mut end = 0_u32;
    let packed = types.iter().map(|numpy_type| {
        let offset = end;
        end = end.saturating_add(numpy_type.size());
        offset
    });
    (packed.collect(), end)
}

/// The 80 bits of x87 in 16 bytes: what NumPy knows as `f16` on most machines.
fn is_long_double(size: u32, float: &FloatingPoint) -> bool {
    size == 16
        && float.order == ByteOrder::LittleEndian
        && (float.exponent_size, float.mantissa_size, float.precision) == (15, 64, 80)
}

/// Bitfields and times as the integers that they are; all else as it is.
pub(super) fn as_number(datatype: &Datatype) -> Datatype {
    let size = datatype.size;
    let (order, signed, bit_offset, precision) = match datatype.class {
        DatatypeClass::Bitfield { order, bit_offset, precision } => {
            (order, false, bit_offset, precision)
        }
        DatatypeClass::Time { order, precision } => (order, true, 0, precision),
        _ => return datatype.clone(),
    };
    let class = DatatypeClass::FixedPoint { order, signed, bit_offset, precision };
    Datatype { size, class }
}

/// The type for numbers of unused bits, or of a width that is no power of two: the next larger one;
/// double precision for what is longer. In this byte order, which is not that of VAX.
pub(crate) fn nearest(datatype: &Datatype, order: ByteOrder) -> Result<Datatype, NoForm> {
    match &datatype.class {
        DatatypeClass::FixedPoint { signed, precision, .. } => {
            if *precision > 64 || datatype.size > 16 {
                return Err("integers of more than 64 bits".to_owned());
            }
            Ok(integer(datatype.size.next_power_of_two().min(8), *signed, order))
        }
        DatatypeClass::FloatingPoint(float) => {
            let fits_single = float.exponent_size <= 8 && float.mantissa_size <= 23;
            Ok(if fits_single { single(order) } else { ieee(8, 11, 52, 1023, order) })
        }
        _ => Err("what is no number".to_owned()),
    }
}

fn is_big_endian(number: &Datatype) -> bool {
    match &number.class {
        DatatypeClass::FixedPoint { order, .. } => *order == ByteOrder::BigEndian,
        DatatypeClass::FloatingPoint(float) => float.order == ByteOrder::BigEndian,
        _ => false,
    }
}

fn integer(size: u32, signed: bool, order: ByteOrder) -> Datatype {
    let precision = u16::try_from(size.saturating_mul(8)).unwrap_or(64);
    Datatype { size, class: DatatypeClass::FixedPoint { order, signed, bit_offset: 0, precision } }
}

fn single(order: ByteOrder) -> Datatype {
    ieee(4, 8, 23, 127, order)
}

/// A little-endian number of double precision.
pub(crate) fn double() -> Datatype {
    ieee(8, 11, 52, 1023, ByteOrder::LittleEndian)
}

fn ieee(
    size: u32,
    exponent_size: u8,
    mantissa_size: u8,
    exponent_bias: u32,
    order: ByteOrder,
) -> Datatype {
    let bits = exponent_size.saturating_add(mantissa_size);
    Datatype {
        size,
        class: DatatypeClass::FloatingPoint(FloatingPoint {
            order,
            bit_offset: 0,
            precision: u16::from(bits).saturating_add(1),
            sign_location: bits,
            exponent_location: mantissa_size,
            exponent_size,
            mantissa_location: 0,
            mantissa_size,
            exponent_bias,
            normalization: Normalization::Implied,
        }),
    }
}
