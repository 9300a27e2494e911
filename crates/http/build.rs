//! Has this crate compiled again when the page was built again: the macro that takes it in does not
//! notice new files.

fn main() {
    println!("cargo::rerun-if-changed=../../web/dist");
}
