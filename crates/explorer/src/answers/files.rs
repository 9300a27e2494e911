//! Answers about files.

use serde::Serialize;
use utoipa::ToSchema;

use crate::answers::Success;

/// A page of a listing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FilesAnswer {
    /// `true`.
    pub success: Success,
    /// Files of this page.
    pub count: u64,
    /// Whether the store was not asked.
    pub cached: bool,
    /// How long ago the store was asked.
    pub age_ms: u64,
    /// For how long a listing is kept.
    pub ttl_ms: u64,
    /// The prefix asked for.
    pub prefix: String,
    /// Whether another page follows.
    pub truncated: bool,
    /// `after` of the next page.
    pub next: Option<String>,
    /// In the folder view: what the keys have in common up to the next `/`.
    pub folders: Vec<String>,
    /// The files, by key.
    pub files: Vec<File>,
}

/// One object of the store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct File {
    /// Its key.
    pub key: String,
    /// `file`.
    pub r#type: FileType,
    /// Its size in bytes.
    pub size: u64,
    /// When it was last modified, RFC 3339 in UTC.
    pub last_modified: String,
    /// Its version, without quotes.
    pub etag: String,
}

/// What a [`File`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum FileType {
    /// An object of the store.
    File,
}

/// What was forgotten.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RefreshAnswer {
    /// `true`.
    pub success: Success,
    /// How much of it.
    pub cleared: Cleared,
}

/// What came of a notification.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct EventsAnswer {
    /// `true`.
    pub success: Success,
    /// The objects that it names.
    pub records: u64,
    /// How many of them are none of this server's, or were only read.
    pub ignored: u64,
    /// How much was forgotten.
    pub cleared: Cleared,
}

/// Counts of what was forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Cleared {
    /// Pages of listings.
    pub listings: u64,
    /// Files of which something was known.
    pub objects: u64,
}
