//! The key table: data that the machine, the footer and the help read alike.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::Wizard;
use super::dialog::{Dialog, SaveState};
use super::list::Motion;
use super::screens::ScreenId;
use super::view::Review;
use crate::apply::event::Person;

/// What a key does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Go on: take what is selected, confirm, submit.
    On,
    /// Go back, leave a field, close a dialog.
    Back,
    /// Move the cursor.
    Move(Motion),
    /// Scroll the text beside the list.
    Scroll(Motion),
    /// Toggle what is selected.
    Toggle,
    /// All eligible, or none.
    All,
    /// Open the filter.
    Filter,
    /// To the next field or part of the screen.
    NextField,
    /// To the one before.
    PreviousField,
    /// The next order of clusters.
    Rollout,
    /// Take deleted principals out of the trust policy, or leave them.
    DropDeadPrincipals,
    /// Let the key policy get the statement that it lacks, or not.
    ExtendKeyPolicy,
    /// Choose or type other credentials.
    Credentials,
    /// Fill in the form of a new cluster.
    CreateCluster,
    /// Take the last new cluster out again.
    DropNewCluster,
    /// Let the AWS administrator do the AWS half, or do it from here.
    AwsHalf,
    /// Look at once where the run waits for somebody who has acted.
    GoOn,
    /// Look again.
    LookAgain,
    /// Save the choices as a configuration file.
    Save,
    /// Try the failed run again.
    TryAgain,
    /// Show all keys.
    Help,
    /// Leave, or stop the run.
    Leave,
    /// Ctrl-C.
    Interrupt,
}

impl Action {
    /// Returns whether a key that is held down goes on doing it.
    pub fn repeats(self) -> bool {
        matches!(self, Self::Move(_) | Self::Scroll(_))
    }
}

/// A key with its modifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chord {
    code: KeyCode,
    modifiers: KeyModifiers,
}

impl Chord {
    const fn key(code: KeyCode) -> Self {
        Self {
            code,
            modifiers: KeyModifiers::NONE,
        }
    }

    const fn of(c: char) -> Self {
        Self::key(KeyCode::Char(c))
    }

    const fn with(self, modifiers: KeyModifiers) -> Self {
        Self { modifiers, ..self }
    }

    fn fits(self, event: &KeyEvent) -> bool {
        // Terminals differ in whether they report Shift with the character that Shift has already made.
        let mut modifiers = event.modifiers;
        if matches!(event.code, KeyCode::Char(_) | KeyCode::BackTab) {
            modifiers.remove(KeyModifiers::SHIFT);
        }
        self.code == event.code && self.modifiers == modifiers
    }
}

/// One line of the table.
#[derive(Clone, Copy, Debug)]
pub struct KeyBinding {
    /// The key as it is shown: `Enter`, `↑ k`.
    pub shown: &'static str,
    /// What it does here.
    pub label: &'static str,
    /// What it does.
    pub action: Action,
    /// Whether the footer has room for it; the help shows all.
    pub in_footer: bool,
    chords: &'static [Chord],
    when: fn(&Wizard) -> bool,
}

impl KeyBinding {
    const fn new(shown: &'static str, chords: &'static [Chord], label: &'static str, action: Action) -> Self {
        Self {
            shown,
            label,
            action,
            in_footer: true,
            chords,
            when: always,
        }
    }

    const fn when(self, when: fn(&Wizard) -> bool) -> Self {
        Self { when, ..self }
    }

    const fn in_help_only(self) -> Self {
        Self {
            in_footer: false,
            ..self
        }
    }
}

fn always(_: &Wizard) -> bool {
    true
}

const ENTER: &[Chord] = &[Chord::key(KeyCode::Enter)];
const ESC: &[Chord] = &[Chord::key(KeyCode::Esc)];
const SPACE: &[Chord] = &[Chord::of(' ')];
const TAB: &[Chord] = &[Chord::key(KeyCode::Tab)];
const BACK_TAB: &[Chord] = &[Chord::key(KeyCode::BackTab)];
const SLASH: &[Chord] = &[Chord::of('/')];
const CTRL_C: &[Chord] = &[Chord::of('c').with(KeyModifiers::CONTROL)];

const fn enter(label: &'static str) -> KeyBinding {
    KeyBinding::new("Enter", ENTER, label, Action::On)
}

