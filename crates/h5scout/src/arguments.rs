//! The command line: one struct a command, shared groups of flags.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use explorer::ExplorerConfig;
use h5range::Limits;
use http_api::HttpConfig;
use store::{DiskConfig, Environment, StoreConfig};

use crate::units::{duration, size};

/// Look inside HDF5 files where they lie: in object stores and folders, by range reads.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100, after_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXAMPLES: &str = "\
Examples:
  h5scout serve                              serve the current folder, or s3://$S3_BUCKET if set
  h5scout serve s3://bucket/prefix           serve a bucket
  h5scout ls data/                           list files
  h5scout ls data/a.h5 /entry                list what is in a group
  h5scout ls -R s3://bucket/a.h5             list the whole tree of a file
  h5scout show data/a.h5 /entry/counts       metadata and attributes of an object
  h5scout check s3://bucket/a.h5             walk the whole file: damage, costs, advice

Credentials come from the environment: S3_ENDPOINT, S3_REGION, S3_ACCESS_KEY, S3_SECRET_KEY, or
the AWS_* variables.";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serve the HTTP API and the web page
    #[command(after_help = SERVE_EXAMPLES)]
    Serve(Serve),
    /// List files, or what is in a group of a file
    #[command(after_help = LS_EXAMPLES)]
    Ls(Ls),
    /// Show metadata and attributes of an object
    #[command(after_help = SHOW_EXAMPLES)]
    Show(Show),
    /// Walk a whole file: what is in it, what is damaged, how well it suits object storage
    #[command(after_help = CHECK_NOTES)]
    Check(Check),
}

const SERVE_EXAMPLES: &str = "\
Examples:
  h5scout serve ./data
  h5scout serve s3://bucket/prefix --listen 0.0.0.0:8080 --log-format json
  S3_ENDPOINT=http://minio:9000 S3_BUCKET=data h5scout serve";

const LS_EXAMPLES: &str = "\
Examples:
  h5scout ls data/                           files of a folder
  h5scout ls data/a.h5                       the root group
  h5scout ls data/a.h5 /entry/data           another group
  h5scout ls -R s3://bucket/runs/a.h5        the whole tree
  h5scout ls --json data/a.h5 | jq '.children[].name'";

const SHOW_EXAMPLES: &str = "\
Examples:
  h5scout show data/a.h5 /entry/counts
  h5scout show --json s3://bucket/a.h5 / | jq .metadata.file";

const CHECK_NOTES: &str = "\
Examples:
  h5scout check data/a.h5
  h5scout check s3://bucket/runs/a.h5 --max-nodes 5000000 --max-fetch 4GiB
  h5scout check --json data/a.h5 | jq '.damage.listed[]'

Exit status:
  0  everything was read and nothing is damaged
  1  something is damaged, or the file could not be checked
  2  the command was put wrongly
  3  nothing is damaged as far as it was read: a limit was spent, or something is not supported

Ratings for object storage:         good            fair             poor
  round trips to list the tree      up to 20        up to 100        more
  bytes to list the tree            up to 16 MiB    up to 256 MiB    more
  requests to list the tree         up to 64        up to 1000       more
  chunks, if half are below 64 KiB  up to 1000      up to 100000     more
  largest chunk                     up to 64 MiB    up to 1 GiB      more
  elements in other files           none            any
The chunks of files up to 1 MiB are good, since one request reads all of such a file.";

/// `h5scout serve`
#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// What to serve: a folder, or a URL (s3://bucket/prefix, gs://, az://, http://, file://).
    /// Without it s3://$S3_BUCKET where that is set, else the current folder
    pub(crate) source: Option<String>,

    /// Address and port to listen on
    #[arg(long, env = "H5SCOUT_LISTEN", value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    pub(crate) listen: SocketAddr,

    #[command(flatten)]
    pub(crate) engine: Engine,

    #[command(flatten)]
    pub(crate) disk: Disk,

    #[command(flatten)]
    pub(crate) http: Http,

    /// How log lines are written
    #[arg(long, env = "H5SCOUT_LOG_FORMAT", value_enum, default_value_t = LogFormat::Text)]
    pub(crate) log_format: LogFormat,

    /// Which log lines are written: error, warn, info, debug, or as tracing's EnvFilter has it
    #[arg(long, env = "H5SCOUT_LOG", value_name = "FILTER", default_value = "info")]
    pub(crate) log: String,
}

