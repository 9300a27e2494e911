//! TIFF 6.0 files of grey images, laid out as tifffile writes them: the first directory, its texts,
//! the pixels of all images, and the directories of the others.

use bytes::Bytes;

use super::{count, refused};
use crate::answers::DatatypeClass;
use crate::encodings::{Block, Encoder, Form, Takes};
use crate::error::{ErrorCode, ExplorerError, Result};

/// Images of one file: each takes a directory.
const IMAGES_MAX: u64 = 1 << 16;

/// Where the first directory begins, behind the header.
const HEADER_BYTES: usize = 8;

/// Pixels begin at a multiple of it.
const ALIGNMENT: usize = 16;

/// Bytes of this format are counted in 32 bits; some are for what is around the pixels.
const PIXEL_BYTES_MAX: u64 = (1 << 32) - (1 << 25);

const SOFTWARE: &str = "tifffile.py";

/// Zeros behind the description, in which it may grow.
const DESCRIPTION_RESERVE_BYTES: usize = 16;

/// Makes the file.
pub(super) struct TiffEncoder {
    form: Form,
    layout: Layout,
    /// Of booleans, eight of which are in a byte.
    bits: Option<Bits>,
    /// Bytes of pixels made so far.
    made: u64,
}

/// What directories say.
struct Layout {
    is_big_endian: bool,
    width: u32,
    height: u32,
    images: u64,
    image_bytes: u32,
    bits_per_sample: u16,
    sample_format: SampleFormat,
    description: String,
    pixels_at: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SampleFormat {
    Bool,
    Unsigned,
    Signed,
    Float,
    Complex,
}

/// A row of booleans in the making.
struct Bits {
    width: u64,
    column: u64,
    byte: u8,
}

impl TiffEncoder {
    /// An encoder for numbers of this `shape`, that of the small arrays in each element included.
    ///
    /// # Errors
    ///
    /// For less than two dimensions, numbers that are no pixels, and too many of them.
    pub(super) fn new(form: Form, class: &DatatypeClass, shape: &[u64]) -> Result<Self> {
        let layout = Layout::of(&form, class, shape)?;
        let is_bool = layout.sample_format == SampleFormat::Bool;
        let width = layout.width.into();
        let bits = is_bool.then_some(Bits { width, column: 0, byte: 0 });
        Ok(Self { form, layout, bits, made: 0 })
    }
}

impl Encoder for TiffEncoder {
    fn takes(&self) -> Takes {
        Takes::Bytes
    }

    fn size_bytes(&self) -> Option<u64> {
        None
    }

    fn head(&self) -> Vec<u8> {
        self.layout.head()
    }

    fn elements(&mut self, block: Block) -> Result<Bytes> {
        let pixels = self.form.block(block)?;
        let pixels = match &mut self.bits {
            Some(bits) => bits.packed(&pixels).into(),
            None => pixels,
        };
        self.made = self.made.saturating_add(pixels.len() as u64);
        Ok(pixels)
    }

