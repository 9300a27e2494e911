//! `h5scout show`: metadata and attributes of an object.

use std::io::{BufWriter, Write};
use std::sync::Arc;

use explorer::answers::{
    Attribute, DatasetMetadata, FileMetadata, GroupMetadata, Metadata, MetadataObject, ObjectKind,
};
use explorer::{
    ATTRIBUTES_LIMIT_MAX, Freshness, Json, MetaQuery, Meter, Place, answers::MetaAnswer, size_text,
};
use serde::Serialize;

use crate::arguments::Show;
use crate::commands::{ls::write_json, open};
use crate::failure::Failure;
use crate::location::{Location, Target};
use crate::output::{Table, escaped, filters_text, shape_text, value_text};

/// Shows what the arguments name.
///
/// # Errors
///
/// When it cannot be read or written.
pub(crate) async fn run(show: Show) -> Result<(), Failure> {
    let said = |error| Failure::of(&show.location, error);
    let location = Location::parse(&show.location)?;
    let Target::File { key, path } = location.target else {
        return Err(Failure::not_a_file(&show.location));
    };
    let explorer = open(&location.source, &show.engine)?;
    let path = show.path.as_deref().or(path.as_deref()).unwrap_or("/");
    let query = Place::new(Some(path), None)
        .and_then(|place| MetaQuery::new(place).with_attributes_limit(ATTRIBUTES_LIMIT_MAX))
        .map_err(said)?;
    let meter = Arc::new(Meter::new());
    let answer = explorer.meta(&key, &query, Freshness::Trust, &meter).await.map_err(said)?;
    let mut out = BufWriter::new(std::io::stdout());
    if show.json {
        write_json(&mut out, &answer)?;
    } else {
        write_text(&mut out, &answer)?;
    }
    out.flush()?;
    Failure::if_partial(&show.location, answer.metadata.attributes_incomplete.as_ref())
}

fn write_text(out: &mut impl Write, answer: &MetaAnswer) -> std::io::Result<()> {
    let Metadata { path, attributes, num_attributes, errors, .. } = &answer.metadata;
    let kind = match answer.metadata.kind {
        ObjectKind::Group => "group",
        ObjectKind::Dataset => "dataset",
        ObjectKind::Datatype => "datatype",
    };
    writeln!(out, "{}  {kind}", escaped(path.as_deref().unwrap_or("/")))?;
    let mut lines = Lines::default();
    match &answer.metadata.object {
        MetadataObject::Group(group) => lines.group(group),
        MetadataObject::Dataset(dataset) => lines.dataset(dataset),
        MetadataObject::Datatype(datatype) => {
            lines.add("dtype", datatype.dtype.clone());
            lines.add("datatype", datatype.datatype.as_ref().map(json_text));
        }
    }
    lines.add("modified", answer.metadata.modified.clone());
    lines.add("address", Some(answer.metadata.address.to_string()));
    if let Some(file) = &answer.metadata.file {
        lines.file(file);
    }
    for error in errors {
        lines.add("error", Some(escaped(&error.detail).into_owned()));
    }
    lines.0.write(out)?;
    let count = num_attributes.map_or("some".to_owned(), |count| count.to_string());
    if !attributes.is_empty() || num_attributes.is_some_and(|count| count > 0) {
        writeln!(out, "\n{count} attributes")?;
        let mut table = Table::default();
        for attribute in attributes {
            table.push(attribute_cells(attribute));
        }
        table.write(out)?;
    }
    Ok(())
}

/// Names and what they are, indented.
#[derive(Default)]
struct Lines(Table);

impl Lines {
    fn add(&mut self, name: &str, value: Option<String>) {
        if let Some(value) = value {
            self.0.push([format!("  {name}"), value]);
        }
    }

    fn group(&mut self, group: &GroupMetadata) {
        self.add("children", group.num_children.map(|count| count.to_string()));
        self.add("links", group.link_storage.as_ref().map(plain_text));
        let tracked = group.creation_order.tracked;
        self.add("creation order", tracked.then(|| "tracked".to_owned()));
    }

    fn dataset(&mut self, dataset: &DatasetMetadata) {
        self.add("shape", Some(shape_text(dataset.shape.as_deref())));
        self.add(
            "max shape",
            dataset.maxshape.as_deref().and_then(|maximum| {
                let grows = dataset.shape.as_deref().is_some_and(|shape| {
                    shape.iter().zip(maximum).any(|(size, maximum)| Some(*size) != *maximum)
                });
                grows.then(|| max_shape_text(maximum))
            }),
        );
        self.add("dtype", dataset.dtype.clone());
        self.add("datatype", dataset.datatype.as_ref().map(json_text));
        self.add("layout", dataset.layout.map(str::to_owned));
        self.add("chunks", dataset.chunks.as_deref().map(|chunks| shape_text(Some(chunks))));
        self.add("chunk index", dataset.chunk_index.map(str::to_owned));
        let filters = filters_text(&dataset.filters);
        self.add("filters", (!filters.is_empty()).then_some(filters));
        for source in dataset.layout_sources.iter().flatten() {
            let place = source.dataset.as_deref().unwrap_or_default();
            let text = format!("{} {}", escaped(&source.file), escaped(place));
            self.add("source", Some(text.trim_end().to_owned()));
        }
        let filled = dataset.fill_value != Json::Null;
        self.add(
            "fill value",
            filled.then(|| {
                let defined = dataset.fill_defined.as_ref().map(plain_text).unwrap_or_default();
                format!("{} ({defined})", value_text(&dataset.fill_value))
            }),
        );
        self.add("stored", dataset.storage_size.map(size_text));
    }

    fn file(&mut self, file: &FileMetadata) {
        self.add("file size", Some(size_text(file.size)));
        self.add("superblock", Some(format!("version {}", file.superblock_version)));
        self.add("user block", (file.userblock > 0).then(|| size_text(file.userblock)));
        self.add("driver", file.driver.as_deref().map(|driver| escaped(driver).into_owned()));
        self.add("space", file.space_strategy.map(str::to_owned));
        let open = "by a writer, or left open by one: it may be in the middle of a change";
        self.add("open", file.open_for_writing.then(|| open.to_owned()));
    }
}

fn attribute_cells(attribute: &Attribute) -> [String; 4] {
    let mut value = value_text(&attribute.value);
    if attribute.truncated {
        let size = attribute.size.map(|size| format!(" of {size}")).unwrap_or_default();
        value.push_str(&format!(" (cut{size})"));
    }
    if let Some(error) = &attribute.error {
        value = format!("! {}", escaped(&error.detail));
    }
    let shape = match attribute.shape.as_deref() {
        Some([]) => String::new(),
        shape => shape_text(shape),
    };
    [
        format!("  {}", escaped(&attribute.name)),
        attribute.dtype.clone().unwrap_or_default(),
        shape,
        value,
    ]
}

fn max_shape_text(maximum: &[Option<u64>]) -> String {
    let size = |size: &Option<u64>| size.map_or("unlimited".to_owned(), |size| size.to_string());
    maximum.iter().map(size).collect::<Vec<_>>().join(" × ")
}

/// The word by which the API calls it.
fn plain_text(word: &impl Serialize) -> String {
    json_text(word).trim_matches('"').to_owned()
}

/// As JSON, without what would act on a terminal.
fn json_text(value: &impl Serialize) -> String {
    escaped(&serde_json::to_string(value).unwrap_or_default()).into_owned()
}
