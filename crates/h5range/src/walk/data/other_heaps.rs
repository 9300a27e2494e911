//! The global heaps of the files that elements of a virtual dataset come from. A number stands in such
//! elements where those of other datasets have the address of a collection: it says which collection
//! of which file is meant.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use futures::stream::{self, StreamExt, TryStreamExt};

use crate::budget::Budget;
use crate::decode::Address;
use crate::decode::message::datatype::Datatype;
use crate::error::{Error, Result};
use crate::value::{Elements, HeapPlaces, Value, Values};
use crate::walk::data::Dataset;
use crate::walk::data::virtual_storage::SOURCES_AT_ONCE;
use crate::walk::{File, SourceId};

const ELEMENT: &str = "element of a virtual dataset";

/// The collections that elements of one virtual dataset refer to.
pub(super) struct OtherHeaps {
    /// Where its elements say that.
    places: HeapPlaces,
    known: Mutex<Known>,
}

/// Those that were met so far.
#[derive(Default)]
struct Known {
    /// A number counts from one: zero is the null address.
    collections: Vec<Collection>,
    numbers: HashMap<(SourceId, Address), Address>,
    /// One question for each source, whichever it was that led there.
    files: HashMap<SourceId, Arc<File>>,
}

/// A collection of one of the files.
#[derive(Clone)]
struct Collection {
    file: Arc<File>,
    address: Address,
}

impl OtherHeaps {
    /// Those of a virtual dataset in `file` with elements of this type; `None` for types that refer to
    /// no collections.
    ///
    /// # Errors
    ///
    /// When an element refers to more of them than the question may keep.
    pub(super) fn of(file: &File, datatype: &Datatype) -> Result<Option<Self>> {
        let places = HeapPlaces::of(datatype, file.reader().widths(), file.budget())?;
        Ok((!places.is_empty()).then(|| Self { places, known: Mutex::default() }))
    }

    /// Puts numbers in the places of the addresses in `elements`, which are those of `file`.
    ///
    /// # Errors
    ///
    /// When an element is malformed, or there are more collections than the question may keep.
    pub(super) fn number(&self, file: &Arc<File>, elements: &mut [u8]) -> Result<()> {
        self.number_each(file.budget(), elements, |address| {
            Ok(Collection { file: Arc::clone(file), address })
        })
    }

    /// The same for elements that were read from `source`, which may be virtual itself.
    ///
    /// # Errors
    ///
    /// As above; and when addresses have another width there.
    pub(super) fn number_those_of(&self, source: &Dataset, elements: &mut [u8]) -> Result<()> {
        let widths = source.file.reader().widths();
        if widths.offset != self.places.widths().offset {
            let what = "sequences from a file whose addresses have another width";
            return Err(Error::unsupported(what));
        }
        match &source.other_heaps {
            None => self.number(&source.file, elements),
            Some(others) => {
                let others = others.known();
                let origin = |number| others.collection(number);
                self.number_each(source.file.budget(), elements, origin)
            }
        }
    }

    fn number_each(
        &self,
        budget: &Budget,
        elements: &mut [u8],
        origin: impl Fn(Address) -> Result<Collection>,
    ) -> Result<()> {
        let mut known = self.known();
        self.places.replace(elements, |address| known.number_of(origin(address)?, budget))
    }

    /// Decodes elements of `dataset`, whose others these are.
    ///
    /// Waves: those of [`File::read_values`] for each file; the files side by side, up to a limit.
    ///
    /// # Errors
    ///
    /// As [`File::read_values`].
    pub(super) async fn values(
        &self,
        dataset: &Dataset,
        elements: &[u8],
        scalars_max: Option<u64>,
    ) -> Result<Values> {
        let Sorted { groups, group_of } = Sorted::by_file(self, dataset, elements)?;
        let read = groups.into_iter().map(async |group| {
            let Group { file, elements: data, count } = group;
            let datatype = dataset.datatype();
            let elements = Elements { datatype, data: &data, address: dataset.address, count };
            file.drive(file.read_values(&elements, scalars_max)).await
        });
        let read: Vec<Values> = stream::iter(read).buffered(SOURCES_AT_ONCE).try_collect().await?;
        dataset.file.budget().list::<Value>(group_of.len() as u64)?;
        let mut truncated = read.iter().any(|values| values.truncated);
        let mut groups: Vec<_> = read.into_iter().map(|group| group.values.into_iter()).collect();
        let mut values = Vec::new();
        for group in group_of {
            let Some(value) = groups.get_mut(group).and_then(Iterator::next) else {
                truncated = true;
                break;
            };
            values.push(value);
        }
        Ok(Values { values, truncated })
    }

