//! What an object is, with a page of its attributes.

use std::sync::Arc;

use futures::future::join;
use h5range::decode::message::dataspace::Dataspace;
use h5range::decode::message::datatype::DatatypeClass;
use h5range::decode::message::file_space_info::FileSpaceStrategy;
use h5range::decode::message::fill_value::FillDefined as StoredFill;
use h5range::walk::{LinkStorage as StoredLinks, Object, ObjectKind as StoredKind};
use h5range::{Elements, Error, set_aside};
use tracing::Instrument;

use crate::answers::{
    CreationOrder, DatasetMetadata, DatatypeMetadata, FileMetadata, FillDefined, GroupMetadata,
    LinkStorage, MetaAnswer, Metadata, MetadataObject, ObjectKind, PartError, Success,
};
use crate::attributes::AttributesPage;
use crate::children::part_error;
use crate::datatype;
use crate::describe::{self, Dataset};
use crate::error::Result;
use crate::json::Json;
use crate::known_paths::KnownPaths;
use crate::locate::Located;
use crate::path::{ObjectPath, lossy};
use crate::queries::{MetaQuery, Place};
use crate::session::{OpenFile, Session};
use crate::spans;
use crate::values::{Cut, Rendered};
use crate::virtual_extent::OpenedSources;

/// Size of an element up to which its fill value is shown. Default values are not in the file but
/// made, so that a type of gigabytes costs its writer nothing.
const FILL_BYTES_MAX: u32 = 1 << 20;

impl Session {
    /// What an object is, with a page of its attributes.
    ///
    /// # Errors
    ///
    /// When the object cannot be read. What is wrong with parts of it is in the answer.
    pub async fn meta(&self, query: &MetaQuery) -> Result<MetaAnswer> {
        let span = spans::question("meta", self.key(), &query.place);
        self.read_metadata(query).instrument(span).await
    }

    async fn read_metadata(&self, query: &MetaQuery) -> Result<MetaAnswer> {
        let located = self.locate(&query.place).await?;
        let Located { file, object, trail, other_file } = &located;
        let path = match &query.place {
            Place::Path(path) => Some(path),
            Place::Address(_) => None,
        };
        let known = KnownPaths::of(file.file.root(), path, trail);
        let mut read = file.drive(file.read_meta(object, query, &known)).await?;
        if let Some(known) = self.find_paths(path, trail, known).await? {
            read = file.drive(file.read_meta(object, query, &known)).await?;
        }
        let (described, attributes) = read;
        let (mut described, mut errors) = described;
        // What is wrong with the header as a whole is told by both.
        for error in attributes.errors {
            if !errors.contains(&error) {
                errors.push(error);
            }
        }
        let grows = self.grow(file, object, &mut described, &mut errors).await?;
        let is_root = path.is_some_and(|path| path.segments().is_empty());
        Ok(MetaAnswer {
            success: Success,
            key: self.key().to_owned(),
            etag: self.version().etag.clone(),
            cached: false,
            metadata: Metadata {
                name: path.map(|path| path.name().to_owned()),
                path: path.map(ObjectPath::to_string),
                kind: kind(object.kind),
                address: object.address.get(),
                object: described,
                modified: modified(object),
                num_attributes: attributes.total,
                attributes_incomplete: attributes.incomplete,
                attributes_next: attributes.next.map(|cursor| cursor.encode()),
                attributes: attributes.attributes,
                errors,
                file: is_root.then(|| self.file_metadata(file)),
            },
            from_other_files: *other_file || grows,
        })
    }

    /// Puts the shape in place that a virtual dataset has with its sources. Returns whether it is
    /// one that grows with them.
    ///
    /// # Errors
    ///
    /// Only what ends the question.
    async fn grow(
        &self,
        file: &OpenFile,
        object: &Object,
        described: &mut MetadataObject,
        errors: &mut Vec<PartError>,
    ) -> Result<bool> {
        let MetadataObject::Dataset(described) = described else { return Ok(false) };
        // What keeps the mappings from being read is said of the sources already.
        let growing = async { set_aside(file.growing_dataset(object).await, &mut Vec::new()) };
        let Some(growing) = file.drive(growing).await?.flatten() else { return Ok(false) };
        match self.grown_shape(file, &growing, &OpenedSources::default()).await {
            Ok(shape) => {
                described.size = describe::element_count(&shape);
                described.shape = Some(shape);
            }
            Err(error) if error.code.ends_the_question() => return Err(error),
            Err(error) => errors.push(error.into()),
        }
        Ok(true)
    }

