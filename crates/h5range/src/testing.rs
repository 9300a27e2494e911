//! For tests and fuzzing: everything that can be asked of a file, asked.

mod elements;
mod folder;

use std::collections::HashSet;
use std::sync::Arc;

use byte_source::testing::CountingSource;
use byte_source::{ByteSource, MemorySource};
use bytes::Bytes;
use futures::executor::block_on;
use futures::future::join_all;

use crate::decode::Address;
use crate::decode::message::dataspace::Dataspace;
use crate::decode::message::datatype::Datatype;
use crate::decode::message::fill_value::FillValue;
use crate::decode::message::filter_pipeline::FilterPipeline;
use crate::decode::message::layout::Layout;
use crate::decode::message::link::LinkTarget;
use crate::decode::virtual_mapping::VirtualMapping;
use crate::error::{Error, Result};
use crate::walk::{
    Attribute, Attributes, ExternalSource, File, FileHeader, LinkStorage, Object, ObjectKind,
};
use crate::{Budget, Elements, Limits, Link, LinkRef, Links, Value, Values};

pub use elements::ElementAnswers;
pub use folder::{FolderFiles, find_object};

/// Objects that are looked at side by side: they share their waves, as the children of a page do.
const OBJECTS_AT_ONCE: usize = 16;

/// Attributes of one object whose values are read, and links of one group that are looked up.
const PARTS_MAX: usize = 32;

/// Limits under which a hostile file of up to a megabyte must be answered in well under a second,
/// even by a build that checks everything it does. No fixture reaches them.
pub const TIGHT_LIMITS: Limits = Limits {
    fetched_bytes: 32 << 20,
    ranges: 20_000,
    waves: 2_000,
    nodes: 10_000,
    decoded_bytes: 8 << 20,
};

/// All that a file says.
#[derive(Debug, Clone, PartialEq)]
pub struct FileAnswers {
    /// What its superblock says.
    pub header: Arc<FileHeader>,
    /// The objects that were found, in the order of the walk.
    pub objects: Vec<(Address, Result<ObjectAnswers>)>,
    /// Some elements of the datasets among them; fewer datasets where that ended the question.
    pub elements: Vec<(Address, Result<ElementAnswers>)>,
    /// What ended the question before everything was asked: the budget, or the source.
    pub ended_by: Option<Error>,
}

/// All that one object says.
#[derive(Debug, Clone, PartialEq)]
pub struct ObjectAnswers {
    /// Its header.
    pub object: Arc<Object>,
    /// Of a dataset or a committed datatype.
    pub datatype: Result<Option<Datatype>>,
    /// Of a dataset, as all below up to the mappings.
    pub dataspace: Result<Option<Dataspace>>,
    /// How its elements are stored.
    pub layout: Result<Option<Layout>>,
    /// Its filters.
    pub filter_pipeline: Result<FilterPipeline>,
    /// Its fill value as it stands in the file.
    pub fill_value: Result<FillValue>,
    /// Its fill value, decoded.
    pub fill: Option<Result<Values>>,
    /// What it takes in the file.
    pub storage_size: Result<Option<u64>>,
    /// Raw files with its elements.
    pub external_sources: Result<Vec<ExternalSource>>,
    /// Datasets with its elements.
    pub virtual_mappings: Result<Vec<VirtualMapping>>,
    /// When it was last modified.
    pub modified_seconds: Result<Option<i64>>,
    /// How a group keeps its links.
    pub link_storage: Result<LinkStorage>,
    /// How many they are.
    pub link_count: Result<u64>,
    /// The links.
    pub links: Result<Links>,
    /// The same links, looked up by name.
    pub links_by_name: Vec<Result<Option<Link>>>,
    /// How many attributes it has.
    pub attribute_count: Result<u64>,
    /// The attributes.
    pub attributes: Result<Attributes>,
    /// What they hold, looked up by name.
    pub values: Vec<Result<(Attribute, Values)>>,
}

