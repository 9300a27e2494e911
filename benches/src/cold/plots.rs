//! Plots of the cold questions: time by latency, and round trips one after another.

use std::fmt::Display;
use std::path::Path;

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::cases::CASES;
use super::{Outcome, Taken};
use crate::peer::Cache;
use crate::setup::Setup;
use crate::{Error, Result};

const OURS: RGBColor = RGBColor(0, 114, 178);
const PEERS: [RGBColor; 2] = [RGBColor(213, 94, 0), RGBColor(150, 150, 150)];
const FONT: &str = "sans-serif";

/// Writes both plots.
pub(super) fn draw(setup: &Setup, outcomes: &[Outcome]) -> Result<()> {
    if let Some(path) = setup.report.plot("time.svg")? {
        time_by_latency(&path, outcomes)?;
    }
    if let Some(path) = setup.report.plot("waves.svg")? {
        waves(&path, outcomes)?;
    }
    Ok(())
}

/// A panel for each case: seconds, logarithmic, over milliseconds of latency.
fn time_by_latency(path: &Path, outcomes: &[Outcome]) -> Result<()> {
    let area = SVGBackend::new(path, (960, 560)).into_drawing_area();
    area.fill(&WHITE).map_err(drawing)?;
    let (legend, panels) = area.split_vertically(32);
    draw_legend(&legend)?;
    for (panel, case) in panels.split_evenly((2, 4)).iter().zip(CASES) {
        let of_case: Vec<_> =
            outcomes.iter().filter(|outcome| outcome.case.name == case.name).collect();
        let latency_max_ms = of_case.iter().map(|outcome| outcome.latency_ms).max().unwrap_or(1);
        let mut chart = ChartBuilder::on(panel)
            .margin(6)
            .caption(case.name, (FONT, 13))
            .x_label_area_size(24)
            .y_label_area_size(40)
            .build_cartesian_2d(0..latency_max_ms.max(1), (0.005..100.0).log_scale())
            .map_err(drawing)?;
        chart
            .configure_mesh()
            .light_line_style(TRANSPARENT)
            .x_labels(4)
            .x_label_formatter(&|latency_ms| format!("{latency_ms} ms"))
            .y_label_formatter(&|seconds| format!("{seconds} s"))
            .draw()
            .map_err(drawing)?;
        for (series, (colour, _)) in all_series().into_iter().enumerate() {
            let points = of_case.iter().filter_map(|outcome| {
                let taken = taken(outcome, series)?;
                Some((outcome.latency_ms, taken.time.as_secs_f64()))
            });
            let line = LineSeries::new(points, colour.stroke_width(2)).point_size(3);
            chart.draw_series(line).map_err(drawing)?;
        }
    }
    area.present().map_err(drawing)
}

