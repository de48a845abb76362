//! Yes, no, and what can't be known from here.

/// Whether something holds, in Kleene's three-valued logic: *and* is the least of its parts, *or* the greatest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Truth {
    /// It doesn't.
    No,
    /// It depends on what isn't known here.
    Unknown,
    /// It does.
    Yes,
}

impl Truth {
    /// Returns whether all hold; of nothing, they do.
    pub(super) fn all(parts: impl IntoIterator<Item = Self>) -> Self {
        parts.into_iter().min().unwrap_or(Self::Yes)
    }

    /// Returns whether one holds; of nothing, none does.
    pub(super) fn any(parts: impl IntoIterator<Item = Self>) -> Self {
        parts.into_iter().max().unwrap_or(Self::No)
    }

    /// Returns the opposite; what isn't known stays so.
    pub(super) fn negated(self) -> Self {
        match self {
            Self::No => Self::Yes,
            Self::Unknown => Self::Unknown,
            Self::Yes => Self::No,
        }
    }
}

impl From<bool> for Truth {
    fn from(holds: bool) -> Self {
        if holds { Self::Yes } else { Self::No }
    }
}
