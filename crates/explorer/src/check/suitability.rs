//! How well a file suits object storage, judged from what a walk found. Pure.
//!
//! Where a limit between two ratings lies is a judgement, and stands here with its reason. The
//! limits are for people who look into a file; who only copies it need not care.

use super::Found;
use crate::answers::{
    ChunksFound, Cost, DatasetsFound, FileMetadata, MetadataPlace, Rating, Remark, Suitability,
};
use crate::size_text;

/// From where on something is fair, and from where on poor: more than this.
struct Limits {
    fair: u64,
    poor: u64,
}

/// At some 30 ms for each, twenty round trips are half a second and a hundred three seconds.
const ROUND_TRIPS: Limits = Limits { fair: 20, poor: 100 };

/// At 100 MB/s the first is a fifth of a second, the second three seconds.
const LISTING_BYTES: Limits = Limits { fair: 16 << 20, poor: 256 << 20 };

/// More requests than stores are usually asked at once, and so many that they show on a bill.
const REQUESTS: Limits = Limits { fair: 64, poor: 1_000 };

/// A file of up to this size is read in one request, whatever is in it.
const ONE_REQUEST_BYTES: u64 = 1 << 20;

/// Chunks smaller than this take longer to ask for than to transfer.
const SMALL_CHUNK_BYTES: u64 = 64 << 10;

/// How many small chunks a file may have: reading all their data takes as many requests at worst.
const SMALL_CHUNKS: Limits = Limits { fair: 1_000, poor: 100_000 };

/// Whoever wants one element fetches its whole chunk: half a second of 100 MB/s, and ten seconds.
const LARGE_CHUNK_BYTES: Limits = Limits { fair: 64 << 20, poor: 1 << 30 };

/// Pages that h5repack is advised to make: not smaller than what a first request takes anyway, not
/// larger than what is fetched in one request.
const PAGE_BYTES: std::ops::RangeInclusive<u64> = 256 << 10..=8 << 20;

/// Judges what was found.
pub(super) fn judge(found: &Found, file: &FileMetadata, metadata: &MetadataPlace) -> Suitability {
    let listing = &found.cost.listing;
    let chunks = found.datasets.chunks.as_ref();
    let remarks = [
        Some(judge_listing(listing, found.groups.levels)),
        Some(judge_metadata(listing, metadata, file.page_size)),
        chunks.map(|chunks| judge_small_chunks(chunks, file.size)),
        chunks.map(judge_large_chunks),
        judge_other_files(&found.datasets),
    ];
    let remarks: Vec<Remark> = remarks.into_iter().flatten().collect();
    let worst = remarks.iter().map(|remark| remark.rating).max();
    Suitability { rating: worst.unwrap_or(Rating::Good), remarks }
}

/// What somebody waits for who looks at the whole tree.
fn judge_listing(listing: &Cost, levels: u64) -> Remark {
    let by_round_trips = ROUND_TRIPS.rate(listing.round_trips);
    let by_bytes = LISTING_BYTES.rate(listing.bytes);
    let finding = format!(
        "listing the whole tree takes {} and {}",
        some(listing.round_trips, "round trip"),
        size_text(listing.bytes)
    );
    let advice = if by_round_trips > Rating::Good && levels.saturating_mul(2) > listing.round_trips
    {
        format!("each of the {levels} levels costs at least one round trip: nest less deeply")
    } else if by_bytes > Rating::Good {
        "put fewer objects and links into one file".to_owned()
    } else {
        "write metadata close together, as the advice on its place says".to_owned()
    };
    Remark::new("listing", by_round_trips.max(by_bytes), finding, advice)
}

/// Whether metadata that is needed together lies together.
fn judge_metadata(listing: &Cost, metadata: &MetadataPlace, page_bytes: Option<u64>) -> Remark {
    let span_bytes = metadata.end_offset.saturating_sub(metadata.first_offset);
    let finding = format!(
        "{} of metadata in {} over {}, {} of it in the first 256 KiB{}; the tree takes {}",
        size_text(metadata.bytes),
        some(metadata.places, "place"),
        size_text(span_bytes),
        share(metadata.bytes_in_first_256_kib, metadata.bytes),
        page_bytes.map_or(String::new(), |bytes| format!(", pages of {}", size_text(bytes))),
        some(listing.requests, "request"),
    );
    let wanted = metadata.bytes.next_power_of_two().clamp(*PAGE_BYTES.start(), *PAGE_BYTES.end());
    let advice = match page_bytes {
        Some(page_bytes) if page_bytes >= wanted => {
            "split the file: its metadata is gathered in pages already".to_owned()
        }
        _ => format!("gather it in pages: h5repack -S PAGE -G {wanted} OLD.h5 NEW.h5"),
    };
    Remark::new("metadata_place", REQUESTS.rate(listing.requests), finding, advice)
}

fn judge_small_chunks(chunks: &ChunksFound, file_bytes: u64) -> Remark {
    let sizes = if chunks.smallest_bytes == chunks.largest_bytes {
        size_text(chunks.largest_bytes)
    } else {
        let bounds = [chunks.smallest_bytes, chunks.largest_bytes].map(size_text);
        format!("{}, half of them of up to {}", bounds.join(" to "), size_text(chunks.median_bytes))
    };
    let finding = format!("{} of {sizes}, most in {}", some(chunks.count, "chunk"), chunks.most_in);
    let small = chunks.median_bytes < SMALL_CHUNK_BYTES && file_bytes > ONE_REQUEST_BYTES;
    let rating = if small { SMALL_CHUNKS.rate(chunks.count) } else { Rating::Good };
    let advice = "write chunks of 1 to 16 MiB: h5repack -l DATASET:CHUNK=…x… OLD.h5 NEW.h5";
    Remark::new("small_chunks", rating, finding, advice.to_owned())
}

