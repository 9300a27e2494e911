//! What the disk tier holds, in one SQLite file: versions of objects, and pieces of them.
//!
//! Nothing in the file is trusted: a piece counts only if its checksum fits the object, the version
//! and the place that it was asked for.

use std::ops::Range;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use crc_fast::{CrcAlgorithm, Digest};
use jiff::Timestamp;
use rusqlite::{CachedStatement, Connection, OptionalExtension, params};

use super::error::DiskError;
use super::file::{self, PAGE_BYTES};
use super::folder::Folder;
use crate::{Version, ranges};

/// Pieces are cut at multiples of this, so that one can be found from any of its bytes.
pub(super) const PIECE_BYTES: u64 = 1 << 20;

/// Pages that are left free for what a piece needs beside its bytes: interior pages of the trees.
const SPARE_PAGES: u64 = 16;

/// The most that one look brings. Pieces of a megabyte of the object are more than that only if
/// they overlap, which ours do little.
const FOUND_BYTES: u64 = 4 * PIECE_BYTES;

/// Pieces deleted at a time: another thread may wait for the file.
const DELETED_AT_ONCE: i64 = 64;

/// The open file, and the lock on its folder.
pub(super) struct Database {
    connection: Connection,
    path: PathBuf,
    page_limit: u64,
    /// The last number given out for `used`: versions are ordered by it, and not by a clock, which
    /// may jump.
    last_use: i64,
    folder: Folder,
}

/// Which version of which object.
#[derive(Debug, Clone)]
pub(super) struct Subject<'a> {
    pub(super) store: &'a str,
    pub(super) key: &'a str,
    pub(super) version: &'a Version,
}

impl Database {
    /// Opens the file in `folder`, which may grow to `size_bytes`. One that cannot be used is
    /// replaced.
    pub(super) fn open(folder: Folder, size_bytes: u64) -> Result<Self, DiskError> {
        let page_limit = (size_bytes / PAGE_BYTES).max(1);
        let path = file::path(&folder);
        let connection = match file::open(&folder, page_limit) {
            Ok(connection) => connection,
            Err(error) => {
                let path = path.display();
                tracing::info!(%path, %error, "the disk cache starts over with an empty file");
                file::remove(&folder)?;
                file::open(&folder, page_limit)?
            }
        };
        let last_use = "SELECT coalesce(max(used), 0) FROM version";
        let last_use = connection.query_row(last_use, [], |row| row.get(0))?;
        Ok(Self { connection, path, page_limit, last_use, folder })
    }

    /// Throws everything away.
    pub(super) fn start_over(self) -> Result<Self, DiskError> {
        let Self { connection, page_limit, folder, .. } = self;
        drop(connection);
        file::remove(&folder)?;
        Self::open(folder, page_limit.saturating_mul(PAGE_BYTES))
    }

    /// Whether anything is known of a version.
    pub(super) fn knows(&self, subject: &Subject<'_>) -> Result<bool, DiskError> {
        Ok(self.id(subject)?.is_some())
    }

