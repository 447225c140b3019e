//! Custom domain names and VPC links: what they show, and that they are read only where someone looks.

use cellgate::tui::effect::Effect;
use cellgate::tui::event::List;
use cellgate::tui::model::{Listing, Screen};

use super::console::Console;
use super::pictures;

#[test]
fn domains() {
    let mut console = Console::loaded().at_list("domains");
    console.keys("j j");
    pictures("domains", &mut console);
}

#[test]
fn a_domain_that_is_not_well_says_why() {
    let mut console = Console::loaded().at_list("domains");
    console.keys("/");
    console.type_text("partner");
    console.keys("enter");
    let screen = console.screen_at(120, 40);
    for says in ["PENDING_CERT", "expired", "g0ne1api99", "mutual TLS"] {
        assert!(screen.contains(says), "{says}: {screen}");
    }
}

#[test]
fn vpc_links() {
    let mut console = Console::loaded().at_list("vpc-links");
    console.keys("j");
    pictures("vpc-links", &mut console);
}

#[test]
fn they_are_lists_of_the_screen_of_apis_and_read_when_they_are_opened() {
    let mut console = Console::loaded();
    let lists = |effects: &[Effect]| {
        let lists = effects.iter().filter_map(|effect| match effect {
            Effect::ReadList { list, .. } => Some(*list),
            _ => None,
        });
        lists.collect::<Vec<_>>()
    };
    console.keys("2");
    assert_eq!(lists(&console.tick(1)), []);
    console.keys("right");
    assert_eq!(
        (console.model.page().screen(), console.model.page().listing),
        (Screen::Apis, Listing::Domains)
    );
    assert_eq!(lists(&console.tick(1)), [List::Domains]);
    console.keys("right");
    assert_eq!(lists(&console.tick(1)), [List::VpcLinks]);
    console.keys("right");
    assert_eq!(console.model.page().listing, Listing::Apis);
}
