//! Complex numbers, each as one number that can be drawn.

use h5range::decode::message::datatype::Datatype;
use serde::Serialize;
use utoipa::ToSchema;

use super::numbers::Numbers;

/// Bytes of a number of double precision.
const DOUBLE_BYTES: usize = size_of::<f64>();

/// Which number of a complex one is shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ComplexPart {
    /// Its distance from zero.
    #[default]
    Amplitude,
    /// Its angle in radians, from -π to π.
    Phase,
    /// Its real part.
    Real,
    /// Its imaginary part.
    Imaginary,
}

/// How one number is made of each complex one.
#[derive(Debug, Clone)]
pub(super) struct ComplexNumbers {
    parts: Numbers,
    element_bytes: usize,
    shown: ComplexPart,
}

impl ComplexNumbers {
    /// Of those whose parts are both of type `base`; `None` where it is no number.
    pub(super) fn of(base: &Datatype, shown: ComplexPart) -> Option<Self> {
        let element_bytes = usize::try_from(base.size).ok()?.checked_mul(2)?;
        Some(Self { parts: Numbers::of(base)?, element_bytes, shown })
    }

    pub(super) fn element_bytes(&self) -> usize {
        self.element_bytes
    }

    /// The numbers in double precision, with the least significant byte first. `None` for parts of a
    /// shape that nothing is known of.
    pub(super) fn doubles(&self, elements: &[u8]) -> Option<Vec<u8>> {
        let count = elements.len() / self.element_bytes.max(1);
        let mut doubles = Vec::with_capacity(count.saturating_mul(DOUBLE_BYTES));
        let mut real = None;
        self.parts.each_piece(elements, |parts| {
            parts.each(|part| match real.take() {
                None => real = Some(part.double()),
                Some(real) => doubles.extend(self.shown.of(real, part.double()).to_le_bytes()),
            });
        })?;
        Some(doubles)
    }
}

impl ComplexPart {
    fn of(self, real: f64, imaginary: f64) -> f64 {
        match self {
            Self::Amplitude => real.hypot(imaginary),
            Self::Phase => imaginary.atan2(real),
            Self::Real => real,
            Self::Imaginary => imaginary,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::f64::consts::PI;

    use h5range::decode::message::datatype::{ByteOrder, DatatypeClass, FloatingPoint};
    use proptest::prelude::*;

    use super::super::numbers::testing::all;
    use super::*;
    use crate::datatype::testing::float_type;

    /// What is shown of complex numbers with parts of `base`.
    fn shown(base: &Datatype, part: ComplexPart, elements: &[u8]) -> Vec<f64> {
        let numbers = Numbers::of_complex(base, part).unwrap();
        all(&numbers, elements).into_iter().map(|number| number.double()).collect()
    }

    #[test]
    fn each_is_one_number() {
        let base = float_type(4, ByteOrder::BigEndian);
        let parts = [3_f32, 4.0, -1.0, 0.0, 0.0, -2.0, 0.0, 0.0].map(f32::to_be_bytes).concat();
        let shown_as = |part| shown(&base, part, &parts);
        assert_eq!(shown_as(ComplexPart::Amplitude), [5.0, 1.0, 2.0, 0.0]);
        assert_eq!(shown_as(ComplexPart::Phase), [4_f64.atan2(3.0), PI, -PI / 2.0, 0.0]);
        assert_eq!(shown_as(ComplexPart::Real), [3.0, -1.0, 0.0, 0.0]);
        assert_eq!(shown_as(ComplexPart::Imaginary), [4.0, 0.0, -2.0, 0.0]);
    }

    #[test]
    fn what_is_none_or_infinite_is_as_far_as_it_can_be_told() {
        let base = float_type(8, ByteOrder::LittleEndian);
        let elements = [f64::NAN, f64::INFINITY, f64::NAN, 1.0].map(f64::to_le_bytes).concat();
        let amplitudes = shown(&base, ComplexPart::Amplitude, &elements);
        assert_eq!(amplitudes[0], f64::INFINITY, "however far its real part is");
        assert!(amplitudes[1].is_nan());
        let phases = shown(&base, ComplexPart::Phase, &elements);
        assert!(phases.iter().all(|phase| phase.is_nan()));
    }

    /// More elements than are converted at a time, of parts that are converted first.
    #[test]
    fn parts_belong_together_in_all_pieces() {
        let count = 150_000_u32;
        let DatatypeClass::FloatingPoint(single) = float_type(4, ByteOrder::LittleEndian).class
        else {
            unreachable!()
        };
        // The upper three bytes of a single.
        let shape = FloatingPoint {
            precision: 24,
            sign_location: 23,
            exponent_location: 15,
            mantissa_size: 15,
            ..single
        };
        let base = Datatype { size: 3, class: DatatypeClass::FloatingPoint(shape) };
        let parts = (0..count).flat_map(|number| [(number % 256) as f32, -1.0]);
        let parts: Vec<u8> =
            parts.flat_map(|part| part.to_le_bytes().into_iter().skip(1)).collect();
        let real = shown(&base, ComplexPart::Real, &parts);
        assert_eq!(real, (0..count).map(|number| f64::from(number % 256)).collect::<Vec<_>>());
        let imaginary = shown(&base, ComplexPart::Imaginary, &parts);
        assert_eq!(imaginary, vec![-1.0; count as usize]);
    }

    proptest! {
        #[test]
        fn amplitude_and_phase_lead_back_to_the_parts(real in -1e9..1e9, imaginary in -1e9..1e9) {
            let (length, angle) = (
                ComplexPart::Amplitude.of(real, imaginary),
                ComplexPart::Phase.of(real, imaginary),
            );
            prop_assert!((length * angle.cos() - real).abs() <= 1e-14 * length.max(1.0));
            prop_assert!((length * angle.sin() - imaginary).abs() <= 1e-14 * length.max(1.0));
        }

        #[test]
        fn any_bytes_have_whole_elements_only(
            elements: Vec<u8>, size in prop::sample::select(vec![2_u32, 4, 8]),
        ) {
            let base = float_type(size, ByteOrder::LittleEndian);
            let found = shown(&base, ComplexPart::Amplitude, &elements);
            prop_assert_eq!(found.len(), elements.len() / (2 * size as usize));
        }
    }
}
