//! Sizes and durations as people write them: `64KiB`, `512MiB`; `500ms`, `30s`, `5m`.

use std::time::Duration;

/// Reads a size in bytes: a whole number with `KiB`, `MiB` or `GiB` (powers of 1024), `kB`, `MB` or
/// `GB` (powers of 1000), `B` or nothing.
pub(crate) fn size(text: &str) -> Result<u64, String> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let unit_bytes: u64 = match unit.trim_start() {
        "" | "B" => 1,
        "kB" | "KB" => 1000,
        "MB" => 1_000_000,
        "GB" => 1_000_000_000,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        other => return Err(format!("{other:?} is not one of B, KiB, MiB, GiB, kB, MB, GB")),
    };
    let number: u64 = number.parse().map_err(|_| "a size is a number such as 64KiB".to_owned())?;
    number.checked_mul(unit_bytes).ok_or_else(|| "more bytes than there are".to_owned())
}

/// Reads a duration: `500ms`, `30s`, `5m`, `1h 30m`.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    humantime::parse_duration(text).map_err(|error| format!("{error}; write 500ms, 30s or 5m"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_with_their_unit() {
        for (text, bytes) in [
            ("0", 0),
            ("512", 512),
            ("512B", 512),
            ("64KiB", 65_536),
            ("64 KiB", 65_536),
            ("2MB", 2_000_000),
            ("1GiB", 1 << 30),
        ] {
            assert_eq!(size(text), Ok(bytes), "{text}");
        }
    }

    #[test]
    fn what_is_no_size_is_refused() {
        for text in ["", "KiB", "-1", "1.5MiB", "64kib", "64 bytes", "99999999999GiB"] {
            assert!(size(text).is_err(), "{text}");
        }
    }

    #[test]
    fn durations_are_read_with_their_unit() {
        assert_eq!(duration("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(duration("5m"), Ok(Duration::from_secs(300)));
        assert!(duration("5").is_err());
    }
}
