//! How often questions needed more than a limit.

use h5range::Limit;
use metrics::{Counter, counter, describe_counter};

const REACHED: &str = "h5scout_limits_reached_total";

const LIMITS: [Limit; 7] = [
    Limit::FetchedBytes,
    Limit::Ranges,
    Limit::Waves,
    Limit::Nodes,
    Limit::DecodedBytes,
    Limit::Depth,
    Limit::LinkHops,
];

/// Counts that `limit` was reached.
pub(crate) fn count(limit: Limit) {
    reached(limit).increment(1);
}

/// Says what the metric means, to the recorder of the process.
pub(crate) fn describe() {
    let text = "Times that a question, or a part of it, needed more than a limit, by limit";
    describe_counter!(REACHED, text);
}

/// Shows also what has not happened yet. To be called when metrics are asked for.
pub(crate) fn report() {
    LIMITS.map(reached).iter().for_each(|counter| counter.increment(0));
}

fn reached(limit: Limit) -> Counter {
    counter!(REACHED, "limit" => name(limit))
}

fn name(limit: Limit) -> &'static str {
    match limit {
        Limit::FetchedBytes => "fetched_bytes",
        Limit::Ranges => "ranges",
        Limit::Waves => "waves",
        Limit::Nodes => "nodes",
        Limit::DecodedBytes => "decoded_bytes",
        Limit::Depth => "depth",
        Limit::LinkHops => "link_hops",
    }
}
