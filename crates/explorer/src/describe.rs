//! What the header of an object says, in the words of the answers. Each part is read on its own:
//! a damaged one is absent, and its error is kept.

use h5range::Error;
use h5range::decode::message::dataspace::Dataspace;
use h5range::decode::message::datatype::Datatype;
use h5range::decode::message::filter_pipeline::{self, FilterPipeline};
use h5range::decode::message::layout::{ChunkIndex, Layout};
use h5range::walk::Object;

use crate::answers::Filter;
use crate::json::Json;
use crate::path::lossy;

/// The parts of a dataset that its header holds.
#[derive(Debug, Default)]
pub(crate) struct Dataset {
    pub(crate) dataspace: Option<Dataspace>,
    pub(crate) datatype: Option<Datatype>,
    pub(crate) layout: Option<Layout>,
    pub(crate) pipeline: FilterPipeline,
    /// Why parts are missing.
    pub(crate) errors: Vec<Error>,
}

impl Dataset {
    pub(crate) fn of(object: &Object) -> Self {
        let mut errors: Vec<Error> = object.damage().cloned().into_iter().collect();
        let dataspace = part(&mut errors, object, "dataspace message", object.dataspace());
        let datatype = part(&mut errors, object, "datatype message", object.datatype());
        let layout = part(&mut errors, object, "data layout message", object.layout());
        let pipeline = object.filter_pipeline().unwrap_or_else(|error| {
            errors.push(error);
            FilterPipeline::default()
        });
        Self { dataspace, datatype, layout, pipeline, errors }
    }

    pub(crate) fn chunks(&self) -> Option<Vec<u64>> {
        match &self.layout {
            Some(Layout::Chunked { chunk, .. }) => Some(chunk.clone()),
            _ => None,
        }
    }
}

/// A part that a dataset must have.
fn part<T>(
    errors: &mut Vec<Error>,
    object: &Object,
    structure: &'static str,
    part: h5range::Result<Option<T>>,
) -> Option<T> {
    match part {
        Ok(Some(part)) => Some(part),
        Ok(None) => {
            errors.push(Error::malformed(structure, object.address, "the message is missing"));
            None
        }
        Err(error) => {
            errors.push(error);
            None
        }
    }
}

/// `[]` for a scalar, `None` for a null dataspace or one that cannot be read.
pub(crate) fn shape(dataspace: Option<&Dataspace>) -> Option<Vec<u64>> {
    match dataspace? {
        Dataspace::Null => None,
        Dataspace::Scalar => Some(Vec::new()),
        Dataspace::Simple { dimensions, .. } => Some(dimensions.clone()),
    }
}

/// Elements of a shape; `None` where their number is beyond 64 bits.
pub(crate) fn element_count(shape: &[u64]) -> Option<u64> {
    shape.iter().try_fold(1_u64, |count, &length| count.checked_mul(length))
}

/// How far each dimension may grow; the shape itself where the file does not say.
pub(crate) fn max_shape(dataspace: Option<&Dataspace>) -> Option<Vec<Option<u64>>> {
    match dataspace? {
        Dataspace::Null => None,
        Dataspace::Scalar => Some(Vec::new()),
        Dataspace::Simple { dimensions, maximum } => Some(match maximum {
            Some(maximum) => maximum.clone(),
            None => dimensions.iter().copied().map(Some).collect(),
        }),
    }
}

pub(crate) fn layout_name(layout: &Layout) -> &'static str {
    match layout {
        Layout::Compact { .. } => "compact",
        Layout::Contiguous { .. } => "contiguous",
        Layout::Chunked { .. } => "chunked",
        Layout::Virtual { .. } => "virtual",
    }
}

pub(crate) fn chunk_index_name(layout: &Layout) -> Option<&'static str> {
    let Layout::Chunked { index, .. } = layout else { return None };
    Some(match index {
        ChunkIndex::BTreeV1 { .. } => "btree_v1",
        ChunkIndex::SingleChunk { .. } => "single_chunk",
        ChunkIndex::Implicit { .. } => "implicit",
        ChunkIndex::FixedArray { .. } => "fixed_array",
        ChunkIndex::ExtensibleArray { .. } => "extensible_array",
        ChunkIndex::BTreeV2 { .. } => "btree_v2",
    })
}

pub(crate) fn filters(pipeline: &FilterPipeline) -> Vec<Filter> {
    let filter = |filter: &filter_pipeline::Filter| Filter {
        id: filter.id,
        name: filter_name(filter),
        options: filter.client_data.clone(),
    };
    pipeline.filters.iter().map(filter).collect()
}

