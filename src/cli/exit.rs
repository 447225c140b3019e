//! How a command ends: one error type at the edge, one mapping to wording and exit code.

use std::io::{self, Write as _};
use std::process::ExitCode;

use crate::aws::ArmRefused;
use crate::config::ConfigError;
use crate::domain::change::Refusal;
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::filter::FilterError;
use crate::domain::target::TargetError;
use crate::domain::text::sanitise;
use crate::ops::change::ChangeError;
use crate::ops::journal::JournalError;

/// What an exit code says. The codes are part of the interface: scripts branch on them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    Failed,
    /// The command line or the configuration is wrong.
    Usage,
    /// cellgate would not: read-only, nothing to change, not confirmed.
    Refused,
    /// Some of it was done, or its fate can't be told.
    Partly,
    NotFound,
    /// The command worked, and found something wrong.
    Findings,
    Interrupted,
    /// Whoever read our output has had enough; nobody is left to be told.
    ReaderGone,
}

impl Ending {
    pub fn code(self) -> u8 {
        match self {
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Refused => 3,
            Self::Partly => 4,
            Self::NotFound => 5,
            Self::Findings => 6,
            Self::Interrupted => 130,
            Self::ReaderGone => 0,
        }
    }
}

/// In characters; a wide terminal shows it without a break.
const LONGEST_LINE: usize = 200;

/// The exit codes for the help text.
pub const EXIT_CODES: &str = "Exit codes: 0 done, 1 failed, 2 usage, 3 refused, 4 partly done, 5 not found, \
                              6 findings, 130 interrupted";

/// Why a command did not end well.
#[derive(Clone, Debug)]
pub struct CliError {
    pub ending: Ending,
    /// One line. Empty where everything has been said already.
    pub message: String,
    /// What to do about it.
    pub hints: Vec<String>,
}

impl CliError {
    pub fn new(ending: Ending, message: impl Into<String>) -> Self {
        Self { ending, message: message.into(), hints: Vec::new() }
    }

    /// An end whose reasons are on stderr already.
    pub fn told(ending: Ending) -> Self {
        Self::new(ending, "")
    }

    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Prints what there is to say and gives the exit code.
    pub fn report(&self) -> ExitCode {
        if self.ending != Ending::ReaderGone {
            let mut stderr = io::stderr().lock();
            // Where stderr is gone, too, the exit code has to do.
            let _ = stderr.write_all(self.text().as_bytes());
        }
        ExitCode::from(self.ending.code())
    }

    /// One line that says what is wrong and how to mend it; the hints have one of their own where
    /// that would be too long to read.
    fn text(&self) -> String {
        if self.message.is_empty() {
            return String::new();
        }
        let error = format!("error: {}", sanitise(&self.message));
        if self.hints.is_empty() {
            return format!("{error}\n");
        }
        let hints = self.hints.join("; ");
        let hints = sanitise(&hints);
        let whole = format!("{error}; {hints}");
        if whole.chars().count() <= LONGEST_LINE {
            format!("{whole}\n")
        } else {
            format!("{error}\nhint: {hints}\n")
        }
    }
}

impl From<Failure> for CliError {
    fn from(failure: Failure) -> Self {
        let ending = match failure.kind {
            FailureKind::Refused => Ending::Refused,
            FailureKind::NotFound => Ending::NotFound,
            FailureKind::Cancelled => Ending::Interrupted,
            _ => Ending::Failed,
        };
        let mut message = failure.to_string();
        if let Some(request_id) = &failure.request_id {
            message = format!("{message} (request id {request_id})");
        }
        Self { ending, message, hints: failure.hint.into_iter().collect() }
    }
}

impl From<ConfigError> for CliError {
    fn from(error: ConfigError) -> Self {
        let hint = match &error {
            ConfigError::UnknownKey { nearest: None, .. } => {
                Some("`cellgate config keys` lists every key".to_owned())
            }
            ConfigError::UnknownAction { nearest: None, .. } => {
                Some("`?` in the console lists the actions".to_owned())
            }
            _ => None,
        };
        Self { ending: Ending::Usage, message: error.to_string(), hints: hint.into_iter().collect() }
    }
}

impl From<TargetError> for CliError {
    fn from(error: TargetError) -> Self {
        let message = error.to_string();
        let (ending, hint) = match error {
            TargetError::Unlisted { failure, .. } => {
                // The failure's own end and hints; which name it kept from being found comes first.
                return Self { message, ..Self::from(*failure) };
            }
            TargetError::Syntax(_) | TargetError::Ambiguous { .. } => (Ending::Usage, None),
            TargetError::UnknownApi { .. } => {
                (Ending::NotFound, Some("`cellgate get apis` lists the APIs".to_owned()))
            }
            TargetError::UnknownStage { .. } => (Ending::NotFound, None),
        };
        Self { ending, message, hints: hint.into_iter().collect() }
    }
}

impl From<FilterError> for CliError {
    fn from(error: FilterError) -> Self {
        Self::new(Ending::Usage, format!("--filter: {error}"))
    }
}

