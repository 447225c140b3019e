//! What is run before and after each wave of a move, and for whom.
//!
//! A command may be run again for the same customers after a crash or a pause, and never for those of whom it is known
//! that they were moved: what is copied then would overwrite what their new cell has written since.

use std::collections::BTreeMap;

use super::Progress;
use super::hook::{self, HookCall};
use super::mover::Mover;
use super::plan;
use crate::domain::failure::Failure;
use crate::domain::journal::Entry;
use crate::domain::moves::hook::{HookKind, line};
use crate::domain::moves::verdict::{Trace, Verdict, after_doubt};
use crate::domain::moves::waves::Wave;
use crate::ops::change::{ChangeError, fault_point};

/// Where a process may die: ahead of the command, after it, and once its success is in the journal.
const fn fault_points(kind: HookKind) -> [&'static str; 3] {
    match kind {
        HookKind::Before => ["to-before-hook", "from-before-hook", "noted-before-hook"],
        HookKind::After => ["to-after-hook", "from-after-hook", "noted-after-hook"],
    }
}

impl Mover<'_> {
    fn needs(&self, kind: HookKind) -> bool {
        self.run.header.hooks.contains(&kind)
    }

    /// Before customers in doubt are written again: for those who have not been moved, and all others of their wave
    /// who wait. Says why the move can't go on.
    ///
    /// # Errors
    /// Where the journal can't be written.
    pub(super) async fn before_doubt(&mut self) -> Result<Option<String>, ChangeError> {
        if !self.needs(HookKind::Before) {
            return Ok(None);
        }
        let mut waves: BTreeMap<u32, (Wave, Vec<u32>)> = BTreeMap::new();
        for place in self.run.in_doubt().into_iter().flatten() {
            if let Some(wave) = self.run.header.waves.of(place, self.run.header.customers) {
                waves.entry(wave.number).or_insert_with(|| (wave, Vec::new())).1.push(place);
            }
        }
        for (wave, doubted) in waves.into_values() {
            let mut places = match self.untouched(&doubted).await {
                Ok(places) => places,
                Err(failure) => return Ok(Some(failure.to_string())),
            };
            places.extend(self.run.waiting_in(wave));
            if let Some(why) = self.hook(wave, HookKind::Before, &places).await? {
                return Ok(Some(why));
            }
            self.prepared = Some(wave.number);
        }
        Ok(None)
    }

    /// Of customers in doubt those who are as they were before.
    async fn untouched(&self, places: &[u32]) -> Result<Vec<u32>, Failure> {
        let table = &self.run.header.table;
        let known: Vec<_> =
            places.iter().filter_map(|place| Some((*place, self.run.passenger(*place)?))).collect();
        let customers: Vec<&str> = known.iter().map(|(_, passenger)| passenger.customer).collect();
        let found = plan::read_all(self.session, table, &customers).await?;
        let stamp = table.stamp.change.as_ref().map(|_| self.run.id.as_str());
        let untouched = known.into_iter().zip(found).filter(|((place, passenger), found)| {
            let trace = Trace { version: self.run.version(*place), stamp };
            after_doubt(*passenger, trace, found.as_ref()) == Verdict::Untouched
        });
        Ok(untouched.map(|((place, _), _)| place).collect())
    }

    /// Once in each process that writes to a wave, for those of it who wait. Says why the move can't go on.
    ///
    /// # Errors
    /// Where the journal can't be written.
    pub(super) async fn before_wave(&mut self, wave: Wave) -> Result<Option<String>, ChangeError> {
        if !self.needs(HookKind::Before) || self.prepared == Some(wave.number) {
            return Ok(None);
        }
        let places = self.run.waiting_in(wave);
        let why = self.hook(wave, HookKind::Before, &places).await?;
        if why.is_none() {
            self.prepared = Some(wave.number);
        }
        Ok(why)
    }

    /// After each wave that is settled and whose command has not succeeded yet. Says why the move can't go on.
    ///
    /// # Errors
    /// Where the journal can't be written.
    pub(super) async fn after_waves(&mut self) -> Result<Option<String>, ChangeError> {
        if !self.needs(HookKind::After) {
            return Ok(None);
        }
        for wave in self.run.header.waves.all(self.run.header.customers) {
            if self.run.is_hooked(wave.number, HookKind::After) || !self.run.is_settled(wave) {
                continue;
            }
            let places = self.run.moved_in(wave);
            if let Some(why) = self.hook(wave, HookKind::After, &places).await? {
                return Ok(Some(why));
            }
        }
        Ok(None)
    }

    /// Where a move is given up: whom the command after the wave was not run for, in words that follow others.
    pub(super) fn left_without_hook(&self) -> String {
        if !self.needs(HookKind::After) {
            return String::new();
        }
        let waves = self.run.header.waves.all(self.run.header.customers).into_iter();
        let left = waves.filter(|wave| !self.run.is_hooked(wave.number, HookKind::After));
        match left.map(|wave| self.run.moved_in(wave).len()).sum::<usize>() {
            0 => String::new(),
            left => format!("; the command after the wave was not run for {left} who were moved"),
        }
    }

    async fn hook(
        &mut self,
        wave: Wave,
        kind: HookKind,
        places: &[u32],
    ) -> Result<Option<String>, ChangeError> {
        if places.is_empty() {
            return Ok(None);
        }
        let Some(command) = self.store.hooks.command(kind) else {
            return Ok(Some(format!("{} is not configured on this machine", kind.key())));
        };
        let number = usize::try_from(wave.number).unwrap_or(usize::MAX);
        let [to, from, noted] = fault_points(kind);
        fault_point::pass(to, number);
        let (word, count) = (kind.word(), places.len());
        (self.progress)(Progress::Hook {
            text: format!("running the command {word} wave {} for {count} customers", wave.number),
        });
        let lines = places.iter().filter_map(|place| Some(line(self.run.passenger(*place)?) + "\n"));
        let header = &self.run.header;
        let call = HookCall {
            command,
            limit: self.store.hooks.limit,
            environment: vec![
                ("CELLGATE_HOOK", word.to_owned()),
                ("CELLGATE_MOVE", self.run.id.to_string()),
                ("CELLGATE_WAVE", wave.number.to_string()),
                ("CELLGATE_TABLE", header.table.name.clone()),
                ("CELLGATE_REGION", header.region.region.to_string()),
                ("CELLGATE_ACCOUNT", header.region.account.to_string()),
            ],
            input: lines.collect(),
        };
        let say = |line: String| (self.progress)(Progress::Hook { text: format!("{word} the wave: {line}") });
        if let Err(failure) = hook::run(&call, &self.control.interruption, &say).await {
            return Ok(Some(format!("the command {word} wave {} failed: {failure}", wave.number)));
        }
        fault_point::pass(from, number);
        let customers = u32::try_from(count).unwrap_or(u32::MAX);
        self.append(Entry::MoveHook { wave: wave.number, which: kind, customers }).await?;
        fault_point::pass(noted, number);
        self.run.hooked(wave.number, kind);
        Ok(None)
    }
}