    /// The version of an object that was seen last.
    pub(super) fn version(&self, store: &str, key: &str) -> Result<Option<Version>, DiskError> {
        let sql = "SELECT etag, size_bytes, modified_seconds, modified_nanos FROM version \
                   WHERE store = ?1 AND key = ?2";
        let row = self.prepare(sql)?.query_row(params![store, key], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?, row.get(2)?, row.get(3)?))
        });
        Ok(row.optional()?.and_then(|(etag, size_bytes, seconds, nanos)| {
            let last_modified = Timestamp::new(seconds, nanos).ok()?;
            Some(Version { etag, size_bytes: u64::try_from(size_bytes).ok()?, last_modified })
        }))
    }

    /// The ranges that were ever kept of a version, as long as it is here; at most `limit` of them.
    pub(super) fn ranges(
        &self,
        subject: &Subject<'_>,
        limit: usize,
    ) -> Result<Vec<Range<u64>>, DiskError> {
        let Some(id) = self.id(subject)? else { return Ok(Vec::new()) };
        let sql = "SELECT start, stop FROM piece WHERE version = ?1 ORDER BY start LIMIT ?2";
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let mut statement = self.prepare(sql)?;
        let rows = statement.query_map([id, limit], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let size_bytes = subject.version.size_bytes;
        let rows: Vec<_> = rows.collect::<Result<_, _>>()?;
        Ok(rows.into_iter().filter_map(|(start, stop)| range(start, stop, size_bytes)).collect())
    }

    /// The pieces of a version that have bytes of `wanted`, whose ranges are sorted, without
    /// overlaps, and all touch the same [`PIECE_BYTES`] of the object, those that start at `first`.
    pub(super) fn find(
        &self,
        subject: &Subject<'_>,
        first: u64,
        wanted: &[Range<u64>],
    ) -> Result<Vec<(u64, Bytes)>, DiskError> {
        let mut found = Vec::new();
        let Some(id) = self.id(subject)? else { return Ok(found) };
        let (first, end) = (signed(first), signed(first.saturating_add(PIECE_BYTES)));
        let sql = "SELECT id, start, stop FROM piece WHERE version = ?1 AND start >= ?2 AND start < ?3 ORDER BY start";
        let mut statement = self.prepare(sql)?;
        let rows = statement
            .query_map([id, first, end], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        let (mut covered, mut bytes_left) = (0, FOUND_BYTES);
        for row in rows {
            let (row, start, stop) = row?;
            let Some(range) = range(start, stop, subject.version.size_bytes) else { continue };
            let new = range.start.max(covered)..range.end;
            let next = wanted.partition_point(|wanted| wanted.end <= new.start);
            let brings = wanted.get(next).is_some_and(|wanted| ranges::overlap(wanted, &new));
            if brings && ranges::length(&range) <= bytes_left {
                bytes_left = bytes_left.saturating_sub(ranges::length(&range));
                covered = covered.max(range.end);
                found.push((range.start, self.bytes(row, subject, &range)?));
            }
        }
        Ok(found)
    }

    /// Adds pieces of one version, none of them across a multiple of [`PIECE_BYTES`]. When there is
    /// no room for them they are not added.
    pub(super) fn add(
        &mut self,
        subject: &Subject<'_>,
        pieces: &[(u64, Bytes)],
    ) -> Result<(), DiskError> {
        self.last_use = self.last_use.saturating_add(1);
        let used = self.last_use;
        let transaction = self.connection.transaction()?;
        let id = use_version(&transaction, subject, used)?;
        let sql = "INSERT INTO piece (version, start, stop, checksum, bytes) \
                   VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (version, start) DO UPDATE \
                   SET stop = excluded.stop, checksum = excluded.checksum, bytes = excluded.bytes \
                   WHERE excluded.stop >= stop";
        for (start, bytes) in pieces {
            let stop = start.saturating_add(bytes.len() as u64);
            let checksum = checksum(subject, *start, bytes);
            let values = params![id, signed(*start), signed(stop), checksum, bytes.as_ref()];
            transaction.prepare_cached(sql)?.execute(values)?;
        }
        transaction.commit()?;
        Ok(())
    }

    /// Notes that a version is in use, if it is here.
    pub(super) fn touch(&mut self, subject: &Subject<'_>) -> Result<(), DiskError> {
        let Some(id) = self.id(subject)? else { return Ok(()) };
        // One that was used last already costs no write.
        let sql = "UPDATE version SET used = ?2 + 1 WHERE id = ?1 AND used < ?2";
        let touched = self.prepare(sql)?.execute([id, self.last_use])?;
        self.last_use = self.last_use.saturating_add(touched as i64);
        Ok(())
    }

    /// Whether pieces of so many bytes can be added.
    pub(super) fn has_room(&self, lengths: impl Iterator<Item = usize>) -> Result<bool, DiskError> {
        let pages = |length: usize| (length as u64).div_ceil(PAGE_BYTES).saturating_add(1);
        let needed = lengths.map(pages).sum::<u64>().saturating_add(SPARE_PAGES);
        Ok(self.used_pages()?.saturating_add(needed) <= self.page_limit)
    }

    /// Deletes a few pieces of the version that was not used for longest, or that version. Returns
    /// whether there was anything to delete.
    pub(super) fn evict(&mut self) -> Result<bool, DiskError> {
        let transaction = self.connection.transaction()?;
        let sql = "SELECT id FROM version ORDER BY used LIMIT 1";
        let oldest = transaction.prepare_cached(sql)?.query_row([], |row| row.get(0)).optional()?;
        let Some(oldest) = oldest else { return Ok(false) };
        let sql = "DELETE FROM piece WHERE id IN \
                   (SELECT id FROM piece WHERE version = ?1 LIMIT ?2)";
        let deleted =
            transaction.prepare_cached(sql)?.execute::<[i64; 2]>([oldest, DELETED_AT_ONCE])?;
        if deleted == 0 {
            transaction.prepare_cached("DELETE FROM version WHERE id = ?1")?.execute([oldest])?;
        }
        transaction.commit()?;
        Ok(true)
    }

    /// Bytes in use of the file.
    pub(super) fn used_bytes(&self) -> Result<u64, DiskError> {
        Ok(self.used_pages()?.saturating_mul(PAGE_BYTES))
    }

    /// Where the file is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    fn used_pages(&self) -> Result<u64, DiskError> {
        let pragma = |name| self.connection.pragma_query_value(None, name, |row| row.get(0));
        let (all, free): (i64, i64) = (pragma("page_count")?, pragma("freelist_count")?);
        Ok(u64::try_from(all.saturating_sub(free)).unwrap_or(0))
    }

    fn id(&self, subject: &Subject<'_>) -> Result<Option<i64>, DiskError> {
        let sql = "SELECT id FROM version \
                   WHERE store = ?1 AND key = ?2 AND etag = ?3 AND size_bytes = ?4";
        let Subject { store, key, version } = subject;
        let values = params![store, key, version.etag, signed(version.size_bytes)];
        Ok(self.prepare(sql)?.query_row(values, |row| row.get(0)).optional()?)
    }

    fn bytes(
        &self,
        row: i64,
        subject: &Subject<'_>,
        range: &Range<u64>,
    ) -> Result<Bytes, DiskError> {
        let sql = "SELECT checksum, bytes FROM piece WHERE id = ?1";
        let (sum, bytes) = self.prepare(sql)?.query_row([row], |row| {
            let bytes = Bytes::copy_from_slice(row.get_ref(1)?.as_blob()?);
            Ok((row.get::<_, i64>(0)?, bytes))
        })?;
        let whole = bytes.len() as u64 == ranges::length(range);
        let sound = whole && checksum(subject, range.start, &bytes) == sum;
        sound.then_some(bytes).ok_or(DiskError::Checksum)
    }

    fn prepare(&self, sql: &str) -> Result<CachedStatement<'_>, DiskError> {
        Ok(self.connection.prepare_cached(sql)?)
    }
}