    /// What the superblock and its extension say.
    pub(crate) fn file_metadata(&self, file: &OpenFile) -> FileMetadata {
        let header = file.file.header();
        let superblock = &header.superblock;
        let space = header.extension.file_space_info.as_ref();
        let driver = header.extension.driver_info.as_ref();
        FileMetadata {
            size: self.version().size_bytes,
            superblock_version: superblock.version,
            userblock: header.base_address,
            offset_size: superblock.widths.offset,
            length_size: superblock.widths.length,
            root_address: superblock.root.get(),
            eof_address: superblock.end_of_file.map(|address| address.get()),
            driver: driver.map(|driver| driver_name(driver.identification)),
            space_strategy: space.map(|space| strategy_name(space.strategy)),
            page_size: space
                .filter(|space| space.strategy == FileSpaceStrategy::Page)
                .map(|space| space.page_bytes),
            consistency_flags: superblock.consistency_flags,
            open_for_writing: superblock.is_open_for_writing(),
        }
    }
}

type Described = (MetadataObject, Vec<PartError>);

impl OpenFile {
    /// What the object is, and beside it a page of its attributes.
    async fn read_meta(
        &self,
        object: &Arc<Object>,
        query: &MetaQuery,
        paths: &KnownPaths,
    ) -> h5range::Result<(Described, AttributesPage)> {
        let described = self.describe(object, query, paths);
        let attributes = self.attributes_page(object, query, paths);
        let (described, attributes) = join(described, attributes).await;
        Ok((described?, attributes?))
    }

    /// What is particular to the kind of object, and what kept parts of it from being read.
    ///
    /// # Errors
    ///
    /// Only what ends the question.
    async fn describe(
        &self,
        object: &Object,
        query: &MetaQuery,
        paths: &KnownPaths,
    ) -> h5range::Result<Described> {
        let mut errors = Vec::new();
        let described = match object.kind {
            StoredKind::Group => MetadataObject::Group(self.group(object, &mut errors).await?),
            StoredKind::Dataset => {
                let dataset = self.dataset(object, query, paths, &mut errors).await?;
                MetadataObject::Dataset(Box::new(dataset))
            }
            StoredKind::Datatype => {
                let datatype = set_aside(object.datatype(), &mut errors)?.flatten();
                MetadataObject::Datatype(DatatypeMetadata {
                    dtype: datatype.as_ref().map(datatype::short_name),
                    datatype: datatype
                        .as_ref()
                        .map(|stored| datatype::describe_shared(stored, Some(object.address))),
                })
            }
        };
        Ok((described, errors.iter().map(part_error).collect()))
    }

    async fn group(
        &self,
        object: &Object,
        errors: &mut Vec<Error>,
    ) -> h5range::Result<GroupMetadata> {
        let num_children = set_aside(self.file.link_count(object).await, errors)?;
        let storage = object.link_storage().ok();
        let info = match &storage {
            Some(StoredLinks::Compact(info) | StoredLinks::Dense(info, _)) => Some(info),
            _ => None,
        };
        Ok(GroupMetadata {
            num_children,
            creation_order: CreationOrder {
                tracked: info.is_some_and(|info| info.creation_order_tracked),
                indexed: info.is_some_and(|info| info.creation_order_indexed),
            },
            link_storage: storage.as_ref().map(|storage| match storage {
                StoredLinks::SymbolTable(_) => LinkStorage::SymbolTable,
                StoredLinks::Compact(_) => LinkStorage::Compact,
                StoredLinks::Dense(..) => LinkStorage::Dense,
            }),
        })
    }

