//! The fields of a file's metadata, found by reading it, and the numbers that do most harm there.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::ops::Range;
use std::sync::{Arc, Mutex};

use byte_source::{ByteSource, MemorySource, SourceError};
use bytes::Bytes;
use futures::executor::block_on;
use futures::future::BoxFuture;

use crate::Limits;
use crate::decode::checksum::lookup3;
use crate::decode::trace::{self, Field, Trace};
use crate::testing::ask_everything;

/// A sound file, with the places of its fields.
pub(super) struct Subject {
    pub(super) bytes: Vec<u8>,
    pub(super) fields: Vec<Place>,
    seals: Vec<Seal>,
}

/// Where a field is.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) structure: &'static str,
    pub(super) name: String,
    /// Bytes of the file that the field takes.
    pub(super) bytes: Range<usize>,
    /// Address of the structure that the field is in.
    own: u64,
    /// Address of the structure that refers to that one.
    parent: u64,
}

/// A checksum of the file and the bytes that it covers.
#[derive(PartialEq, Eq, Hash)]
struct Seal {
    at: Range<usize>,
    covered: Range<usize>,
}

impl Subject {
    /// Reads everything in the file and notes where it was.
    pub(super) fn new(bytes: Vec<u8>) -> Self {
        let source = Arc::new(Recording::new(&bytes));
        let asked = || block_on(ask_everything(source.clone(), Limits::default()));
        let (answers, trace) = trace::record(asked);
        let base = answers.map_or(0, |answers| answers.header.base_address);
        let map = Map { file: &bytes, base, starts: source.starts.lock().unwrap().clone() };
        let (fields, seals) = (map.places(&trace), map.seals(&trace));
        Self { bytes, fields, seals }
    }

    /// The file with other bytes in a field.
    pub(super) fn with(&self, field: &Place, value: &[u8]) -> Vec<u8> {
        let mut bytes = self.bytes.clone();
        bytes[field.bytes.clone()].copy_from_slice(value);
        bytes
    }

    /// Whether a checksum covers the field.
    pub(super) fn is_sealed(&self, field: &Place) -> bool {
        self.seals.iter().any(|seal| contains(&seal.covered, &field.bytes))
    }

    /// Makes the checksums over a field right again: a damage that only a checksum notices says
    /// nothing about what is behind it.
    pub(super) fn seal(&self, bytes: &mut [u8], field: &Place) {
        for seal in self.seals.iter().filter(|seal| contains(&seal.covered, &field.bytes)) {
            if contains(&seal.covered, &seal.at) {
                bytes[seal.at.clone()].fill(0);
            }
            let checksum = lookup3(&bytes[seal.covered.clone()]);
            bytes[seal.at.clone()].copy_from_slice(&checksum.to_le_bytes());
        }
    }
}

impl Place {
    /// 0, 1, the greatest number, the address of the structure itself and that of its parent: as
    /// far as they differ from each other and from `now`.
    pub(super) fn hostile_values(&self, now: &[u8]) -> BTreeSet<Vec<u8>> {
        let number = |number: u64| {
            let mut bytes = number.to_le_bytes().to_vec();
            bytes.resize(self.bytes.len(), 0);
            bytes
        };
        let numbers = [0, 1, self.own, self.parent].map(number);
        let greatest = vec![0xff; self.bytes.len()];
        numbers.into_iter().chain([greatest]).filter(|value| value != now).collect()
    }
}

/// Where things are in a file.
struct Map<'f> {
    file: &'f [u8],
    base: u64,
    /// Where asks began: there structures begin.
    starts: BTreeSet<u64>,
}

impl Map<'_> {
    fn places(&self, trace: &Trace) -> Vec<Place> {
        let fields = || trace.fields.iter();
        let mut referrers = HashMap::new();
        for field in fields() {
            if let Some(bytes) = self.find(field) {
                referrers.entry(number(&field.bytes)).or_insert(self.structure(&bytes));
            }
        }
        let mut places = BTreeMap::new();
        for field in fields() {
            let Some(bytes) = self.find(field) else { continue };
            let own = self.structure(&bytes);
            let parent = referrers.get(&own).copied().unwrap_or(0);
            let (structure, name) = (field.structure, field.name.clone());
            let key = (bytes.start, bytes.end);
            places.entry(key).or_insert(Place { structure, name, bytes, own, parent });
        }
        places.into_values().collect()
    }

    fn seals(&self, trace: &Trace) -> Vec<Seal> {
        let seals = trace.checksums.iter().filter_map(|checksum| {
            let at = self.range(self.base + checksum.address, 4)?;
            let length = usize::try_from(checksum.covered_bytes).ok()?;
            let covered = self.range(self.base + checksum.covered, length)?;
            Some(Seal { at, covered })
        });
        // Only those that are right now: what a filter had made is not in the file.
        let right = |seal: &Seal| {
            let mut bytes = self.file.to_vec();
            if contains(&seal.covered, &seal.at) {
                bytes[seal.at.clone()].fill(0);
            }
            lookup3(&bytes[seal.covered.clone()]).to_le_bytes() == self.file[seal.at.clone()]
        };
        seals.collect::<HashSet<_>>().into_iter().filter(right).collect()
    }

    /// Where the field stands in the file, if it does. The superblock's own cursor counts from the
    /// start of the file, all others from the base address.
    fn find(&self, field: &Field) -> Option<Range<usize>> {
        let places = [self.base.checked_add(field.address)?, field.address];
        let ranges = places.into_iter().filter_map(|place| self.range(place, field.bytes.len()));
        ranges.into_iter().find(|range| self.file[range.clone()] == field.bytes)
    }

    fn range(&self, start: u64, length: usize) -> Option<Range<usize>> {
        let start = usize::try_from(start).ok()?;
        let end = start.checked_add(length)?;
        (end <= self.file.len()).then_some(start..end)
    }

    /// Address of the structure that the bytes are in.
    fn structure(&self, bytes: &Range<usize>) -> u64 {
        let start = self.starts.range(..=bytes.start as u64).next_back();
        start.map_or(0, |start| start.saturating_sub(self.base))
    }
}

fn contains(outer: &Range<usize>, inner: &Range<usize>) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

/// The number in bytes of which no more than eight count.
fn number(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// A file in memory that notes where it is read.
struct Recording {
    file: MemorySource,
    starts: Mutex<BTreeSet<u64>>,
}

impl Recording {
    fn new(bytes: &[u8]) -> Self {
        Self { file: MemorySource::new(bytes.to_vec()), starts: Mutex::default() }
    }
}

impl ByteSource for Recording {
    fn size_bytes(&self) -> u64 {
        self.file.size_bytes()
    }

    fn read_many<'a>(
        &'a self,
        ranges: &'a [Range<u64>],
    ) -> BoxFuture<'a, Result<Vec<Bytes>, SourceError>> {
        self.starts.lock().unwrap().extend(ranges.iter().map(|range| range.start));
        self.file.read_many(ranges)
    }
}
