//! Enter and restore: whatever happens, the terminal is left as it was found.

use std::io::{self, Stdout};
use std::mem::ManuallyDrop;
use std::sync::Once;

use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use crossterm::execute;
use crossterm::terminal::{
    BeginSynchronizedUpdate, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode,
    enable_raw_mode,
};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;

/// The screen while the wizard has it; dropping it gives the terminal back.
///
/// The inner terminal isn't dropped: where the real one has gone, its own drop would panic on telling so.
pub(super) struct Screen(ManuallyDrop<Terminal<CrosstermBackend<Stdout>>>);

impl Screen {
    /// Takes the terminal over. No mouse capture: selecting text with the mouse stays the terminal's own.
    pub(super) fn enter() -> io::Result<Self> {
        install_panic_hook();
        Ok(Self(take()?))
    }

    /// Gives the terminal back while the program is stopped.
    pub(super) fn give_back(&mut self) {
        if let Err(error) = self.0.show_cursor() {
            tracing::warn!(%error, "the cursor couldn't be shown again");
        }
        restore();
    }

    /// Takes the terminal over again, in whatever size and mode it was left meanwhile; the next frame is drawn whole.
    pub(super) fn take_again(&mut self) -> io::Result<()> {
        // Raw mode counts as entered until it is left, whatever a shell has set since.
        disable_raw_mode()?;
        self.0 = take()?;
        Ok(())
    }

    /// Draws one frame; the terminal shows it at once, not line by line.
    pub(super) fn draw(&mut self, draw: impl FnOnce(&mut ratatui::Frame<'_>)) -> io::Result<()> {
        execute!(io::stdout(), BeginSynchronizedUpdate)?;
        let drawn = self.0.draw(draw).map(|_| ());
        execute!(io::stdout(), EndSynchronizedUpdate)?;
        drawn
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        self.give_back();
    }
}

fn take() -> io::Result<ManuallyDrop<Terminal<CrosstermBackend<Stdout>>>> {
    enable_raw_mode()?;
    execute!(io::stdout(), EnterAlternateScreen, EnableBracketedPaste)
        .and_then(|()| Terminal::new(CrosstermBackend::new(io::stdout())))
        .map(ManuallyDrop::new)
        .inspect_err(|_| restore())
}

/// Gives the terminal back as far as that goes; each part by itself.
fn restore() {
    let screen = execute!(
        io::stdout(),
        EndSynchronizedUpdate,
        DisableBracketedPaste,
        LeaveAlternateScreen
    );
    let raw = disable_raw_mode();
    if let Err(error) = screen.and(raw) {
        tracing::warn!(%error, "the terminal couldn't be given back as it was");
    }
}

/// A panic of the thread that draws gives the terminal back before its report is printed. A panic of a worker is only
/// logged: the wizard lives on and tells it on the screen.
fn install_panic_hook() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let report = std::panic::take_hook();
        let drawing = std::thread::current().id();
        std::panic::set_hook(Box::new(move |panic| {
            tracing::error!(%panic, "panic");
            if std::thread::current().id() == drawing {
                restore();
                report(panic);
            }
        }));
    });
}
