//! The API over a temporary folder, in-process: every rule of API.md that is not about HDF5.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

mod access;
mod base_path;
mod caching;
mod compression;
mod cors;
mod data;
mod errors;
mod events;
mod files;
mod h5grove;
mod keys;
mod logs;
mod objects;
mod openapi;
mod page;
mod preview;
mod security;
mod server;
mod stale;
mod store_errors;
mod support;
mod warm;