impl From<Refusal> for CliError {
    fn from(refusal: Refusal) -> Self {
        let hint = match &refusal {
            Refusal::Moved { .. } => Some("look at the new plan: run the command again"),
            Refusal::CacheBusy { .. } | Refusal::Locked { .. } => Some("wait a little, then run it again"),
            Refusal::Leased { .. } => Some(
                "wait a little, then run it again; if they are gone, `cellgate lease take-over` frees it",
            ),
            Refusal::Targets { .. } => Some("--leave-out-refused changes the others"),
            Refusal::ChangedSince { .. } => Some("put it right by hand, or undo the later change first"),
            Refusal::CacheOff { .. }
            | Refusal::NotOnThisKind { .. }
            | Refusal::Illegal { .. }
            | Refusal::Unchanged { .. }
            | Refusal::Forbidden { .. }
            | Refusal::NoUndo { .. }
            | Refusal::Open { .. }
            | Refusal::ReadOnly { .. }
            | Refusal::NothingLeft { .. }
            | Refusal::NotConfirmed => None,
        };
        let mut hints: Vec<String> = hint.into_iter().map(str::to_owned).collect();
        if let Refusal::Open { change, .. } = &refusal {
            hints.push(format!("`cellgate finish {change}` finds out what became of it; --send finishes it"));
        }
        Self { ending: Ending::Refused, message: refusal.to_string(), hints }
    }
}

impl From<ArmRefused> for CliError {
    fn from(refused: ArmRefused) -> Self {
        Self::new(Ending::Refused, refused.to_string())
    }
}

impl From<ChangeError> for CliError {
    fn from(error: ChangeError) -> Self {
        match error {
            ChangeError::Refused(refusal) => refusal.into(),
            ChangeError::Failed(failure) => failure.into(),
            ChangeError::Journal(error) => {
                Self::from(error).hint("nothing is sent that can't be recorded first")
            }
            other @ ChangeError::Lock(_) => Self::new(Ending::Failed, other.to_string()),
        }
    }
}

impl From<JournalError> for CliError {
    fn from(error: JournalError) -> Self {
        let message = error.to_string();
        match error {
            JournalError::Chain { .. } | JournalError::Line { .. } | JournalError::Item { .. } => {
                Self::new(Ending::Findings, message)
            }
            // How the request ended, and what mends it; which journal it was for comes first.
            JournalError::Team { source, .. } => Self { message, ..Self::from(*source) },
            JournalError::TooLarge { .. } => Self::new(Ending::Refused, message),
            JournalError::Crowded { .. } => {
                Self::new(Ending::Failed, message).hint("wait a little, then run it again")
            }
            JournalError::File { .. }
            | JournalError::Record(_)
            | JournalError::Held { .. }
            | JournalError::Stopped(_) => Self::new(Ending::Failed, message),
        }
    }
}

/// Of writing to stdout: everything else has an error type of its own.
impl From<io::Error> for CliError {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Self::told(Ending::ReaderGone);
        }
        Self::new(Ending::Failed, format!("the output can't be written: {error}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_codes_are_those_of_the_help() {
        for (ending, word) in [
            (Ending::Failed, "1 failed"),
            (Ending::Usage, "2 usage"),
            (Ending::Refused, "3 refused"),
            (Ending::Partly, "4 partly done"),
            (Ending::NotFound, "5 not found"),
            (Ending::Findings, "6 findings"),
            (Ending::Interrupted, "130 interrupted"),
        ] {
            assert!(EXIT_CODES.contains(word), "{word}");
            assert!(word.starts_with(&format!("{} ", ending.code())), "{word}");
        }
    }

    #[test]
    fn a_failure_keeps_its_hint_and_its_request_id() {
        let failure = Failure::new("GetStages", "a1b2c3", FailureKind::NotFound, "Invalid API identifier")
            .with_hint("list the APIs anew")
            .with_request_id(Some("4711".to_owned()));
        let error = CliError::from(failure);
        assert_eq!(error.ending, Ending::NotFound);
        assert_eq!(error.message, "GetStages of a1b2c3 failed: Invalid API identifier (request id 4711)");
        assert_eq!(error.hints, ["list the APIs anew"]);
    }

    #[test]
    fn message_and_hints_share_a_line_while_it_can_be_read() {
        let error = CliError::new(Ending::Failed, "no AWS region").hint("give --region").hint("or not");
        assert_eq!(error.text(), "error: no AWS region; give --region; or not\n");
        assert_eq!(CliError::new(Ending::Failed, "no\x1b[2J").text(), "error: no\u{fffd}[2J\n");
        assert_eq!(CliError::told(Ending::Partly).text(), "");
        let long = CliError::new(Ending::Failed, "x".repeat(LONGEST_LINE - "error: ; mend".len()));
        assert_eq!(long.clone().hint("mend").text().lines().count(), 1);
        assert!(long.hint("mend!").text().ends_with("\nhint: mend!\n"));
    }

    #[test]
    fn a_reader_who_has_gone_is_no_failure() {
        let error = CliError::from(io::Error::from(io::ErrorKind::BrokenPipe));
        assert_eq!(error.ending.code(), 0);
    }
}
