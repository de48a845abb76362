//! The binary in a real pseudo-terminal: a screen model fed by a reader thread, and waiting without sleeping.

use std::io::{Read as _, Write};
use std::process::Command;
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

/// How long anything on the screen may take; a slow machine sets it higher.
fn patience() -> Duration {
    let seconds = std::env::var("ATLAS_CMK_TEST_TIMEOUT")
        .ok()
        .and_then(|text| text.parse().ok());
    Duration::from_secs(seconds.unwrap_or(60))
}

/// What ends a synchronized update, and with it a frame.
const FRAME_END: &[u8] = b"\x1b[?2026l";

struct Seen {
    parser: vt100::Parser,
    raw: Vec<u8>,
    ended: bool,
}

/// A running program and its screen.
pub(crate) struct Screen {
    child: Box<dyn Child + Send + Sync>,
    master: Box<dyn MasterPty + Send>,
    keyboard: Box<dyn Write + Send>,
    seen: Arc<(Mutex<Seen>, Condvar)>,
}

fn size(columns: u16, rows: u16) -> PtySize {
    PtySize {
        rows,
        cols: columns,
        pixel_width: 0,
        pixel_height: 0,
    }
}

impl Screen {
    /// Starts a command (program, arguments, variables and folder are taken from it) on a screen of this size.
    pub(crate) fn start(command: &Command, columns: u16, rows: u16) -> Self {
        let pair = native_pty_system().openpty(size(columns, rows)).unwrap();
        let mut builder = CommandBuilder::new(command.get_program());
        builder.args(command.get_args());
        builder.env_clear();
        for (name, value) in command.get_envs() {
            builder.env(name, value.unwrap_or_default());
        }
        builder.env("TERM", "xterm-256color");
        builder.env("LANG", "C.UTF-8");
        builder.env("RUST_BACKTRACE", "0");
        if let Some(folder) = command.get_current_dir() {
            builder.cwd(folder);
        }
        let child = pair.slave.spawn_command(builder).unwrap();
        drop(pair.slave);
        let seen = Seen {
            parser: parser(columns, rows),
            raw: Vec::new(),
            ended: false,
        };
        let seen = Arc::new((Mutex::new(seen), Condvar::new()));
        let mut reader = pair.master.try_clone_reader().unwrap();
        let shared = Arc::clone(&seen);
        std::thread::spawn(move || {
            let mut bytes = vec![0; 65_536];
            loop {
                // The end of a pseudo-terminal is an error on Linux.
                let read = reader.read(&mut bytes).unwrap_or(0);
                let (seen, changed) = &*shared;
                let mut seen = seen.lock().unwrap();
                seen.parser.process(&bytes[..read]);
                seen.raw.extend_from_slice(&bytes[..read]);
                seen.ended = read == 0;
                changed.notify_all();
                if read == 0 {
                    break;
                }
            }
        });
        let keyboard = pair.master.take_writer().unwrap();
        Self {
            child,
            master: pair.master,
            keyboard,
            seen,
        }
    }

    /// Waits until the screen fulfils a condition, and returns its text.
    #[track_caller]
    pub(crate) fn wait(&self, what: &str, condition: impl Fn(&vt100::Screen) -> bool) -> String {
        let deadline = Instant::now() + patience();
        let (seen, changed) = &*self.seen;
        let mut seen = seen.lock().unwrap();
        loop {
            if condition(seen.parser.screen()) {
                return seen.parser.screen().contents();
            }
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(
                !left.is_zero() && !seen.ended,
                "waited for {what}; the screen is:\n{}",
                seen.parser.screen().contents()
            );
            seen = changed.wait_timeout(seen, left).unwrap().0;
        }
    }

    /// Waits until a text is on the screen.
    #[track_caller]
    pub(crate) fn wait_for(&self, text: &str) -> String {
        self.wait(text, |screen| screen.contents().contains(text))
    }

    /// Waits until a sentence can be read on the screen, wherever its lines are broken.
    #[track_caller]
    pub(crate) fn reads(&self, sentence: &str) -> String {
        let squeezed = |text: &str| text.split_whitespace().collect::<String>();
        let wanted = squeezed(sentence);
        self.wait(sentence, |screen| squeezed(&screen.contents()).contains(&wanted))
    }

    /// Returns the program's process ID.
    pub(crate) fn process(&self) -> i32 {
        self.child.process_id().unwrap().try_into().unwrap()
    }

    /// Whether the terminal itself edits lines, as a shell needs it.
    pub(crate) fn is_cooked(&self) -> bool {
        use nix::sys::termios::LocalFlags;
        let termios = self.master.get_termios();
        termios.is_some_and(|termios| termios.local_flags.contains(LocalFlags::ICANON | LocalFlags::ECHO))
    }

    pub(crate) fn keys(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).unwrap();
        self.keyboard.flush().unwrap();
    }

    /// Gives the screen another size, and waits until a frame was drawn after that: a key that comes at the same moment
    /// as the change of the size is read with the next key only.
    #[track_caller]
    pub(crate) fn resize(&mut self, columns: u16, rows: u16) {
        let frames = |seen: &Seen| {
            seen.raw
                .windows(FRAME_END.len())
                .filter(|bytes| *bytes == FRAME_END)
                .count()
        };
        let (seen, changed) = &*self.seen;
        let before = {
            let mut seen = seen.lock().unwrap();
            seen.parser
                .screen_mut()
                .set_size(rows.try_into().unwrap(), columns.try_into().unwrap());
            frames(&seen)
        };
        self.master.resize(size(columns, rows)).unwrap();
        let seen = seen.lock().unwrap();
        let (_seen, waited) = changed
            .wait_timeout_while(seen, patience(), |seen| frames(seen) <= before)
            .unwrap();
        assert!(!waited.timed_out(), "no frame after a change of the size");
    }

    /// Waits until the program has ended, and returns its exit code and the screen it left.
    #[track_caller]
    pub(crate) fn ends(mut self) -> Left {
        let code = self.child.wait().unwrap().exit_code();
        let deadline = Instant::now() + patience();
        let (seen, changed) = &*self.seen;
        let mut seen = seen.lock().unwrap();
        while !seen.ended && Instant::now() < deadline {
            seen = changed.wait_timeout(seen, Duration::from_millis(100)).unwrap().0;
        }
        let screen = seen.parser.screen();
        let termios = self.master.get_termios();
        let cooked = termios.is_none_or(|termios| {
            use nix::sys::termios::LocalFlags;
            termios.local_flags.contains(LocalFlags::ICANON | LocalFlags::ECHO)
        });
        Left {
            code,
            text: screen.contents(),
            restored: cooked && !screen.alternate_screen() && !screen.hide_cursor() && !screen.bracketed_paste(),
            raw: String::from_utf8_lossy(&seen.raw).into_owned(),
        }
    }
}

/// What a program left behind.
#[derive(Debug)]
#[must_use]
pub(crate) struct Left {
    pub(crate) code: u32,
    pub(crate) text: String,
    /// Whether the terminal is as it was found.
    pub(crate) restored: bool,
    pub(crate) raw: String,
}

fn parser(columns: u16, rows: u16) -> vt100::Parser {
    vt100::Parser::new(rows.try_into().unwrap(), columns.try_into().unwrap(), 0)
}
