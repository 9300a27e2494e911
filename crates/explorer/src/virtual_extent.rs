//! Virtual datasets that grow with their sources: how far they reach now. As for libhdf5, the shape
//! in the file is that of the day it was written; the sources say what it has become.
//!
//! A source is opened as the target of an external link is: it must be in the same source.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use futures::future::FutureExt;
use futures::stream::{self, StreamExt, TryStreamExt};
use h5range::decode::message::dataspace::Dataspace;
use h5range::decode::message::layout::Layout;
use h5range::decode::virtual_mapping::{GrowsWith, VirtualMapping};
use h5range::walk::{Object, ObjectKind};

use crate::error::{ErrorCode, ExplorerError, Result};
use crate::locate::{End, ExternalStep, Hops};
use crate::path;
use crate::session::{OpenFile, Session};

/// Sources that one question may open: each may be a file of its own, with its own budget.
const SOURCES_MAX: u64 = 1_000;

/// Sources that are opened side by side.
const SOURCES_AT_ONCE: usize = 16;

/// What part of a question's budget each of them gets: finding an object by its path costs far less.
const SOURCE_SHARE: u64 = 100;

/// Sources opened so far for one question.
#[derive(Debug, Default)]
pub(crate) struct OpenedSources(AtomicU64);

impl OpenedSources {
    pub(crate) fn open(&self) -> Result<()> {
        if self.0.fetch_add(1, Relaxed) < SOURCES_MAX {
            return Ok(());
        }
        let detail = format!("more than {SOURCES_MAX} source datasets have something to say to it");
        Err(ExplorerError::new(ErrorCode::LimitReached, detail))
    }
}

/// A virtual dataset whose shape its sources decide.
pub(crate) struct GrowingDataset {
    /// The shape that the file stores.
    stored: Vec<u64>,
    mappings: Vec<VirtualMapping>,
}

/// Whether an object is a virtual dataset, whose shape its sources may decide.
pub(crate) fn is_virtual(object: &Object) -> bool {
    object.kind == ObjectKind::Dataset
        && matches!(object.layout(), Ok(Some(Layout::Virtual { .. })))
}

impl OpenFile {
    /// The dataset as one that grows with its sources; `None` for any other object. To be asked
    /// within a drive.
    ///
    /// Waves: one or two for virtual datasets, none for others.
    ///
    /// # Errors
    ///
    /// When the list of sources cannot be read.
    pub(crate) async fn growing_dataset(
        &self,
        object: &Object,
    ) -> h5range::Result<Option<GrowingDataset>> {
        let Some(layout @ Layout::Virtual { .. }) = object.layout()? else { return Ok(None) };
        let Some(Dataspace::Simple { dimensions: stored, .. }) = object.dataspace()? else {
            return Ok(None);
        };
        let mappings = self.file.virtual_mappings(&layout).await?;
        let grows = mappings.iter().any(|mapping| mapping.growth().is_some());
        Ok(grows.then_some(GrowingDataset { stored, mappings }))
    }
}

impl Session {
    /// The shape of a dataset of `file` with its sources, if it is one that grows with them.
    ///
    /// # Errors
    ///
    /// As [`Session::grown_shape`]; and when the list of sources cannot be read.
    pub(crate) async fn grown_extent(
        &self,
        file: &OpenFile,
        object: &Object,
        opened: &OpenedSources,
    ) -> Result<Option<Vec<u64>>> {
        match file.drive(file.growing_dataset(object)).await? {
            Some(dataset) => self.grown_shape(file, &dataset, opened).await.map(Some),
            None => Ok(None),
        }
    }

    /// The shape of a dataset of `file` with its sources as they are now.
    ///
    /// # Errors
    ///
    /// What ends the question, and [`ErrorCode::LimitReached`] for too many sources. A source that
    /// is missing or cannot be read counts as empty.
    pub(crate) async fn grown_shape(
        &self,
        file: &OpenFile,
        dataset: &GrowingDataset,
        opened: &OpenedSources,
    ) -> Result<Vec<u64>> {
        let frugal = self.open_other(file.key()).await?.with_share(SOURCE_SHARE);
        // As many as may be opened, and one to say that there are more.
        let growing = dataset.mappings.iter().filter(|mapping| mapping.growth().is_some());
        let extents: Vec<_> = growing
            .take(SOURCES_MAX as usize + 1)
            .map(|mapping| frugal.extent(file, mapping, opened).boxed())
            .collect();
        let extents: Vec<Option<(usize, u64)>> =
            stream::iter(extents).buffered(SOURCES_AT_ONCE).try_collect().await?;
        Ok(dataset.shape_that_holds(extents.into_iter().flatten()))
    }

