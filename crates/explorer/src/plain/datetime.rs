//! Dates as NumPy has them, which h5py keeps in opaque elements: their tag is the type, as
//! `NUMPY:<M8[s]`.

use jiff::SignedDuration;
use jiff::civil::{Date, DateTime, date};

use super::{PlainValue, Within};

/// What stands for no date.
const NOT_A_TIME: i64 = i64::MIN;

/// The date in an element of this `tag`, as ISO 8601 has it: of fractions of a second six digits.
/// Null where there is none, or none of four digits for the year. `None` if the tag is not that of
/// dates, or they count what calendars do not.
///
/// Members of compounds are values of Python: its dates have no time of the day, and
/// nanoseconds stay numbers, as does what is in no calendar.
pub(super) fn datetime(tag: &str, element: &[u8], within: Within) -> Option<PlainValue> {
    let numpy_type = tag.strip_prefix("NUMPY:")?;
    let little = numpy_type.strip_prefix('<').unwrap_or(numpy_type);
    let (numpy_type, is_big_endian) = match little.strip_prefix('>') {
        Some(big) => (big, true),
        None => (little, false),
    };
    let unit = numpy_type.strip_prefix("M8[")?.strip_suffix(']')?;
    let bytes: [u8; 8] = element.try_into().ok()?;
    let count = if is_big_endian { i64::from_be_bytes(bytes) } else { i64::from_le_bytes(bytes) };
    let moment = moment(unit, count)?;
    let moment = moment.filter(|moment| count != NOT_A_TIME && moment.year() >= 0);
    let Some(moment) = moment else {
        let is_number = within == Within::Compound && count != NOT_A_TIME;
        return Some(if is_number { PlainValue::Signed(count) } else { PlainValue::Null });
    };
    Some(match (within, unit) {
        (Within::Compound, "ns") => PlainValue::Signed(count),
        (Within::Compound, "Y" | "M" | "W" | "D") => PlainValue::Text(moment.date().to_string()),
        _ => PlainValue::Text(written(moment)),
    })
}

/// So many units behind the beginning of 1970. `None` for other units, `Some(None)` for what is in no
/// calendar.
fn moment(unit: &str, count: i64) -> Option<Option<DateTime>> {
    let seconds = |each: i64| after(count.checked_mul(each).map(SignedDuration::from_secs));
    Some(match unit {
        "Y" => month(count.checked_mul(12)),
        "M" => month(Some(count)),
        "W" => seconds(7 * 24 * 60 * 60),
        "D" => seconds(24 * 60 * 60),
        "h" => seconds(60 * 60),
        "m" => seconds(60),
        "s" => seconds(1),
        "ms" => after(Some(SignedDuration::from_millis(count))),
        "us" => after(Some(SignedDuration::from_micros(count))),
        "ns" => after(Some(SignedDuration::from_nanos(count))),
        _ => return None,
    })
}

fn month(months: Option<i64>) -> Option<DateTime> {
    let months = months?;
    let year = i16::try_from(months.div_euclid(12).checked_add(1970)?).ok()?;
    let month = i8::try_from(months.rem_euclid(12) + 1).ok()?;
    Some(Date::new(year, month, 1).ok()?.at(0, 0, 0, 0))
}

fn after(duration: Option<SignedDuration>) -> Option<DateTime> {
    date(1970, 1, 1).at(0, 0, 0, 0).checked_add(duration?).ok()
}

fn written(moment: DateTime) -> String {
    let whole = moment.strftime("%Y-%m-%dT%H:%M:%S");
    match moment.subsec_nanosecond() / 1000 {
        0 => whole.to_string(),
        microseconds => format!("{whole}.{microseconds:06}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(tag: &str, count: i64) -> Option<PlainValue> {
        datetime(tag, &count.to_le_bytes(), Within::Array)
    }

    #[test]
    fn dates_are_written_as_h5grove_writes_them() {
        for (unit, count, expected) in [
            ("Y", 56, "2026-01-01T00:00:00"),
            ("Y", -1969, "0001-01-01T00:00:00"),
            ("M", 672, "2026-01-01T00:00:00"),
            ("M", -1, "1969-12-01T00:00:00"),
            ("W", -1, "1969-12-25T00:00:00"),
            ("D", -1, "1969-12-31T00:00:00"),
            ("D", -719_129, "0001-02-03T00:00:00"),
            ("h", -1, "1969-12-31T23:00:00"),
            ("m", -1, "1969-12-31T23:59:00"),
            ("s", 1_767_312_000, "2026-01-02T00:00:00"),
            ("ms", -500, "1969-12-31T23:59:59.500000"),
            ("us", 1_767_323_045_123_456, "2026-01-02T03:04:05.123456"),
            ("ns", 1_767_323_045_123_456_789, "2026-01-02T03:04:05.123456"),
            ("ns", -1, "1969-12-31T23:59:59.999999"),
        ] {
            let expected = Some(PlainValue::text(expected));
            assert_eq!(text(&format!("NUMPY:<M8[{unit}]"), count), expected, "{count} {unit}");
        }
        let big = 86_400_i64.to_be_bytes();
        assert_eq!(
            datetime("NUMPY:>M8[s]", &big, Within::Array),
            Some(PlainValue::text("1970-01-02T00:00:00"))
        );
        assert_eq!(text("NUMPY:M8[D]", 1), Some(PlainValue::text("1970-01-02T00:00:00")));
    }

    #[test]
    fn members_of_compounds_are_values_of_python() {
        for (unit, count, expected) in [
            ("D", 1, PlainValue::text("1970-01-02")),
            ("Y", -1, PlainValue::text("1969-01-01")),
            ("s", 1, PlainValue::text("1970-01-01T00:00:01")),
            ("ns", 1, PlainValue::Signed(1)),
            ("ns", i64::MIN, PlainValue::Null),
            ("D", 6_680_285, PlainValue::Signed(6_680_285)),
        ] {
            let tag = format!("NUMPY:<M8[{unit}]");
            let found = datetime(&tag, &count.to_le_bytes(), Within::Compound);
            assert_eq!(found, Some(expected), "{count} {unit}");
        }
    }

    #[test]
    fn what_is_in_no_calendar_is_null() {
        for unit in ["Y", "M", "W", "D", "h", "m", "s", "ms", "us", "ns"] {
            let tag = format!("NUMPY:<M8[{unit}]");
            assert_eq!(text(&tag, i64::MIN), Some(PlainValue::Null), "{unit}");
            assert!(text(&tag, i64::MAX).is_some() && text(&tag, i64::MIN + 1).is_some());
        }
        assert_eq!(text("NUMPY:<M8[Y]", -1971), Some(PlainValue::Null));
        assert_eq!(text("NUMPY:<M8[s]", i64::MAX), Some(PlainValue::Null));
    }

    #[test]
    fn other_elements_are_no_dates() {
        for tag in ["", "M8[s]", "NUMPY:<m8[s]", "NUMPY:<M8[10s]", "NUMPY:<M8[ps]", "NUMPY:M8"] {
            assert_eq!(text(tag, 1), None, "{tag}");
        }
        assert_eq!(datetime("NUMPY:<M8[s]", &[1, 2, 3], Within::Array), None);
    }
}
