//! A whole file through the public API: everything is asked, and costs no more than allowed.
#![no_main]

use h5range::testing::ask_within_limits;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let _ = ask_within_limits(data.to_vec());
});
