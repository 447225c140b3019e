//! Custom domain names: which stage answers on which path, and how clients reach the name.

use ratatui::text::Line;

use super::table::Sheet;
use super::{detail, fit, paint};
use crate::domain::custom_domain::CustomDomain;
use crate::tui::model::Model;
use crate::tui::rows::{Column, MappingRow};
use crate::tui::theme::Role;

pub struct Domains;

impl Sheet for Domains {
    type Row = MappingRow;

    fn rows<'model>(&self, model: &'model Model) -> &'model [MappingRow] {
        &model.rows.listed.mappings
    }

    fn cell(&self, model: &Model, row: &MappingRow, column: &Column, width: u16) -> Line<'static> {
        let look = &model.look;
        let domain = &row.mapped.domain;
        let cut = |text: &str| fit::cut(text, width, look.symbols.ellipsis);
        let (role, text) = match column.name {
            "domain" => (Role::Strong, Some(cut(&domain.name))),
            "path" if row.mapping.is_none() => (Role::Warning, Some(cut("no path"))),
            "path" => (Role::Text, row.path().as_deref().map(cut)),
            "api" => (Role::Text, Some(cut(&row.api_name)).filter(|name| !name.is_empty())),
            "stage" => (Role::Text, row.stage().map(cut)),
            "endpoint" => (Role::Dim, Some(domain.endpoint_type.to_string())),
            "tls" => (Role::Dim, domain.security_policy.as_deref().map(cut)),
            _ => (status_role(domain), domain.status.as_deref().map(cut)),
        };
        text.map_or_else(|| paint::absent(look), |text| paint::line(look, role, text))
    }

    fn is_failing(&self, _row: &MappingRow) -> bool {
        false
    }
}

fn status_role(domain: &CustomDomain) -> Role {
    if domain.status.as_deref() == Some("AVAILABLE") { Role::Dim } else { Role::Warning }
}

pub fn lines(model: &Model, row: &MappingRow, width: u16) -> Vec<Line<'static>> {
    let look = &model.look;
    let domain = &row.mapped.domain;
    let region = model.estate.region(row.slot);
    let mut lines = Vec::new();
    if let Some(region) = region {
        lines.extend(detail::failure_of(model, &region.domains, width));
    }
    let fields = [
        ("status", status_role(domain), &domain.status),
        ("because", Role::Warning, &domain.status_message),
        ("TLS", Role::Text, &domain.security_policy),
        ("leads to", Role::Text, &domain.target),
        ("certificate", Role::Dim, &domain.certificate_arn),
        ("id", Role::Dim, &domain.id),
    ];
    lines.push(paint::text_field(look, "endpoint", domain.endpoint_type.to_string()));
    for (name, role, text) in fields {
        if let Some(text) = text {
            lines.extend(paint::wrapped_field(look, name, role, text, width));
        }
    }
    if domain.mutual_tls {
        lines.push(paint::text_field(look, "mutual TLS", "clients show a certificate, too"));
    }
    for (name, value) in &domain.tags {
        lines.extend(paint::wrapped_field(look, "tag", Role::Dim, &format!("{name}={value}"), width));
    }
    lines.push(Line::default());
    lines.push(detail::heading(model, "paths", &row.mapped.mappings.len().to_string()));
    for mapping in &row.mapped.mappings {
        let known = region.and_then(|region| region.apis.get(&mapping.api));
        let api = known.map_or_else(|| mapping.api.to_string(), |entry| entry.api.name.clone());
        let stage = mapping.stage.as_ref().map_or_else(|| "{stage}".to_owned(), ToString::to_string);
        let here = row.mapping.as_ref() == Some(mapping);
        let path = fit::pad(&mapping.shown(), (width / 3).max(10), look.symbols.ellipsis);
        let text = format!("  {path}  {api}/{stage}");
        lines.push(paint::line(look, if here { Role::Strong } else { Role::Text }, text));
    }
    lines
}
