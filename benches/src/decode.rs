//! How fast the reader takes files apart that are in memory: no store, no server, one thread.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use byte_source::{ByteSource, MemorySource};
use bytes::Bytes;
use flate2::Compression;
use flate2::write::ZlibEncoder;
use futures::executor::block_on;
use futures::future::try_join_all;
use h5range::decode::Address;
use h5range::decode::message::filter_pipeline::{Filter, FilterPipeline};
use h5range::decode::message::link::LinkTarget;
use h5range::filter::undo;
use h5range::{Elements, File, FileHeader, Limits, Object};

use crate::Result;
use crate::report::{Table, bytes, count, median};
use crate::setup::Setup;

/// Each thing is done over and over for so long, so many times; the median counts.
const SAMPLE: Duration = Duration::from_millis(500);
const SAMPLES: usize = 5;

/// What is inflated: runs and noise, as chunks of counts have them.
const INFLATED_BYTES: u32 = 16 << 20;

/// Far beyond what the files need.
pub(crate) const LIMITS: Limits = Limits {
    fetched_bytes: 1 << 30,
    ranges: 1 << 24,
    waves: 1 << 16,
    nodes: 1 << 24,
    decoded_bytes: 1 << 30,
};

/// Measures all of it, and writes the part `decode`.
pub(crate) fn run(setup: &Setup) -> Result<()> {
    setup.progress.expect(5);
    let mut table = Table::new(&["what", "per second"]);
    let mut add = |what: &str, rate: String| {
        setup.progress.say(&format!("{what}: {rate} a second"));
        table.row(&[what, &rate]);
    };
    setup.progress.step("decoding: headers");
    add("object headers", count(headers(setup)?));
    for (format, key) in [("old", "wide_earliest.h5"), ("new", "wide_latest.h5")] {
        setup.progress.step(format!("decoding: links, {format} format"));
        let rate = count(links(setup, key)?);
        add(&format!("links of a group of 100,000, {format} format"), rate);
    }
    setup.progress.step("decoding: attributes");
    let (attributes, value_bytes) = attributes(setup)?;
    add("small attributes, found and decoded", count(attributes));
    add("values of a large attribute", bytes(value_bytes as u64));
    setup.progress.step("decoding: inflate");
    add("inflate, bytes that come out", bytes(inflate(setup)? as u64));
    setup.report.put("decode", table.text())
}

/// A file in memory, whose superblock is known.
struct InMemory {
    source: Arc<dyn ByteSource>,
    header: Arc<FileHeader>,
}

impl InMemory {
    fn open(path: &Path) -> Result<Self> {
        let source: Arc<dyn ByteSource> = Arc::new(MemorySource::new(std::fs::read(path)?));
        let file = block_on(File::open(Arc::clone(&source), LIMITS))?;
        Ok(Self { source, header: Arc::clone(file.header()) })
    }

    /// A question with a budget of its own.
    fn question(&self) -> File {
        File::with_header(Arc::clone(&self.source), Arc::clone(&self.header), LIMITS)
    }

    /// The addresses of what the root group calls `names`.
    fn addresses(&self, names: &[String]) -> Result<Vec<Address>> {
        let file = self.question();
        let links = block_on(file.drive(async {
            let root = file.object(file.root()).await?;
            try_join_all(names.iter().map(|name| file.find_link(&root, name.as_bytes()))).await
        }))?;
        let hard = links.into_iter().flatten().filter_map(|link| match link.target {
            LinkTarget::Hard { address } => Some(address),
            _ => None,
        });
        let hard: Vec<_> = hard.collect();
        if hard.len() != names.len() {
            return Err(format!("{} of {} names lead somewhere", hard.len(), names.len()).into());
        }
        Ok(hard)
    }

    /// The objects that the root group calls `names`.
    fn objects(&self, names: &[String]) -> Result<Vec<Arc<Object>>> {
        let (addresses, file) = (self.addresses(names)?, self.question());
        let objects = addresses.into_iter().map(|address| file.object(address));
        Ok(block_on(file.drive(try_join_all(objects)))?)
    }
}

