//! One queue: keys, answers, ticks and signals reach the wizard in one order, and a frame is drawn after it is empty.

use std::future::poll_fn;
use std::io;
use std::task::Poll;
use std::time::Duration;

use crossterm::event::{Event, EventStream};
use futures::StreamExt as _;
use jiff::Timestamp;
use tokio::signal::unix::{SignalKind, signal};
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
/// # Errors
/// The terminal can't be used, or stops to be there.
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
        screen
            .draw(|frame| ui::draw(frame, &wizard, &mut view, &theme))
            .map_err(lost)?;
        if let Some(drawn) = view.take_drawn() {
            effects.extend(wizard.update(drawn));
        }
        let message = tokio::select! {
            biased;
            event = input.next() => match event {
                Some(Ok(event)) => message_of(event),
                Some(Err(error)) => return Err(lost(error)),
                None => return Err(lost(io::ErrorKind::UnexpectedEof.into())),
            },
            message = signals.next() => Some(message),
            Some(answer) = answers.recv() => Some(answer),
            _ = tick.tick(), if wizard.is_moving() => Some(Message::Tick { at: Timestamp::now() }),
        };
        effects.extend(message.into_iter().flat_map(|message| wizard.update(message)));
        // Whatever else is there by now goes into the same frame; a key that asks for something comes first.
        while effects.is_empty() {
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
        Event::Key(key) => Some(Message::Key(key)),
        Event::Paste(text) => Some(Message::Paste(text)),
        Event::Resize(columns, rows) => Some(Message::Resize { columns, rows }),
        Event::FocusGained | Event::FocusLost | Event::Mouse(_) => None,
    }
}

/// Signals from outside. Ctrl-C at the keyboard is a key while the terminal is raw.
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
    hang_up: tokio::signal::unix::Signal,
}

impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hang_up: signal(SignalKind::hangup())?,
        })
    }

    async fn next(&mut self) -> Message {
        tokio::select! {
            _ = self.interrupt.recv() => Message::Interrupt,
            _ = self.terminate.recv() => Message::Terminate,
            _ = self.hang_up.recv() => Message::Terminate,
        }
    }
}
