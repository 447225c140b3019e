//! How several stages are named, and how they are gone through.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use crate::cli::change::levers::TargetArgument;
use crate::cli::exit::{CliError, Ending};
use crate::domain::bulk::{Pace, Waves};

/// Where the help lists what is for several targets alone.
const SEVERAL: &str = "Several targets";

/// The stages that are meant.
#[derive(Clone, Debug, clap::Args)]
pub struct StagesArgument {
    /// The stage, each part by name or id; several, or with * in the names, are one plan
    #[arg(value_name = "API/STAGE", required_unless_present = "targets_from")]
    stages: Vec<String>,
    #[command(flatten)]
    several: SeveralArguments,
}

/// The stage that is meant, where other words follow it.
#[derive(Clone, Debug, clap::Args)]
pub struct StageOrPattern {
    /// The stage, each part by name or id; with * in the names, all that match are one plan
    #[arg(value_name = "API/STAGE")]
    stage: String,
    #[command(flatten)]
    several: SeveralArguments,
}

/// How several targets are named beside, and gone through.
#[derive(Clone, Debug, clap::Args)]
pub struct SeveralArguments {
    /// Read stages from a file, too, one a line; - is stdin
    #[arg(long, value_name = "FILE", help_heading = SEVERAL)]
    targets_from: Option<PathBuf>,
    /// How many are changed before the next ones are, such as 1,5,rest
    #[arg(long, value_name = "SIZES", default_value_t, help_heading = SEVERAL)]
    pub waves: Waves,
    /// Changes per minute, at most 150; without it 30, a fifth of what AWS's quota bears (of web ACLs 15)
    #[arg(long, value_name = "CHANGES", help_heading = SEVERAL)]
    pub per_minute: Option<Pace>,
    /// Change the others where some are refused
    #[arg(long, help_heading = SEVERAL)]
    pub leave_out_refused: bool,
}

/// Several stages as they were named.
#[derive(Clone, Copy, Debug)]
pub struct NamedStages<'typed> {
    pub stages: &'typed [String],
    pub several: &'typed SeveralArguments,
}

impl StagesArgument {
    /// One stage, where one is named in full; else several, even if they come down to one.
    pub fn target(&self) -> TargetArgument<'_> {
        NamedStages { stages: &self.stages, several: &self.several }.target()
    }
}

impl StageOrPattern {
    /// As [`StagesArgument::target`].
    pub fn target(&self) -> TargetArgument<'_> {
        NamedStages { stages: std::slice::from_ref(&self.stage), several: &self.several }.target()
    }
}

impl<'typed> NamedStages<'typed> {
    fn target(self) -> TargetArgument<'typed> {
        match (self.stages, &self.several.targets_from) {
            ([one], None) if !is_pattern(one) => TargetArgument::Stage(one),
            _ => TargetArgument::Stages(self),
        }
    }

    /// Every name that was typed or stands in the file.
    ///
    /// # Errors
    /// Usage, where the file can't be read or there is none at all.
    pub fn typed(self) -> Result<Vec<String>, CliError> {
        let mut all = self.stages.to_vec();
        if let Some(path) = &self.several.targets_from {
            all.extend(lines(path)?);
        }
        if all.is_empty() {
            return Err(CliError::new(Ending::Usage, "no target is named"));
        }
        Ok(all)
    }
}

/// Whether a name stands for all that it matches.
pub fn is_pattern(typed: &str) -> bool {
    typed.contains('*')
}

fn lines(path: &Path) -> Result<Vec<String>, CliError> {
    let failed = |error: std::io::Error| {
        CliError::new(Ending::Usage, format!("--targets-from {}: it can't be read: {error}", path.display()))
    };
    let mut text = String::new();
    if path == Path::new("-") {
        std::io::stdin().lock().read_to_string(&mut text).map_err(failed)?;
    } else {
        text = std::fs::read_to_string(path).map_err(failed)?;
    }
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    Ok(lines.map(str::to_owned).collect())
}
