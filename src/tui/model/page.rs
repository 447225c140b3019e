//! Screens and the way back from one to the other.

use super::listing::{Listing, Screen};
use super::table::TableState;
use crate::domain::estate::RegionSlot;
use crate::domain::id::{ApiId, CellId, UsagePlanId};

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
    Plan {
        slot: RegionSlot,
        plan: UsagePlanId,
        name: String,
    },
    WebAcl {
        slot: RegionSlot,
        arn: String,
        name: String,
    },
}

/// A list with what it is about and where its cursor stands.
#[derive(Clone, Debug)]
pub struct Page {
    pub listing: Listing,
    pub scope: Scope,
    pub table: TableState,
}

impl Page {
    pub fn new(listing: Listing, scope: Scope) -> Self {
        Self { listing, scope, table: TableState::default() }
    }

    pub fn screen(&self) -> Screen {
        self.listing.screen()
    }
}

/// The open page, those behind it, and the menu's pages that were left.
#[derive(Clone, Debug)]
pub struct Pages {
    current: Page,
    behind: Vec<Page>,
    /// The last is the one that was left last.
    parked: Vec<Page>,
}

impl Pages {
    pub fn new(screen: Screen) -> Self {
        let current = Page::new(screen.listings()[0], Scope::All);
        Self { current, behind: Vec::new(), parked: Vec::new() }
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

    /// Goes to a screen of the menu, as it was left there; where it is open, to what it opens with.
    pub fn visit(&mut self, screen: Screen) {
        let first = screen.listings()[0];
        if self.behind.is_empty() && self.current.screen() == screen {
            return self.show(first);
        }
        self.park();
        let left = self.parked.iter().rev().find(|page| page.screen() == screen);
        let listing = left.map_or(first, |page| page.listing);
        self.take_out(listing);
    }

    /// Goes to a list of the menu's screens, as it was left there.
    pub fn show(&mut self, listing: Listing) {
        if self.behind.is_empty() && self.current.listing == listing {
            return;
        }
        self.park();
        self.take_out(listing);
    }

    /// Puts the first page aside, and drops those that were opened from it.
    fn park(&mut self) {
        let root = self.behind.drain(..).next().unwrap_or_else(|| self.current.clone());
        self.parked.retain(|page| page.listing != root.listing);
        self.parked.push(root);
    }

    fn take_out(&mut self, listing: Listing) {
        let place = self.parked.iter().position(|page| page.listing == listing);
        self.current =
            place.map_or_else(|| Page::new(listing, Scope::All), |place| self.parked.remove(place));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_menu_finds_each_screen_as_it_was_left() {
        let mut pages = Pages::new(Screen::Fleet);
        pages.current_mut().table.filter = "5xx>1%".into();
        pages.drill(Page::new(Listing::Apis, Scope::Cell("cell-01".into())));
        pages.visit(Screen::Stages);
        pages.visit(Screen::Fleet);
        assert_eq!(pages.current().table.filter, "5xx>1%");
        pages.visit(Screen::Apis);
        assert_eq!(pages.current().scope, Scope::All, "the menu opens the whole set");
    }

    #[test]
    fn a_screen_opens_with_the_list_that_was_left_and_again_with_its_first() {
        let mut pages = Pages::new(Screen::Fleet);
        pages.visit(Screen::Throttles);
        assert_eq!(pages.current().listing, Listing::Throttles);
        pages.show(Listing::Keys);
        pages.current_mut().table.filter = "state=off".into();
        pages.visit(Screen::Waf);
        pages.visit(Screen::Throttles);
        assert_eq!(pages.current().listing, Listing::Keys);
        pages.visit(Screen::Throttles);
        assert_eq!(pages.current().listing, Listing::Throttles);
        pages.show(Listing::Keys);
        assert_eq!(pages.current().table.filter, "state=off");
    }

    #[test]
    fn back_returns_to_where_the_row_was_opened() {
        let mut pages = Pages::new(Screen::Fleet);
        pages.drill(Page::new(Listing::Apis, Scope::Cell("cell-01".into())));
        assert!(pages.back());
        assert_eq!(pages.current().screen(), Screen::Fleet);
        assert!(!pages.back());
    }
}
