//! Modification time messages (0x0012, and the old 0x000E, which is text). Sections IV.A.2.s and
//! IV.A.2.o of the specification.

use crate::decode::Cursor;
use crate::error::Result;

/// Takes the body of the message 0x0012: seconds since 1970 UTC.
///
/// # Errors
///
/// When the version is unknown or the body breaks the format.
pub fn decode(cursor: &mut Cursor<'_>) -> Result<i64> {
    let version = cursor.u8("version")?;
    cursor.known_version(version, &[1])?;
    cursor.skip(3, "reserved bytes")?;
    cursor.u32("seconds after UNIX epoch").map(i64::from)
}

/// Takes the body of the old message 0x000E, the text `YYYYMMDDhhmmss`: seconds since 1970 UTC.
///
/// # Errors
///
/// When it is not such a text, or no such day.
pub fn decode_old(cursor: &mut Cursor<'_>) -> Result<i64> {
    let year = digits(cursor, 4, "year", 0..=9999)?;
    let month = digits(cursor, 2, "month", 1..=12)?;
    let day = digits(cursor, 2, "day of month", 1..=31)?;
    let hour = digits(cursor, 2, "hour", 0..=23)?;
    let minute = digits(cursor, 2, "minute", 0..=59)?;
    // A leap second is the first second of the next minute.
    let second = digits(cursor, 2, "second", 0..=60)?;
    Ok(((days_since_1970(year, month, day) * 24 + hour) * 60 + minute) * 60 + second)
}

fn digits(
    cursor: &mut Cursor<'_>,
    count: u64,
    what: &str,
    expected: std::ops::RangeInclusive<i64>,
) -> Result<i64> {
    let text = cursor.take(count, what)?;
    let value = std::str::from_utf8(text).ok().filter(|text| !text.starts_with('+'));
    match value.and_then(|text| text.parse().ok()) {
        Some(value) if expected.contains(&value) => Ok(value),
        _ => Err(cursor.malformed(format!("{what} is \"{}\"", text.escape_ascii()))),
    }
}

/// Days from 1970-01-01 to a day of the Gregorian calendar. Years are taken to begin in March, so
/// that a leap day is the last of its year and the months before it have the same lengths in all
/// years.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    const DAYS_FROM_YEAR_0_TO_1970: i64 = 719_468;
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    let day_of_year = (153 * month + 2) / 5 + day - 1;
    365 * year + leap_days + day_of_year - DAYS_FROM_YEAR_0_TO_1970
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::testing::{cursor, hex, never_panics};

    #[test]
    fn new_times_are_numbers() {
        assert_eq!(decode(&mut cursor(&hex("01000000 ffffffff"))), Ok(4_294_967_295));
        assert!(decode(&mut cursor(&hex("02000000 00000000"))).is_err());
    }

    #[test]
    fn old_times_are_text() {
        let times = [
            ("19700101000000", 0),
            ("19691231235959", -1),
            ("19981126120000", 912_081_600),
            ("20000229000000", 951_782_400),
            ("20000301000000", 951_868_800),
            ("21000301000000", 4_107_542_400),
        ];
        for (text, seconds) in times {
            assert_eq!(decode_old(&mut cursor(text.as_bytes())), Ok(seconds), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in ["19701301000000", "19700100000000", "1970010100000", "+9700101000000", ""] {
            assert!(decode_old(&mut cursor(text.as_bytes())).is_err(), "{text}");
        }
    }

    #[test]
    fn no_input_panics() {
        never_panics(&hex("01000000 ffffffff"), decode);
        never_panics(b"19981126120000\0\0", decode_old);
    }
}
