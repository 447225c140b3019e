//! Rules of web ACLs in the order in which WAF looks at them: what each looks for, and what it does.

use ratatui::text::{Line, Span};

use super::table::Sheet;
use super::{detail, figures, fit, paint};
use crate::domain::web_acl::{GroupReference, GroupSource, RateLimit, Rule, RuleAction};
use crate::tui::model::Model;
use crate::tui::rows::{Column, RuleRow, action};
use crate::tui::theme::Role;

pub struct Rules;

impl Sheet for Rules {
    type Row = RuleRow;

    fn rows<'model>(&self, model: &'model Model) -> &'model [RuleRow] {
        &model.rows.listed.rules
    }

    fn cell(&self, model: &Model, row: &RuleRow, column: &Column, width: u16) -> Line<'static> {
        let look = &model.look;
        let rule = &row.rule;
        let cut = |text: &str| fit::cut(text, width, look.symbols.ellipsis);
        let (role, text) = match column.name {
            "priority" => (Role::Dim, Some(rule.priority.to_string())),
            "rule" => (Role::Strong, Some(cut(&rule.name))),
            "action" => (action_role(rule), Some(cut(&action(rule)))),
            "web-acl" => (Role::Text, Some(cut(&row.document.acl.name))),
            "kind" => (Role::Dim, Some(cut(rule.kind.word()))),
            "rate" => (Role::Text, rule.rate.as_ref().map(|rate| figures::count(rate.limit))),
            _ => (Role::Text, Some(cut(&rule.statement))),
        };
        text.map_or_else(|| paint::absent(look), |text| paint::line(look, role, text))
    }

    fn is_failing(&self, _row: &RuleRow) -> bool {
        false
    }
}

/// A rule that only counts stops nothing, which is easily overlooked.
pub fn action_role(rule: &Rule) -> Role {
    match rule.action {
        RuleAction::Count | RuleAction::GroupCounts => Role::Warning,
        RuleAction::GroupDecides if rule.group.as_ref().is_some_and(has_overrides) => Role::Warning,
        RuleAction::Block => Role::Strong,
        RuleAction::Allow => Role::Good,
        _ => Role::Text,
    }
}

fn has_overrides(group: &GroupReference) -> bool {
    !group.overrides.is_empty() || !group.excluded.is_empty()
}

pub fn lines(model: &Model, row: &RuleRow, width: u16) -> Vec<Line<'static>> {
    let look = &model.look;
    let rule = &row.rule;
    let mut lines = Vec::new();
    if let Some(region) = model.estate.region(row.slot) {
        lines.extend(detail::failure_of(model, &region.web_acls, width));
    }
    lines.push(paint::field(look, "action", action_in_words(model, rule, width)));
    if rule.group.is_none() {
        lines.extend(paint::wrapped_field(look, "looks for", Role::Text, &rule.statement, width));
    }
    lines.extend(rule.rate.iter().flat_map(|rate| rate_lines(model, rate, width)));
    lines.push(paint::text_field(look, "priority", rule.priority.to_string()));
    lines.push(paint::text_field(look, "kind", rule.kind.word()));
    lines.push(paint::text_field(look, "web ACL", row.document.acl.name.clone()));
    if let Some(metric) = &rule.metric {
        lines.push(paint::text_field(look, "metric", metric.clone()));
    }
    if let Some(group) = &rule.group {
        lines.push(Line::default());
        lines.extend(group_lines(model, group, width));
    }
    lines
}

fn action_in_words(model: &Model, rule: &Rule, width: u16) -> Vec<Span<'static>> {
    let note = match &rule.action {
        RuleAction::Count => "nothing is stopped by it",
        RuleAction::GroupCounts => "nothing is stopped by the group",
        RuleAction::GroupDecides if rule.group.as_ref().is_some_and(has_overrides) => "else as its rules",
        _ => "",
    };
    detail::noted(model, paint::span(&model.look, action_role(rule), action(rule)), note, width)
}

fn rate_lines(model: &Model, rate: &RateLimit, width: u16) -> Vec<Line<'static>> {
    let by = match rate.aggregate_key.as_str() {
        "IP" => "by each address".to_owned(),
        "FORWARDED_IP" => "by each forwarded address".to_owned(),
        "CONSTANT" => "by all together".to_owned(),
        "CUSTOM_KEYS" => "by each set of custom keys".to_owned(),
        other => format!("by {other}"),
    };
    let text = format!("{} in {} s {by}", figures::count(rate.limit), rate.window_seconds);
    paint::wrapped_field(&model.look, "rate limit", Role::Strong, &text, width)
}

/// Which group, which version of it, and what of it acts otherwise than the group says.
fn group_lines(model: &Model, group: &GroupReference, width: u16) -> Vec<Line<'static>> {
    let look = &model.look;
    let mut lines = Vec::new();
    match &group.source {
        GroupSource::Managed { vendor, name, version } => {
            lines.extend(paint::wrapped_field(look, "group", Role::Text, &format!("{vendor} {name}"), width));
            let version = version.as_ref().map_or_else(
                || paint::span(look, Role::Dim, "the vendor's default"),
                |version| paint::span(look, Role::Text, version.clone()),
            );
            lines.push(paint::field(look, "version", vec![version]));
        }
        own @ GroupSource::Own { .. } => {
            lines.extend(paint::wrapped_field(look, "group", Role::Text, &own.to_string(), width));
        }
    }
    lines.push(detail::heading(
        model,
        "overrides",
        &(group.overrides.len() + group.excluded.len()).to_string(),
    ));
    let excluded = group.excluded.iter().map(|rule| (rule, "count", true));
    let all = group.overrides.iter().map(|entry| (&entry.rule, entry.action.word(), false)).chain(excluded);
    for (rule, action, is_excluded) in all {
        let role = if action == "count" { Role::Warning } else { Role::Strong };
        let rule = fit::pad(rule, width.saturating_sub(20).max(16), look.symbols.ellipsis);
        lines.push(Line::from(vec![
            paint::span(look, Role::Text, format!("  {rule} ")),
            paint::span(look, role, action.to_owned()),
            paint::span(look, Role::Dim, if is_excluded { "  excluded" } else { "" }),
        ]));
    }
    lines
}