/// `h5scout ls`
#[derive(Debug, Args)]
pub(crate) struct Ls {
    /// A file, or a folder or bucket whose files to list
    #[arg(value_name = "SOURCE[/KEY]")]
    pub(crate) location: String,

    /// The group in the file; the root without it
    #[arg(value_name = "PATH")]
    pub(crate) path: Option<String>,

    /// The whole tree
    #[arg(short = 'R', long)]
    pub(crate) recursive: bool,

    /// The answers of the HTTP API, one JSON document a line
    #[arg(long)]
    pub(crate) json: bool,

    #[command(flatten)]
    pub(crate) engine: Engine,
}

/// `h5scout show`
#[derive(Debug, Args)]
pub(crate) struct Show {
    /// A file
    #[arg(value_name = "SOURCE/KEY")]
    pub(crate) location: String,

    /// The object in the file; the root without it
    #[arg(value_name = "PATH")]
    pub(crate) path: Option<String>,

    /// The answer of the HTTP API
    #[arg(long)]
    pub(crate) json: bool,

    #[command(flatten)]
    pub(crate) engine: Engine,
}

/// `h5scout check`
#[derive(Debug, Args)]
pub(crate) struct Check {
    /// A file
    #[arg(value_name = "SOURCE/KEY")]
    pub(crate) location: String,

    /// The report as one JSON document
    #[arg(long)]
    pub(crate) json: bool,

    #[command(flatten)]
    pub(crate) engine: Engine,
}

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// For a person.
    Text,
    /// For a query.
    Json,
}

/// What every command can be told about reading.
#[derive(Debug, Args)]
#[command(next_help_heading = "Store and limits")]
pub(crate) struct Engine {
    /// How long a version seen in the store is trusted
    #[arg(long, env = "H5SCOUT_VERSION_TTL", value_name = "TIME", default_value = "5s",
          value_parser = duration)]
    version_ttl: Duration,

    /// How long a listing is kept
    #[arg(long, env = "H5SCOUT_LIST_TTL", value_name = "TIME", default_value = "30s",
          value_parser = duration)]
    list_ttl: Duration,

    /// The most time that one request to the store may take, its attempts together
    #[arg(long, env = "H5SCOUT_STORE_TIMEOUT", value_name = "TIME", default_value = "30s",
          value_parser = duration)]
    store_timeout: Duration,

    /// Requests to the store in flight at once
    #[arg(long, env = "H5SCOUT_STORE_REQUESTS", value_name = "N", default_value = "128",
          value_parser = clap::value_parser!(u16).range(1..))]
    store_requests: u16,

    /// Requests to the store in flight at once for one file
    #[arg(long, env = "H5SCOUT_FILE_REQUESTS", value_name = "N", default_value = "64",
          value_parser = clap::value_parser!(u16).range(1..))]
    file_requests: u16,

    /// Files up to this size are read in one request
    #[arg(long, env = "H5SCOUT_WHOLE_FILE", value_name = "SIZE", default_value = "1MiB",
          value_parser = size)]
    whole_file: u64,

    /// How much of a larger file the first request takes
    #[arg(long, env = "H5SCOUT_HEAD", value_name = "SIZE", default_value = "128KiB",
          value_parser = size)]
    head: u64,

    /// How much a wave of a few small reads takes along of what lies around them
    #[arg(long, env = "H5SCOUT_READ_AROUND", value_name = "SIZE", default_value = "256KiB",
          value_parser = size)]
    read_around: u64,

    /// Memory for bytes that were read
    #[arg(long, env = "H5SCOUT_BLOCK_CACHE", value_name = "SIZE", default_value = "256MiB",
          value_parser = size)]
    block_cache: u64,

    /// Memory for what was parsed
    #[arg(long, env = "H5SCOUT_OBJECT_CACHE", value_name = "SIZE", default_value = "128MiB",
          value_parser = size)]
    object_cache: u64,

    /// The most that one question may fetch
    #[arg(long, env = "H5SCOUT_MAX_FETCH", value_name = "SIZE", default_value = "512MiB",
          value_parser = size)]
    max_fetch: u64,

    /// The most ranges that one question may fetch
    #[arg(long, env = "H5SCOUT_MAX_RANGES", value_name = "N", default_value_t = Limits::default().ranges)]
    max_ranges: u64,

    /// The most round trips of one question
    #[arg(long, env = "H5SCOUT_MAX_WAVES", value_name = "N", default_value_t = Limits::default().waves)]
    max_waves: u64,

    /// The most tree nodes, heap blocks and object headers that one question may look at
    #[arg(long, env = "H5SCOUT_MAX_NODES", value_name = "N", default_value_t = Limits::default().nodes)]
    max_nodes: u64,

    /// The most that one question may decode
    #[arg(long, env = "H5SCOUT_MAX_DECODE", value_name = "SIZE", default_value = "256MiB",
          value_parser = size)]
    max_decode: u64,
}

