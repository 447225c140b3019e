//! Throttles of all stages: the account's limit, the stage's default, the method's own, side by side.

use ratatui::text::Line;

use super::table::Sheet;
use super::{figures, fit, paint};
use crate::domain::method::MethodKey;
use crate::domain::stage::Throttle;
use crate::tui::model::Model;
use crate::tui::rows::{Column, Layer, ThrottleRow};
use crate::tui::theme::Role;

/// What a throttle of 0 is called, everywhere.
pub const BLOCKS_ALL: &str = "blocks all";

pub struct Throttles;

impl Sheet for Throttles {
    type Row = ThrottleRow;

    fn rows<'model>(&self, model: &'model Model) -> &'model [ThrottleRow] {
        &model.rows.listed.throttles
    }

    fn cell(&self, model: &Model, row: &ThrottleRow, column: &Column, width: u16) -> Line<'static> {
        let look = &model.look;
        let cut = |text: &str| fit::cut(text, width, look.symbols.ellipsis);
        if row.stage.is_none() {
            return match column.name {
                "api" => paint::line(look, Role::Strong, cut(&row.api_name)),
                "stage" => paint::line(look, Role::Error, cut("not read")),
                _ => Line::default(),
            };
        }
        let layer = row.layer();
        let of = |throttle, own: Layer| layer_cell(model, throttle, own == layer);
        let applying = row.applying();
        let role = if row.blocks() { Role::Errors } else { Role::Text };
        let (role, text) = match column.name {
            "api" => (Role::Strong, Some(cut(&row.api_name))),
            "stage" => (Role::Text, row.stage.as_ref().map(|stage| cut(stage.as_str()))),
            "method" if row.blocks() => (Role::Errors, Some(cut(&row.method.to_string()))),
            "method" if row.method == MethodKey::All => (Role::Dim, Some("*/*".to_owned())),
            "method" => (Role::Text, Some(cut(&row.method.to_string()))),
            "account" => return of(row.account, Layer::Account),
            "default" => return of(row.default, Layer::Default),
            "own" => return of(row.own, Layer::Own),
            "state" if row.blocks() => (role, Some(format!("{} {}", look.symbols.errors, row.state()))),
            "state" => (Role::Dim, Some(row.state().to_owned())),
            "rate" => (role, applying.rate.map(figures::setting)),
            _ => (role, applying.burst.map(|burst| figures::count(burst.unsigned_abs()))),
        };
        text.map_or_else(|| paint::absent(look), |text| paint::line(look, role, text))
    }

    fn is_failing(&self, row: &ThrottleRow) -> bool {
        row.failure.is_some()
    }
}

/// A layer's numbers; bright where they are the ones that apply, and loud where they are 0.
fn layer_cell(model: &Model, throttle: Throttle, applies: bool) -> Line<'static> {
    let look = &model.look;
    if throttle.blocks_all() {
        let role = if applies { Role::Errors } else { Role::Dim };
        return paint::line(look, role, format!("{} {BLOCKS_ALL}", look.symbols.errors));
    }
    let role = if applies { Role::Text } else { Role::Dim };
    figures::throttle_pair(throttle, look.symbols.absent)
        .map_or_else(|| paint::absent(look), |text| paint::line(look, role, text))
}
