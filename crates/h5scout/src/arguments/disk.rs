//! Flags of the disk cache.

use std::path::PathBuf;

use clap::Args;
use store::DiskConfig;

use crate::units::size;

/// What the server can be told about the next start.
#[derive(Debug, Args)]
#[command(next_help_heading = "Disk cache")]
pub(crate) struct Disk {
    /// Keep what was read in this folder, so that the next start finds it; without it nothing is
    /// written. For one server at a time
    #[arg(long, env = "H5SCOUT_CACHE_DIR", value_name = "FOLDER")]
    cache_dir: Option<PathBuf>,

    /// The most that the folder may hold
    #[arg(long, env = "H5SCOUT_CACHE_DISK", value_name = "SIZE", default_value = "4GiB",
          value_parser = size)]
    cache_disk: u64,
}

impl Disk {
    /// Where the store keeps what it read, if anywhere.
    pub(crate) fn config(self) -> Option<DiskConfig> {
        let Self { cache_dir, cache_disk: size_bytes } = self;
        let folder = cache_dir.filter(|folder| !folder.as_os_str().is_empty())?;
        Some(DiskConfig { folder, size_bytes })
    }
}