    fn tail(&self) -> Vec<u8> {
        self.layout.tail(self.made)
    }
}

impl Layout {
    fn of(form: &Form, class: &DatatypeClass, shape: &[u64]) -> Result<Self> {
        let sample_format =
            sample_format(class).ok_or_else(|| refused("tiff has no such numbers".to_owned()))?;
        let is_empty = shape.contains(&0);
        let (pages, height, width) = match (shape, is_empty) {
            (_, true) => (1, 0, 0),
            ([pages @ .., height, width], false) => (count(pages), *height, *width),
            _ => return Err(refused("tiff needs at least two dimensions".to_owned())),
        };
        // Of a small array in each element it is the size of a number in it.
        let inner = form.numpy().inner_shape();
        let sample_bytes = form.element_bytes() / count(&inner).max(1);
        let row_bytes = match sample_format {
            SampleFormat::Bool => width.div_ceil(8),
            _ => width.saturating_mul(sample_bytes),
        };
        let image_bytes = height.saturating_mul(row_bytes);
        let too_large = image_bytes.saturating_mul(pages) > PIXEL_BYTES_MAX;
        if too_large || pages > IMAGES_MAX {
            let detail = format!(
                "tiff has at most {IMAGES_MAX} images and {PIXEL_BYTES_MAX} bytes of pixels; \
                 select less; this limit is fixed"
            );
            return Err(ExplorerError::new(ErrorCode::LimitReached, detail));
        }
        let sizes: Vec<String> = shape.iter().map(u64::to_string).collect();
        let truncated = if is_empty { ", \"truncated\": true" } else { "" };
        // The numbers of which no check is made here are smaller than the limit above.
        let narrow = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
        let mut layout = Self {
            is_big_endian: form.numpy().is_big_endian(),
            width: narrow(width),
            height: narrow(height),
            images: pages,
            image_bytes: narrow(image_bytes),
            bits_per_sample: u16::try_from(sample_bytes.saturating_mul(8)).unwrap_or(u16::MAX),
            sample_format,
            description: format!("{{\"shape\": [{}]{truncated}}}", sizes.join(", ")),
            pixels_at: 0,
        };
        layout.pixels_at = layout.first_directory(0).end().next_multiple_of(ALIGNMENT);
        Ok(layout)
    }

    fn head(&self) -> Vec<u8> {
        let next = self.next_directory_at(self.pixel_bytes());
        let directory = self.first_directory(if self.images > 1 { next } else { 0 });
        let mut bytes = match self.is_big_endian {
            true => b"MM\0\x2a\0\0\0\x08".to_vec(),
            false => b"II\x2a\0\x08\0\0\0".to_vec(),
        };
        bytes.extend(directory.written());
        if self.pixel_bytes() > 0 {
            bytes.resize(self.pixels_at, 0);
        }
        bytes
    }

    /// The directories of the images behind the first one, where so many bytes of pixels were made.
    fn tail(&self, pixel_bytes: u64) -> Vec<u8> {
        if self.images < 2 {
            return Vec::new();
        }
        let first_at = self.next_directory_at(pixel_bytes);
        let mut bytes = vec![0; first_at - self.pixels_at - pixel_bytes as usize];
        let every = self.directory(first_at, 0, 0, false).written().len();
        for image in 1..self.images {
            let at = first_at + (image as usize - 1) * every;
            let next = if image + 1 < self.images { at + every } else { 0 };
            // All of them refer to the numbers behind the first one.
            bytes.extend(self.directory(first_at, image, next, false).written());
        }
        bytes
    }

    fn pixel_bytes(&self) -> u64 {
        u64::from(self.image_bytes).saturating_mul(self.images)
    }

    /// Directories begin at even places.
    fn next_directory_at(&self, pixel_bytes: u64) -> usize {
        (self.pixels_at + pixel_bytes as usize).next_multiple_of(2)
    }

    fn first_directory(&self, next: usize) -> Directory {
        self.directory(HEADER_BYTES, 0, next, true)
    }

    /// The directory of an image, whose long values stand where they would behind one at `at`.
    fn directory(&self, at: usize, image: u64, next: usize, with_texts: bool) -> Directory {
        let strip_at = self.pixels_at as u64 + image * u64::from(self.image_bytes);
        let strip_at = u32::try_from(strip_at).unwrap_or(u32::MAX);
        let mut entries = vec![(256, Field::Long(self.width)), (257, Field::Long(self.height))];
        if self.sample_format != SampleFormat::Bool {
            entries.push((258, Field::Short(self.bits_per_sample)));
        }
        entries.extend([(259, Field::Short(1)), (262, Field::Short(1))]);
        if with_texts {
            let text = self.description.clone();
            entries.push((270, Field::Text(text, DESCRIPTION_RESERVE_BYTES)));
        }
        entries.extend([
            (273, Field::Long(strip_at)),
            (277, Field::Short(1)),
            (278, Field::Long(self.height)),
            (279, Field::Long(self.image_bytes)),
            (282, Field::One),
            (283, Field::One),
            (296, Field::Short(1)),
        ]);
        if with_texts {
            entries.push((305, Field::Text(SOFTWARE.to_owned(), 1)));
        }
        let sample_format = match self.sample_format {
            SampleFormat::Bool | SampleFormat::Unsigned => None,
            SampleFormat::Signed => Some(2),
            SampleFormat::Float => Some(3),
            SampleFormat::Complex => Some(6),
        };
        entries.extend(sample_format.map(|number| (339, Field::Short(number))));
        Directory { is_big_endian: self.is_big_endian, at, entries, next }
    }
}

/// An image file directory (TIFF 6.0, section 2).
struct Directory {
    is_big_endian: bool,
    at: usize,
    entries: Vec<(u16, Field)>,
    /// Where the next one is; 0 behind the last.
    next: usize,
}

enum Field {
    Short(u16),
    Long(u32),
    /// The ratio of one to one.
    One,
    /// Text, and how many zeros there is room for behind it.
    Text(String, usize),
}

impl Directory {
    fn end(&self) -> usize {
        self.at + self.written().len()
    }

