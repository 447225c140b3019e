//! One rule in place of another: how a planned change and its way back are carried out.

use serde_json::Value;

use super::document::WebAclDocument;
use super::edit::{EditRefused, Edited};
use super::loss::first_loss;
use crate::domain::change::FieldChange;

impl WebAclDocument {
    /// Puts `after` in the place of the rule of this name, where that still reads `before`. Both are whole rules.
    ///
    /// # Errors
    /// `Moved`, with what differs, where somebody has changed the rule since; also where the document may not
    /// be edited, or the rule has gone.
    pub fn replace_rule(&self, name: &str, before: &Value, after: &Value) -> Result<Edited, EditRefused> {
        let known = self.known(name)?;
        self.edit_checked(known, |rule| {
            if let Some(path) = first_loss(rule, before) {
                return Err(EditRefused::Moved { rule: known.name.clone(), path });
            }
            *rule = after.clone();
            Ok(super::difference::in_words(&known.name, Some(before), Some(after)))
        })
    }

    /// Puts a rule back as it was before an edit, where it is still as that edit left it.
    ///
    /// # Errors
    /// As [`WebAclDocument::replace_rule`].
    pub fn restore_rule(&self, edited: &Edited) -> Result<Edited, EditRefused> {
        let back = self.replace_rule(&edited.rule, &edited.rule_after, &edited.rule_before)?;
        let changes = edited.changes.iter().map(|change| FieldChange {
            field: change.field.clone(),
            before: change.after.clone(),
            after: change.before.clone(),
        });
        Ok(Edited { changes: changes.collect(), ..back })
    }
}
