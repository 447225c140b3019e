//! Framed panels. Neighbours share a border, so panels overlap by one cell.

use ratatui::layout::Rect;
use ratatui::symbols::merge::MergeStrategy;
use ratatui::text::{Line, Span};
use ratatui::widgets::Block;

use super::{fit, paint};
use crate::tui::model::Look;
use crate::tui::theme::Role;

/// A name for the title of a panel of this area, cut where it is too long.
pub fn fitting(look: &Look, name: &str, area: Rect) -> String {
    // Corners, the spaces around it, and a sign in front.
    fit::cut(name, area.width.saturating_sub(6), look.symbols.ellipsis)
}

/// A frame with a title on its upper border.
pub fn block(look: &Look, title: impl Into<String>) -> Block<'static> {
    titled(look, vec![paint::span(look, Role::Title, title.into())])
}

/// A frame whose title has several styles.
pub fn titled(look: &Look, title: Vec<Span<'static>>) -> Block<'static> {
    let mut spans = vec![Span::raw(" ")];
    spans.extend(title);
    spans.push(Span::raw(" "));
    plain(look).title_top(Line::from(spans))
}

/// A frame without a title.
pub fn plain(look: &Look) -> Block<'static> {
    Block::bordered()
        .border_set(look.symbols.border)
        .border_style(look.theme.style(Role::Border))
        .merge_borders(MergeStrategy::Fuzzy)
}