/// The row of the version, made if need be. The version of the object that was here before is
/// left to be evicted.
fn use_version(
    connection: &Connection,
    subject: &Subject<'_>,
    used: i64,
) -> Result<i64, DiskError> {
    let Subject { store, key, version } = subject;
    let Version { etag, size_bytes, last_modified } = version;
    let size_bytes = signed(*size_bytes);
    let sql = "UPDATE version SET used = ?5 \
               WHERE store = ?1 AND key = ?2 AND etag = ?3 AND size_bytes = ?4 RETURNING id";
    let id = connection
        .prepare_cached(sql)?
        .query_row(params![store, key, etag, size_bytes, used], |row| row.get(0));
    if let Some(id) = id.optional()? {
        return Ok(id);
    }
    let sql = "UPDATE version SET key = NULL, used = 0 WHERE store = ?1 AND key = ?2";
    connection.prepare_cached(sql)?.execute([store, key])?;
    let sql = "INSERT INTO version (store, key, etag, size_bytes, modified_seconds, \
               modified_nanos, used) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    let (seconds, nanos) = (last_modified.as_second(), last_modified.subsec_nanosecond());
    let values = params![store, key, etag, size_bytes, seconds, nanos, used];
    connection.prepare_cached(sql)?.execute(values)?;
    Ok(connection.last_insert_rowid())
}

/// Over all that a piece must be of, so that no row can pass for another.
fn checksum(subject: &Subject<'_>, start: u64, bytes: &[u8]) -> i64 {
    let Subject { store, key, version } = subject;
    let mut digest = Digest::new(CrcAlgorithm::Crc64Nvme);
    for text in [store, key, version.etag.as_str()] {
        digest.update(&(text.len() as u64).to_le_bytes());
        digest.update(text.as_bytes());
    }
    digest.update(&version.size_bytes.to_le_bytes());
    digest.update(&start.to_le_bytes());
    digest.update(bytes);
    digest.finalize().cast_signed()
}

/// A range as a row has it, if an object of `size_bytes` can have it.
fn range(start: i64, stop: i64, size_bytes: u64) -> Option<Range<u64>> {
    let (start, stop) = (u64::try_from(start).ok()?, u64::try_from(stop).ok()?);
    (start < stop && stop <= size_bytes).then_some(start..stop)
}

/// No object is so large that this says less than there is; a store may claim it.
fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
