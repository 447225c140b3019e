//! GetMetricData: many metrics and expressions over one stretch of time.

pub mod evaluation;
mod label;
pub mod query;

use jiff::Timestamp;

use super::error::Fault;
use super::input::Input;
use super::page::Page;
use super::value::Value;
use super::window::Window;
use crate::metrics::MetricStore;
use evaluation::Evaluation;
use label::LabelStyle;

/// AWS: the default and the most data points in one answer.
const MOST_POINTS: i64 = 100_800;

/// Answers a GetMetricData.
pub fn get_metric_data(metrics: &MetricStore, now: Timestamp, request: &Value) -> Result<Value, Fault> {
    let input = Input::root(request)?;
    let queries = query::read_all(&input)?;
    let window = Window::read(&input, now)?
        .ok_or_else(|| Fault::validation("The parameter EndTime must be greater than StartTime."))?;
    let scan = input.choice("ScanBy", &["TimestampDescending", "TimestampAscending"])?;
    let ascending = scan == Some("TimestampAscending");
    let size = input.integer_within("MaxDatapoints", 1, MOST_POINTS)?.unwrap_or(MOST_POINTS);
    let timezone = match input.structure("LabelOptions")? {
        Some(options) => options.text("Timezone")?,
        None => None,
    };
    let style = LabelStyle::read(timezone)?;
    let asked: Vec<String> = queries.iter().map(|query| format!("{:?}", query.value())).collect();
    let page = Page::of(&input, (asked, format!("{window:?}"), ascending, style))?;

    let evaluation = Evaluation::of(&queries, metrics, window)?;
    let mut answer = Answer::new(page.start, usize::try_from(size).unwrap_or(usize::MAX));
    for query in queries.iter().filter(|query| query.return_data) {
        for mut series in evaluation.labelled(query, style) {
            if !ascending {
                series.points.reverse();
            }
            let points: Vec<_> = series.points.iter().map(|point| (point.start, point.value)).collect();
            answer.add(&query.id, &series.label, &points);
        }
    }
    Ok(answer.finish(page))
}

/// Shares the points out over pages: an answer holds all results, but points only as far as its page goes.
struct Answer {
    /// Points that earlier pages held and that are still to be passed over.
    skip: usize,
    /// Points that this page has room for.
    room: usize,
    /// Points up to the end of this page.
    end: usize,
    cut: bool,
    results: Vec<Value>,
}

impl Answer {
    fn new(skip: usize, room: usize) -> Self {
        Self { skip, room, end: skip, cut: false, results: Vec::new() }
    }

    fn add(&mut self, id: &str, label: &str, points: &[(i64, f64)]) {
        let skipped = self.skip.min(points.len());
        self.skip -= skipped;
        let rest = &points[skipped..];
        let taken = rest.len().min(self.room);
        self.room -= taken;
        self.end += taken;
        let complete = taken == rest.len();
        self.cut |= !complete;
        let (times, values): (Vec<_>, Vec<_>) = rest[..taken]
            .iter()
            .filter_map(|(start, value)| Some((Timestamp::from_second(*start).ok()?, *value)))
            .unzip();
        self.results.push(Value::structure([
            ("Id", id.into()),
            ("Label", label.into()),
            ("Timestamps", Value::list(times)),
            ("Values", Value::list(values)),
            ("StatusCode", if complete { "Complete" } else { "PartialData" }.into()),
        ]));
    }

    fn finish(self, page: Page) -> Value {
        let token = self.cut.then(|| page.token(self.end));
        Value::structure([
            ("MetricDataResults", Value::List(self.results)),
            ("Messages", Value::List(Vec::new())),
        ])
        .with_optional("NextToken", token)
    }
}
