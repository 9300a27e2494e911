//! Shapes, chunks and filters in a few characters.

use explorer::answers::{Child, ChildObject, DatasetSummary, Filter, LinkKind};

use super::escaped;

/// The cells of a child in a long listing: kind, name, shape, datatype, chunks and filters.
pub(crate) fn child_cells(child: &Child, name: &str) -> [String; 6] {
    let mut name = escaped(name).into_owned();
    let (kind, cells) = match &child.object {
        Some(ChildObject::Group(_)) => {
            name.push('/');
            ("group", Default::default())
        }
        Some(ChildObject::Dataset(dataset)) => ("dataset", dataset_cells(dataset)),
        Some(ChildObject::Datatype(datatype)) => {
            let dtype = datatype.dtype.clone().unwrap_or_default();
            ("datatype", [String::new(), dtype, String::new(), String::new()])
        }
        Some(ChildObject::Unresolved) | None => ("link", Default::default()),
    };
    if let Some(target) = link_target(child) {
        name.push_str(" -> ");
        name.push_str(&escaped(&target));
    }
    if child.cycle {
        name.push_str(" (leads back)");
    }
    let [shape, dtype, chunks, mut filters] = cells;
    if let Some(error) = &child.error {
        if !filters.is_empty() {
            filters.push_str("  ");
        }
        filters.push_str(&format!("! {}", escaped(&error.detail)));
    }
    [kind.to_owned(), name, shape, dtype, chunks, filters]
}

/// `6 × 10`; `scalar` and `null` for what has no dimensions.
pub(crate) fn shape_text(shape: Option<&[u64]>) -> String {
    match shape {
        None => "null".to_owned(),
        Some([]) => "scalar".to_owned(),
        Some(shape) => shape.iter().map(u64::to_string).collect::<Vec<_>>().join(" × "),
    }
}

/// `shuffle, gzip 4`: the filters in the order of writing.
pub(crate) fn filters_text(filters: &[Filter]) -> String {
    let text = |filter: &Filter| {
        let name = filter.name.clone().unwrap_or_else(|| format!("filter {}", filter.id));
        match (filter.id, filter.options.first()) {
            // Of deflate the level means something to a person; what other filters keep does not.
            (1, Some(level)) => format!("gzip {level}"),
            _ => escaped(&name).into_owned(),
        }
    };
    filters.iter().map(text).collect::<Vec<_>>().join(", ")
}

fn dataset_cells(dataset: &DatasetSummary) -> [String; 4] {
    let chunks = dataset.chunks.as_deref();
    [
        shape_text(dataset.shape.as_deref()),
        dataset.dtype.clone().unwrap_or_default(),
        chunks.map_or(String::new(), |chunks| format!("chunks {}", shape_text(Some(chunks)))),
        filters_text(&dataset.filters),
    ]
}

fn link_target(child: &Child) -> Option<String> {
    match child.link {
        LinkKind::Hard => None,
        LinkKind::Soft => child.target.clone(),
        LinkKind::External => {
            let file = child.target_file.as_deref().unwrap_or_default();
            Some(format!("{file}:{}", child.target.as_deref().unwrap_or_default()))
        }
        LinkKind::User => Some(format!("user-defined link of class {}", child.link_class?)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_read_like_sentences() {
        assert_eq!(shape_text(Some(&[6, 10])), "6 × 10");
        assert_eq!(shape_text(Some(&[])), "scalar");
        assert_eq!(shape_text(None), "null");
    }

    #[test]
    fn filters_are_named_in_their_order() {
        let filter = |id, name: Option<&str>, options: &[u32]| Filter {
            id,
            name: name.map(str::to_owned),
            options: options.to_vec(),
        };
        let filters = [
            filter(2, Some("shuffle"), &[4]),
            filter(1, Some("deflate"), &[6]),
            filter(40000, None, &[]),
        ];
        assert_eq!(filters_text(&filters), "shuffle, gzip 6, filter 40000");
    }
}
