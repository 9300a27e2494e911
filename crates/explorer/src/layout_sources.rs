//! Where the elements of a dataset are that are not in its own file. Sources are named, never
//! opened.

use h5range::decode::message::layout::Layout;
use h5range::walk::Object;

use crate::answers::LayoutSource;
use crate::path::lossy;
use crate::session::OpenFile;

impl OpenFile {
    /// The external files, or the sources of a virtual dataset; `None` for datasets whose elements
    /// are in the file itself. To be asked within a drive.
    ///
    /// # Errors
    ///
    /// When the list of sources is damaged.
    pub(crate) async fn layout_sources(
        &self,
        dataset: &Object,
        layout: &Layout,
    ) -> h5range::Result<Option<Vec<LayoutSource>>> {
        match layout {
            Layout::Virtual { .. } => self.virtual_sources(layout).await.map(Some),
            Layout::Contiguous { .. } => self.external_sources(dataset).await,
            Layout::Compact { .. } | Layout::Chunked { .. } => Ok(None),
        }
    }

    async fn virtual_sources(&self, layout: &Layout) -> h5range::Result<Vec<LayoutSource>> {
        let mappings = self.file.virtual_mappings(layout).await?;
        let sources = mappings.iter().map(|mapping| LayoutSource {
            file: lossy(&mapping.file),
            dataset: Some(lossy(&mapping.dataset)),
            offset: None,
            size: None,
        });
        Ok(sources.collect())
    }

    async fn external_sources(
        &self,
        dataset: &Object,
    ) -> h5range::Result<Option<Vec<LayoutSource>>> {
        let files = self.file.external_sources(dataset).await?;
        let sources = files.iter().map(|source| LayoutSource {
            file: lossy(&source.file),
            dataset: None,
            offset: Some(source.offset),
            size: source.size_bytes,
        });
        Ok((!files.is_empty()).then(|| sources.collect()))
    }
}