impl Engine {
    /// How the store is set up: by the flags, and the environment of this process.
    pub(crate) fn store(&self) -> StoreConfig {
        StoreConfig {
            version_ttl: self.version_ttl,
            list_ttl: self.list_ttl,
            store_timeout: self.store_timeout,
            whole_file_bytes: self.whole_file,
            head_bytes: self.head,
            around_bytes: self.read_around,
            block_cache_bytes: self.block_cache,
            requests_in_flight: usize::from(self.store_requests),
            file_requests_in_flight: usize::from(self.file_requests),
            disk: None,
            environment: Environment::of_process(),
        }
    }

    /// What the explorer may spend.
    pub(crate) fn explorer(&self) -> ExplorerConfig {
        ExplorerConfig {
            limits: Limits {
                fetched_bytes: self.max_fetch,
                ranges: self.max_ranges,
                waves: self.max_waves,
                nodes: self.max_nodes,
                decoded_bytes: self.max_decode,
            },
            object_cache_bytes: self.object_cache,
        }
    }
}

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

/// What the server can be told about requests.
#[derive(Debug, Args)]
#[command(next_help_heading = "Requests")]
pub(crate) struct Http {
    /// The longest that a request may take
    #[arg(long, env = "H5SCOUT_REQUEST_TIMEOUT", value_name = "TIME", default_value = "60s",
          value_parser = duration)]
    request_timeout: Duration,

    /// Questions answered at a time; more get 429
    #[arg(long, env = "H5SCOUT_CONCURRENT_REQUESTS", value_name = "N", default_value = "256",
          value_parser = clap::value_parser!(u16).range(1..))]
    concurrent_requests: u16,

    /// Memory for ready answers
    #[arg(long, env = "H5SCOUT_RESPONSE_CACHE", value_name = "SIZE", default_value = "64MiB",
          value_parser = size)]
    response_cache: u64,

    /// How long /ready waits for the store
    #[arg(long, env = "H5SCOUT_READY_TIMEOUT", value_name = "TIME", default_value = "5s",
          value_parser = duration)]
    ready_timeout: Duration,

    /// How long requests under way may go on after the signal to stop
    #[arg(long, env = "H5SCOUT_SHUTDOWN_TIMEOUT", value_name = "TIME", default_value = "30s",
          value_parser = duration)]
    shutdown_timeout: Duration,
}

impl Http {
    /// How the server treats requests.
    pub(crate) fn config(&self) -> HttpConfig {
        HttpConfig {
            request_timeout: self.request_timeout,
            concurrent_requests: usize::from(self.concurrent_requests),
            response_cache_bytes: self.response_cache,
            ready_timeout: self.ready_timeout,
            shutdown_timeout: self.shutdown_timeout,
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn the_defaults_are_those_of_the_layers_below() {
        let arguments = Arguments::parse_from(["h5scout", "serve"]);
        let Command::Serve(serve) = arguments.command else { panic!() };
        assert_eq!(serve.http.config(), HttpConfig::default());
        assert_eq!(serve.engine.explorer(), ExplorerConfig::default());
        assert_eq!(serve.disk.config(), StoreConfig::default().disk);
        let (flags, default) = (serve.engine.store(), StoreConfig::default());
        assert_eq!(flags.version_ttl, default.version_ttl);
        assert_eq!(flags.list_ttl, default.list_ttl);
        assert_eq!(flags.store_timeout, default.store_timeout);
        assert_eq!(flags.requests_in_flight, default.requests_in_flight);
        assert_eq!(flags.file_requests_in_flight, default.file_requests_in_flight);
        assert_eq!(flags.whole_file_bytes, default.whole_file_bytes);
        assert_eq!(flags.head_bytes, default.head_bytes);
        assert_eq!(flags.around_bytes, default.around_bytes);
        assert_eq!(flags.block_cache_bytes, default.block_cache_bytes);
    }
}
