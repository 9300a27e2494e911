use super::*;
use crate::decode::btree_v2::LinkNameRecord;
use crate::decode::checksum::lookup3;
use crate::decode::message::link::LinkMessage;
use crate::walk::btree_v2::BTreeV2;
use crate::walk::testing::{Counted, fixture, places_of};

/// The heaps of a file's groups, each with the records of its name index: the address of one
/// stands behind that of the other in the link info message.
fn dense_groups(file: &Counted) -> Vec<(FractalHeap, Vec<LinkNameRecord>)> {
    let indexes = places_of(&file.bytes, b"BTHD");
    let groups = places_of(&file.bytes, b"FRHP").into_iter().map(|heap| {
        let index = indexes.iter().find(|index| {
            let addresses = [heap.get().to_le_bytes(), index.get().to_le_bytes()].concat();
            file.bytes.windows(16).any(|window| window == addresses)
        });
        file.drive(open(&file.reader, heap, *index.unwrap())).unwrap()
    });
    groups.collect()
}

async fn open(
    reader: &Reader,
    heap: Address,
    index: Address,
) -> Result<(FractalHeap, Vec<LinkNameRecord>)> {
    let records = BTreeV2::open(reader, index).await?.records(reader).await?.all()?;
    let decode =
        |record: &Bytes| LinkNameRecord::decode(&mut reader.cursor(record, "record", index));
    let records = records.iter().map(decode).collect::<Result<_>>()?;
    Ok((FractalHeap::open(reader, heap).await?, records))
}

fn cursor<'a>(file: &Counted, bytes: &'a Bytes) -> crate::decode::Cursor<'a> {
    file.reader.cursor(bytes, "fixture", Address::new(0))
}

fn objects(
    file: &Counted,
    heap: &FractalHeap,
    records: &[LinkNameRecord],
) -> Result<Vec<Result<Bytes>>> {
    let ids: Vec<&[u8]> = records.iter().map(|record| &record.heap_id[..]).collect();
    file.drive(heap.objects(&file.reader, &ids))
}

/// Reads all links of a heap and checks that each is the one that its record means: the hash of
/// its name is there. Answers how many waves and ranges that took.
fn read_links(file: &Counted, heap: &FractalHeap, records: &[LinkNameRecord]) -> (u64, u64) {
    let (waves, ranges) = (file.source.waves(), file.source.ranges());
    let links = objects(file, heap, records).unwrap();
    let cost = (file.source.waves() - waves, file.source.ranges() - ranges);
    assert_eq!(links.len(), records.len());
    for (link, record) in links.into_iter().zip(records) {
        let body = link.unwrap();
        let link = LinkMessage::decode(&mut cursor(file, &body)).unwrap();
        assert_eq!(lookup3(link.name), record.name_hash, "{:?}", link.name.escape_ascii());
    }
    cost
}

#[test]
fn a_root_direct_block_is_read_with_the_header() {
    let file = fixture("groups/dense_links.h5");
    let groups = dense_groups(&file);
    assert_eq!(groups.len(), 3);
    for (heap, records) in groups {
        assert!(records.len() >= 20);
        let (waves, _) = read_links(&file, &heap, &records);
        assert_eq!(waves, u64::from(heap.header.root_rows > 0));
    }
}

#[test]
fn all_blocks_below_an_indirect_block_are_one_wave_and_read_once() {
    let file = fixture("groups/dense_many_blocks.h5");
    let groups = dense_groups(&file);
    let counts: Vec<usize> = groups.iter().map(|(_, records)| records.len()).collect();
    assert_eq!(counts, [700, 100]);
    for (heap, records) in groups {
        let (waves, ranges) = read_links(&file, &heap, &records);
        assert_eq!(waves, 1);
        assert!(ranges > 2 && ranges < 40, "{ranges}");
        assert_eq!(read_links(&file, &heap, &records[..1]), (1, 1));
    }
}

#[test]
fn a_heap_read_whole_has_all_objects_without_another_wave() {
    for path in
        ["groups/dense_links.h5", "groups/dense_filtered_heap.h5", "groups/dense_many_blocks.h5"]
    {
        let file = fixture(path);
        for (heap, records) in dense_groups(&file) {
            let before = file.source.waves();
            let whole = file.drive(FractalHeap::open_whole(&file.reader, heap.address())).unwrap();
            let indirect_levels = u64::from(heap.header.root_rows > 0);
            assert_eq!(file.source.waves() - before, 2 + indirect_levels, "{path}");
            assert_eq!(read_links(&file, &whole, &records), (0, 0), "{path}");
        }
    }
}

#[test]
fn deflated_blocks_are_inflated() {
    let file = fixture("groups/dense_filtered_heap.h5");
    let (heap, records) = &dense_groups(&file)[0];
    assert!(heap.header.filters.is_some());
    assert_eq!(records.len(), 120);
    read_links(&file, heap, records);
}

#[test]
fn huge_objects_are_found_by_their_tree() {
    let file = fixture("groups/huge_link_names.h5");
    let (heap, records) = &dense_groups(&file)[0];
    assert_eq!(records.len(), 9);
    // The header of the tree, its only node, the objects; the managed ones are there by then.
    let (waves, _) = read_links(&file, heap, records);
    assert_eq!(waves, 3);
}

#[test]
fn an_error_belongs_to_the_objects_of_its_block() {
    let file = fixture("groups/dense_many_blocks.h5");
    let last_block = *places_of(&file.bytes, b"FHDB").last().unwrap();
    let mut bytes = file.bytes.to_vec();
    bytes[usize::try_from(last_block.get()).unwrap()] = b'x';
    let file = Counted::new(bytes);
    let mut damaged = 0;
    for (heap, records) in &dense_groups(&file) {
        let links = objects(&file, heap, records).unwrap();
        damaged += links.iter().filter(|link| link.is_err()).count();
        assert!(links.iter().any(Result::is_ok));
        let whole = file.drive(FractalHeap::open_whole(&file.reader, heap.address())).unwrap();
        assert_eq!(objects(&file, &whole, records), Ok(links));
    }
    assert!(damaged > 0);
}

#[test]
fn ids_that_lead_nowhere_are_errors_of_their_own() {
    let file = fixture("groups/dense_many_blocks.h5");
    let (heap, records) = &dense_groups(&file)[0];
    let nowhere = LinkNameRecord { heap_id: [0, 0, 0, 0, 0x7f, 1, 0], ..records[0] };
    let unknown = LinkNameRecord { heap_id: [0xff; 7], ..records[0] };
    let huge = LinkNameRecord { heap_id: [0x10, 1, 0, 0, 0, 0, 0], ..records[0] };
    let whole = file.drive(FractalHeap::open_whole(&file.reader, heap.address())).unwrap();
    for heap in [heap, &whole] {
        let links = objects(&file, heap, &[nowhere, records[0], unknown, huge]).unwrap();
        let good: Vec<bool> = links.iter().map(Result::is_ok).collect();
        assert_eq!(good, [false, true, false, false]);
    }
}
