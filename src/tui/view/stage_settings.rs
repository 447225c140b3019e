//! What is set on a stage, apart from what it has deployed: cache, canary, throttles, logs, web ACL,
//! variables. A rollback leaves all of it as it is.

use ratatui::text::{Line, Span};

use super::throttles::BLOCKS_ALL;
use super::{detail, figures, fit, overlay, paint};
use crate::domain::api::ApiKind;
use crate::domain::method::MethodKey;
use crate::domain::stage::{Cache, CacheStatus, MethodSettings, Stage};
use crate::domain::web_acl::name_in_arn;
use crate::tui::model::Model;
use crate::tui::rows::StageRow;
use crate::tui::theme::Role;

/// Everything that fits one line each.
pub fn lines(model: &Model, row: &StageRow, width: u16) -> Vec<Line<'static>> {
    let look = &model.look;
    let Some(stage) = &row.stage else {
        return row.failure.iter().flat_map(|failure| detail::failure_lines(model, failure, width)).collect();
    };
    let mut lines = Vec::new();
    if let Some(failure) = &row.failure {
        let text = format!("{} shown as last read: {failure}", look.symbols.failed);
        lines.extend(overlay::paragraph(model, Role::Error, &text, width));
    }
    let updated = stage.last_updated.map_or_else(
        || look.symbols.absent.to_owned(),
        |at| {
            let age = figures::span(model.region_now().duration_since(at));
            format!("{}, {age} ago", figures::date_and_time(at))
        },
    );
    lines.push(paint::text_field(look, "kind", row.api.kind.to_string()));
    lines.push(paint::text_field(look, "updated", updated));
    lines.push(paint::field(look, "deployment", deployment(model, row, stage)));
    if let Some(canary) = &stage.canary {
        let deployment = canary.deployment.as_ref().map_or("?", |deployment| deployment.as_str());
        let text = format!("{}% to {deployment}", figures::setting(canary.percent_traffic));
        lines.push(paint::field(look, "canary", vec![paint::span(look, Role::Warning, text)]));
    }
    let default = stage.settings.get(&MethodKey::All).cloned().unwrap_or_default();
    lines.push(paint::field(look, "cache", cache(model, row, stage, &default)));
    lines.push(paint::field(look, "throttle", throttle(model, stage, width)));
    lines.push(paint::field(look, "logging", logging(model, row, &default)));
    lines.push(paint::field(look, "metrics", switch(model, default.detailed_metrics, "by method")));
    if let Some(tracing) = stage.tracing {
        lines.push(paint::field(look, "tracing", switch(model, tracing, "on")));
    }
    let log = match &stage.access_log_destination {
        Some(arn) => paint::span(look, Role::Text, log_name(arn).to_owned()),
        None => paint::span(look, Role::Dim, "off"),
    };
    lines.push(paint::field(look, "access log", vec![log]));
    if row.api.kind == ApiKind::Rest {
        lines.push(paint::field(look, "web ACL", web_acl(model, row, stage)));
    }
    lines.extend(methods(model, stage, &default, width));
    lines
}

/// What comes below the deployments: its description and its variables.
pub fn closing_lines(model: &Model, row: &StageRow, width: u16) -> Vec<Line<'static>> {
    let look = &model.look;
    let Some(stage) = &row.stage else { return Vec::new() };
    let mut lines = vec![Line::default()];
    lines.push(detail::heading(model, "variables", &stage.variables.len().to_string()));
    let widest = stage.variables.keys().map(|name| fit::width(name)).max().unwrap_or_default();
    let name_width = widest.min(width / 2);
    for (name, value) in &stage.variables {
        let name = fit::pad(name, name_width, look.symbols.ellipsis);
        let room = width.saturating_sub(name_width + 4);
        lines.push(Line::from(vec![
            paint::span(look, Role::Dim, format!("  {name}  ")),
            paint::span(look, Role::Text, fit::cut(value, room, look.symbols.ellipsis)),
        ]));
    }
    if let Some(description) = stage.description.as_deref().filter(|text| !text.is_empty()) {
        lines.push(Line::default());
        lines.extend(paint::wrapped_field(look, "about", Role::Text, description, width));
    }
    lines
}

/// What it points at, and when that was made.
fn deployment(model: &Model, row: &StageRow, stage: &Stage) -> Vec<Span<'static>> {
    let look = &model.look;
    let Some(id) = &stage.deployment else {
        return vec![paint::span(look, Role::Warning, "never deployed")];
    };
    let mut spans = vec![paint::span(look, Role::Strong, id.to_string())];
    let all = model.estate.api(row.slot, &row.api.id).and_then(|entry| entry.deployments.value());
    let current = all.into_iter().flatten().find(|deployment| deployment.id == *id);
    if let Some(age) = current.and_then(|current| figures::age(current.created, model.region_now())) {
        spans.push(paint::span(look, Role::Dim, format!("  of {age} ago")));
    }
    if stage.auto_deploy {
        spans.push(paint::span(look, Role::Dim, "  auto-deploy"));
    }
    spans
}

