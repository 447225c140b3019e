//! The backend of a cell: how long it takes under its load, and what it fails at.

use super::chance::fraction;
use crate::estate::Cell;

/// How many requests the backend works on at once.
const SERVERS: f64 = 4.0;
/// Failures of the backend without any trouble.
const SERVER_ERRORS: f64 = 0.000_4;
/// Requests that the backend refuses: unknown orders, bad input.
const CLIENT_ERRORS: f64 = 0.008;
/// Seconds of work that may wait; what comes beyond fails at once. Below every integration's timeout: a backend that
/// let more wait would work on requests that nobody waits for, and would not recover when its load is gone.
const LONGEST_QUEUE: f64 = 3.5;
/// How much of the load a second ago still counts: bursts are felt for some seconds.
const MEMORY: f64 = 0.7;

/// What is wrong with a backend from the start.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ailment {
    /// Factor on the time that each request takes.
    pub slowness: f64,
    /// The share of requests that fail, beside those that always do.
    pub server_errors: f64,
}

impl Ailment {
    /// Nothing is wrong.
    pub const NONE: Self = Self { slowness: 1.0, server_errors: 0.0 };

    /// What is wrong with each cell. No fleet is all well: one cell is slow and another fails more than it should,
    /// both mildly.
    pub fn of_cells(cells: &[Cell], seed: u64) -> Vec<(String, Self)> {
        let rank = |purpose: &str, cell: &Cell| fraction(seed, &format!("{purpose} {}", cell.id));
        let highest = |purpose: &str, but: Option<&str>| {
            let others = cells.iter().filter(|cell| Some(cell.id.as_str()) != but);
            others.max_by(|one, other| rank(purpose, one).total_cmp(&rank(purpose, other)))
        };
        let slow = highest("slow", None);
        let failing = highest("failing", slow.map(|cell| cell.id.as_str()));
        let ailing = |cell: &Cell, ailment: Self| (cell.id.clone(), ailment);
        let slow = slow.map(|cell| ailing(cell, Self { slowness: 2.6, ..Self::NONE }));
        let failing = failing.map(|cell| ailing(cell, Self { server_errors: 0.028, ..Self::NONE }));
        slow.into_iter().chain(failing).collect()
    }
}

/// A backend and the work that waits in front of it.
#[derive(Clone, Debug)]
pub struct Backend {
    ailment: Ailment,
    /// Requests that wait.
    queue: f64,
    /// Requests a second, averaged over the last seconds.
    load: f64,
}

/// What is done to a backend on demand.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Strain {
    /// Factor on the requests a second that it bears.
    pub capacity: f64,
    /// Factor on the time that each request takes.
    pub slowness: f64,
    /// The share of requests that fail beside the others.
    pub server_errors: f64,
}

impl Strain {
    /// Nothing is done to it.
    pub const NONE: Self = Self { capacity: 1.0, slowness: 1.0, server_errors: 0.0 };

    /// Both at once.
    pub fn and(self, other: Self) -> Self {
        Self {
            capacity: self.capacity * other.capacity,
            slowness: self.slowness * other.slowness,
            server_errors: 1.0 - (1.0 - self.server_errors) * (1.0 - other.server_errors),
        }
    }
}

/// How a backend does for a moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Condition {
    /// Factor on the time that a request takes by itself.
    pub slowness: f64,
    /// Milliseconds that a request waits before it is worked on.
    pub wait_ms: f64,
    /// The share of requests that find no place in the queue.
    pub turned_away: f64,
    pub server_errors: f64,
    pub client_errors: f64,
}

impl Backend {
    /// A backend without work.
    #[cfg(test)]
    pub fn new(ailment: Ailment) -> Self {
        Self { ailment, queue: 0.0, load: 0.0 }
    }

    /// A backend that has had this load for a while, and how it does.
    pub fn settled(ailment: Ailment, load: f64, capacity: f64) -> (Self, Condition) {
        let mut backend = Self { ailment, queue: 0.0, load };
        let condition = backend.work(load, capacity, 1.0, Strain::NONE);
        (backend, condition)
    }

