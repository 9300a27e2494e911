#![expect(clippy::single_range_in_vec_init, reason = "a list of one range is what is meant")]

use super::*;

const STORE: &str = "store";

fn database(size_bytes: u64) -> (tempfile::TempDir, Database) {
    let parent = tempfile::tempdir().unwrap();
    let folder = Folder::take(parent.path()).unwrap();
    (parent, Database::open(folder, size_bytes).unwrap())
}

fn version(etag: &str) -> Version {
    let last_modified = "2026-11-22T12:00:00.5Z".parse().unwrap();
    Version { etag: etag.to_owned(), size_bytes: 10 << 20, last_modified }
}

fn subject<'a>(key: &'a str, version: &'a Version) -> Subject<'a> {
    Subject { store: STORE, key, version }
}

fn piece(start: u64, length: usize) -> (u64, Bytes) {
    (start, vec![start as u8; length].into())
}

fn found(database: &Database, subject: &Subject<'_>, wanted: Range<u64>) -> Vec<(u64, Bytes)> {
    let first = wanted.start / PIECE_BYTES * PIECE_BYTES;
    database.find(subject, first, &[wanted]).unwrap()
}

#[test]
fn pieces_are_found_by_any_of_their_bytes() {
    let (_parent, mut database) = database(16 << 20);
    let version = version("a");
    let k = subject("k", &version);
    database.add(&k, &[piece(100, 50), piece(PIECE_BYTES + 7, 10)]).unwrap();
    assert_eq!(found(&database, &k, 149..150), [piece(100, 50)]);
    assert_eq!(found(&database, &k, 150..200), []);
    assert_eq!(found(&database, &k, PIECE_BYTES..PIECE_BYTES + 8), [piece(PIECE_BYTES + 7, 10)]);
    assert_eq!(found(&database, &subject("other", &version), 100..150), []);
    let ranges = database.ranges(&k, 10).unwrap();
    assert_eq!(ranges, [100..150, PIECE_BYTES + 7..PIECE_BYTES + 17]);
}

#[test]
fn the_version_seen_last_is_known_and_the_one_before_is_gone() {
    let (_parent, mut database) = database(16 << 20);
    let (old, new) = (version("old"), version("new"));
    database.add(&subject("k", &old), &[piece(0, 10)]).unwrap();
    assert_eq!(database.version(STORE, "k").unwrap(), Some(old.clone()));
    database.add(&subject("k", &new), &[piece(5, 10)]).unwrap();
    assert_eq!(database.version(STORE, "k").unwrap(), Some(new.clone()));
    assert_eq!(database.version("another store", "k").unwrap(), None);
    assert_eq!(found(&database, &subject("k", &old), 0..10), []);
    assert_eq!(found(&database, &subject("k", &new), 0..10), [piece(5, 10)]);
}

#[test]
fn a_longer_piece_replaces_a_shorter_one_and_not_the_other_way() {
    let (_parent, mut database) = database(16 << 20);
    let version = version("a");
    let k = subject("k", &version);
    for length in [10, 20, 15] {
        database.add(&k, &[piece(0, length)]).unwrap();
    }
    assert_eq!(found(&database, &k, 0..1), [piece(0, 20)]);
}

#[test]
fn a_piece_that_is_not_what_it_was_is_damage() {
    let (_parent, mut database) = database(16 << 20);
    let version = version("a");
    let k = subject("k", &version);
    for damage in [
        "UPDATE piece SET bytes = x'01'",
        "UPDATE piece SET bytes = zeroblob(10)",
        "UPDATE piece SET checksum = checksum + 1",
        "UPDATE piece SET start = start + 1, stop = stop + 1",
        "UPDATE piece SET stop = stop + 1",
    ] {
        let _ = database.connection.execute_batch("DELETE FROM piece; DELETE FROM version");
        database.add(&k, &[piece(7, 10)]).unwrap();
        database.connection.execute_batch(damage).unwrap();
        let error = database.find(&k, 0, &[8..9]).unwrap_err();
        assert!(matches!(error, DiskError::Checksum) && error.is_damage(), "{damage}: {error}");
    }
}

#[test]
fn no_piece_passes_for_one_of_another_object() {
    let (_parent, mut database) = database(16 << 20);
    let version = version("a");
    database.add(&subject("j", &version), &[piece(7, 10)]).unwrap();
    database.connection.execute_batch("UPDATE version SET key = 'k'").unwrap();
    assert!(database.find(&subject("k", &version), 0, &[8..9]).is_err());
}

#[test]
fn rows_outside_the_object_are_left_out() {
    let (_parent, mut database) = database(16 << 20);
    let version = version("a");
    let k = subject("k", &version);
    for (start, stop) in [(-5, 5), (5, 5), (9, 5), (5, i64::MAX), (i64::MIN, i64::MIN)] {
        let _ = database.connection.execute_batch("DELETE FROM piece");
        database.add(&k, &[piece(5, 10)]).unwrap();
        let sql = "UPDATE piece SET start = ?1, stop = ?2";
        database.connection.execute(sql, [start, stop]).unwrap();
        assert_eq!(database.ranges(&k, 10).unwrap(), []);
        assert_eq!(found(&database, &k, 0..100), []);
    }
}

#[test]
fn what_was_not_used_for_longest_goes_first_and_there_is_room_again() {
    let (_parent, mut database) = database(4 << 20);
    let version = version("a");
    let full = |database: &Database| !database.has_room(std::iter::once(500_000)).unwrap();
    for key in ["one", "two", "three", "four"] {
        assert!(!full(&database));
        let pieces: Vec<_> = (0..80).map(|n| piece(n * 10_000, 5_000)).collect();
        database.add(&subject(key, &version), &pieces).unwrap();
    }
    database.touch(&subject("one", &version)).unwrap();
    let mut evictions = 0;
    while database.knows(&subject("two", &version)).unwrap() {
        assert!(database.evict().unwrap());
        evictions += 1;
    }
    assert_eq!(evictions, 3, "64 pieces, the rest, the version");
    for key in ["one", "three", "four"] {
        assert_eq!(database.ranges(&subject(key, &version), 100).unwrap().len(), 80);
    }
    while database.evict().unwrap() {}
    assert!(!full(&database));
    assert!(database.used_bytes().unwrap() < 200_000);
}

#[test]
fn a_full_disk_is_no_damage() {
    let (_parent, mut database) = database(1 << 20);
    let version = version("a");
    let k = subject("k", &version);
    let mut add = |n: u64| database.add(&k, &[piece(n * PIECE_BYTES, 100_000)]);
    let error = (0..20).find_map(|n| add(n).err()).unwrap();
    assert!(!error.is_damage(), "{error}");
}
