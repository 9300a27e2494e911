//! Whole files that fuzzing or review found to be too dear once. `make fuzz` asks the same of what
//! was found of single structures.

use std::path::Path;

use h5range::testing::ask_within_limits;

/// Of a file of at most 64 KiB with the tight limits.
const MEMORY_BYTES_MAX: u64 = 32 << 20;

#[test]
fn what_was_found_once_is_within_its_limits() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/regressions/whole_file");
    let mut files = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        let memory = allocation_counter::measure(|| drop(ask_within_limits(bytes)));
        assert!(memory.bytes_max < MEMORY_BYTES_MAX, "{}: {memory:?}", path.display());
        files += 1;
    }
    assert!(files > 0, "the regressions are there");
}
