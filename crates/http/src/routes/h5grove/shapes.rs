//! Entities as `/meta` has them.

use explorer::answers::{AttributeType, ChildEntity, DatatypeAnswer, Entity, NamedFilter};
use explorer::{PlainStatistics, PlainValue};

use super::type_object::type_object;

/// An object or a link; of a group that was asked for, with its children.
pub(super) fn entity(name: &str, entity: Entity, children: Option<Vec<ChildEntity>>) -> PlainValue {
    let mut members = Vec::new();
    let kind = match entity {
        Entity::Group { attributes } => {
            members.push(("attributes", attribute_list(attributes)));
            if let Some(children) = children {
                let children = children.into_iter();
                let list = children.map(|child| self::entity(&child.name, child.entity, None));
                members.push(("children", PlainValue::List(list.collect())));
            }
            "group"
        }
        Entity::Dataset { attributes, shape, datatype, chunks, filters } => {
            members.extend([
                ("attributes", attribute_list(attributes)),
                ("chunks", sizes(chunks)),
                ("filters", filter_list(filters)),
                ("shape", sizes(shape)),
                ("type", type_of(datatype.as_ref())),
            ]);
            "dataset"
        }
        Entity::Datatype { attributes, datatype } => {
            members.extend([
                ("attributes", attribute_list(attributes)),
                ("type", type_of(datatype.as_ref())),
            ]);
            "datatype"
        }
        Entity::SoftLink { target } => {
            members.push(("target_path", PlainValue::Text(target)));
            "soft_link"
        }
        Entity::ExternalLink { target_file, target } => {
            members.extend([
                ("target_file", PlainValue::Text(target_file)),
                ("target_path", PlainValue::Text(target)),
            ]);
            "external_link"
        }
        Entity::Other => "other",
    };
    members.extend([("kind", PlainValue::text(kind)), ("name", PlainValue::text(name))]);
    PlainValue::object(members)
}

/// Statistics as `/stats` has them.
pub(super) fn statistics(statistics: PlainStatistics) -> PlainValue {
    let PlainStatistics { strict_positive_min, positive_min, min, max, mean, std } = statistics;
    PlainValue::object([
        ("strict_positive_min", strict_positive_min),
        ("positive_min", positive_min),
        ("min", min),
        ("max", max),
        ("mean", mean),
        ("std", std),
    ])
}

fn attribute_list(attributes: Vec<AttributeType>) -> PlainValue {
    let mut attributes = attributes;
    attributes.sort_by(|a, b| a.name.cmp(&b.name));
    let list = attributes.into_iter().map(|attribute| {
        PlainValue::object([
            ("name", PlainValue::Text(attribute.name)),
            ("shape", sizes(attribute.shape)),
            ("type", type_of(attribute.datatype.as_ref())),
        ])
    });
    PlainValue::List(list.collect())
}

fn filter_list(filters: Vec<NamedFilter>) -> PlainValue {
    if filters.is_empty() {
        return PlainValue::Null;
    }
    let list = filters.into_iter().map(|filter| {
        let id = PlainValue::Unsigned(filter.id.into());
        PlainValue::object([("id", id), ("name", PlainValue::Text(filter.name))])
    });
    PlainValue::List(list.collect())
}

fn sizes(sizes: Option<Vec<u64>>) -> PlainValue {
    let list =
        |sizes: Vec<u64>| PlainValue::List(sizes.into_iter().map(PlainValue::Unsigned).collect());
    sizes.map_or(PlainValue::Null, list)
}

/// A type that cannot be read has libhdf5's number for no class.
fn type_of(datatype: Option<&DatatypeAnswer>) -> PlainValue {
    let unknown = || {
        let dtype = PlainValue::text("|V0");
        [("class", PlainValue::Signed(-1)), ("dtype", dtype), ("size", PlainValue::Unsigned(0))]
    };
    datatype.map_or_else(|| PlainValue::object(unknown()), |known| type_object(&known.class))
}
