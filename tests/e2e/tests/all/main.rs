//! Tests of the whole, one module for each subject.

mod check;
mod cold;
mod configuration;
mod conformance;
mod damaged;
mod data;
mod door;
mod fences;
mod fixtures;
mod freshness;
mod h5grove;
mod h5web;
mod hostile;
mod house_rules;
mod large;
mod metrics;
mod oracle;
mod paging;
mod range_server;
mod restart;
mod s3;
mod server;
mod shutdown;
mod slices;
mod values;
mod vulnerabilities;