/// Bars for each case, logarithmic, of the run with the greatest latency.
fn waves(path: &Path, outcomes: &[Outcome]) -> Result<()> {
    const NAMES_WIDTH: i32 = 220;
    const BARS_WIDTH: f64 = 640.0;
    const BAR_HEIGHT: i32 = 11;
    let slowest = outcomes.iter().map(|outcome| outcome.latency_ms).max().unwrap_or(0);
    let shown: Vec<_> = outcomes.iter().filter(|outcome| outcome.latency_ms == slowest).collect();
    let most = shown
        .iter()
        .flat_map(|outcome| outcome.peers.iter().flatten())
        .map(|peer| peer.waves)
        .max()
        .unwrap_or(1);
    let length = |waves: u64| {
        // One wave is a short bar, not none.
        let share = ((waves.max(1) as f64).log10() + 0.1) / ((most.max(2) as f64).log10() + 0.1);
        (share * BARS_WIDTH) as i32
    };
    let row_height = BAR_HEIGHT * 3 + 14;
    let height = 40 + row_height * i32::try_from(shown.len())?;
    let size = (960, height.unsigned_abs());
    let area = SVGBackend::new(path, size).into_drawing_area();
    area.fill(&WHITE).map_err(drawing)?;
    let (legend, bars) = area.split_vertically(32);
    draw_legend(&legend)?;
    let right = (FONT, 13).into_font().color(&BLACK).pos(Pos::new(HPos::Right, VPos::Center));
    let left = (FONT, 11).into_font().color(&BLACK).pos(Pos::new(HPos::Left, VPos::Center));
    for (row, outcome) in (0..).zip(&shown) {
        let top = row * row_height;
        let name =
            Text::new(outcome.case.name, (NAMES_WIDTH - 10, top + row_height / 2 - 4), &right);
        bars.draw(&name).map_err(drawing)?;
        for (series, (colour, _)) in all_series().into_iter().enumerate() {
            let Some(taken) = taken(outcome, series) else { continue };
            let top = top + BAR_HEIGHT * i32::try_from(series)?;
            let end = NAMES_WIDTH + length(taken.waves);
            let bar = [(NAMES_WIDTH, top), (end, top + BAR_HEIGHT - 2)];
            bars.draw(&Rectangle::new(bar, colour.filled())).map_err(drawing)?;
            let number = (end + 5, top + BAR_HEIGHT / 2);
            bars.draw(&Text::new(taken.waves.to_string(), number, &left)).map_err(drawing)?;
        }
    }
    area.present().map_err(drawing)
}

/// Colours and names: ours, then the peers.
fn all_series() -> [(RGBColor, &'static str); 3] {
    let [default, blocks] = Cache::ALL.map(Cache::label);
    [(OURS, "h5scout"), (PEERS[0], default), (PEERS[1], blocks)]
}

fn taken(outcome: &Outcome, series: usize) -> Option<&Taken> {
    match series {
        0 => Some(&outcome.ours),
        peer => outcome.peers.get(peer - 1)?.as_ref(),
    }
}

fn draw_legend<B: DrawingBackend>(area: &DrawingArea<B, plotters::coord::Shift>) -> Result<()>
where
    B::ErrorType: 'static,
{
    let text = (FONT, 13).into_font().color(&BLACK).pos(Pos::new(HPos::Left, VPos::Center));
    for (place, (colour, name)) in (0..).zip(all_series()) {
        let x = 60 + place * 200;
        area.draw(&Rectangle::new([(x, 11), (x + 14, 21)], colour.filled())).map_err(drawing)?;
        area.draw(&Text::new(name, (x + 20, 16), &text)).map_err(drawing)?;
    }
    Ok(())
}

/// The errors of the library borrow from what is drawn on.
fn drawing(error: impl Display) -> Error {
    format!("a plot: {error}").into()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tempfile::TempDir;

    use super::*;
    use crate::proxy::Counts;

    fn taken(millis: u64, waves: u64) -> Taken {
        let counts = Counts { requests: waves, bytes: 1000, in_flight_max: 1 };
        Taken { time: Duration::from_millis(millis), waves, counts, peak_bytes: 1 }
    }

    #[test]
    fn plots_show_every_case_and_its_waves() {
        let outcomes: Vec<_> = [0, 50]
            .into_iter()
            .flat_map(|latency_ms| {
                CASES.map(|case| Outcome {
                    case,
                    latency_ms,
                    ours: taken(10 + latency_ms, 6),
                    peers: vec![Some(taken(2_000, 176)), None],
                })
            })
            .collect();
        let folder = TempDir::new().unwrap();
        for plot in [time_by_latency, waves] {
            let path = folder.path().join("plot.svg");
            plot(&path, &outcomes).unwrap();
            let svg = std::fs::read_to_string(&path).unwrap();
            for case in CASES {
                assert!(svg.contains(case.name), "{}", case.name);
            }
            assert!(svg.contains("h5scout") && svg.contains("s3fs, default"));
        }
        let svg = std::fs::read_to_string(folder.path().join("plot.svg")).unwrap();
        assert_eq!(svg.matches(">\n176\n<").count(), CASES.len());
    }
}
