//! What a form's line may be chosen from: names as people know them, with what AWS knows them by.

use super::FormState;
use crate::domain::id::UsagePlanId;
use crate::domain::suggest::nearest;
use crate::domain::target::StageTarget;

/// One thing that may stand on a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// What stands on the line then; no two choices of a line have the same.
    pub text: String,
    /// What helps to choose.
    pub note: String,
    pub chosen: Chosen,
}

/// What a choice stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Chosen {
    /// Its own text.
    Text,
    Plan(UsagePlanId),
    Stage(StageTarget),
    /// By ARN.
    WebAcl(String),
    /// A rule that stands for a rule group.
    GroupRule,
}

impl Choice {
    pub fn text(text: impl Into<String>, note: impl Into<String>) -> Self {
        Self { text: text.into(), note: note.into(), chosen: Chosen::Text }
    }
}

impl FormState {
    /// Says what each line may be chosen from.
    #[must_use]
    pub fn with_choices(mut self, choices: Vec<Vec<Choice>>) -> Self {
        self.choices = choices;
        self.choices.resize(self.form.fields.len(), Vec::new());
        self.entered();
        self
    }

    /// Says what holds now, by line.
    #[must_use]
    pub fn with_now(mut self, now: Vec<String>) -> Self {
        self.now = now;
        self.now.resize(self.form.fields.len(), String::new());
        self
    }

    /// What stands on the line under the cursor before the part that a choice stands for, and that part: the last
    /// one where several may be named.
    pub(super) fn before_and_part(&self) -> (&str, &str) {
        let line = self.line(self.cursor);
        let several = self.form.fields.get(self.cursor).is_some_and(|field| field.several);
        match line.rsplit_once(',').filter(|_| several) {
            Some((before, part)) => (before, part.trim()),
            None => ("", line),
        }
    }

    /// The choices of the line under the cursor that fit what is typed and aren't named before, those first that
    /// begin with it; all of them where one is written out.
    pub fn fitting(&self) -> Vec<&Choice> {
        let (before, typed) = self.before_and_part();
        let is_named =
            |choice: &Choice| before.split(',').any(|named| named.trim().eq_ignore_ascii_case(&choice.text));
        let all = self.choices.get(self.cursor).map(Vec::as_slice).unwrap_or_default();
        let all: Vec<&Choice> = all.iter().filter(|choice| !is_named(choice)).collect();
        let typed = typed.to_lowercase();
        if all.iter().any(|choice| choice.text.to_lowercase() == typed) {
            return all;
        }
        let mut fitting = all;
        fitting.retain(|choice| choice.text.to_lowercase().contains(&typed));
        fitting.sort_by_key(|choice| !choice.text.to_lowercase().starts_with(&typed));
        fitting
    }

    /// The cursor came to its line: what is written out there is picked.
    pub fn entered(&mut self) {
        let typed = self.before_and_part().1.to_lowercase();
        self.picked = self.fitting().iter().position(|choice| choice.text.to_lowercase() == typed);
    }

    /// The line under the cursor was typed into.
    pub fn edited(&mut self) {
        self.error = None;
        self.entered();
        let free = self.form.fields.get(self.cursor).is_none_or(|field| field.free);
        if self.picked.is_none() && !free && !self.line(self.cursor).is_empty() && !self.fitting().is_empty()
        {
            self.picked = Some(0);
        }
    }

    /// Moves among the choices of the line; false where there is no further one that way.
    pub fn pick(&mut self, by: isize) -> bool {
        let count = self.fitting().len();
        let to = match self.picked {
            None if by > 0 => Some(0),
            None => None,
            Some(place) => place.checked_add_signed(by),
        };
        let Some(to) = to.filter(|to| *to < count) else { return false };
        self.picked = Some(to);
        self.error = None;
        true
    }

    /// The choice that stands on a line.
    pub fn choice(&self, place: usize) -> Option<&Choice> {
        let (all, typed) = (self.choices.get(place)?, self.line(place));
        let like = || all.iter().find(|choice| choice.text.to_lowercase() == typed.to_lowercase());
        all.iter().find(|choice| choice.text == typed).or_else(like)
    }

    /// The choice that has to stand on a line; `what` names it with its article.
    ///
    /// # Errors
    /// Where there is none, with the nearest.
    pub(super) fn needed(&self, place: usize, what: &str) -> Result<&Choice, (usize, String)> {
        if self.line(place).is_empty() {
            return Err((place, format!("choose {what}")));
        }
        self.choice(place).ok_or_else(|| {
            let all = self.choices.get(place).into_iter().flatten();
            let meant = nearest(self.line(place), all.map(|choice| choice.text.as_str()));
            let meant = meant.map(|name| format!("; did you mean {name}?")).unwrap_or_default();
            (place, format!("{what} of that name isn't among those to choose from{meant}"))
        })
    }

    /// The usage plan on a line; none where nothing stands there.
    ///
    /// # Errors
    /// As [`Self::needed`].
    pub(super) fn plan(&self, place: usize) -> Result<Option<UsagePlanId>, (usize, String)> {
        if self.line(place).is_empty() {
            return Ok(None);
        }
        match &self.needed(place, "a usage plan")?.chosen {
            Chosen::Plan(plan) => Ok(Some(plan.clone())),
            _ => Err((place, "choose a usage plan".to_owned())),
        }
    }

    /// The stage on a line.
    ///
    /// # Errors
    /// As [`Self::needed`].
    pub(super) fn stage(&self, place: usize) -> Result<StageTarget, (usize, String)> {
        match &self.needed(place, "a stage")?.chosen {
            Chosen::Stage(stage) => Ok(stage.clone()),
            _ => Err((place, "choose a stage".to_owned())),
        }
    }
}
