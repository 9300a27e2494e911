//! Where a dataset's elements are, if not in its own file. Sources are named, never opened.

use std::collections::HashSet;
use std::sync::Arc;

use h5range::ExternalSource;
use h5range::decode::message::layout::Layout;
use h5range::walk::Object;

use crate::answers::LayoutSource;
use crate::path::lossy;
use crate::session::OpenFile;

impl OpenFile {
    /// The files of external storage, or the datasets that a virtual one is made of, each once;
    /// `None` for other datasets.
    ///
    /// # Errors
    ///
    /// When the list of them cannot be read.
    pub(crate) async fn layout_sources(
        &self,
        object: &Object,
        layout: &Layout,
    ) -> h5range::Result<Option<Vec<LayoutSource>>> {
        if let Layout::Virtual { .. } = layout {
            return self.virtual_sources(layout).await.map(Some);
        }
        let sources = self.file.external_sources(object).await?;
        let source = |source: ExternalSource| LayoutSource {
            file: lossy(&source.file),
            dataset: None,
            offset: Some(source.offset),
            size: source.size_bytes,
        };
        Ok((!sources.is_empty()).then(|| sources.into_iter().map(source).collect()))
    }

    /// A virtual dataset maps many pieces of the same source.
    async fn virtual_sources(&self, layout: &Layout) -> h5range::Result<Vec<LayoutSource>> {
        let mappings = self.file.virtual_mappings(layout).await?;
        let mut seen = HashSet::new();
        let places = mappings.into_iter().map(|mapping| (mapping.file, mapping.dataset));
        let once = places.filter(|place| seen.insert(place.clone()));
        let source = |(file, dataset): (Arc<[u8]>, Arc<[u8]>)| LayoutSource {
            file: lossy(&file),
            dataset: Some(lossy(&dataset)),
            offset: None,
            size: None,
        };
        Ok(once.map(source).collect())
    }
}