const fn esc(label: &'static str) -> KeyBinding {
    KeyBinding::new("Esc", ESC, label, Action::Back)
}

const fn space(label: &'static str) -> KeyBinding {
    KeyBinding::new("Space", SPACE, label, Action::Toggle)
}

const fn tab(label: &'static str) -> KeyBinding {
    KeyBinding::new("Tab", TAB, label, Action::NextField)
}

const BACKWARDS: KeyBinding =
    KeyBinding::new("Shift-Tab", BACK_TAB, "field before", Action::PreviousField).in_help_only();
const FILTER: KeyBinding = KeyBinding::new("/", SLASH, "filter", Action::Filter);
const SAVE: KeyBinding = KeyBinding::new("s", &[Chord::of('s')], "save as file", Action::Save);
const INTERRUPT: KeyBinding = KeyBinding::new("Ctrl-C", CTRL_C, "stop", Action::Interrupt).in_help_only();

const fn moves(shown: &'static str, chords: &'static [Chord], label: &'static str, motion: Motion) -> KeyBinding {
    KeyBinding::new(shown, chords, label, Action::Move(motion)).in_help_only()
}

const ARROWS: &[KeyBinding] = &[
    moves("↑", &[Chord::key(KeyCode::Up)], "up", Motion::Up),
    moves("↓", &[Chord::key(KeyCode::Down)], "down", Motion::Down),
    moves("PageUp", &[Chord::key(KeyCode::PageUp)], "a page up", Motion::PageUp),
    moves(
        "PageDown",
        &[Chord::key(KeyCode::PageDown)],
        "a page down",
        Motion::PageDown,
    ),
];

const MOVES: &[KeyBinding] = &[
    moves("↑ k", &[Chord::key(KeyCode::Up), Chord::of('k')], "up", Motion::Up),
    moves(
        "↓ j",
        &[Chord::key(KeyCode::Down), Chord::of('j')],
        "down",
        Motion::Down,
    ),
    moves("PageUp", &[Chord::key(KeyCode::PageUp)], "a page up", Motion::PageUp),
    moves(
        "PageDown",
        &[Chord::key(KeyCode::PageDown)],
        "a page down",
        Motion::PageDown,
    ),
    moves(
        "Home g",
        &[Chord::key(KeyCode::Home), Chord::of('g')],
        "first",
        Motion::First,
    ),
    moves(
        "End G",
        &[Chord::key(KeyCode::End), Chord::of('G')],
        "last",
        Motion::Last,
    ),
];

const SCROLLS: &[KeyBinding] = &[
    KeyBinding::new(
        "J Shift-↓",
        &[Chord::of('J'), Chord::key(KeyCode::Down).with(KeyModifiers::SHIFT)],
        "scroll the text down",
        Action::Scroll(Motion::Down),
    )
    .in_help_only(),
    KeyBinding::new(
        "K Shift-↑",
        &[Chord::of('K'), Chord::key(KeyCode::Up).with(KeyModifiers::SHIFT)],
        "scroll the text up",
        Action::Scroll(Motion::Up),
    )
    .in_help_only(),
];

const GLOBAL: &[KeyBinding] = &[
    esc("back").when(Wizard::can_go_back),
    KeyBinding::new("r", &[Chord::of('r')], "look again", Action::LookAgain).when(|wizard| !wizard.is_running()),
    KeyBinding::new("?", &[Chord::of('?')], "help", Action::Help),
    KeyBinding::new("q", &[Chord::of('q')], "leave", Action::Leave).when(|wizard| !wizard.is_running()),
    KeyBinding::new("q", &[Chord::of('q')], "stop", Action::Leave).when(Wizard::is_running),
    INTERRUPT,
];

const FIELD: &[KeyBinding] = &[
    enter("connect").when(|wizard| wizard.current == ScreenId::Connect),
    enter("create it").when(|wizard| wizard.current == ScreenId::Clusters),
    enter("go on"),
    esc("leave the field"),
    KeyBinding::new(
        "Tab ↓",
        &[Chord::key(KeyCode::Tab), Chord::key(KeyCode::Down)],
        "next field",
        Action::NextField,
    ),
    KeyBinding::new(
        "Shift-Tab ↑",
        &[Chord::key(KeyCode::BackTab), Chord::key(KeyCode::Up)],
        "field before",
        Action::PreviousField,
    ),
    INTERRUPT,
];

