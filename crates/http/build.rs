//! Has this crate compiled again when the page was built again: the macro that takes it in does not
//! notice new files. Says so where there is no page to take in.

use std::path::Path;

fn main() {
    println!("cargo::rerun-if-changed=../../web/dist");
    if !Path::new("../../web/dist/index.html").exists() {
        println!("cargo::warning=built without the web page: `make web` builds it (with Node)");
    }
}
