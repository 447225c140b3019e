//! The signals that ask the console to end.

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::tui::options::ConsoleError;

#[derive(Debug)]
pub struct Stops {
    terminate: Signal,
    hang_up: Signal,
    interrupt: Signal,
}

impl Stops {
    /// Watches from now on, in place of the signals' usual effect.
    ///
    /// # Errors
    /// Where the system doesn't let them be watched.
    pub fn listen() -> Result<Self, ConsoleError> {
        let watch = |kind| {
            signal(kind).map_err(|source| ConsoleError::Terminal { tried: "watched for signals", source })
        };
        Ok(Self {
            terminate: watch(SignalKind::terminate())?,
            hang_up: watch(SignalKind::hangup())?,
            interrupt: watch(SignalKind::interrupt())?,
        })
    }

    /// SIGTERM, SIGHUP, or SIGINT from outside: in raw mode ctrl-c is a key.
    pub async fn any(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.hang_up.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }

    /// Ctrl-c, once the terminal is out of raw mode. A service manager's second signal isn't one: it
    /// may follow the first at once.
    pub async fn interrupt(&mut self) {
        self.interrupt.recv().await;
    }
}
