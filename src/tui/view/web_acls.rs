//! Web ACLs: what each does by default, its rules at a glance, and the stages that it stands before.

use ratatui::text::{Line, Span};

use super::table::Sheet;
use super::{acl_rules, detail, figures, fit, overlay, paint};
use crate::domain::web_acl::{RuleAction, WebAcl};
use crate::tui::model::Model;
use crate::tui::rows::{AclRow, Column, action};
use crate::tui::theme::Role;

/// AWS: capacity units of a web ACL at most, and those that its price includes.
const MOST_CAPACITY: u64 = 5_000;
const INCLUDED_CAPACITY: u64 = 1_500;

pub struct WebAcls;

impl Sheet for WebAcls {
    type Row = AclRow;

    fn rows<'model>(&self, model: &'model Model) -> &'model [AclRow] {
        &model.rows.listed.web_acls
    }

    fn cell(&self, model: &Model, row: &AclRow, column: &Column, width: u16) -> Line<'static> {
        let look = &model.look;
        let acl = &row.document.acl;
        let cut = |text: &str| fit::cut(text, width, look.symbols.ellipsis);
        let counting = row.acting(&RuleAction::Count) + row.acting(&RuleAction::GroupCounts);
        let (role, text) = match column.name {
            "web-acl" => (Role::Strong, Some(cut(&acl.name))),
            "default" => (default_role(acl), Some(cut(acl.default_action.word()))),
            "rules" => (Role::Text, Some(acl.rules.len().to_string())),
            "block" => (Role::Text, some(row.acting(&RuleAction::Block))),
            "count" => (Role::Text, some(counting)),
            "groups" => (Role::Text, some(row.groups())),
            "capacity" => (Role::Text, acl.capacity.map(figures::count)),
            "editable" if row.editable() == "yes" => (Role::Dim, Some("yes".to_owned())),
            "editable" => (Role::Warning, Some(row.editable().to_owned())),
            "stages" => (Role::Text, some(row.stages.len())),
            _ if row.stages.is_empty() => (Role::Warning, Some(cut("no stage"))),
            _ => (Role::Text, Some(cut(&row.stages.join(", ")))),
        };
        text.map_or_else(|| paint::absent(look), |text| paint::line(look, role, text))
    }

    fn is_failing(&self, _row: &AclRow) -> bool {
        false
    }
}

fn some(count: usize) -> Option<String> {
    (count > 0).then(|| count.to_string())
}

/// One that blocks what no rule ends lets in only what a rule allows.
fn default_role(acl: &WebAcl) -> Role {
    if acl.default_action == RuleAction::Block { Role::Strong } else { Role::Dim }
}

pub fn lines(model: &Model, row: &AclRow, width: u16) -> Vec<Line<'static>> {
    let look = &model.look;
    let acl = &row.document.acl;
    let mut lines = Vec::new();
    if let Some(region) = model.estate.region(row.slot) {
        lines.extend(detail::failure_of(model, &region.web_acls, width));
    }
    let default = match acl.default_action {
        RuleAction::Allow => "allow what no rule ends".to_owned(),
        RuleAction::Block => "block what no rule ends".to_owned(),
        ref other => other.to_string(),
    };
    lines.push(paint::field(look, "default", vec![paint::span(look, Role::Text, default)]));
    lines.push(paint::field(look, "capacity", capacity(model, acl)));
    lines.push(paint::text_field(look, "id", acl.id.clone()));
    if let Some(description) = acl.description.as_deref().filter(|text| !text.is_empty()) {
        lines.extend(paint::wrapped_field(look, "about", Role::Text, description, width));
    }
    if let Err(why) = row.document.editable() {
        lines.extend(paint::wrapped_field(look, "not edited", Role::Warning, &why.to_string(), width));
    }
    lines.push(Line::default());
    lines.push(detail::heading(model, "rules", &format!("{}, by priority", acl.rules.len())));
    for rule in &acl.rules {
        let rate = rule.rate.as_ref().map(|rate| format!("  over {}", figures::count(rate.limit)));
        let action = fit::pad(&action(rule), 13, look.symbols.ellipsis);
        lines.push(Line::from(vec![
            paint::span(look, Role::Dim, format!("{:>5}  ", rule.priority)),
            paint::span(look, acl_rules::action_role(rule), action),
            paint::span(look, Role::Text, rule.name.clone()),
            paint::span(look, Role::Dim, rate.unwrap_or_default()),
        ]));
    }
    lines.push(Line::default());
    lines.extend(attached(model, row, width));
    lines
}

fn capacity(model: &Model, acl: &WebAcl) -> Vec<Span<'static>> {
    let look = &model.look;
    let Some(units) = acl.capacity else { return vec![paint::span(look, Role::Dim, look.symbols.absent)] };
    let of = format!("{} of {} units", figures::count(units), figures::count(MOST_CAPACITY));
    let mut spans = vec![paint::span(look, Role::Text, of)];
    if units > INCLUDED_CAPACITY {
        let text = format!("  over {} costs extra", figures::count(INCLUDED_CAPACITY));
        spans.push(paint::span(look, Role::Dim, text));
    }
    spans
}

fn attached(model: &Model, row: &AclRow, width: u16) -> Vec<Line<'static>> {
    let look = &model.look;
    let mut lines = vec![detail::heading(model, "stands before", &row.stages.len().to_string())];
    if row.stages.is_empty() {
        let text = "no stage of this region: it protects nothing here";
        lines.extend(overlay::paragraph(model, Role::Warning, text, width));
    }
    let stages = fit::wrap(&row.stages.join(", "), width.saturating_sub(2));
    lines.extend(stages.into_iter().map(|line| paint::line(look, Role::Text, format!("  {line}"))));
    lines
}