const FILTER_FIELD: &[KeyBinding] = &[enter("keep"), esc("show all"), INTERRUPT];

const AWS_ELSEWHERE: KeyBinding = KeyBinding::new("w", &[Chord::of('w')], "AWS by its administrator", Action::AwsHalf);
const AWS_HERE: KeyBinding = KeyBinding::new("w", &[Chord::of('w')], "AWS from here", Action::AwsHalf);

const CONNECT: &[KeyBinding] = &[
    enter("connect").when(|wizard| wizard.screens.connect.in_form()),
    enter("choose").when(|wizard| !wizard.is_connected() || !wizard.screens.connect.on_lists()),
    enter("go on"),
    space("on or off").when(|wizard| wizard.screens.connect.on_switch()),
    tab("fields").when(|wizard| wizard.screens.connect.in_form()),
    tab("project or region").when(|wizard| wizard.screens.connect.on_lists() && !wizard.session.project_is_given()),
    BACKWARDS,
    FILTER.when(|wizard| wizard.screens.connect.on_lists()),
    KeyBinding::new("c", &[Chord::of('c')], "credentials", Action::Credentials)
        .when(|wizard| wizard.screens.connect.on_lists() && !wizard.session.connection.demo),
    AWS_HERE.when(|wizard| wizard.screens.connect.on_lists() && wizard.session.aws_half().is_some()),
    AWS_ELSEWHERE.when(|wizard| wizard.screens.connect.on_lists() && wizard.may_lack_rights()),
    AWS_ELSEWHERE
        .when(|wizard| wizard.screens.connect.on_lists())
        .in_help_only(),
];

const PREREQUISITES: &[KeyBinding] = &[enter("go on")];

const ROLE: &[KeyBinding] = &[
    enter("go on"),
    space("choose, accept"),
    KeyBinding::new(
        "d",
        &[Chord::of('d')],
        "take deleted principals out",
        Action::DropDeadPrincipals,
    )
    .when(Wizard::can_drop_dead_principals),
    tab("fields"),
    BACKWARDS,
    FILTER,
];

const KEY: &[KeyBinding] = &[
    enter("go on"),
    space("on or off").when(|wizard| wizard.screens.key.on_switch()),
    space("choose").when(|wizard| !wizard.screens.key.on_switch()),
    KeyBinding::new("e", &[Chord::of('e')], "extend the key policy", Action::ExtendKeyPolicy)
        .when(Wizard::can_extend_key_policy),
    tab("fields"),
    BACKWARDS,
    FILTER,
];

const CLUSTERS: &[KeyBinding] = &[
    enter("go on"),
    space("choose"),
    KeyBinding::new("a", &[Chord::of('a')], "all or none", Action::All),
    KeyBinding::new("o", &[Chord::of('o')], "order", Action::Rollout),
    KeyBinding::new("c", &[Chord::of('c')], "create one", Action::CreateCluster),
    KeyBinding::new("x", &[Chord::of('x')], "take it out", Action::DropNewCluster)
        .when(|wizard| !wizard.session.choices.create.is_empty()),
    FILTER,
];

const REVIEW: &[KeyBinding] = &[
    enter("apply").when(|wizard| matches!(wizard.review(), Review::Ready(_))),
    enter("verify").when(|wizard| matches!(wizard.review(), Review::NothingToDo(_))),
    enter("go on")
        .when(|wizard| !matches!(wizard.review(), Review::Ready(_) | Review::NothingToDo(_)))
        .in_help_only(),
    AWS_HERE.when(|wizard| wizard.session.aws_half().is_some()),
    AWS_ELSEWHERE.when(Wizard::may_lack_rights),
    AWS_ELSEWHERE.in_help_only(),
    SAVE,
];

const APPLY: &[KeyBinding] = &[
    enter("evidence").when(Wizard::is_completed),
    KeyBinding::new("t", &[Chord::of('t')], "try again", Action::TryAgain).when(Wizard::can_try_again),
    KeyBinding::new("r", &[Chord::of('r')], "signed in again, go on", Action::GoOn)
        .when(|wizard| wizard.waits_for(Person::Operator)),
    KeyBinding::new("r", &[Chord::of('r')], "try now", Action::GoOn)
        .when(|wizard| wizard.waits_for(Person::AwsAdministrator)),
];

