//! The log: what cellgate did, in a file a day, never on the screen.
//!
//! It names operations, targets and outcomes; credentials and bodies never pass through it.

use std::fs;
use std::io;
use std::path::Path;

pub use tracing_appender::non_blocking::WorkerGuard as Guard;
use tracing_appender::rolling::{RollingFileAppender, Rotation};
use tracing_subscriber::EnvFilter;

/// Days that are kept.
const DAYS: usize = 7;

/// Overrides what is logged, in the syntax of `tracing_subscriber::EnvFilter`.
const VARIABLE: &str = "CELLGATE_LOG";

/// Starts logging into `directory`. The guard writes what is pending when it is dropped.
///
/// # Errors
/// Where the directory can't be made or written.
pub fn start(directory: &Path, verbosity: u8) -> io::Result<Guard> {
    fs::create_dir_all(directory)?;
    let appender = RollingFileAppender::builder()
        .rotation(Rotation::DAILY)
        .filename_prefix("cellgate")
        .filename_suffix("log")
        .max_log_files(DAYS)
        .build(directory)
        .map_err(io::Error::other)?;
    let (writer, guard) = tracing_appender::non_blocking(appender);
    let subscriber = tracing_subscriber::fmt()
        .with_writer(writer)
        .with_ansi(false)
        .with_env_filter(filter(verbosity, std::env::var(VARIABLE).ok().as_deref()))
        .finish();
    tracing::subscriber::set_global_default(subscriber).map_err(io::Error::other)?;
    Ok(guard)
}

/// Only our own crates speak in detail: the SDK's debug output would carry whole requests.
fn filter(verbosity: u8, asked: Option<&str>) -> EnvFilter {
    let level = match verbosity {
        0 => "info",
        1 => "debug",
        _ => "trace",
    };
    let ours = || EnvFilter::new(format!("warn,cellgate={level},cellgate_demo={level}"));
    match asked {
        Some(asked) => EnvFilter::try_new(asked).unwrap_or_else(|_| ours()),
        None => ours(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_that_cannot_be_read_falls_back() {
        assert_eq!(filter(1, Some("=!=")).to_string(), filter(1, None).to_string());
        assert_eq!(filter(0, Some("cellgate=trace")).to_string(), "cellgate=trace");
    }
}
