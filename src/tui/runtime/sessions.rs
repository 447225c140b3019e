//! The sessions of a region: one to read with, and one to change with while that is allowed.

use crate::aws::{Connector, Operate, Read, Session};
use crate::tui::options::RegionOptions;

pub struct RegionSessions {
    pub connector: Connector,
    alias: Option<String>,
    locked: Option<String>,
    read: Option<Session<Read>>,
    operate: Option<Session<Operate>>,
}

impl From<RegionOptions> for RegionSessions {
    fn from(options: RegionOptions) -> Self {
        Self {
            connector: options.connector,
            alias: options.alias,
            locked: options.read_only_locked,
            read: None,
            operate: None,
        }
    }
}

impl RegionSessions {
    pub fn connected(&mut self, session: Session<Read>) {
        self.read = Some(session);
        self.operate = None;
    }

    pub fn read(&self) -> Option<&Session<Read>> {
        self.read.as_ref()
    }

    pub fn operate(&self) -> Option<&Session<Operate>> {
        self.operate.as_ref()
    }

    /// Allows changes, if what was typed names the account.
    ///
    /// # Errors
    /// Why not, in words.
    pub fn arm(&mut self, typed: &str) -> Result<(), String> {
        if let Some(why) = &self.locked {
            return Err(format!("changes can't be allowed here: {why}"));
        }
        let session = self.read.as_ref().ok_or("not connected yet")?;
        let armed = session.arm(typed, self.alias.as_deref()).map_err(|refused| refused.to_string())?;
        self.operate = Some(armed);
        Ok(())
    }

    /// Forgets the session that may change things; a change that was sent runs to its end.
    pub fn disarm(&mut self) {
        self.operate = None;
    }
}
