//! How much of a quota is used up: in a table, and for one key day by day.

use ratatui::text::Line;

use super::{figures, fit, paint, sparkline};
use crate::domain::estate::RegionEstate;
use crate::domain::id::ApiKeyId;
use crate::domain::usage_plan::UsagePlan;
use crate::tui::model::Model;
use crate::tui::theme::Role;

/// From this share on a quota is nearly used up.
const NEARLY: f64 = 0.9;

/// A share in a table, marked where little is left.
pub fn cell(model: &Model, share: Option<f64>) -> Line<'static> {
    let look = &model.look;
    let Some(share) = share else { return paint::absent(look) };
    let text = format!("{:.0}%", (share * 100.0).floor());
    match role(share) {
        Role::Errors => paint::line(look, Role::Errors, format!("{} {text}", look.symbols.errors)),
        Role::Warning => paint::line(look, Role::Warning, format!("{} {text}", look.symbols.warning)),
        role => paint::line(look, role, text),
    }
}

fn role(share: f64) -> Role {
    if share >= 1.0 {
        Role::Errors
    } else if share >= NEARLY {
        Role::Warning
    } else {
        Role::Text
    }
}

/// What a key used of a plan in the running period, with a bar a day; nothing where it was not read.
pub fn lines(
    model: &Model,
    region: &RegionEstate,
    plan: &UsagePlan,
    key: &ApiKeyId,
    width: u16,
) -> Vec<Line<'static>> {
    let look = &model.look;
    let (Some(quota), Some(part)) = (&plan.quota, region.usage_of_keys.get(key)) else { return Vec::new() };
    let Some(period) = part.value().and_then(|all| all.iter().find(|period| period.plan == plan.id)) else {
        return Vec::new();
    };
    let count = |number: i64| figures::count(number.max(0).unsigned_abs());
    let (left, share) = (period.remaining(quota.limit), period.share_used(quota.limit));
    let used = format!(
        "used {} of {}, {:.0}%",
        count(period.usage.used()),
        count(quota.limit),
        (share * 100.0).floor()
    );
    let age = figures::age(part.read_at(), model.now).unwrap_or_default();
    let left = format!("{} left, read {age} ago", count(left));
    let since = format!("by day since {}", period.since);
    // A single day says no more than the first line.
    let several = period.usage.days.len() > 1;
    #[expect(clippy::cast_precision_loss, reason = "requests of a day are far below 2^52")]
    let days: Vec<Option<f64>> = period.usage.days.iter().map(|day| Some(day.used as f64)).collect();
    let room = width.saturating_sub(4);
    let wrapped = |role: Role, text: &str| {
        let lines = fit::wrap(text, room).into_iter();
        lines.map(|line| paint::line(look, role, format!("    {line}"))).collect::<Vec<_>>()
    };
    let mut lines = wrapped(role(share), &used);
    lines.extend(wrapped(Role::Text, &left));
    if several {
        let columns = fit::to_u16(days.len()).min(room.saturating_sub(fit::width(&since) + 1));
        let scale = sparkline::Scale { low: 0.0, high: sparkline::highest(&days).max(1.0) };
        let bars = sparkline::bars_on(scale, &days, columns, look.symbols);
        lines.push(Line::from(vec![
            paint::span(look, Role::Accent, format!("    {bars} ")),
            paint::span(look, Role::Dim, since),
        ]));
    } else {
        lines.extend(wrapped(Role::Dim, &format!("since {}", period.since)));
    }
    lines
}