const DONE: &[KeyBinding] = &[enter("leave"), SAVE];

const HELP: &[KeyBinding] = &[
    esc("close"),
    KeyBinding::new(
        "?",
        &[Chord::of('?'), Chord::of('q'), Chord::key(KeyCode::Enter)],
        "close",
        Action::Back,
    )
    .in_help_only(),
    INTERRUPT,
];

const LEAVE: &[KeyBinding] = &[
    KeyBinding::new(
        "Enter y",
        &[Chord::key(KeyCode::Enter), Chord::of('y')],
        "leave",
        Action::On,
    ),
    KeyBinding::new(
        "Esc n",
        &[Chord::key(KeyCode::Esc), Chord::of('n')],
        "stay",
        Action::Back,
    ),
    SAVE.when(|wizard| wizard.session.choices.complete().is_some()),
    INTERRUPT,
];

const NO_CLUSTER: &[KeyBinding] = &[enter("go on without"), esc("back to the list"), INTERRUPT];

const WORD: &[KeyBinding] = &[enter("apply"), esc("back"), INTERRUPT];

const SAVE_FILE: &[KeyBinding] = &[
    enter("replace it").when(|wizard| matches!(save_state(wizard), Some(SaveState::Replace(_)))),
    enter("save").when(|wizard| !matches!(save_state(wizard), Some(SaveState::Replace(_)))),
    esc("back"),
    INTERRUPT,
];

fn save_state(wizard: &Wizard) -> Option<&SaveState> {
    match &wizard.dialog {
        Some(Dialog::SaveFile(save)) => Some(&save.state),
        _ => None,
    }
}

/// Who takes the keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Context {
    /// The dialog over the screen.
    Dialog,
    /// The filter that is being typed.
    Filter,
    /// The field that is being typed in.
    Field,
    /// The screen.
    Screen,
}

/// Returns all keys that do something now, most particular first.
pub(super) fn bindings(wizard: &Wizard) -> impl Iterator<Item = &'static KeyBinding> {
    tables(wizard)
        .into_iter()
        .flatten()
        .filter(|binding| (binding.when)(wizard))
}

/// Returns all keys of the screen, whatever stands over it.
pub(super) fn screen_bindings(wizard: &Wizard) -> impl Iterator<Item = &'static KeyBinding> {
    let tables = [of_screen(wizard.current), GLOBAL, MOVES, SCROLLS];
    tables.into_iter().flatten().filter(|binding| (binding.when)(wizard))
}

/// Returns what a key does now.
pub(super) fn find(wizard: &Wizard, event: &KeyEvent) -> Option<Action> {
    bindings(wizard)
        .find(|binding| binding.chords.iter().any(|chord| chord.fits(event)))
        .map(|binding| binding.action)
}

fn tables(wizard: &Wizard) -> [&'static [KeyBinding]; 4] {
    const NONE: &[KeyBinding] = &[];
    match (wizard.context(), &wizard.dialog) {
        (_, Some(dialog)) => match dialog {
            Dialog::Help(_) => [HELP, MOVES, NONE, NONE],
            Dialog::Leave => [LEAVE, NONE, NONE, NONE],
            Dialog::NoCluster => [NO_CLUSTER, NONE, NONE, NONE],
            Dialog::Word(_) => [WORD, NONE, NONE, NONE],
            Dialog::SaveFile(_) => [SAVE_FILE, NONE, NONE, NONE],
        },
        (Context::Filter, None) => [FILTER_FIELD, ARROWS, NONE, NONE],
        (Context::Field, None) => [FIELD, NONE, NONE, NONE],
        (Context::Screen | Context::Dialog, None) => [of_screen(wizard.current), GLOBAL, MOVES, SCROLLS],
    }
}

fn of_screen(screen: ScreenId) -> &'static [KeyBinding] {
    match screen {
        ScreenId::Connect => CONNECT,
        ScreenId::Prerequisites => PREREQUISITES,
        ScreenId::Role => ROLE,
        ScreenId::Key => KEY,
        ScreenId::Clusters => CLUSTERS,
        ScreenId::Review => REVIEW,
        ScreenId::Apply => APPLY,
        ScreenId::Done => DONE,
    }
}
