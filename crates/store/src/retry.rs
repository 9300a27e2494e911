//! How often a request is tried again, and when. Pure.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::time::Duration;

/// Attempts after the first. With the waits between them they span about a second, which is what
/// a busy store needs to answer again; longer outages are for the caller.
pub(crate) const RETRIES: u32 = 3;

/// The most that is waited before the second attempt; it doubles each time.
const FIRST_WAIT: Duration = Duration::from_millis(200);

/// The most that is ever waited, unless the store asks for more.
const LONGEST_WAIT: Duration = Duration::from_secs(2);

/// How long to wait before another attempt, after `retries` of them. Any share of a time that
/// doubles: requests that failed together do not come back together. If the store said how long to
/// wait, that is waited in any case.
pub(crate) fn wait_before(retries: u32, asked: Option<Duration>) -> Duration {
    asked.unwrap_or_default().saturating_add(full_wait(retries).mul_f64(share()))
}

fn full_wait(retries: u32) -> Duration {
    let factor = 1_u32.checked_shl(retries).unwrap_or(u32::MAX);
    FIRST_WAIT.saturating_mul(factor).min(LONGEST_WAIT)
}

/// Anything from 0 to 1.
fn share() -> f64 {
    let random = u32::try_from(RandomState::new().hash_one(()) >> 32).unwrap_or_default();
    f64::from(random) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_a_bound() {
        let full: Vec<_> = (0..6).map(|retries| full_wait(retries).as_millis()).collect();
        assert_eq!(full, [200, 400, 800, 1600, 2000, 2000]);
        assert_eq!(full_wait(u32::MAX), LONGEST_WAIT);
    }

    #[test]
    fn any_share_of_a_wait_is_as_likely_as_another() {
        let waits: Vec<_> = (0..1000).map(|_| wait_before(1, None).as_millis()).collect();
        for tenth in 0..10 {
            let range = tenth * 40..(tenth + 1) * 40;
            let count = waits.iter().filter(|wait| range.contains(*wait)).count();
            assert!((50..=150).contains(&count), "{count} of 1000 in {range:?} ms");
        }
    }

    #[test]
    fn what_the_store_asks_for_is_waited() {
        let asked = Duration::from_secs(3);
        for _ in 0..100 {
            assert!((asked..=asked + FIRST_WAIT).contains(&wait_before(0, Some(asked))));
        }
    }
}