/// The short name and the options of the first filter that makes data smaller.
pub(crate) fn compression(pipeline: &FilterPipeline) -> Option<(String, Json)> {
    let filter = pipeline.filters.iter().find(|filter| !REARRANGING.contains(&filter.id))?;
    let options = match (filter.id, filter.client_data.as_slice()) {
        (DEFLATE, [level, ..]) => Json::Unsigned(u64::from(*level)),
        (_, []) => Json::Null,
        (_, options) => Json::List(options.iter().map(|&o| Json::Unsigned(o.into())).collect()),
    };
    let name = match filter.id {
        DEFLATE => "gzip".to_owned(),
        _ => filter_name(filter).unwrap_or_else(|| format!("filter {}", filter.id)),
    };
    Some((name, options))
}

const DEFLATE: u16 = 1;

/// Shuffle, Fletcher-32, and bit shuffle without a compression of its own are not known by their
/// numbers alone; these two never compress.
const REARRANGING: [u16; 2] = [2, 3];

/// The name in the registry of filters, so that one filter has one name whatever wrote the file;
/// else the name that the file gives.
fn filter_name(filter: &filter_pipeline::Filter) -> Option<String> {
    if let Some(name) = registered_filter_name(filter.id) {
        return Some(name.to_owned());
    }
    filter.name.as_deref().filter(|name| !name.is_empty()).map(lossy)
}

/// The name of a filter in the registry.
pub(crate) fn registered_filter_name(id: u16) -> Option<&'static str> {
    REGISTERED.iter().find(|(registered, _)| *registered == id).map(|(_, name)| *name)
}

/// The filters of the library and those of "Registered Filter Plugins" that files are seen with.
const REGISTERED: [(u16, &str); 24] = [
    (DEFLATE, "deflate"),
    (2, "shuffle"),
    (3, "fletcher32"),
    (4, "szip"),
    (5, "nbit"),
    (6, "scaleoffset"),
    (305, "lzo"),
    (307, "bzip2"),
    (32000, "lzf"),
    (32001, "blosc"),
    (32002, "mafisc"),
    (32003, "snappy"),
    (32004, "lz4"),
    (32005, "apax"),
    (32008, "bitshuffle"),
    (32012, "jpeg-ls"),
    (32013, "zfp"),
    (32015, "zstd"),
    (32017, "sz"),
    (32018, "fcidecomp"),
    (32019, "jpeg"),
    (32024, "sz3"),
    (32026, "blosc2"),
    (32028, "sperr"),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(id: u16, name: Option<&str>, client_data: &[u32]) -> filter_pipeline::Filter {
        let name = name.map(|name| name.as_bytes().to_vec());
        filter_pipeline::Filter { id, name, optional: false, client_data: client_data.to_vec() }
    }

    fn pipeline(filters: &[filter_pipeline::Filter]) -> FilterPipeline {
        FilterPipeline { filters: filters.to_vec() }
    }

    #[test]
    fn gzip_is_named_as_people_call_it_with_its_level() {
        let filters =
            pipeline(&[filter(2, None, &[4]), filter(1, None, &[6]), filter(3, None, &[])]);
        assert_eq!(compression(&filters), Some(("gzip".to_owned(), Json::Unsigned(6))));
    }

    #[test]
    fn shuffling_alone_is_no_compression() {
        assert_eq!(compression(&pipeline(&[filter(2, None, &[4]), filter(3, None, &[])])), None);
    }

    #[test]
    fn a_registered_filter_has_one_name_and_a_strange_one_that_of_the_file() {
        let blosc = filter(32001, Some("blosc 1.21"), &[2]);
        let strange = filter(40000, Some("ours"), &[]);
        let nameless = filter(40001, None, &[]);
        let names: Vec<_> = filters(&pipeline(&[blosc, strange, nameless.clone()]))
            .into_iter()
            .map(|filter| filter.name)
            .collect();
        assert_eq!(names, [Some("blosc".to_owned()), Some("ours".to_owned()), None]);
        let (name, options) = compression(&pipeline(&[nameless])).unwrap();
        assert_eq!((name.as_str(), options), ("filter 40001", Json::Null));
    }

    #[test]
    fn without_a_maximum_the_shape_is_the_maximum() {
        let fixed = Dataspace::Simple { dimensions: vec![6, 10], maximum: None };
        assert_eq!(max_shape(Some(&fixed)), Some(vec![Some(6), Some(10)]));
        assert_eq!(
            (shape(Some(&Dataspace::Null)), max_shape(Some(&Dataspace::Null))),
            (None, None)
        );
        assert_eq!(shape(Some(&Dataspace::Scalar)), Some(vec![]));
    }
}
