//! How fast elements of a compressed dataset are read from memory, beside its codec alone: no
//! store, no server, one thread.

use std::ops::Range;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use byte_source::{ByteSource, MemorySource, SourceError};
use bytes::Bytes;
use flate2::{Decompress, FlushDecompress, Status};
use futures::executor::block_on;
use futures::future::BoxFuture;
use h5range::testing::find_object;
use h5range::{Dataset, File, FileHeader, Hyperslab, Object, Span};

use crate::Result;
use crate::decode::{LIMITS, rate};
use crate::report::{Table, bytes};
use crate::setup::Setup;

const DATASET: &str = "temperature";
/// Bytes of a chunk without filters.
const CHUNK_BYTES: usize = 512 << 10;

/// Selections: start and count along each dimension.
const CASES: [(&str, [(u64, u64); 3]); 3] = [
    ("whole chunks, `[0:8, :, :]`", [(0, 8), (0, 1024), (0, 1024)]),
    ("a plane, `[100, :, :]`", [(100, 1), (0, 1024), (0, 1024)]),
    ("a plane across, `[:, :, 500]`", [(0, 256), (0, 1024), (500, 1)]),
];

/// Measures all of them, and writes the part `values`.
pub(crate) fn run(setup: &Setup) -> Result<()> {
    setup.progress.expect(CASES.len() as u64);
    let file = InMemory::open(&setup.files.join("values.h5"))?;
    let columns = ["selection", "chunks", "waves", "fetched", "reader", "codec alone", "share"];
    let mut table = Table::new(&columns);
    for (what, spans) in CASES {
        setup.progress.step(format!("values: {what}"));
        let spans = spans.map(|(start, count)| Span { start, step: 1, count });
        let waves = file.waves_of(&spans)?;
        let chunks = waves.last().ok_or("nothing was read")?;
        let decoded_bytes = (chunks.len() * CHUNK_BYTES) as f64;
        let reader = rate(setup, decoded_bytes, || file.read(&spans).map(drop))?;
        let codec = rate(setup, decoded_bytes, || inflate_all(chunks))?;
        let size_bytes = |chunks: &[Bytes]| chunks.iter().map(Bytes::len).sum::<usize>() as f64;
        let fetched_bytes: f64 = waves.iter().map(|wave| size_bytes(wave)).sum();
        let row = [
            what.to_owned(),
            chunks.len().to_string(),
            waves.len().to_string(),
            format!("{:.3} ×", fetched_bytes / size_bytes(chunks)),
            format!("{}/s", bytes(reader as u64)),
            format!("{}/s", bytes(codec as u64)),
            format!("{:.2}", reader / codec),
        ];
        setup.progress.say(&row.join(", "));
        table.row(&row);
    }
    setup.report.put("values", table.text())
}

/// Inflates each of `chunks`, and forgets what comes out.
fn inflate_all(chunks: &[Bytes]) -> Result<()> {
    let (mut codec, mut plain) = (Decompress::new(true), vec![0; CHUNK_BYTES]);
    for chunk in chunks {
        codec.reset(true);
        match codec.decompress(chunk, &mut plain, FlushDecompress::Finish)? {
            Status::StreamEnd => {}
            status => return Err(format!("a chunk ended with {status:?}").into()),
        }
    }
    Ok(())
}

/// The file in memory, and the dataset in it.
struct InMemory {
    source: Arc<Recorded>,
    header: Arc<FileHeader>,
    object: Arc<Object>,
}

impl InMemory {
    fn open(path: &Path) -> Result<Self> {
        let memory = MemorySource::new(std::fs::read(path)?);
        let source = Arc::new(Recorded { memory, waves: Mutex::default() });
        let file = block_on(File::open(source.clone(), LIMITS))?;
        let object = block_on(file.drive(find_object(&file, DATASET.as_bytes())))?;
        let object = object.ok_or("no such dataset")?;
        Ok(Self { source, header: Arc::clone(file.header()), object })
    }

    /// Reads a selection, with a budget of its own.
    fn read(&self, spans: &[Span]) -> Result<Bytes> {
        let file = File::with_header(self.source.clone(), Arc::clone(&self.header), LIMITS);
        let dataset = Arc::new(block_on(Dataset::open(Arc::new(file), &self.object))?);
        let selection = Hyperslab::new(spans.to_vec(), &dataset.shape())?;
        Ok(block_on(dataset.read(&selection))?)
    }

    /// The bytes that each wave of the same question reads; those of the chunks are the last.
    fn waves_of(&self, spans: &[Span]) -> Result<Vec<Vec<Bytes>>> {
        self.source.waves();
        self.read(spans)?;
        let waves = self.source.waves().into_iter();
        waves.map(|ranges| Ok(block_on(self.source.memory.read_many(&ranges))?)).collect()
    }
}

/// A source that knows which ranges it was asked for.
struct Recorded {
    memory: MemorySource,
    waves: Mutex<Vec<Vec<Range<u64>>>>,
}

impl Recorded {
    /// The ranges of each wave since this was asked last.
    fn waves(&self) -> Vec<Vec<Range<u64>>> {
        std::mem::take(&mut self.waves.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl ByteSource for Recorded {
    fn size_bytes(&self) -> u64 {
        self.memory.size_bytes()
    }

    fn read_many<'a>(
        &'a self,
        ranges: &'a [Range<u64>],
    ) -> BoxFuture<'a, std::result::Result<Vec<Bytes>, SourceError>> {
        self.waves.lock().unwrap_or_else(PoisonError::into_inner).push(ranges.to_vec());
        self.memory.read_many(ranges)
    }
}