/// A group of these links.
///
/// # Errors
///
/// When they are more than a question may decode.
pub fn table_of(links: &[LinkRef<'_>]) -> Result<Links> {
    let mut table = Links::default();
    let found = links.iter().map(|link| Ok(*link));
    table.extend(found, &Budget::new(Limits::default()))?;
    Ok(table.sorted())
}

/// Asks everything that can be asked of the file behind `source`: of its root group, and of all
/// objects that links, datatypes and references lead to, each once, until nothing is left or
/// `limits` are spent.
///
/// # Errors
///
/// When the file cannot even be opened.
pub async fn ask_everything(source: Arc<dyn ByteSource>, limits: Limits) -> Result<FileAnswers> {
    let file = Arc::new(File::open(Arc::clone(&source), limits).await?);
    let mut answers = FileAnswers {
        header: Arc::clone(file.header()),
        objects: Vec::new(),
        elements: Vec::new(),
        ended_by: None,
    };
    let mut known = HashSet::from([file.root()]);
    let mut next = vec![file.root()];
    while !next.is_empty() && answers.ended_by.is_none() {
        let rest = next.split_off(next.len().min(OBJECTS_AT_ONCE));
        let asked = next.iter().map(|&address| ask_object(&file, address));
        match file.drive(async { Ok(join_all(asked).await) }).await {
            Ok(objects) => answers.objects.extend(next.iter().copied().zip(objects)),
            Err(error) => answers.ended_by = Some(error),
        }
        let new = answers.objects.iter().rev().take(next.len()).flat_map(|(_, object)| {
            object.as_ref().map(ObjectAnswers::addresses).unwrap_or_default()
        });
        next = rest;
        next.extend(new.filter(|address| known.insert(*address)));
        let budget_ends = answers.objects.last().and_then(|(_, object)| object.as_ref().err());
        answers.ended_by = answers
            .ended_by
            .or_else(|| budget_ends.filter(|error| error.ends_the_question()).cloned());
    }
    if answers.ended_by.is_none() {
        let objects = answers.objects.iter().filter_map(|(_, object)| object.as_ref().ok());
        let datasets = objects.map(|object| &object.object);
        let datasets = datasets.filter(|object| object.kind == ObjectKind::Dataset);
        answers.elements = elements::ask_elements(&file, datasets).await;
    }
    Ok(answers)
}

/// [`ask_everything`] of a file in memory, with [`TIGHT_LIMITS`].
///
/// # Errors
///
/// As above.
///
/// # Panics
///
/// When it cost more than the limits: this is the body of a test.
pub fn ask_within_limits(bytes: impl Into<Bytes>) -> Result<FileAnswers> {
    let source = Arc::new(CountingSource::new(MemorySource::new(bytes)));
    let answers = block_on(ask_everything(source.clone(), TIGHT_LIMITS));
    // Finding the superblock is a question of its own: a wave or two, and a range for each place.
    assert!(source.waves() <= TIGHT_LIMITS.waves + 2, "{} waves", source.waves());
    assert!(source.ranges() <= TIGHT_LIMITS.ranges + 64, "{} ranges", source.ranges());
    assert!(source.bytes() <= TIGHT_LIMITS.fetched_bytes + 16384, "{} bytes", source.bytes());
    answers
}

impl FileAnswers {
    /// Whether two walks learnt the same. Numbers that are not numbers count as equal here.
    pub fn agree_with(&self, other: &Self) -> bool {
        self == other || format!("{self:?}") == format!("{other:?}")
    }
}

async fn ask_object(file: &File, address: Address) -> Result<ObjectAnswers> {
    let object = file.object(address).await?;
    let layout = object.layout();
    let links = file.links(&object).await;
    let attributes = file.attributes(&object).await;
    let fill_value = object.fill_value();
    Ok(ObjectAnswers {
        datatype: object.datatype(),
        dataspace: object.dataspace(),
        filter_pipeline: object.filter_pipeline(),
        fill: ask_fill(file, &object, &fill_value).await,
        fill_value,
        storage_size: file.storage_size(&object).await,
        external_sources: file.external_sources(&object).await,
        virtual_mappings: match &layout {
            Ok(Some(layout)) => file.virtual_mappings(layout).await,
            _ => Ok(Vec::new()),
        },
        layout,
        modified_seconds: object.modified_seconds(),
        link_storage: object.link_storage(),
        link_count: file.link_count(&object).await,
        links_by_name: ask_links(file, &object, &links).await,
        links,
        attribute_count: file.attribute_count(&object).await,
        values: ask_values(file, &object, &attributes).await,
        attributes,
        object,
    })
}

async fn ask_fill(
    file: &File,
    object: &Object,
    fill_value: &Result<FillValue>,
) -> Option<Result<Values>> {
    let (Ok(Some(datatype)), Ok(FillValue { value: Some(data), .. })) =
        (object.datatype(), fill_value)
    else {
        return None;
    };
    let elements = Elements { datatype: &datatype, data, address: object.address, count: 1 };
    Some(file.read_values(&elements, None).await)
}

async fn ask_links(
    file: &File,
    group: &Object,
    links: &Result<Links>,
) -> Vec<Result<Option<Link>>> {
    let Ok(links) = links else { return Vec::new() };
    let names = links.iter().map(|link| link.name).take(PARTS_MAX);
    let names = names.chain([b"absent".as_slice()]);
    join_all(names.map(|name| file.find_link(group, name))).await
}

async fn ask_values(
    file: &File,
    object: &Object,
    attributes: &Result<Attributes>,
) -> Vec<Result<(Attribute, Values)>> {
    let Ok(attributes) = attributes else { return Vec::new() };
    let names = attributes.items.iter().map(|entry| entry.name.as_slice()).take(PARTS_MAX);
    join_all(names.map(async |name| {
        let entry = file.find_attribute(object, name).await?;
        let entry = entry
            .ok_or_else(|| Error::AttributeNotFound(String::from_utf8_lossy(name).into_owned()))?;
        let attribute = file.attribute(&entry).await?;
        let elements = Elements {
            datatype: &attribute.datatype,
            data: &attribute.data,
            address: object.address,
            count: attribute.dataspace.element_count().unwrap_or(u64::MAX),
        };
        let values = file.read_values(&elements, None).await?;
        Ok((attribute, values))
    }))
    .await
}

impl ObjectAnswers {
    /// The objects that this one leads to.
    fn addresses(&self) -> Vec<Address> {
        let mut addresses: Vec<Address> = self.object.committed_datatype().into_iter().collect();
        let links = self.links.iter().flat_map(Links::iter);
        addresses.extend(links.filter_map(|link| match link.target {
            LinkTarget::Hard { address } => Some(address),
            _ => None,
        }));
        for (attribute, values) in self.values.iter().flatten() {
            addresses.extend(attribute.committed);
            values.values.iter().for_each(|value| add_references(value, &mut addresses));
        }
        addresses
    }
}

fn add_references(value: &Value, addresses: &mut Vec<Address>) {
    match value {
        Value::Reference(reference) => addresses.extend(reference.address),
        Value::Sequence(values) => {
            values.iter().for_each(|value| add_references(value, addresses));
        }
        Value::Compound(members) => {
            members.iter().for_each(|(_, value)| add_references(value, addresses));
        }
        Value::Enumeration { .. }
        | Value::Signed(_)
        | Value::Unsigned(_)
        | Value::Float(_)
        | Value::Text(_)
        | Value::Opaque(_)
        | Value::Complex(..) => {}
    }
}
