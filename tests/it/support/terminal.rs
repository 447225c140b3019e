//! A pseudo-terminal that runs a program, feeds it keys and reads its screen.

use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

use super::binary::CELLGATE;
use super::home::Home;

/// How long a text may take to appear. Far more than any needs, so that only a hang meets it.
const LIMIT: Duration = Duration::from_mins(5);

/// The keys that programs read as escape sequences.
pub mod keys {
    pub const ENTER: &str = "\r";
    pub const ESCAPE: &str = "\x1b";
    pub const CONTROL_C: &str = "\x03";
}

/// A program that runs in a terminal of its own.
pub struct Terminal {
    child: Box<dyn Child + Send + Sync>,
    master: Box<dyn MasterPty + Send>,
    writer: Box<dyn Write + Send>,
    screen: Arc<Screen>,
    modes_before: String,
}

/// What the program has drawn so far.
struct Screen {
    drawn: Mutex<Drawn>,
    changed: Condvar,
}

struct Drawn {
    parser: vt100::Parser<Frames>,
    ended: bool,
}

/// Whether a frame is being drawn, as the program says with mode 2026 ("synchronized output"). A test looks at whole
/// frames, as a terminal shows them: a read may end in the middle of one.
#[derive(Default)]
struct Frames {
    under_way: bool,
}

impl vt100::Callbacks for Frames {
    fn unhandled_csi(
        &mut self,
        _: &mut vt100::Screen,
        first: Option<u8>,
        _: Option<u8>,
        parameters: &[&[u16]],
        end: char,
    ) {
        if first == Some(b'?') && *parameters == [[2026]] {
            self.under_way = end == 'h';
        }
    }
}

/// How a program left its terminal.
#[derive(Debug)]
#[must_use]
pub struct Left {
    pub code: u32,
    /// What is not as the program found it.
    pub changed: Vec<Changed>,
    /// The text on the screen after the program has ended.
    pub text: String,
}

/// A way of leaving a terminal in disorder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Changed {
    /// Echo, line editing or signals, as the kernel holds them: raw mode, for one.
    Modes,
    /// The alternate screen is still on.
    AlternateScreen,
    CursorHidden,
    MouseCaptured,
    BracketedPaste,
}

impl Left {
    /// Fails unless the terminal is as the program found it.
    pub fn assert_restored(&self) {
        assert!(self.changed.is_empty(), "the terminal was left changed: {self:?}");
    }
}

impl Terminal {
    /// Starts the built `cellgate` in a terminal of `columns` by `rows`.
    pub fn cellgate(home: &Home, arguments: &[&str], columns: u16, rows: u16) -> Self {
        Self::start(home, CELLGATE, arguments, columns, rows)
    }

