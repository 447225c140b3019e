//! What a line of a form began with: it stands there as a selected text does, until the line is edited.

use super::{Choice, FormState};

impl FormState {
    /// Whether a line still has what it began with, so that what is typed there takes its place.
    pub fn is_selected(&self, place: usize) -> bool {
        self.untouched.get(place).copied().unwrap_or_default() && !self.line(place).is_empty()
    }

    /// The line under the cursor is about to be edited: typed text takes the place of what it began with, and any
    /// other key edits that.
    pub fn touch(&mut self, types: bool) {
        let replaces = types && self.is_selected(self.cursor);
        if let Some(untouched) = self.untouched.get_mut(self.cursor) {
            *untouched = false;
        }
        if let Some(input) = self.inputs.get_mut(self.cursor).filter(|_| replaces) {
            input.reset();
        }
    }

    /// Writes the picked choice out; one that differs from what stood there is no longer what the line began with.
    pub fn take_picked(&mut self) {
        let (before, _) = self.before_and_part();
        let whole = |choice: &&Choice| match before {
            "" => choice.text.clone(),
            before => format!("{before},{}", choice.text),
        };
        let picked = self.picked.and_then(|place| self.fitting().get(place).map(whole));
        if let (Some(text), Some(input)) = (picked, self.inputs.get_mut(self.cursor))
            && text != input.value()
        {
            *input = text.into();
            self.touch(false);
        }
        self.entered();
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::api::ApiKind;
    use crate::domain::change::Target;
    use crate::domain::estate::RegionSlot;
    use crate::tui::action::Action;
    use crate::tui::model::{Choice, Form, FormState, MoveSubject};

    /// The form of a logging level, with a method on its first line and a level on its second.
    fn form(level: &str) -> FormState {
        let form = Form::of(Action::Logging).unwrap();
        let target = Target::Customers(MoveSubject::Fleet.target());
        let first = vec!["*/*".to_owned(), level.to_owned()];
        let levels = ["OFF", "ERROR"].map(|level| Choice::text(level, "")).to_vec();
        FormState::new(form, RegionSlot(0), target, ApiKind::Rest, first)
            .with_choices(vec![Vec::new(), levels])
    }

    #[test]
    fn only_what_a_line_began_with_is_selected() {
        let mut form = form("");
        assert_eq!((form.is_selected(0), form.is_selected(1), form.is_selected(2)), (true, false, false));
        form.cursor = 0;
        form.touch(true);
        assert_eq!((form.line(0), form.is_selected(0)), ("", false));
    }

    #[test]
    fn a_key_that_types_nothing_keeps_the_text() {
        let mut form = form("");
        form.cursor = 0;
        form.touch(false);
        assert_eq!((form.line(0), form.is_selected(0)), ("*/*", false));
        form.touch(true);
        assert_eq!(form.line(0), "*/*", "it was edited before");
    }

    #[test]
    fn another_choice_is_what_the_operator_wants_and_the_same_is_not() {
        let mut form = form("OFF");
        form.cursor = 1;
        form.entered();
        form.take_picked();
        assert!(form.is_selected(1));
        assert!(form.pick(1));
        form.take_picked();
        assert_eq!((form.line(1), form.is_selected(1)), ("ERROR", false));
    }
}
