//! What is known of the condition keys of a request.

use ipnet::IpNet;

/// What is known of a condition key in a request. AWS's keys of several values aren't among those known here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fact<'a> {
    /// It has this value.
    Is(&'a str),
    /// It has this value or isn't there: AWS's documentation leaves it open.
    IsOrAbsent(&'a str),
    /// It isn't there.
    Absent,
    /// It has a value of Atlas's own, or isn't there: nothing that a customer's policy means.
    Foreign,
    /// It is an address of this network.
    Within(IpNet),
    /// It is this moment, in a form that isn't known: only as a date it can be compared.
    Moment(&'a str),
    /// It isn't known, for this reason: a fragment such as `Atlas's addresses couldn't be read`.
    Unknown(&'a str),
}

/// What is known of a request: condition keys with what is known of each. One that isn't listed is not known.
pub(super) type Context<'a> = &'a [(&'a str, Fact<'a>)];

/// Returns what is known of a key, if anything is. The case of a key doesn't count.
pub(super) fn given<'a>(context: Context<'a>, key: &str) -> Option<Fact<'a>> {
    let known = context.iter().find(|(known, _)| known.eq_ignore_ascii_case(key));
    known.map(|(_, fact)| *fact)
}