    /// What is in the first element of `dataset`, whose others these are.
    ///
    /// Waves and errors: those of [`File::read_sequence`].
    pub(super) async fn sequence(&self, dataset: &Dataset, elements: &[u8]) -> Result<Bytes> {
        let sorted = Sorted::by_file(self, dataset, elements)?;
        let Some(group) = sorted.groups.into_iter().next() else { return Ok(Bytes::new()) };
        let Group { file, elements: data, count } = group;
        let (datatype, address) = (dataset.datatype(), dataset.address);
        let elements = Elements { datatype, data: &data, address, count };
        file.drive(file.read_sequence(&elements)).await
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn number_of(&mut self, collection: Collection, budget: &Budget) -> Result<Address> {
        let place = (collection.file.source_id(), collection.address);
        if let Some(number) = self.numbers.get(&place) {
            return Ok(*number);
        }
        budget.list::<(Collection, (SourceId, Address), Address)>(1)?;
        let Collection { file, address } = collection;
        let file = Arc::clone(self.files.entry(place.0).or_insert(file));
        self.collections.push(Collection { file, address });
        let number = Address::new(self.collections.len() as u64);
        self.numbers.insert(place, number);
        Ok(number)
    }

    fn collection(&self, number: Address) -> Result<Collection> {
        let index = number.get().checked_sub(1).and_then(|index| usize::try_from(index).ok());
        let collection = index.and_then(|index| self.collections.get(index)).cloned();
        collection.ok_or_else(|| Error::malformed(ELEMENT, number, "it was read from no source"))
    }
}

/// Elements, file by file.
struct Sorted {
    groups: Vec<Group>,
    /// The group of each element, in their order.
    group_of: Vec<usize>,
}

/// Elements that refer to the heap of one file, as that file has them.
struct Group {
    file: Arc<File>,
    elements: Vec<u8>,
    count: u64,
}

impl Sorted {
    /// What refers to no heap goes with the elements of the dataset's own file.
    fn by_file(others: &OtherHeaps, dataset: &Dataset, elements: &[u8]) -> Result<Self> {
        let (budget, places, known) = (dataset.file.budget(), &others.places, others.known());
        let element_bytes = usize::try_from(dataset.element_bytes()).unwrap_or(usize::MAX);
        budget.decoded(elements.len() as u64)?;
        budget.list::<usize>((elements.len() / element_bytes) as u64)?;
        let mut group_of_file = HashMap::new();
        let mut sorted = Self { groups: Vec::new(), group_of: Vec::new() };
        for element in elements.chunks_exact(element_bytes) {
            let collection = places.first(element)?.map(|number| known.collection(number));
            let collection = collection.transpose()?;
            let file = collection.map_or_else(|| Arc::clone(&dataset.file), |of| of.file);
            let group = *group_of_file.entry(file.source_id()).or_insert(sorted.groups.len());
            if group == sorted.groups.len() {
                sorted.groups.push(Group { file, elements: Vec::new(), count: 0 });
            }
            sorted.group_of.push(group);
            if let Some(group) = sorted.groups.get_mut(group) {
                group.elements.extend_from_slice(element);
                group.count = group.count.saturating_add(1);
            }
        }
        for group in &mut sorted.groups {
            let address_of = |number| known.collection(number).map(|of| of.address);
            places.replace(&mut group.elements, address_of)?;
        }
        Ok(sorted)
    }
}