    /// Starts any program in a terminal of `columns` by `rows`.
    pub fn start(home: &Home, program: &str, arguments: &[&str], columns: u16, rows: u16) -> Self {
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).expect("a pseudo-terminal can be opened");
        let mut command = CommandBuilder::new(program);
        command.args(arguments);
        command.env_clear();
        for (name, value) in home.variables() {
            command.env(name, value);
        }
        command.env("TERM", home.variables().get("TERM").map_or("xterm-256color", String::as_str));
        command.cwd(home.path());
        let modes_before = modes(pair.master.as_ref());
        let child = pair.slave.spawn_command(command).expect("the program can be started");
        let output = pair.master.try_clone_reader().expect("the terminal can be read");
        let writer = pair.master.take_writer().expect("the terminal can be written");
        let screen = Arc::new(Screen {
            drawn: Mutex::new(Drawn {
                parser: vt100::Parser::new_with_callbacks(
                    extent(rows),
                    extent(columns),
                    0,
                    Frames::default(),
                ),
                ended: false,
            }),
            changed: Condvar::new(),
        });
        thread::spawn({
            let screen = Arc::clone(&screen);
            move || screen.read(output)
        });
        Self { child, master: pair.master, writer, screen, modes_before }
    }

    /// Types `keys`.
    pub fn send(&mut self, keys: &str) -> &mut Self {
        self.writer
            .write_all(keys.as_bytes())
            .and_then(|()| self.writer.flush())
            .expect("the program reads keys");
        self
    }

    /// Waits until the screen shows `text`, and returns the whole screen.
    pub fn wait_for(&self, text: &str) -> String {
        self.wait_until(&format!("{text:?} on the screen"), |screen| screen.contains(text))
    }

    /// Waits until the screen shows `text` no longer.
    pub fn wait_for_absence(&self, text: &str) -> String {
        self.wait_until(&format!("{text:?} gone from the screen"), |screen| !screen.contains(text))
    }

    /// Says yes to the plan in front, with the name where that is asked for, and waits until it is done.
    pub fn say_yes(&mut self, name: &str) {
        let plan = self.wait_until("the whole plan", |screen| {
            screen.contains("Carry it out?") || screen.contains("to carry it out; esc drops it")
        });
        if plan.contains("Carry it out?") {
            self.send("y");
        } else {
            self.send(name).wait_for(&format!("> {name}"));
            self.send(keys::ENTER);
        }
        self.wait_for("done in");
        self.send(keys::ESCAPE).wait_for_absence("done in");
    }

    /// Waits until the screen's text fits `condition`, and returns it.
    pub fn wait_until(&self, what: &str, condition: impl Fn(&str) -> bool) -> String {
        self.screen.wait(what, |drawn| {
            let text = drawn.parser.screen().contents();
            condition(&text).then_some(text)
        })
    }

    /// What the screen shows, with its colours.
    pub fn screen(&self) -> vt100::Screen {
        self.screen.wait("whole frame", |drawn| Some(drawn.parser.screen().clone()))
    }

    /// Whether the program has taken the alternate screen.
    pub fn on_alternate_screen(&self) -> bool {
        self.screen.lock().parser.screen().alternate_screen()
    }

    /// Gives the terminal another size.
    pub fn resize(&self, columns: u16, rows: u16) {
        self.screen.lock().parser.set_size(extent(rows), extent(columns));
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        self.master.resize(size).expect("the terminal can be resized");
    }

    /// Sends a signal by its name, such as `TERM`.
    pub fn signal(&self, name: &str) {
        let id = self.child.process_id().expect("the program runs").to_string();
        let sent = std::process::Command::new("kill").args(["-s", name, &id]).status();
        assert!(sent.is_ok_and(|status| status.success()), "the program can't be signalled: it has ended");
    }

    /// Waits until the program ends by itself, and says how it left the terminal.
    pub fn finish(mut self) -> Left {
        // The terminal's output ends when the last program that holds the terminal has ended.
        self.screen.wait("end of the program", |drawn| drawn.ended.then_some(()));
        let status = self.child.wait().expect("the program can be awaited");
        let modes_changed = modes(self.master.as_ref()) != self.modes_before;
        let drawn = self.screen.lock();
        let screen = drawn.parser.screen();
        let changed = [
            (modes_changed, Changed::Modes),
            (screen.alternate_screen(), Changed::AlternateScreen),
            (screen.hide_cursor(), Changed::CursorHidden),
            (screen.mouse_protocol_mode() != vt100::MouseProtocolMode::None, Changed::MouseCaptured),
            (screen.bracketed_paste(), Changed::BracketedPaste),
        ];
        Left {
            code: status.exit_code(),
            changed: changed.into_iter().filter(|(found, _)| *found).map(|(_, what)| what).collect(),
            text: screen.contents(),
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // It is ours by id; that it has ended already is no failure.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Screen {
    fn read(&self, mut output: Box<dyn Read + Send>) {
        let mut buffer = [0; 16 * 1024];
        // A terminal that all its holders have left reads as an error on Linux, as an end elsewhere.
        while let Ok(length @ 1..) = output.read(&mut buffer) {
            let mut drawn = self.lock();
            drawn.parser.process(&buffer[..length]);
            self.changed.notify_all();
        }
        self.lock().ended = true;
        self.changed.notify_all();
    }

    fn wait<T>(&self, what: &str, find: impl Fn(&Drawn) -> Option<T>) -> T {
        let deadline = Instant::now() + LIMIT;
        let mut drawn = self.lock();
        loop {
            let whole = drawn.ended || !drawn.parser.callbacks().under_way;
            if let Some(found) = whole.then(|| find(&drawn)).flatten() {
                return found;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(
                !left.is_zero() && !drawn.ended,
                "there was no {what}. The screen:\n{}",
                drawn.parser.screen().contents()
            );
            drawn = self.changed.wait_timeout(drawn, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Drawn> {
        // A wait that fails does so while it holds the screen, to show it.
        self.drawn.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The terminal's modes, as the kernel holds them.
fn modes(master: &dyn MasterPty) -> String {
    format!("{:?}", master.get_termios().expect("a pseudo-terminal has modes"))
}

fn extent(number: u16) -> NonZeroU16 {
    NonZeroU16::new(number).expect("a terminal has rows and columns")
}
