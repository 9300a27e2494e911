//! The command line: one struct a command, shared groups of flags.

mod disk;
mod engine;
mod http;
mod security;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use explorer::SourceName;

use self::disk::Disk;
use self::http::Http;
use crate::sources::{SourceSettings, SourceText};

pub(crate) use self::engine::Engine;
pub(crate) use self::security::Security;

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
  h5scout data data/a.h5 /entry/counts 0,:   elements of a dataset
  h5scout check s3://bucket/a.h5             walk the whole file: damage, costs, advice

Credentials come from the environment: S3_ENDPOINT, S3_REGION, S3_ACCESS_KEY, S3_SECRET_KEY, or
the AWS_* variables.";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serve the HTTP API and the web page
    #[command(after_help = SERVE_EXAMPLES)]
    Serve(Box<Serve>),
    /// List files, or what is in a group of a file
    #[command(after_help = LS_EXAMPLES)]
    Ls(Ls),
    /// Show metadata and attributes of an object
    #[command(after_help = SHOW_EXAMPLES)]
    Show(Show),
    /// Write elements of a dataset
    #[command(after_help = DATA_EXAMPLES)]
    Data(Data),
    /// Walk a whole file: what is in it, what is damaged, how well it suits object storage
    #[command(after_help = CHECK_NOTES)]
    Check(Check),
}

const SERVE_EXAMPLES: &str = "\
Examples:
  h5scout serve ./data
  h5scout serve s3://bucket/prefix --listen 0.0.0.0:8443 --auth-token-file tokens.txt \\
                --tls-cert cert.pem --tls-key key.pem --log-format json
  h5scout serve lab=s3://bucket archive=/data
  h5scout serve --config h5scout.toml
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

const DATA_EXAMPLES: &str = "\
Examples:
  h5scout data data/a.h5 /entry/counts                     all of it, as JSON
  h5scout data data/a.h5 /entry/counts 0:10:2,5 --format csv
  h5scout data s3://bucket/a.h5 /entry/counts --format npy --output counts.npy";

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
    /// Without it s3://$S3_BUCKET where that is set, else the current folder. With a name, or
    /// several with names, the names are the first part of all keys
    #[arg(value_name = "[NAME=]SOURCE")]
    pub(crate) sources: Vec<SourceText>,

    /// What the configuration file says of sources, by their names.
    #[arg(skip)]
    pub(crate) settings: BTreeMap<SourceName, SourceSettings>,

    /// A configuration file (TOML): flags by their long names without the dashes, and sources.
    /// Flags and variables win over it; without this flag no file is read
    #[arg(long, env = "H5SCOUT_CONFIG", value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,

    /// Do not serve, but try all that serving needs: list each source, read a file of it, listen.
    /// The exit status is 1 if something fails
    #[arg(long)]
    pub(crate) check: bool,

    /// With --check: the findings as one JSON document
    #[arg(long, requires = "check")]
    pub(crate) json: bool,

    /// Address and port to listen on
    #[arg(long, env = "H5SCOUT_LISTEN", value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    pub(crate) listen: SocketAddr,

    #[command(flatten)]
    pub(crate) engine: Engine,

    #[command(flatten)]
    pub(crate) disk: Disk,

    #[command(flatten)]
    pub(crate) http: Http,

    #[command(flatten)]
    pub(crate) security: Security,

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

/// `h5scout data`
#[derive(Debug, Args)]
pub(crate) struct Data {
    /// A file
    #[arg(value_name = "SOURCE/KEY")]
    pub(crate) location: String,

    /// The dataset in the file
    #[arg(value_name = "PATH")]
    pub(crate) path: Option<String>,

    /// What of it, as NumPy writes it: an index, start:stop:step or ... for each dimension, between
    /// commas
    #[arg(value_name = "SELECTION", default_value = "...", allow_hyphen_values = true)]
    pub(crate) selection: String,

    /// The format
    #[arg(long, value_enum, default_value_t = DataFormat::Json)]
    pub(crate) format: DataFormat,

    /// The numbers of bin and npy
    #[arg(long, value_enum, default_value_t = DataNumbers::Origin)]
    pub(crate) dtype: DataNumbers,

    /// A file to write, instead of the output
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,

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

/// The format of elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum DataFormat {
    /// The answer of the HTTP API: nested lists.
    Json,
    /// Rows and columns of text, up to two dimensions.
    Csv,
    /// For numpy.load.
    Npy,
    /// The elements one behind the other.
    Bin,
    /// A stream of Apache Arrow, for data frames.
    Arrow,
}

/// Which numbers elements are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum DataNumbers {
    /// Those of the file.
    Origin,
    /// Little-endian, of single or double precision.
    Safe,
}

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// For a person.
    Text,
    /// For a query.
    Json,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;
    use explorer::ExplorerConfig;
    use http_api::HttpConfig;
    use store::StoreConfig;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn the_defaults_are_those_of_the_layers_below() {
        let arguments = Arguments::parse_from(["h5scout", "serve"]);
        let Command::Serve(serve) = arguments.command else { panic!() };
        let origins = serve.security.origins().unwrap();
        let embedders = serve.security.embedders().unwrap();
        assert_eq!(serve.http.config(origins, embedders), HttpConfig::default());
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
        assert_eq!(flags.listing_cache_bytes, default.listing_cache_bytes);
    }
}
