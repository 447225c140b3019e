//! Screens and the way back from one to the other.

use super::table::TableState;
use crate::domain::estate::RegionSlot;
use crate::domain::id::{ApiId, CellId};

/// A screen of the menu.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Screen {
    #[default]
    Fleet,
    Apis,
    Stages,
}

impl Screen {
    pub const ALL: [Self; 3] = [Self::Fleet, Self::Apis, Self::Stages];

    pub fn title(self) -> &'static str {
        match self {
            Self::Fleet => "Fleet",
            Self::Apis => "APIs",
            Self::Stages => "Stages",
        }
    }

    /// Its place in the menu, from 0.
    pub fn place(self) -> usize {
        match self {
            Self::Fleet => 0,
            Self::Apis => 1,
            Self::Stages => 2,
        }
    }
}

/// Which part of all rows a page is about, chosen by opening a row of another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Scope {
    #[default]
    All,
    Cell(CellId),
    Api {
        slot: RegionSlot,
        api: ApiId,
        name: String,
    },
}

/// A screen with what it is about and where its cursor stands.
#[derive(Clone, Debug)]
pub struct Page {
    pub screen: Screen,
    pub scope: Scope,
    pub table: TableState,
}

impl Page {
    pub fn new(screen: Screen, scope: Scope) -> Self {
        Self { screen, scope, table: TableState::default() }
    }
}

/// The open page, those behind it, and the menu's pages that were left.
#[derive(Clone, Debug)]
pub struct Pages {
    current: Page,
    behind: Vec<Page>,
    parked: Vec<Page>,
}

impl Pages {
    pub fn new(screen: Screen) -> Self {
        Self { current: Page::new(screen, Scope::All), behind: Vec::new(), parked: Vec::new() }
    }

    pub fn current(&self) -> &Page {
        &self.current
    }

    pub fn current_mut(&mut self) -> &mut Page {
        &mut self.current
    }

    /// Goes to a page that `esc` comes back from.
    pub fn drill(&mut self, page: Page) {
        let left = std::mem::replace(&mut self.current, page);
        self.behind.push(left);
    }

    /// Goes back one page; false at the first.
    pub fn back(&mut self) -> bool {
        let Some(page) = self.behind.pop() else { return false };
        self.current = page;
        true
    }

    pub fn can_go_back(&self) -> bool {
        !self.behind.is_empty()
    }

    /// Goes to a screen of the menu, as it was left there.
    pub fn visit(&mut self, screen: Screen) {
        if self.behind.is_empty() && self.current.screen == screen {
            return;
        }
        let root = self.behind.drain(..).next().unwrap_or_else(|| self.current.clone());
        self.parked.retain(|page| page.screen != root.screen);
        self.parked.push(root);
        let place = self.parked.iter().position(|page| page.screen == screen);
        self.current = place.map_or_else(|| Page::new(screen, Scope::All), |place| self.parked.remove(place));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_menu_finds_each_screen_as_it_was_left() {
        let mut pages = Pages::new(Screen::Fleet);
        pages.current_mut().table.filter = "5xx>1%".into();
        pages.drill(Page::new(Screen::Apis, Scope::Cell("cell-01".into())));
        pages.visit(Screen::Stages);
        pages.visit(Screen::Fleet);
        assert_eq!(pages.current().table.filter, "5xx>1%");
        pages.visit(Screen::Apis);
        assert_eq!(pages.current().scope, Scope::All, "the menu opens the whole set");
    }

    #[test]
    fn back_returns_to_where_the_row_was_opened() {
        let mut pages = Pages::new(Screen::Fleet);
        pages.drill(Page::new(Screen::Apis, Scope::Cell("cell-01".into())));
        assert!(pages.back());
        assert_eq!(pages.current().screen, Screen::Fleet);
        assert!(!pages.back());
    }
}