    fn written(&self) -> Vec<u8> {
        let values_at = self.at + 2 + 12 * self.entries.len() + 4;
        let (mut bytes, mut values) = (self.short(self.entries.len() as u16), Vec::new());
        for (tag, field) in &self.entries {
            let (kind, count, value) = match field {
                Field::Short(number) => (3, 1, self.short(*number)),
                Field::Long(number) => (4, 1, self.long(*number)),
                Field::One => (5, 1, [self.long(1), self.long(1)].concat()),
                Field::Text(text, reserve) => {
                    let mut value = text.clone().into_bytes();
                    value.resize(text.len() + reserve, 0);
                    (2, text.len() as u32 + 1, value)
                }
            };
            bytes.extend(self.short(*tag));
            bytes.extend(self.short(kind));
            bytes.extend(self.long(count));
            if value.len() > 4 {
                bytes.extend(self.long((values_at + values.len()) as u32));
                values.extend(value);
                values.resize(values.len().next_multiple_of(2), 0);
            } else {
                bytes.extend(value.iter().chain(&[0; 4]).take(4));
            }
        }
        bytes.extend(self.long(self.next as u32));
        bytes.extend(values);
        bytes
    }

    fn short(&self, number: u16) -> Vec<u8> {
        let bytes = if self.is_big_endian { number.to_be_bytes() } else { number.to_le_bytes() };
        bytes.to_vec()
    }

    fn long(&self, number: u32) -> Vec<u8> {
        let bytes = if self.is_big_endian { number.to_be_bytes() } else { number.to_le_bytes() };
        bytes.to_vec()
    }
}

impl Bits {
    /// Booleans as bits, the first one highest; each row begins with a byte of its own.
    fn packed(&mut self, booleans: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for boolean in booleans {
            let place = 7 - self.column % 8;
            self.byte |= u8::from(*boolean != 0) << place;
            self.column = self.column.saturating_add(1);
            let ends_row = self.column >= self.width;
            if ends_row || place == 0 {
                bytes.push(std::mem::take(&mut self.byte));
            }
            if ends_row {
                self.column = 0;
            }
        }
        bytes
    }
}

/// What pixels of these numbers are; `None` where TIFF has none.
fn sample_format(class: &DatatypeClass) -> Option<SampleFormat> {
    match class {
        DatatypeClass::Integer { signed: true, .. } => Some(SampleFormat::Signed),
        DatatypeClass::Integer { .. } | DatatypeClass::Bitfield { .. } => {
            Some(SampleFormat::Unsigned)
        }
        DatatypeClass::Float { .. } => Some(SampleFormat::Float),
        class if class.is_boolean() => Some(SampleFormat::Bool),
        DatatypeClass::Enum { base, .. } | DatatypeClass::Array { base, .. } => {
            sample_format(&base.class)
        }
        DatatypeClass::Complex { base } => complex(&base.class),
        DatatypeClass::Compound { .. } => complex(class.complex_base()?),
        _ => None,
    }
}

/// What pixels of two such numbers are.
fn complex(base: &DatatypeClass) -> Option<SampleFormat> {
    matches!(base, DatatypeClass::Float { size: 4 | 8, .. }).then_some(SampleFormat::Complex)
}
