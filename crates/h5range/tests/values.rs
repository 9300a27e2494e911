//! Elements of the project's fixtures, and how many waves they cost. What all attributes of all
//! fixtures hold is compared with h5py's dumps by the tests of the whole.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::path::Path;
use std::sync::Arc;

use byte_source::MemorySource;
use byte_source::testing::CountingSource;
use futures::executor::block_on;
use h5range::decode::Address;
use h5range::decode::message::datatype::ReferenceKind;
use h5range::{Attribute, Elements, Error, File, Limits, Reference, Result, Value, Values};

struct Fixture {
    source: Arc<CountingSource<MemorySource>>,
    file: File,
}

impl Fixture {
    fn open(path: &str) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures");
        let memory = MemorySource::new(std::fs::read(folder.join(path)).unwrap());
        let source = Arc::new(CountingSource::new(memory));
        let file = block_on(File::open(source.clone(), Limits::default())).unwrap();
        Self { source, file }
    }

    /// The values of an attribute of the root group, and the waves that it took to get from its
    /// elements to them.
    fn attribute(&self, name: &str, scalars_max: Option<u64>) -> (Values, u64) {
        let attribute = self.elements(name);
        let before = self.source.waves();
        let values = self.drive(self.file.read_values(&in_file(&attribute), scalars_max));
        (values, self.source.waves() - before)
    }

    fn elements(&self, name: &str) -> Attribute {
        let attribute = async {
            let root = self.file.object(self.file.root()).await?;
            let entry = self.file.find_attribute(&root, name.as_bytes()).await?.unwrap();
            self.file.attribute(&entry).await
        };
        self.drive(attribute)
    }

    fn drive<T>(&self, question: impl Future<Output = Result<T>>) -> T {
        block_on(self.file.drive(question)).unwrap()
    }
}

fn in_file(attribute: &Attribute) -> Elements<'_> {
    Elements {
        datatype: &attribute.datatype,
        data: &attribute.data,
        address: Address::new(0),
        count: attribute.dataspace.element_count().unwrap(),
    }
}

fn text(string: &str) -> Value {
    Value::Text(string.into())
}

#[test]
fn elements_of_fixed_size_cost_nothing_more() {
    let fixture = Fixture::open("attributes/kinds_latest.h5");
    let (bytes, waves) = fixture.attribute("bytes", None);
    assert_eq!((bytes.values, waves), (vec![text("aa"), text("b"), text("")], 0));
    let (row, waves) = fixture.attribute("row", None);
    let members = [("i", Value::Signed(1)), ("f", Value::Float(2.5)), ("s", text("x"))];
    let members = members.map(|(name, value)| (name.as_bytes().to_vec(), value));
    assert_eq!((row.values, waves), (vec![Value::Compound(members.into())], 0));
}

#[test]
fn all_sequences_of_an_attribute_are_one_wave() {
    let fixture = Fixture::open("attributes/kinds_latest.h5");
    let (sequences, waves) = fixture.attribute("sequences", None);
    let first = Value::Sequence([0, 1, 2].map(Value::Signed).into());
    assert_eq!(sequences.values, [first, Value::Sequence(vec![])]);
    assert_eq!((sequences.truncated, waves), (false, 1));
}

#[test]
fn the_bytes_of_a_sequence_are_one_wave() {
    let fixture = Fixture::open("attributes/kinds_latest.h5");
    let attribute = fixture.elements("sequences");
    let all = in_file(&attribute);
    let (first, second) = all.data.split_at(all.data.len() / 2);
    let read = |data| {
        let before = fixture.source.waves();
        let bytes = fixture.drive(fixture.file.read_sequence(&Elements { data, ..all }));
        (bytes.to_vec(), fixture.source.waves() - before)
    };
    let numbers: Vec<u8> = [0_i32, 1, 2].iter().flat_map(|number| number.to_le_bytes()).collect();
    assert_eq!(read(first), (numbers, 1));
    assert_eq!(read(second), (vec![], 0));
}

#[test]
fn a_sequence_has_no_more_bytes_than_its_object() {
    let fixture = Fixture::open("attributes/kinds_latest.h5");
    let attribute = fixture.elements("sequences");
    let mut data = attribute.data.to_vec();
    for (length, is_there) in [(3_u32, true), (4, false), (u32::MAX, false)] {
        data[..4].copy_from_slice(&length.to_le_bytes());
        let elements = Elements { data: &data, ..in_file(&attribute) };
        let read = block_on(fixture.file.drive(fixture.file.read_sequence(&elements)));
        assert_eq!(read.is_ok(), is_there, "{length}: {read:?}");
    }
}

#[test]
fn what_is_no_sequence_has_no_bytes_of_one() {
    let fixture = Fixture::open("attributes/kinds_latest.h5");
    let attribute = fixture.elements("bytes");
    let read = block_on(fixture.file.drive(fixture.file.read_sequence(&in_file(&attribute))));
    assert!(matches!(read, Err(Error::Unsupported(_))), "{read:?}");
}

#[test]
fn what_is_not_asked_for_is_not_decoded() {
    let fixture = Fixture::open("attributes/kinds_latest.h5");
    let (bytes, _) = fixture.attribute("bytes", Some(2));
    assert_eq!((bytes.values, bytes.truncated), (vec![text("aa"), text("b")], true));
    let (sequences, waves) = fixture.attribute("sequences", Some(2));
    let cut = Value::Sequence([0, 1].map(Value::Signed).into());
    assert_eq!((sequences.values, sequences.truncated, waves), (vec![cut], true, 1));
    let (none, waves) = fixture.attribute("sequences", Some(0));
    assert_eq!((none.values, none.truncated, waves), (vec![], true, 0));
}

#[test]
fn a_reference_leads_to_its_object() {
    let fixture = Fixture::open("attributes/kinds_latest.h5");
    let (reference, waves) = fixture.attribute("reference", None);
    let (kind, address) = (ReferenceKind::Object, Some(fixture.file.root()));
    assert_eq!(reference.values, [Value::Reference(Reference { kind, address })]);
    assert_eq!(waves, 0);
}

#[test]
fn a_reference_of_hdf5_1_12_says_what_it_points_to() {
    let fixture = Fixture::open("datatypes/references_112.h5");
    let (references, waves) = fixture.attribute("references", None);
    let kind = |value: &Value| match value {
        Value::Reference(Reference { kind, address: Some(_) }) => Some(*kind),
        _ => None,
    };
    let kinds: Vec<_> = references.values.iter().map(kind).collect();
    let expected = [ReferenceKind::Object2, ReferenceKind::Region2, ReferenceKind::Attribute];
    assert_eq!(kinds, expected.map(Some));
    assert_eq!(waves, 1);
}
