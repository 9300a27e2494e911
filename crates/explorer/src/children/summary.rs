//! What a listing says of an object, out of its header.

use h5range::Error;
use h5range::walk::{Object, ObjectKind};

use crate::answers::{ChildObject, DatasetSummary, DatatypeSummary, GroupSummary};
use crate::datatype::short_name;
use crate::describe::{self, Dataset};
use crate::session::OpenFile;

impl OpenFile {
    /// What a listing says of an object, and what kept parts of it from being read.
    ///
    /// # Errors
    ///
    /// Only what ends the question.
    pub(crate) async fn summarise(
        &self,
        object: &Object,
    ) -> h5range::Result<(ChildObject, Option<Error>)> {
        let (num_attributes, mut error) = match self.file.attribute_count(object).await {
            Ok(count) => (Some(count), None),
            Err(error) if error.ends_the_question() => return Err(error),
            Err(error) => (None, Some(error)),
        };
        let summary = match object.kind {
            ObjectKind::Group => {
                let num_children = object.compact_link_count();
                ChildObject::Group(GroupSummary { num_children, num_attributes })
            }
            ObjectKind::Dataset => {
                let dataset = Dataset::of(object);
                let summary = dataset_summary(&dataset, num_attributes);
                error = dataset.errors.into_iter().next().or(error);
                ChildObject::Dataset(summary)
            }
            ObjectKind::Datatype => {
                let dtype = match object.datatype() {
                    Ok(datatype) => datatype.as_ref().map(short_name),
                    Err(broken) => {
                        error = Some(broken);
                        None
                    }
                };
                ChildObject::Datatype(DatatypeSummary { dtype, num_attributes })
            }
        };
        Ok((summary, error))
    }
}

fn dataset_summary(dataset: &Dataset, num_attributes: Option<u64>) -> DatasetSummary {
    let dataspace = dataset.dataspace.as_ref();
    let shape = describe::shape(dataspace);
    DatasetSummary {
        ndim: shape.as_ref().map_or(0, |shape| shape.len() as u64),
        shape,
        maxshape: describe::max_shape(dataspace),
        size: dataspace.and_then(|dataspace| dataspace.element_count()),
        dtype: dataset.datatype.as_ref().map(short_name),
        chunks: dataset.chunks(),
        compression: describe::compression(&dataset.pipeline).map(|(name, _)| name),
        filters: describe::filters(&dataset.pipeline),
        num_attributes,
    }
}