fn cache(model: &Model, row: &StageRow, stage: &Stage, default: &MethodSettings) -> Vec<Span<'static>> {
    let look = &model.look;
    if row.api.kind != ApiKind::Rest {
        return vec![paint::span(look, Role::Dim, format!("{} APIs have none", row.api.kind))];
    }
    let Some(Cache { enabled: true, size, status }) = &stage.cache else {
        return vec![paint::span(look, Role::Dim, "off")];
    };
    let size = size.as_deref().unwrap_or("?");
    let role = if *status == CacheStatus::Available { Role::Good } else { Role::Warning };
    let mut spans = vec![
        paint::span(look, Role::Text, format!("{size} GB  ")),
        paint::span(look, role, status.to_string()),
    ];
    match (default.caching, default.cache_ttl_seconds) {
        (false, _) => spans.push(paint::span(look, Role::Dim, "  no method by default")),
        (true, Some(0)) => spans.push(paint::span(look, Role::Warning, "  TTL 0 s")),
        (true, Some(seconds)) => {
            spans.push(paint::span(look, Role::Text, format!("  TTL {} s", figures::count(seconds.into()))));
        }
        (true, None) => {}
    }
    spans
}

fn throttle(model: &Model, stage: &Stage, width: u16) -> Vec<Span<'static>> {
    let look = &model.look;
    let throttle = stage.default_throttle();
    match figures::throttle(throttle) {
        None => vec![paint::span(look, Role::Dim, "the account's")],
        Some(text) if throttle.blocks_all() => {
            vec![paint::span(look, Role::Errors, format!("{text}  {} {BLOCKS_ALL}", look.symbols.errors))]
        }
        Some(text) => detail::noted(model, paint::span(look, Role::Text, text), "per method", width),
    }
}

/// AWS: HTTP APIs have access logs alone. Data trace writes whole bodies into the log.
fn logging(model: &Model, row: &StageRow, default: &MethodSettings) -> Vec<Span<'static>> {
    let look = &model.look;
    if row.api.kind == ApiKind::Http {
        return vec![paint::span(look, Role::Dim, "HTTP APIs have none")];
    }
    let level = default.logging_level.as_deref().unwrap_or("OFF");
    let role = if level == "OFF" { Role::Dim } else { Role::Text };
    let mut spans = vec![paint::span(look, role, level.to_owned())];
    if default.data_trace {
        spans.push(paint::span(look, Role::Warning, "  data trace: whole bodies"));
    }
    spans
}

fn switch(model: &Model, is_on: bool, on: &str) -> Vec<Span<'static>> {
    let (role, text) = if is_on { (Role::Text, on) } else { (Role::Dim, "off") };
    vec![paint::span(&model.look, role, text.to_owned())]
}

/// AWS: `arn:aws:logs:REGION:ACCOUNT:log-group:NAME`, or a Firehose stream `.../amazon-apigateway-NAME`.
fn log_name(arn: &str) -> &str {
    let name = arn.splitn(6, ':').nth(5).unwrap_or(arn);
    name.trim_start_matches("log-group:").trim_end_matches(":*")
}

fn web_acl(model: &Model, row: &StageRow, stage: &Stage) -> Vec<Span<'static>> {
    let look = &model.look;
    let Some(arn) = &stage.web_acl_arn else { return vec![paint::span(look, Role::Dim, "none")] };
    let mut spans = vec![paint::span(look, Role::Text, name_in_arn(arn))];
    let read = model.estate.region(row.slot).and_then(|region| region.web_acls.value());
    if let Some(document) = read.into_iter().flatten().find(|document| document.acl.arn == *arn) {
        let text = format!("  {} rules, else {}", document.acl.rules.len(), document.acl.default_action);
        spans.push(paint::span(look, Role::Dim, text));
    }
    spans
}

/// Methods or routes with settings of their own, and in what these differ from the stage's.
fn methods(model: &Model, stage: &Stage, default: &MethodSettings, width: u16) -> Vec<Line<'static>> {
    let look = &model.look;
    let own: Vec<_> = stage.settings.iter().filter(|(method, _)| **method != MethodKey::All).collect();
    if own.is_empty() {
        return Vec::new();
    }
    let mut lines =
        vec![Line::default(), detail::heading(model, "methods with their own", &own.len().to_string())];
    for (method, settings) in own {
        let blocks = settings.throttle.blocks_all();
        let (role, text) = if blocks {
            (Role::Errors, format!("{} {BLOCKS_ALL}", look.symbols.errors))
        } else {
            (Role::Text, differences(settings, default))
        };
        let name = fit::pad(&method.to_string(), (width * 2 / 5).max(10), look.symbols.ellipsis);
        lines.push(paint::line(look, role, format!("  {name}  {text}")));
    }
    lines
}

fn differences(settings: &MethodSettings, default: &MethodSettings) -> String {
    let mut differences = Vec::new();
    if settings.throttle != default.throttle {
        differences.extend(figures::throttle(settings.throttle));
    }
    if settings.caching != default.caching {
        differences.push(if settings.caching { "cached" } else { "not cached" }.to_owned());
    }
    if settings.caching && settings.cache_ttl_seconds != default.cache_ttl_seconds {
        differences.extend(settings.cache_ttl_seconds.map(|seconds| format!("TTL {seconds} s")));
    }
    if settings.logging_level != default.logging_level {
        let level = settings.logging_level.as_deref().unwrap_or("OFF");
        differences.push(format!("logging {level}"));
    }
    if settings.data_trace && !default.data_trace {
        differences.push("data trace".to_owned());
    }
    if settings.detailed_metrics != default.detailed_metrics {
        differences.push(if settings.detailed_metrics { "metrics" } else { "no metrics" }.to_owned());
    }
    if differences.is_empty() { "as the stage".to_owned() } else { differences.join(", ") }
}
