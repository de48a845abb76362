//! Lists: a cursor that keeps to a thing and not to a place, and a filter.

use nucleo_matcher::pattern::{AtomKind, CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use super::field::Field;
use super::keys::Action;

/// A movement of the cursor, or of a text that is scrolled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Motion {
    /// One up.
    Up,
    /// One down.
    Down,
    /// A screenful up.
    PageUp,
    /// A screenful down.
    PageDown,
    /// To the first.
    First,
    /// To the last.
    Last,
}

impl Motion {
    /// Returns where a movement leads from `at`, where `last` is the last place.
    pub(crate) fn from(self, at: usize, last: usize, page: usize) -> usize {
        match self {
            Self::Up => at.saturating_sub(1),
            Self::Down => at.saturating_add(1).min(last),
            Self::PageUp => at.saturating_sub(page),
            Self::PageDown => at.saturating_add(page).min(last),
            Self::First => 0,
            Self::Last => last,
        }
    }
}

/// The rows of a list as they are shown, and which one the cursor is on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rows<R> {
    /// The rows that the filter leaves.
    pub rows: Vec<R>,
    /// The cursor's row; 0 where there is none.
    pub selected: usize,
    /// How many there are without the filter.
    pub total: usize,
}

impl<R> Rows<R> {
    /// Returns the cursor's row.
    pub fn current(&self) -> Option<&R> {
        self.rows.get(self.selected)
    }
}

/// What a list screen holds: where the cursor is, by the thing's name, and what the filter says.
///
/// The thing stays selected when the list is read again or filtered; where it isn't shown, the first row is selected,
/// and it is again when it comes back.
#[derive(Clone, Debug)]
pub struct Picker<T> {
    at: Option<T>,
    /// The filter.
    pub filter: Filter,
}

impl<T> Default for Picker<T> {
    fn default() -> Self {
        Self {
            at: None,
            filter: Filter::default(),
        }
    }
}

impl<T: Clone + PartialEq> Picker<T> {
    /// Puts the cursor on a thing.
    pub(crate) fn put(&mut self, id: T) {
        self.at = Some(id);
    }

    /// Lets the cursor go back to where it is by default.
    pub(crate) fn reset(&mut self) {
        self.at = None;
    }

    /// Returns whether the operator moved the cursor.
    pub(crate) fn is_moved(&self) -> bool {
        self.at.is_some()
    }

    /// Returns the cursor's place; `default` while it wasn't moved.
    pub(crate) fn place<'a>(&self, mut ids: impl Iterator<Item = &'a T>, default: Option<&T>) -> usize
    where
        T: 'a,
    {
        let Some(wanted) = self.at.as_ref().or(default) else {
            return 0;
        };
        ids.position(|id| id == wanted).unwrap_or(0)
    }

    /// Moves the cursor over these things.
    pub(crate) fn step(&mut self, ids: &[T], default: Option<&T>, motion: Motion, page: usize) {
        let Some(last) = ids.len().checked_sub(1) else {
            return;
        };
        let place = motion.from(self.place(ids.iter(), default), last, page);
        self.at = ids.get(place).cloned();
    }

    /// Does what every list does: move, open and close the filter. Returns whether the action was one of these.
    pub(crate) fn act(&mut self, action: Action, ids: &[T], default: Option<&T>, page: usize) -> bool {
        match action {
            Action::Move(motion) => self.step(ids, default, motion, page),
            Action::Filter => self.filter.open = true,
            Action::Back if self.filter.open => self.filter.clear(),
            Action::On if self.filter.open => self.filter.open = false,
            _ => return false,
        }
        true
    }
}

/// A text that leaves only what fits it.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// What was typed.
    pub field: Field,
    /// Whether it is being typed.
    pub open: bool,
}

impl Filter {
    /// Returns whether it leaves anything out.
    pub fn is_active(&self) -> bool {
        !self.field.value().is_empty()
    }

    /// Empties and leaves it.
    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Returns the things whose text fits, in the order that they had: those that contain what was typed; where none
    /// does, those that have its letters in this order.
    pub(crate) fn keep<T>(&self, things: Vec<T>, text: impl Fn(&T) -> String) -> Vec<T> {
        if !self.is_active() {
            return things;
        }
        let typed = self.field.value();
        let (case, normalization) = (CaseMatching::Smart, Normalization::Smart);
        let contained = Pattern::new(typed, case, normalization, AtomKind::Substring);
        let scattered = Pattern::parse(typed, case, normalization);
        let mut matcher = Matcher::new(Config::DEFAULT);
        let mut buffer = Vec::new();
        let mut fits = |pattern: &Pattern, thing: &T| {
            let text = text(thing);
            pattern.score(Utf32Str::new(&text, &mut buffer), &mut matcher).is_some()
        };
        let pattern = if things.iter().any(|thing| fits(&contained, thing)) {
            contained
        } else {
            scattered
        };
        things.into_iter().filter(|thing| fits(&pattern, thing)).collect()
    }
}

/// A text that is scrolled beside a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scroll {
    /// Lines that are scrolled away.
    pub offset: u16,
    limit: u16,
}

impl Default for Scroll {
    fn default() -> Self {
        Self {
            offset: 0,
            limit: u16::MAX,
        }
    }
}

impl Scroll {
    pub(crate) fn step(&mut self, motion: Motion, page: usize) {
        let offset = motion.from(self.offset.into(), self.limit.into(), page);
        self.offset = u16::try_from(offset).unwrap_or(u16::MAX);
    }

    pub(crate) fn limit_to(&mut self, lines: u16) {
        self.limit = lines;
        self.offset = self.offset.min(lines);
    }
}
