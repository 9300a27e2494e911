//! The shape of the machine that the figures are from: never its name.

use std::fmt::Write as _;
use std::thread::available_parallelism;

/// One line: processors, memory, kernel.
pub(crate) fn shape() -> String {
    let cores = available_parallelism().map_or(0, usize::from);
    let mut shape = format!("{cores} cores");
    if let Some(model) = field("/proc/cpuinfo", "model name") {
        let _ = write!(shape, " ({model})");
    }
    let kib = field("/proc/meminfo", "MemTotal")
        .and_then(|total| total.split_whitespace().next()?.parse::<u64>().ok());
    if let Some(kib) = kib {
        let _ = write!(shape, ", {} GiB of memory", kib >> 20);
    }
    if let Ok(release) = std::fs::read_to_string("/proc/sys/kernel/osrelease") {
        // What follows the version may name whose build it is.
        let version = release.split('-').next().unwrap_or_default();
        let _ = write!(shape, ", Linux {}", version.trim());
    }
    shape
}

/// The value of the first line `name : value` of a file.
fn field(path: &str, name: &str) -> Option<String> {
    let text = std::fs::read_to_string(path).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    let (_, value) = line.split_once(':')?;
    Some(value.trim().to_owned())
}
