//! VPC links: whether requests get through each, and what it leads to.

use ratatui::text::Line;

use super::table::Sheet;
use super::{detail, figures, fit, paint};
use crate::domain::vpc_link::{VpcLink, VpcLinkVersion};
use crate::tui::model::Model;
use crate::tui::rows::{Column, VpcLinkRow};
use crate::tui::theme::Role;

pub struct VpcLinks;

impl Sheet for VpcLinks {
    type Row = VpcLinkRow;

    fn rows<'model>(&self, model: &'model Model) -> &'model [VpcLinkRow] {
        &model.rows.listed.vpc_links
    }

    fn cell(&self, model: &Model, row: &VpcLinkRow, column: &Column, width: u16) -> Line<'static> {
        let look = &model.look;
        let link = &row.link;
        let cut = |text: &str| fit::cut(text, width, look.symbols.ellipsis);
        let (role, text) = match column.name {
            "vpc-link" => (Role::Strong, Some(cut(&link.name))),
            "id" => (Role::Dim, Some(cut(&link.id))),
            "version" => (Role::Dim, Some(link.version.to_string())),
            "status" => (status_role(link), link.status.as_deref().map(cut)),
            "targets" => (Role::Text, Some(cut(&link.targets().join(", ")))),
            _ => (Role::Dim, figures::age(link.created, model.region_now())),
        };
        text.map_or_else(|| paint::absent(look), |text| paint::line(look, role, text))
    }

    fn is_failing(&self, _row: &VpcLinkRow) -> bool {
        false
    }
}

fn status_role(link: &VpcLink) -> Role {
    if link.is_available() { Role::Dim } else { Role::Warning }
}

pub fn lines(model: &Model, row: &VpcLinkRow, width: u16) -> Vec<Line<'static>> {
    let look = &model.look;
    let link = &row.link;
    let mut lines = Vec::new();
    if let Some(region) = model.estate.region(row.slot) {
        lines.extend(detail::failure_of(model, &region.vpc_links, width));
    }
    lines.push(paint::text_field(look, "id", link.id.clone()));
    let version = match link.version {
        VpcLinkVersion::V1 => "V1: REST APIs, to load balancers",
        VpcLinkVersion::V2 => "V2: HTTP APIs, into subnets",
    };
    lines.extend(paint::wrapped_field(look, "version", Role::Text, version, width));
    for (name, role, text) in [
        ("status", status_role(link), &link.status),
        ("because", Role::Warning, &link.status_message),
        ("about", Role::Text, &link.description),
    ] {
        if let Some(text) = text {
            lines.extend(paint::wrapped_field(look, name, role, text, width));
        }
    }
    if let Some(at) = link.created {
        lines.push(paint::text_field(look, "created", figures::date_and_time(at)));
    }
    for (name, value) in &link.tags {
        lines.extend(paint::wrapped_field(look, "tag", Role::Dim, &format!("{name}={value}"), width));
    }
    for (title, all) in [
        ("load balancers", &link.load_balancers),
        ("subnets", &link.subnets),
        ("security groups", &link.security_groups),
    ] {
        if all.is_empty() {
            continue;
        }
        lines.push(Line::default());
        lines.push(detail::heading(model, title, &all.len().to_string()));
        let wrapped = all.iter().flat_map(|one| fit::wrap(one, width.saturating_sub(2)));
        lines.extend(wrapped.map(|line| paint::line(look, Role::Text, format!("  {line}"))));
    }
    lines
}