fn headers(setup: &Setup) -> Result<f64> {
    let file = InMemory::open(&setup.files.join("thousand.h5"))?;
    let names: Vec<_> = (0..1000).map(|number| format!("value_{number:04}")).collect();
    let addresses = file.addresses(&names)?;
    rate(setup, addresses.len() as f64, || {
        let question = file.question();
        let objects = addresses.iter().map(|&address| question.object(address));
        block_on(question.drive(try_join_all(objects)))?;
        Ok(())
    })
}

fn links(setup: &Setup, key: &str) -> Result<f64> {
    let file = InMemory::open(&setup.files.join(key))?;
    let groups = file.objects(&["wide".to_owned()])?;
    let group = groups.first().ok_or("no such group")?;
    let question = file.question();
    let links = block_on(question.drive(question.link_count(group)))?;
    rate(setup, links as f64, || {
        let question = file.question();
        block_on(question.drive(question.links(group)))?;
        Ok(())
    })
}

/// Attributes of the variables of a netCDF-4 file, and the bytes of one large attribute.
fn attributes(setup: &Setup) -> Result<(f64, f64)> {
    let file = InMemory::open(&setup.files.join("climate.nc"))?;
    let names: Vec<_> = (0..60).map(|number| format!("variable_{number:02}")).collect();
    let variables = file.objects(&names)?;
    let all = || values_of(&file, &variables);
    let (attributes, _) = all()?;
    let small = rate(setup, attributes as f64, || all().map(drop))?;

    let file = InMemory::open(&setup.files.join("attribute.h5"))?;
    let holder = file.objects(&["large".to_owned()])?;
    let (_, value_bytes) = values_of(&file, &holder)?;
    let large = rate(setup, value_bytes as f64, || values_of(&file, &holder).map(drop))?;
    Ok((small, large))
}

/// Decodes the values of all attributes of `objects`: how many, and how many bytes of the file.
fn values_of(file: &InMemory, objects: &[Arc<Object>]) -> Result<(usize, usize)> {
    let file = file.question();
    let of_object = async |object: &Object| {
        let entries = file.attributes(object).await?.all()?;
        let values = entries.iter().map(async |entry| {
            let attribute = file.attribute(entry).await?;
            let elements = Elements {
                datatype: &attribute.datatype,
                data: &attribute.data,
                address: object.address,
                count: attribute.dataspace.element_count().unwrap_or(u64::MAX),
            };
            file.read_values(&elements, None).await?;
            Ok(attribute.data.len())
        });
        try_join_all(values).await
    };
    let all = block_on(file.drive(try_join_all(objects.iter().map(|object| of_object(object)))))?;
    let sizes: Vec<_> = all.into_iter().flatten().collect();
    Ok((sizes.len(), sizes.iter().sum()))
}

fn inflate(setup: &Setup) -> Result<f64> {
    let mut random = fastrand::Rng::with_seed(1);
    let plain =
        (0..INFLATED_BYTES).map(|at| if at & 2 == 0 { (at >> 9) as u8 } else { random.u8(..16) });
    let plain: Vec<u8> = plain.collect();
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(&plain)?;
    let deflated = Bytes::from(encoder.finish()?);
    let filter = Filter { id: 1, name: None, optional: false, client_data: vec![6] };
    let pipeline = FilterPipeline { filters: vec![filter] };
    rate(setup, INFLATED_BYTES.into(), || {
        undo(&pipeline, 0, deflated.clone(), INFLATED_BYTES.into())
            .map(drop)
            .map_err(|error| format!("{error:?}").into())
    })
}

/// How many units a second, where `work` does `units` of them.
pub(crate) fn rate(setup: &Setup, units: f64, mut work: impl FnMut() -> Result<()>) -> Result<f64> {
    let mut rates = Vec::new();
    for _ in 0..setup.times(SAMPLES) {
        let started = Instant::now();
        let mut done = 0.0;
        while started.elapsed() < SAMPLE {
            work()?;
            done += units;
        }
        rates.push(done / started.elapsed().as_secs_f64());
    }
    Ok(median(&rates).ok_or("nothing was measured")?)
}
