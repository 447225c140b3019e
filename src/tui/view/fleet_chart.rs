//! All requests and all errors of the last hour, where the table leaves room for it.

use jiff::SignedDuration;
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::sparkline::{self, Scale};
use super::{figures, fit, paint, panel};
use crate::tui::model::Model;
use crate::tui::theme::Role;

/// Columns left of a chart for its scale.
const SCALE: u16 = 8;

pub fn draw(frame: &mut Frame, model: &Model, area: Rect) {
    let block = panel::block(&model.look, "all APIs, last hour");
    let inner = block.inner(area);
    frame.render_widget(block, area);
    let inner = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
    if !model.has_figures() {
        frame.render_widget(paint::line(&model.look, Role::Dim, "figures not read yet"), inner);
        return;
    }
    let rows = &model.rows;
    let per_second: Vec<Option<f64>> =
        rows.all_requests.iter().map(|requests| requests.map(|requests| requests / 60.0)).collect();
    let share: Vec<Option<f64>> = rows
        .all_requests
        .iter()
        .zip(&rows.all_errors_5xx)
        .map(|(requests, errors)| {
            requests.filter(|requests| *requests > 0.0).map(|requests| errors.unwrap_or(0.0) / requests)
        })
        .collect();
    let thresholds = &model.settings.thresholds;
    let [left, right] =
        Layout::horizontal([Constraint::Fill(1), Constraint::Fill(1)]).spacing(2).areas(inner);
    let requests = Chart {
        name: "req/s",
        scale: Scale::of(&per_second),
        minutes: &per_second,
        figure: figures::rate,
        role: Role::Spark,
    };
    requests.draw(frame, model, left);
    // Up to the threshold at least: a few errors are no mountain, and many are.
    let scale = Scale::up_to(thresholds.errors_5xx, &share);
    let breached = sparkline::highest(&share) >= thresholds.errors_5xx;
    let role = if breached { Role::Errors } else { Role::SparkSecond };
    Chart { name: "5xx", scale, minutes: &share, figure: figures::share, role }.draw(frame, model, right);
}

struct Chart<'series> {
    name: &'static str,
    minutes: &'series [Option<f64>],
    scale: Scale,
    figure: fn(f64) -> String,
    role: Role,
}

impl Chart<'_> {
    fn draw(&self, frame: &mut Frame, model: &Model, area: Rect) {
        let look = &model.look;
        let height = area.height.saturating_sub(1);
        let width = area.width.saturating_sub(SCALE).min(fit::to_u16(self.minutes.len()));
        let (highest, lowest) = ((self.figure)(self.scale.high), (self.figure)(self.scale.low));
        let bars = sparkline::tall(look, self.role, self.minutes, self.scale, width, height);
        let last = bars.len().saturating_sub(1);
        let mut lines: Vec<Line<'static>> = bars
            .into_iter()
            .enumerate()
            .map(|(place, bars)| {
                let scale = match place {
                    0 => highest.as_str(),
                    place if place == last => lowest.as_str(),
                    1 => self.name,
                    _ => "",
                };
                let mut line = Line::from(paint::span(look, Role::Dim, format!("{scale:>7} ")));
                line.extend(bars.spans);
                line
            })
            .collect();
        if let Some(minute) = model.rows.minute {
            let from = figures::minute(minute - SignedDuration::from_mins(59));
            let to = figures::minute(minute);
            let gap = usize::from(width).saturating_sub(from.len() + to.len());
            lines.push(Line::from(vec![
                Span::raw(" ".repeat(usize::from(SCALE))),
                paint::span(look, Role::Dim, format!("{from}{}{to}", " ".repeat(gap))),
            ]));
        }
        frame.render_widget(Paragraph::new(lines), area);
    }
}