    async fn dataset(
        &self,
        object: &Object,
        query: &MetaQuery,
        paths: &KnownPaths,
        errors: &mut Vec<Error>,
    ) -> h5range::Result<DatasetMetadata> {
        let mut dataset = Dataset::of(object);
        errors.append(&mut dataset.errors);
        let (fill, defined) = self.fill_value(object, &dataset, query, paths, errors).await?;
        let layout = dataset.layout.as_ref();
        let layout_sources = match layout {
            Some(layout) => set_aside(self.layout_sources(object, layout).await, errors)?.flatten(),
            None => None,
        };
        let storage_size = match query.storage {
            true => self.file.storage_size(object).await,
            false => self.file.storage_size_without_index(object),
        };
        let dataspace = dataset.dataspace.as_ref();
        let shape = describe::shape(dataspace);
        let (compression, compression_opts) = describe::compression(&dataset.pipeline)
            .map_or((None, Json::Null), |(name, options)| (Some(name), options));
        Ok(DatasetMetadata {
            ndim: shape.as_ref().map_or(0, |shape| shape.len() as u64),
            shape,
            maxshape: describe::max_shape(dataspace),
            size: dataspace.and_then(Dataspace::element_count),
            dtype: dataset.datatype.as_ref().map(datatype::short_name),
            datatype: dataset
                .datatype
                .as_ref()
                .map(|stored| datatype::describe_shared(stored, object.committed_datatype())),
            layout: layout.map(describe::layout_name),
            layout_sources,
            chunks: dataset.chunks(),
            chunk_index: layout.and_then(describe::chunk_index_name),
            compression,
            compression_opts,
            filters: describe::filters(&dataset.pipeline),
            fill_value: fill.value,
            fill_truncated: fill.truncated,
            fill_defined: defined,
            storage_size: set_aside(storage_size, errors)?.flatten(),
        })
    }

    /// The fill value in force, the library's default included.
    async fn fill_value(
        &self,
        object: &Object,
        dataset: &Dataset,
        query: &MetaQuery,
        paths: &KnownPaths,
        errors: &mut Vec<Error>,
    ) -> h5range::Result<(Rendered, Option<FillDefined>)> {
        let nothing = |truncated| Rendered { value: Json::Null, truncated };
        let Some(fill) = set_aside(object.fill_value(), errors)? else {
            return Ok((nothing(false), None));
        };
        let defined = match fill.defined {
            StoredFill::Default => FillDefined::Default,
            StoredFill::User => FillDefined::User,
            StoredFill::Undefined => FillDefined::Undefined,
        };
        let Some(datatype) =
            dataset.datatype.as_ref().filter(|_| defined != FillDefined::Undefined)
        else {
            return Ok((nothing(false), Some(defined)));
        };
        if datatype.size > FILL_BYTES_MAX {
            return Ok((nothing(true), Some(defined)));
        }
        // Zeros are no padding to a string that is padded with spaces, but no text either.
        if fill.value.is_none() && matches!(datatype.class, DatatypeClass::String { .. }) {
            let value = Json::Text(String::new());
            return Ok((Rendered { value, truncated: false }, Some(defined)));
        }
        let size = usize::try_from(datatype.size).unwrap_or(0);
        let data = fill.value.unwrap_or_else(|| vec![0; size]);
        let elements = Elements { datatype, data: &data, address: object.address, count: 1 };
        let cut = Cut { elements: query.max_elements, string_bytes: query.max_string_bytes };
        let rendered = self.value(&elements, &Dataspace::Scalar, cut, paths).await;
        let rendered = set_aside(rendered, errors)?.unwrap_or_else(|| nothing(false));
        Ok((rendered, Some(defined)))
    }
}

fn kind(kind: StoredKind) -> ObjectKind {
    match kind {
        StoredKind::Group => ObjectKind::Group,
        StoredKind::Dataset => ObjectKind::Dataset,
        StoredKind::Datatype => ObjectKind::Datatype,
    }
}

fn modified(object: &Object) -> Option<String> {
    let seconds = object.modified_seconds().ok().flatten().filter(|&seconds| seconds != 0)?;
    jiff::Timestamp::from_second(seconds).ok().map(|time| time.to_string())
}

/// The eight bytes that name a driver, without their padding.
fn driver_name(identification: [u8; 8]) -> String {
    lossy(&identification).trim_end_matches(['\0', ' ']).to_owned()
}

fn strategy_name(strategy: FileSpaceStrategy) -> &'static str {
    match strategy {
        FileSpaceStrategy::FreeSpaceManagers => "fsm_aggr",
        FileSpaceStrategy::Page => "page",
        FileSpaceStrategy::Aggregators => "aggr",
        FileSpaceStrategy::None => "none",
    }
}
