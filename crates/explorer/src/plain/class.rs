//! What h5py makes of classes.

use crate::answers::DatatypeClass;
use crate::json::Json;

impl DatatypeClass {
    /// Bytes of the float of NumPy's that holds all numbers of a type; 0 for other classes.
    pub fn float_bytes(&self) -> u32 {
        let Self::Float { size, exponent, mantissa, .. } = self else { return 0 };
        let (Some(exponent), Some(mantissa)) = (exponent, mantissa) else { return *size };
        match (exponent.size, mantissa.size) {
            (..=5, ..=10) => 2,
            (..=8, ..=23) => 4,
            (..=11, ..=52) => 8,
            _ => 16,
        }
    }

    /// Whether it is an enumeration that stands for booleans.
    pub fn is_boolean(&self) -> bool {
        let Self::Enum { members: Json::Object(members), .. } = self else { return false };
        let has = |name: &str, value: u64| {
            let is_value = |found: &Json| match found {
                Json::Signed(found) => u64::try_from(*found) == Ok(value),
                Json::Unsigned(found) => *found == value,
                _ => false,
            };
            members.iter().any(|(found, number)| found == name && is_value(number))
        };
        members.len() == 2 && has("FALSE", 0) && has("TRUE", 1)
    }

    /// The type of both parts, where a compound stands for complex numbers.
    pub fn complex_base(&self) -> Option<&Self> {
        let Self::Compound { fields, .. } = self else { return None };
        let [real, imaginary] = fields.as_slice() else { return None };
        let base = &real.datatype.class;
        let is_pair =
            real.name == "r" && imaginary.name == "i" && *base == imaginary.datatype.class;
        // NumPy has no complex type of two halves.
        (is_pair && base.float_bytes() > 2).then_some(base)
    }

    /// What h5py gives of a selection of this `shape`: of a single list of variable length, what is
    /// in it.
    pub(crate) fn content(&self, shape: &[u64]) -> &Self {
        match self {
            Self::Vlen { base } if shape.is_empty() => &base.class,
            _ => self,
        }
    }

    /// Whether NumPy takes it for numbers, of one kind or another.
    pub(crate) fn is_numeric(&self) -> bool {
        match self {
            Self::Integer { .. }
            | Self::Float { .. }
            | Self::Enum { .. }
            | Self::Bitfield { .. }
            | Self::Complex { .. } => true,
            Self::Compound { .. } => self.complex_base().is_some(),
            Self::Array { base, .. } => base.class.is_numeric(),
            Self::String { .. }
            | Self::Vlen { .. }
            | Self::Opaque { .. }
            | Self::Reference { .. }
            | Self::Time { .. } => false,
        }
    }
}