    /// How many seconds of work wait.
    pub fn backlog(&self, capacity: f64) -> f64 {
        self.queue / capacity.max(1.0)
    }

    /// Requests a second that arrive, averaged over the last seconds.
    pub fn load(&self) -> f64 {
        self.load
    }

    /// Takes the requests of some seconds and says how it does. `capacity` is in requests a second.
    pub fn work(&mut self, requests: f64, capacity: f64, seconds: f64, strain: Strain) -> Condition {
        let capacity = (capacity * strain.capacity).max(1.0);
        let arriving = requests / seconds;
        let kept = MEMORY.powf(seconds);
        self.load = if self.load > 0.0 { self.load * kept + arriving * (1.0 - kept) } else { arriving };

        let room = capacity * LONGEST_QUEUE + capacity * seconds - self.queue;
        let turned_away = if requests > room { (requests - room.max(0.0)) / requests } else { 0.0 };
        let taken = requests * (1.0 - turned_away);
        self.queue = (self.queue + taken - capacity * seconds).max(0.0);

        // Sakasegawa's approximation of the wait in front of several servers, in units of the time of one request.
        // Beyond full use it has no meaning; there the queue grows and is counted itself.
        let utilisation = (self.load / capacity).min(0.96);
        let waiting =
            utilisation.powf((2.0 * (SERVERS + 1.0)).sqrt() - 1.0) / (SERVERS * (1.0 - utilisation));
        Condition {
            // Neighbours on the same machines slow each other down too.
            slowness: self.ailment.slowness * strain.slowness * (1.0 + waiting + 0.5 * utilisation.powi(3)),
            wait_ms: 1_000.0 * self.queue / capacity,
            turned_away,
            server_errors: (SERVER_ERRORS + self.ailment.server_errors + strain.server_errors)
                .clamp(0.0, 1.0),
            client_errors: CLIENT_ERRORS,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settled(rate: f64) -> Condition {
        let mut backend = Backend::new(Ailment::NONE);
        (0..60).map(|_| backend.work(rate, 100.0, 1.0, Strain::NONE)).last().unwrap()
    }

    #[test]
    fn latency_grows_as_the_backend_fills_up() {
        let (calm, busy, full) = (settled(20.0), settled(80.0), settled(95.0));
        assert!(calm.slowness < 1.05);
        assert!(busy.slowness > 1.3 * calm.slowness);
        assert!(full.slowness > 1.8 * busy.slowness);
        assert!(full.wait_ms.abs() < 1e-9 && full.turned_away.abs() < 1e-9);
    }

    #[test]
    fn an_overloaded_backend_queues_and_then_turns_away() {
        let mut backend = Backend::new(Ailment::NONE);
        let first = backend.work(200.0, 100.0, 1.0, Strain::NONE);
        assert!((first.wait_ms - 1_000.0).abs() < 1.0);
        let last = (0..120).map(|_| backend.work(200.0, 100.0, 1.0, Strain::NONE)).last().unwrap();
        assert!((last.turned_away - 0.5).abs() < 0.01);
        assert!(last.wait_ms <= 1_000.0 * LONGEST_QUEUE + 1.0);
        let cured = (0..60).map(|_| backend.work(10.0, 100.0, 1.0, Strain::NONE)).last().unwrap();
        assert!(cured.wait_ms.abs() < 1e-9);
    }

    #[test]
    fn one_cell_is_slow_and_another_fails() {
        let cells: Vec<Cell> =
            (1..=12).map(|number| Cell { id: format!("cell-{number:02}"), capacity_rps: 100.0 }).collect();
        for seed in 0..50 {
            let ailing = Ailment::of_cells(&cells, seed);
            assert_eq!(ailing.len(), 2);
            assert_ne!(ailing[0].0, ailing[1].0);
        }
        assert_eq!(Ailment::of_cells(&cells[..1], 1).len(), 1);
    }
}
