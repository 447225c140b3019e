//! The options that every command takes.

use std::path::PathBuf;

use clap::ArgAction;

use super::output::Format;

/// Options for all commands; each of the first group is also a key of the configuration.
#[derive(Clone, Debug, Default, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
#[command(next_help_heading = "Options for all commands")]
pub struct GlobalArguments {
    /// Profile of the AWS configuration
    #[arg(long, global = true, value_name = "NAME")]
    pub profile: Option<String>,
    /// AWS region, such as eu-west-1
    #[arg(long, global = true, value_name = "REGION")]
    pub region: Option<String>,
    /// Keep to one of the configured regions, by its alias, profile or code
    #[arg(long, global = true, value_name = "NAME")]
    pub account: Option<String>,
    /// Where to reach AWS: the demo region or an emulator
    #[arg(long, global = true, value_name = "URL")]
    pub endpoint_url: Option<String>,
    /// Configuration file [env: CELLGATE_CONFIG]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Directory for journal, request budget and log [env: CELLGATE_STATE_DIR]
    #[arg(long, global = true, value_name = "DIR")]
    pub state_dir: Option<PathBuf>,
    /// Open the console with changes allowed
    #[arg(long, global = true, conflicts_with = "read_only")]
    pub operate: bool,
    /// Refuse every change; it can't be lifted from inside
    #[arg(long, global = true)]
    pub read_only: bool,
    /// Colours of the console
    #[arg(long, global = true, value_name = "THEME")]
    pub theme: Option<String>,
    /// Draw with ASCII characters alone
    #[arg(long, global = true)]
    pub ascii: bool,
    /// Draw without colours [env: NO_COLOR]
    #[arg(long, global = true)]
    pub no_color: bool,
    /// How data is written to stdout
    #[arg(short, long, global = true, value_enum, value_name = "FORMAT", default_value = "table")]
    pub output: Format,
    /// Log more; twice for everything. The log is in the state directory
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub verbose: u8,
}

impl GlobalArguments {
    /// What was given, by the names of the configuration's keys.
    pub fn flags(&self) -> Vec<(&'static str, String)> {
        let path = |path: &PathBuf| path.display().to_string();
        let texts = [
            ("profile", self.profile.clone()),
            ("region", self.region.clone()),
            ("endpoint-url", self.endpoint_url.clone()),
            ("state-dir", self.state_dir.as_ref().map(path)),
            ("theme", self.theme.clone()),
        ];
        let switches = [("read-only", self.read_only), ("ascii", self.ascii), ("no-color", self.no_color)];
        let given = texts.into_iter().filter_map(|(name, text)| Some((name, text?)));
        let on = switches.into_iter().filter(|(_, on)| *on).map(|(name, _)| (name, "true".to_owned()));
        given.chain(on).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::keys::KEYS;

    #[test]
    fn each_flag_of_the_table_of_keys_is_an_option() {
        let all = GlobalArguments {
            profile: Some("p".into()),
            region: Some("r".into()),
            endpoint_url: Some("http://e".into()),
            state_dir: Some("s".into()),
            theme: Some("t".into()),
            read_only: true,
            ascii: true,
            no_color: true,
            ..GlobalArguments::default()
        };
        let mut given: Vec<&str> = all.flags().into_iter().map(|(name, _)| name).collect();
        let mut known: Vec<&str> = KEYS.iter().filter(|key| key.flag.is_some()).map(|key| key.name).collect();
        given.sort_unstable();
        known.sort_unstable();
        assert_eq!(given, known);
        for key in KEYS {
            assert!(key.flag.is_none_or(|flag| flag == format!("--{}", key.name)), "{}", key.name);
        }
    }
}