fn judge_large_chunks(chunks: &ChunksFound) -> Remark {
    let finding =
        format!("to read one element takes a chunk of up to {}", size_text(chunks.largest_bytes));
    let advice = "write chunks of 1 to 16 MiB: h5repack -l DATASET:CHUNK=…x… OLD.h5 NEW.h5";
    let rating = LARGE_CHUNK_BYTES.rate(chunks.largest_bytes);
    Remark::new("large_chunks", rating, finding, advice.to_owned())
}

/// Elements in other files are found only by who finds these files too.
fn judge_other_files(datasets: &DatasetsFound) -> Option<Remark> {
    let number = |layout| datasets.layouts.get(layout).copied().unwrap_or(0);
    let count = number("external").saturating_add(number("virtual"));
    let finding = format!("{} with elements in other files", some(count, "dataset"));
    let advice = "keep those files beside this one under the names that it gives".to_owned();
    (count > 0).then(|| Remark::new("other_files", Rating::Fair, finding, advice))
}

impl Limits {
    fn rate(&self, value: u64) -> Rating {
        match value {
            value if value > self.poor => Rating::Poor,
            value if value > self.fair => Rating::Fair,
            _ => Rating::Good,
        }
    }
}

impl Remark {
    /// Advice is for what is not good.
    fn new(code: &'static str, rating: Rating, finding: String, advice: String) -> Self {
        Self { code, rating, finding, advice: (rating > Rating::Good).then_some(advice) }
    }
}

/// `1 chunk`, `2 chunks`.
fn some(count: u64, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

fn share(part: u64, whole: u64) -> String {
    let percent = part.saturating_mul(100).checked_div(whole).unwrap_or(100);
    format!("{percent} %")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cost(round_trips: u64, requests: u64, bytes: u64) -> Cost {
        Cost { round_trips, requests, bytes, ..Cost::default() }
    }

    fn chunks(count: u64, each: u64) -> ChunksFound {
        ChunksFound {
            count,
            stored_bytes: count * each,
            smallest_bytes: each,
            median_bytes: each,
            largest_bytes: each,
            most_in: "/x".to_owned(),
        }
    }

    #[test]
    fn a_listing_is_rated_by_what_people_wait_for() {
        let rating = |cost: Cost| judge_listing(&cost, 3).rating;
        assert_eq!(rating(cost(20, 1, 16 << 20)), Rating::Good);
        assert_eq!(rating(cost(21, 1, 1)), Rating::Fair);
        assert_eq!(rating(cost(1, 1, (16 << 20) + 1)), Rating::Fair);
        assert_eq!(rating(cost(101, 1, 1)), Rating::Poor);
        let deep = judge_listing(&cost(60, 60, 1 << 20), 40);
        assert!(deep.advice.unwrap().contains("40 levels"));
    }

    #[test]
    fn scattered_metadata_is_advised_to_be_gathered_in_pages_that_hold_it() {
        let place = MetadataPlace { bytes: 1_500_000, places: 3_012, ..MetadataPlace::default() };
        let remark = judge_metadata(&cost(6, 3_012, 2 << 20), &place, None);
        assert_eq!(remark.rating, Rating::Poor);
        assert!(remark.finding.starts_with("1.4 MiB of metadata in 3012 places over 0 B, 0 %"));
        assert!(remark.advice.unwrap().contains("h5repack -S PAGE -G 2097152 "));
        let one_request = judge_metadata(&cost(1, 1, 4096), &place, None);
        assert_eq!((one_request.rating, one_request.advice), (Rating::Good, None));
    }

    #[test]
    fn many_small_chunks_are_worse_than_few() {
        let rating = |count, each| judge_small_chunks(&chunks(count, each), 1 << 30).rating;
        assert_eq!(rating(1_000, 100), Rating::Good);
        assert_eq!(rating(1_001, 100), Rating::Fair);
        assert_eq!(rating(100_001, 100), Rating::Poor);
        assert_eq!(rating(100_001, SMALL_CHUNK_BYTES), Rating::Good);
        let in_small_file = judge_small_chunks(&chunks(100_001, 1), ONE_REQUEST_BYTES);
        assert_eq!(in_small_file.rating, Rating::Good);
    }

    #[test]
    fn a_chunk_has_to_be_fetched_whole() {
        let rating = |each| judge_large_chunks(&chunks(1, each)).rating;
        assert_eq!(rating(64 << 20), Rating::Good);
        assert_eq!(rating((64 << 20) + 1), Rating::Fair);
        assert_eq!(rating((1 << 30) + 1), Rating::Poor);
    }

    #[test]
    fn the_worst_remark_is_the_rating() {
        let mut found = Found::default();
        found.cost.listing = cost(1, 1, 4096);
        let place = MetadataPlace::default();
        assert_eq!(judge(&found, &file(), &place).rating, Rating::Good);
        found.datasets.layouts.insert("virtual".to_owned(), 1);
        let suitability = judge(&found, &file(), &place);
        assert_eq!(suitability.rating, Rating::Fair);
        let remark = suitability.remarks.last().unwrap();
        assert_eq!(remark.finding, "1 dataset with elements in other files");
    }

    fn file() -> FileMetadata {
        FileMetadata {
            size: 4096,
            superblock_version: 3,
            userblock: 0,
            offset_size: 8,
            length_size: 8,
            root_address: 48,
            eof_address: Some(4096),
            driver: None,
            space_strategy: None,
            page_size: None,
            consistency_flags: 0,
            open_for_writing: false,
        }
    }
}
