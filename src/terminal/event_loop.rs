//! One queue: keys, answers, ticks and signals reach the wizard in one order, and a frame is drawn after it is empty.

use std::future::poll_fn;
use std::io;
use std::task::Poll;
use std::time::Duration;

use crossterm::event::{Event, EventStream, KeyCode, KeyEvent, KeyModifiers};
use futures::StreamExt as _;
use jiff::Timestamp;
use rustix::process::{Signal, getpid, kill_process};
use tokio::signal::unix::{self, SignalKind, signal};
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval};

use super::screen::Screen;
use super::workers::{Outside, Workers};
use crate::problem::Problem;
use crate::ui::{self, Theme, ViewState};
use crate::wizard::{Effect, Message, Start, Wizard};

/// How often the screen moves while something is under way.
const TICK: Duration = Duration::from_millis(250);

/// How the wizard was left.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Left {
    /// The exit code.
    pub code: u8,
    /// What is to be said on the plain terminal: what is uncertain, how to go on.
    pub last_words: Vec<String>,
}

/// Runs the wizard on the terminal until it is left.
///
/// A terminal that goes away is a request to leave: what is in flight is finished without one.
///
/// # Errors
/// The terminal can't be used.
pub async fn run(start: Start, outside: Outside, theme: Theme) -> Result<Left, Problem> {
    let lost = |error: io::Error| Problem::service("the terminal can't be used").caused_by(&error);
    let (sink, mut answers) = mpsc::unbounded_channel();
    let mut workers = Workers::new(outside, sink.clone());
    let mut signals = Signals::new().map_err(lost)?;
    let mut screen = Screen::enter().map_err(lost)?;
    let mut input = EventStream::new();
    let mut tick = interval(TICK);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut view = ViewState::default();
    let mut gone = false;
    let (mut wizard, mut effects) = Wizard::begin(start);
    loop {
        for effect in std::mem::take(&mut effects) {
            match effect {
                Effect::Quit { code } => {
                    workers.end().await;
                    let last_words = wizard.last_words();
                    return Ok(Left { code, last_words });
                }
                Effect::DiscardInput { id } => {
                    while let Some(Ok(_)) = at_hand(&mut input).await {}
                    effects.extend(wizard.update(Message::InputDiscarded { id }));
                }
                effect => workers.begin(effect),
            }
        }
        if !effects.is_empty() {
            continue;
        }
        if !gone {
            match screen.draw(|frame| ui::draw(frame, &wizard, &mut view, &theme)) {
                Ok(()) => effects.extend(view.take_drawn().into_iter().flat_map(|drawn| wizard.update(drawn))),
                Err(error) => {
                    tracing::warn!(%error, "the terminal has gone");
                    effects.extend(
                        hang_up(&mut gone)
                            .into_iter()
                            .flat_map(|message| wizard.update(message)),
                    );
                    continue;
                }
            }
        }
        let message = tokio::select! {
            biased;
            event = input.next(), if !gone => if let Some(Ok(event)) = event {
                message_of(event)
            } else {
                tracing::warn!(?event, "the terminal has gone");
                hang_up(&mut gone)
            },
            told = signals.next() => match told {
                Told::Leave(message) => Some(message),
                Told::HungUp => hang_up(&mut gone),
                _ if gone => None,
                Told::Suspend => {
                    screen.give_back();
                    signals.stopped().await;
                    screen.take_again().err().and_then(|_| hang_up(&mut gone))
                }
                Told::Continued => screen.take_again().err().and_then(|_| hang_up(&mut gone)),
            },
            Some(answer) = answers.recv() => Some(answer),
            _ = tick.tick(), if wizard.is_moving() => Some(Message::Tick { at: Timestamp::now() }),
        };
        effects.extend(message.into_iter().flat_map(|message| wizard.update(message)));
        // Whatever else is there by now goes into the same frame; a key that asks for something comes first.
        while effects.is_empty() && !gone {
            let message = if let Some(Ok(event)) = at_hand(&mut input).await {
                message_of(event)
            } else if let Ok(answer) = answers.try_recv() {
                Some(answer)
            } else {
                break;
            };
            effects.extend(message.into_iter().flat_map(|message| wizard.update(message)));
        }
    }
}

/// Returns the next event if it's there already.
///
/// It's asked for with this task's own waker: the stream keeps the first one that it gets until it has woken it, so that
/// `now_or_never`, whose waker wakes nobody, would leave the next key unheard.
async fn at_hand(input: &mut EventStream) -> Option<io::Result<Event>> {
    poll_fn(|context| match input.poll_next_unpin(context) {
        Poll::Ready(event) => Poll::Ready(event),
        Poll::Pending => Poll::Ready(None),
    })
    .await
}

fn message_of(event: Event) -> Option<Message> {
    match event {
        Event::Key(KeyEvent {
            code: KeyCode::Char('z'),
            modifiers: KeyModifiers::CONTROL,
            ..
        }) => {
            raise(Signal::TSTP);
            None
        }
        Event::Key(key) => Some(Message::Key(key)),
        Event::Paste(text) => Some(Message::Paste(text)),
        Event::Resize(columns, rows) => Some(Message::Resize { columns, rows }),
        Event::FocusGained | Event::FocusLost | Event::Mouse(_) => None,
    }
}

/// Notes that the terminal has gone and asks to leave, once: a signal, a read and a write can all tell it, and asking
/// twice would drop what is in flight.
fn hang_up(gone: &mut bool) -> Option<Message> {
    (!std::mem::replace(gone, true)).then_some(Message::Terminate)
}

fn raise(signal: Signal) {
    if let Err(error) = kill_process(getpid(), signal) {
        tracing::warn!(%error, ?signal, "the program can't send itself a signal");
    }
}

/// What a signal asks for.
enum Told {
    /// To leave, in the way that the message says.
    Leave(Message),
    /// The terminal has gone.
    HungUp,
    /// To stop until the shell continues the program.
    Suspend,
    /// The program was stopped by somebody else and goes on; the terminal may have been used meanwhile.
    Continued,
}

/// Signals from outside. Ctrl-C and Ctrl-Z at the keyboard are keys while the terminal is raw.
struct Signals {
    interrupt: unix::Signal,
    terminate: unix::Signal,
    hang_up: unix::Signal,
    suspend: unix::Signal,
    continued: unix::Signal,
}

impl Signals {
    fn new() -> io::Result<Self> {
        let kind = |signal: Signal| SignalKind::from_raw(signal.as_raw());
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hang_up: signal(SignalKind::hangup())?,
            suspend: signal(kind(Signal::TSTP))?,
            continued: signal(kind(Signal::CONT))?,
        })
    }

    async fn next(&mut self) -> Told {
        tokio::select! {
            _ = self.interrupt.recv() => Told::Leave(Message::Interrupt),
            _ = self.terminate.recv() => Told::Leave(Message::Terminate),
            _ = self.hang_up.recv() => Told::HungUp,
            _ = self.suspend.recv() => Told::Suspend,
            _ = self.continued.recv() => Told::Continued,
        }
    }

    /// Stops the whole program, and returns when it was continued. SIGTSTP has a handler now, and SIGSTOP may reach
    /// another thread first: only SIGCONT tells that it's over.
    async fn stopped(&mut self) {
        raise(Signal::STOP);
        self.continued.recv().await;
    }
}