    /// The dimension along which a mapping grows, and how far it reaches there.
    async fn extent(
        &self,
        file: &OpenFile,
        mapping: &VirtualMapping,
        opened: &OpenedSources,
    ) -> Result<Option<(usize, u64)>> {
        let Some(growth) = mapping.growth() else { return Ok(None) };
        let extent = match &growth.along {
            GrowsWith::Source { source_dimension, source_slab } => {
                let shape =
                    self.source_shape(file, &mapping.file, &mapping.dataset, opened).await?;
                let along = shape.and_then(|shape| shape.get(*source_dimension).copied());
                along.map_or(0, |along| growth.extent_for_source(source_slab, along))
            }
            GrowsWith::NumberOfSources => {
                growth.extent_for_sources(self.source_count(file, mapping, opened).await?)
            }
        };
        Ok(Some((growth.dimension, extent)))
    }

    /// How many of a mapping's numbered sources there are, up to the first that is missing. They
    /// are looked for in steps that double: few requests for few, few rounds for many.
    async fn source_count(
        &self,
        file: &OpenFile,
        mapping: &VirtualMapping,
        opened: &OpenedSources,
    ) -> Result<u64> {
        let last = if mapping.is_numbered() { u64::MAX } else { 1 };
        let (mut found, mut step) = (0, 1);
        while found < last {
            let numbers = found..found.saturating_add(step);
            let sources = numbers.map(|number| {
                let (name, dataset) = mapping.numbered_source(number);
                async move { self.source_shape(file, &name, &dataset, opened).await }.boxed()
            });
            let sources: Vec<_> = sources.collect();
            let shapes: Vec<Option<Vec<u64>>> =
                stream::iter(sources).buffered(SOURCES_AT_ONCE).try_collect().await?;
            let present = shapes.iter().take_while(|shape| shape.is_some()).count() as u64;
            found = found.saturating_add(present);
            if present < step {
                break;
            }
            step = (step * 2).min(SOURCES_AT_ONCE as u64);
        }
        Ok(found)
    }

    /// The stored shape of a source; `None` where there is no such dataset.
    async fn source_shape(
        &self,
        file: &OpenFile,
        name: &[u8],
        dataset: &[u8],
        opened: &OpenedSources,
    ) -> Result<Option<Vec<u64>>> {
        opened.open()?;
        let hops = Hops::default();
        let found = if name == b"." {
            let segments = path::segments(dataset).map(<[u8]>::to_vec).collect();
            match file.drive(file.walk_from_root(segments, &hops)).await {
                Ok(End::Object { object, .. }) => Ok(object),
                Ok(End::External(step)) => self.follow(step, &hops).await.map(|found| found.object),
                Err(error) => Err(error),
            }
        } else {
            let step = ExternalStep::new("a virtual dataset".to_owned(), name, dataset);
            self.follow(step, &hops).await.map(|found| found.object)
        };
        match found {
            Ok(object) if object.kind == ObjectKind::Dataset => Ok(simple_shape(&object)),
            Ok(_) => Ok(None),
            Err(error) if error.code.ends_the_question() => Err(error),
            Err(_) => Ok(None),
        }
    }
}

impl GrowingDataset {
    /// The stored shape, but along the dimensions that grow as far as the farthest of `extents` and
    /// the mappings that have an end.
    fn shape_that_holds(&self, extents: impl Iterator<Item = (usize, u64)>) -> Vec<u64> {
        let mut reach: Vec<Option<u64>> = vec![None; self.stored.len()];
        for (dimension, extent) in extents {
            if let Some(reach) = reach.get_mut(dimension) {
                *reach = (*reach).max(Some(extent));
            }
        }
        let dimensions = self.stored.iter().zip(reach).enumerate();
        let shape = dimensions.map(|(dimension, (&stored, reach))| match reach {
            Some(reach) => reach.max(self.fixed_end(dimension)),
            None => stored,
        });
        shape.collect()
    }

    /// How far the mappings reach that do not grow along `dimension`.
    fn fixed_end(&self, dimension: usize) -> u64 {
        let fixed = self
            .mappings
            .iter()
            .filter(|mapping| mapping.growth().is_none_or(|growth| growth.dimension != dimension));
        fixed.filter_map(|mapping| mapping.virtual_selection.end(dimension)).max().unwrap_or(0)
    }
}

fn simple_shape(dataset: &Object) -> Option<Vec<u64>> {
    match dataset.dataspace() {
        Ok(Some(Dataspace::Simple { dimensions, .. })) => Some(dimensions),
        _ => None,
    }
}
