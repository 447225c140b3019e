//! The terminal: taken over for the console, and given back whatever happens.
//!
//! It is restored when the guard is dropped and by the panic hook, once.

use std::io::{self, Stdout, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use crossterm::clipboard::CopyToClipboard;
use crossterm::event::{
    DisableBracketedPaste, DisableFocusChange, DisableMouseCapture, EnableBracketedPaste, EnableFocusChange,
    EnableMouseCapture,
};
use crossterm::terminal::{
    BeginSynchronizedUpdate, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen, SetTitle,
    disable_raw_mode, enable_raw_mode,
};
use crossterm::{cursor, execute, queue};
use ratatui::backend::CrosstermBackend;
use ratatui::{Frame, Terminal};

use super::options::ConsoleError;

/// Whether there is anything to restore. Process-wide, as the terminal is.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// The terminal while it is ours.
pub struct Screen {
    pub terminal: Terminal<CrosstermBackend<Stdout>>,
}

impl Screen {
    /// Takes the terminal over.
    ///
    /// # Errors
    /// Where it can't be switched; what was switched already is switched back.
    pub fn take(mouse: bool) -> Result<Self, ConsoleError> {
        let failed = |source| {
            restore();
            ConsoleError::Terminal { tried: "taken over", source }
        };
        restore_on_panic();
        TAKEN.store(true, Ordering::SeqCst);
        enable_raw_mode().map_err(failed)?;
        let mut stdout = io::stdout();
        execute!(
            stdout,
            EnterAlternateScreen,
            EnableBracketedPaste,
            EnableFocusChange,
            SetTitle("cellgate"),
            cursor::Hide
        )
        .map_err(failed)?;
        if mouse {
            execute!(stdout, EnableMouseCapture).map_err(failed)?;
        }
        let terminal = Terminal::new(CrosstermBackend::new(stdout)).map_err(failed)?;
        Ok(Self { terminal })
    }

    /// Draws one frame, and has the terminal show it only once it is whole (mode 2026, "synchronized output"): a frame
    /// reaches it in several writes, and half of one would show yesterday's figure under today's title. Terminals that
    /// don't know the mode pass over it.
    ///
    /// # Errors
    /// Where the terminal can't be written.
    pub fn draw(&mut self, render: impl FnOnce(&mut Frame<'_>)) -> Result<(), ConsoleError> {
        let mut drawn = queue!(self.terminal.backend_mut(), BeginSynchronizedUpdate);
        if drawn.is_ok() {
            drawn = self.terminal.draw(render).map(drop);
        }
        // Also after a frame that failed, or the terminal would hold back what comes next.
        let ended = execute!(self.terminal.backend_mut(), EndSynchronizedUpdate);
        drawn.and(ended).map_err(|source| ConsoleError::Terminal { tried: "drawn on", source })
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        restore();
    }
}

/// Puts text on the clipboard of whoever sits at the terminal, over SSH too (OSC 52).
///
/// # Errors
/// Where the terminal can't be written.
pub fn copy(text: &str) -> Result<(), ConsoleError> {
    execute!(io::stdout(), CopyToClipboard::to_clipboard_from(text))
        .map_err(|source| ConsoleError::Terminal { tried: "written", source })
}

/// Whether the terminal is ours: a panic elsewhere has given it back, and nothing may be drawn.
pub fn is_taken() -> bool {
    TAKEN.load(Ordering::SeqCst)
}

/// Gives the terminal back, the first time that it is asked to.
fn restore() {
    if !TAKEN.swap(false, Ordering::SeqCst) {
        return;
    }
    let mut stdout = io::stdout();
    // Nobody is left to be told where this fails, and each step is worth trying. A panic may have cut a frame short.
    let _ = execute!(stdout, EndSynchronizedUpdate);
    let _ = execute!(stdout, DisableMouseCapture);
    let _ = execute!(stdout, DisableFocusChange, DisableBracketedPaste, LeaveAlternateScreen, cursor::Show);
    let _ = disable_raw_mode();
    let _ = stdout.flush();
}

/// Before anything is printed about a panic, the terminal has to be one that shows it.
fn restore_on_panic() {
    static INSTALLED: AtomicBool = AtomicBool::new(false);
    if INSTALLED.swap(true, Ordering::SeqCst) {
        return;
    }
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        restore();
        before(panic);
    }));
}
