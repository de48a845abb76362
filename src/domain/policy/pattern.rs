//! Texts in policies that stand for others: wildcards and policy variables.
//!
//! After "IAM policy elements: Variables and tags" and "IAM JSON policy elements: Resource".

use super::fact::{Context, Fact, given};
use super::truth::Truth;

/// How a text in a policy is read.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Syntax<'a> {
    /// `*` is any run of characters, `?` any one.
    pub(super) wildcards: bool,
    /// `${…}` is a policy variable, with a value from what is known of the request; `None`: it is plain text.
    pub(super) variables: Option<Context<'a>>,
    /// Upper and lower case are the same.
    pub(super) ignore_case: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token {
    Char(char),
    One,
    Run,
}

/// A text of a policy, read.
struct Pattern {
    tokens: Vec<Token>,
    /// Whether a variable is in it whose value isn't known: it is a [`Token::Run`].
    is_open: bool,
    /// Whether a variable stands before the fifth colon, where an ARN of `Resource` can't have one.
    is_early: bool,
}

/// Returns whether a text in a policy stands for another.
///
/// A text with a variable that isn't known is unknown where it fits with any value of it, and a no where it fits with
/// none. One with a variable that has no value is "effectively null" and stands for nothing.
pub(super) fn matches(pattern: &str, text: &str, syntax: Syntax<'_>) -> Truth {
    match Pattern::read(pattern, syntax) {
        Some(pattern) => pattern.stands_for(&characters(text, syntax), Crossing::Free),
        None => Truth::No,
    }
}

/// Returns whether an entry of `Resource` stands for an ARN.
///
/// A `*` at the end of a part "can expand to match beyond the colon boundaries"; of another wildcard AWS doesn't say so:
/// unknown where it would have to. Variables have their place behind the fifth colon only: unknown elsewhere.
pub(super) fn matches_resource(pattern: &str, arn: &str, syntax: Syntax<'_>) -> Truth {
    let Some(pattern) = Pattern::read(pattern, syntax) else {
        return Truth::No;
    };
    let arn = characters(arn, syntax);
    match pattern.stands_for(&arn, Crossing::Free) {
        Truth::Yes if pattern.is_early || pattern.stands_for(&arn, Crossing::AtEnds) == Truth::No => Truth::Unknown,
        truth => truth,
    }
}

/// Returns whether a pattern stands for an ARN as the `Arn…` condition operators see it: "each of the six
/// colon-delimited components of the ARN is checked separately". What a pattern of fewer parts means isn't said.
pub(super) fn matches_arn(pattern: &str, text: &str, syntax: Syntax<'_>) -> Truth {
    let Some(pattern) = Pattern::read(pattern, syntax) else {
        return Truth::No;
    };
    let text = characters(text, syntax);
    let whole = pattern.stands_for(&text, Crossing::Free);
    if whole != Truth::Yes {
        return whole;
    }
    let mut parts = text.splitn(6, |c| *c == ':');
    let patterns: Vec<_> = pattern.tokens.splitn(6, |token| *token == Token::Char(':')).collect();
    if patterns.len() < 6 {
        return Truth::Unknown;
    }
    let fit = patterns
        .into_iter()
        .all(|pattern| parts.next().is_some_and(|part| fits(pattern, part, Crossing::Free)));
    fit.into()
}

/// Returns whether a text holds a variable that has no value: it stands for nothing.
pub(super) fn is_null(pattern: &str, syntax: Syntax<'_>) -> bool {
    Pattern::read(pattern, syntax).is_none()
}

fn characters(text: &str, syntax: Syntax<'_>) -> Vec<char> {
    if syntax.ignore_case {
        text.chars().flat_map(char::to_lowercase).collect()
    } else {
        text.chars().collect()
    }
}

impl Pattern {
    /// Splits a text up; `None` where a variable in it has no value.
    fn read(text: &str, syntax: Syntax<'_>) -> Option<Self> {
        let mut read = Self {
            tokens: Vec::with_capacity(text.len()),
            is_open: false,
            is_early: false,
        };
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            if let Some((context, inner)) = syntax.variables.zip(rest.strip_prefix("${")) {
                let Some((variable, after)) = inner.split_once('}') else {
                    read.leave_open();
                    break;
                };
                match value(variable, context) {
                    Value::Sign(sign) => read.tokens.push(Token::Char(sign)),
                    Value::Text(value) => {
                        read.is_early |= read.colons() < 5;
                        read.tokens
                            .extend(characters(value, syntax).into_iter().map(Token::Char));
                    }
                    Value::None => return None,
                    Value::Unknown => read.leave_open(),
                    Value::Unreadable => {
                        read.leave_open();
                        break;
                    }
                }
                rest = after;
                continue;
            }
            match c {
                '*' if syntax.wildcards => read.tokens.push(Token::Run),
                '?' if syntax.wildcards => read.tokens.push(Token::One),
                c if syntax.ignore_case => read.tokens.extend(c.to_lowercase().map(Token::Char)),
                c => read.tokens.push(Token::Char(c)),
            }
            rest = rest.strip_prefix(c).unwrap_or_default();
        }
        Some(read)
    }

    fn leave_open(&mut self) {
        self.is_open = true;
        self.tokens.push(Token::Run);
    }

    fn colons(&self) -> usize {
        self.tokens.iter().filter(|token| **token == Token::Char(':')).count()
    }

    fn stands_for(&self, text: &[char], crossing: Crossing) -> Truth {
        match (fits(&self.tokens, text, crossing), self.is_open) {
            (false, _) => Truth::No,
            (true, true) => Truth::Unknown,
            (true, false) => Truth::Yes,
        }
    }
}

/// What a variable stands for.
enum Value<'a> {
    /// One of the three signs that can be written no other way.
    Sign(char),
    /// This text, word for word.
    Text(&'a str),
    /// Nothing: the request lacks the key, and there is no default.
    None,
    Unknown,
    /// It isn't written as AWS documents it; neither is what comes after it.
    Unreadable,
}

/// Reads what stands between the braces: a key, or `key, 'default'`.
fn value<'a>(variable: &'a str, context: Context<'a>) -> Value<'a> {
    match variable {
        "*" => return Value::Sign('*'),
        "?" => return Value::Sign('?'),
        "$" => return Value::Sign('$'),
        _ => {}
    }
    let (key, default) = match variable.split_once(',') {
        None => (variable, None),
        Some((key, default)) => {
            let quoted = default
                .trim()
                .strip_prefix('\'')
                .and_then(|text| text.strip_suffix('\''));
            match quoted.filter(|text| !text.contains('\'')) {
                Some(text) => (key.trim_end(), Some(text)),
                None => return Value::Unreadable,
            }
        }
    };
    match (given(context, key), default) {
        (Some(Fact::Is(value)), _) => Value::Text(value),
        (Some(Fact::Absent), Some(default)) => Value::Text(default),
        (Some(Fact::Absent), None) => Value::None,
        (
            None | Some(Fact::Foreign | Fact::IsOrAbsent(_) | Fact::Within(_) | Fact::Moment(_) | Fact::Unknown(_)),
            _,
        ) => Value::Unknown,
    }
}

/// Over which colons a wildcard reaches.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Crossing {
    /// Over any.
    Free,
    /// Only a `*` that ends a part does.
    AtEnds,
}

/// Follows all ways through the pattern at once, so that many stars can't make it slow.
fn fits(pattern: &[Token], text: &[char], crossing: Crossing) -> bool {
    let ends_part = |at: usize| matches!(pattern.get(at + 1), None | Some(Token::Char(':')));
    let takes = |at: usize, c: char| {
        c != ':' || crossing == Crossing::Free || (pattern.get(at) == Some(&Token::Run) && ends_part(at))
    };
    // `reached[n]`: the first `n` tokens stand for what was read so far.
    let skip_runs = |reached: &mut [bool]| {
        for (at, token) in pattern.iter().enumerate() {
            if reached[at] && *token == Token::Run {
                reached[at + 1] = true;
            }
        }
    };
    let mut reached = vec![false; pattern.len() + 1];
    reached[0] = true;
    skip_runs(&mut reached);
    for c in text {
        let mut next = vec![false; pattern.len() + 1];
        for (at, token) in pattern.iter().enumerate().filter(|(at, _)| reached[*at]) {
            match token {
                Token::Char(wanted) => next[at + 1] |= wanted == c,
                Token::One => next[at + 1] |= takes(at, *c),
                Token::Run => next[at] |= takes(at, *c),
            }
        }
        skip_runs(&mut next);
        reached = next;
    }
    reached.last() == Some(&true)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROLE: &str = "arn:aws:iam::111122223333:role/team/atlas";
    const KNOWN: Context<'_> = &[
        ("aws:PrincipalAccount", Fact::Is("111122223333")),
        ("aws:PrincipalArn", Fact::Is(ROLE)),
        ("aws:username", Fact::Absent),
        ("aws:MultiFactorAuthPresent", Fact::IsOrAbsent("false")),
        ("aws:SourceIp", Fact::Unknown("")),
        ("k:star", Fact::Is("a*")),
        ("k:Case", Fact::Is("Mixed")),
    ];
    const RESOURCE: Syntax<'_> = Syntax {
        wildcards: true,
        variables: Some(KNOWN),
        ignore_case: false,
    };
    const KEY: &str = "arn:aws:kms:eu-west-1:444455556666:key/1234abcd-12ab-34cd-56ef-1234567890ab";

    #[test]
    fn wildcards_stand_for_runs_and_single_characters() {
        for (pattern, text, expected) in [
            ("*", KEY, Truth::Yes),
            ("arn:aws:kms:*:444455556666:key/*", KEY, Truth::Yes),
            ("arn:aws:kms:eu-west-?:444455556666:key/1234*ab", KEY, Truth::Yes),
            ("arn:aws:kms:*", KEY, Truth::Yes),
            ("arn:aws:s3:::*", KEY, Truth::No),
            ("ARN:aws:kms:*", KEY, Truth::No),
            ("", "", Truth::Yes),
            ("**", "", Truth::Yes),
            ("?", "", Truth::No),
            ("a*b*c", "aXbXbc", Truth::Yes),
            ("a*b*c", "aXcXb", Truth::No),
        ] {
            assert_eq!(matches(pattern, text, RESOURCE), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn actions_ignore_case() {
        let action = Syntax {
            wildcards: true,
            variables: None,
            ignore_case: true,
        };
        assert_eq!(matches("KMS:De*", "kms:Decrypt", action), Truth::Yes);
        assert_eq!(matches("kms:*", "kms:DescribeKey", action), Truth::Yes);
        assert_eq!(matches("km?:decryp?", "kms:Decrypt", action), Truth::Yes);
        assert_eq!(matches("s3:*", "kms:Decrypt", action), Truth::No);
    }

    /// The value of a key is taken word for word; one that the request lacks leaves nothing to fit, a default aside.
    #[test]
    fn variables_have_the_values_of_the_request() {
        for (pattern, text, expected) in [
            ("${aws:PrincipalAccount}", "111122223333", Truth::Yes),
            ("${AWS:principalaccount}", "111122223333", Truth::Yes),
            ("${aws:PrincipalAccount}", "999900001111", Truth::No),
            ("x-${aws:PrincipalAccount}-*", "x-111122223333-y", Truth::Yes),
            ("${aws:username}", "", Truth::No),
            ("${aws:username}*", "anything", Truth::No),
            ("${aws:username, 'nobody'}", "nobody", Truth::Yes),
            ("${aws:username,'no*'}", "nobody", Truth::No),
            ("${aws:username, ''}", "", Truth::Yes),
            ("${aws:PrincipalAccount, 'nobody'}", "nobody", Truth::No),
            ("${k:star}", "ab", Truth::No),
            ("${k:star}", "a*", Truth::Yes),
            ("${aws:PrincipalTag/team}", "data", Truth::Unknown),
            ("${aws:PrincipalTag/team, 'data'}", "data", Truth::Unknown),
            ("${aws:PrincipalTag/team}-x", "data", Truth::No),
            ("${aws:MultiFactorAuthPresent}", "false", Truth::Unknown),
            ("${aws:SourceIp}", "198.51.100.7", Truth::Unknown),
            ("a${*}b${?}c${$}", "a*b?c$", Truth::Yes),
            ("a${*}b", "axb", Truth::No),
        ] {
            assert_eq!(matches(pattern, text, RESOURCE), expected, "{pattern} {text}");
        }
        let ignoring = Syntax {
            ignore_case: true,
            ..RESOURCE
        };
        assert_eq!(matches("${k:case}", "mIXED", ignoring), Truth::Yes);
        assert!(is_null("x${aws:username}", RESOURCE) && !is_null("${aws:username, 'x'}", RESOURCE));
    }

    #[test]
    fn what_is_not_written_as_documented_is_unknown_from_there_on() {
        for pattern in [
            "x${never closed",
            "x${aws:username, nobody}",
            "x${aws:username, 'no''body'}",
            "x${aws:username, 'no}body'}",
        ] {
            assert_eq!(matches(pattern, "xyz", RESOURCE), Truth::Unknown, "{pattern}");
            assert_eq!(matches(pattern, "yz", RESOURCE), Truth::No, "{pattern}");
        }
    }

    #[test]
    fn in_the_first_version_a_variable_is_plain_text() {
        let first_version = Syntax {
            variables: None,
            ..RESOURCE
        };
        assert_eq!(matches("${aws:username}", "${aws:username}", first_version), Truth::Yes);
        assert_eq!(
            matches("${aws:PrincipalAccount}", "111122223333", first_version),
            Truth::No
        );
        assert_eq!(matches("a${*}b", "a${x}b", first_version), Truth::Yes);
    }

    #[test]
    fn resources_have_variables_behind_the_fifth_colon_and_stars_that_cross_at_the_end_of_a_part() {
        for (pattern, expected) in [
            ("*", Truth::Yes),
            ("arn:aws:kms:*", Truth::Yes),
            ("arn:*:key/1234abcd*", Truth::Yes),
            ("arn:aws:kms:*:444455556666:key/*", Truth::Yes),
            ("arn:aws:kms:eu-*1:444455556666:key/*", Truth::Yes),
            ("arn:aws:kms:e*6:key/*", Truth::Unknown),
            ("arn:aws:kms:eu-west-1?444455556666:key/*", Truth::Unknown),
            ("arn:aws:s3:::*", Truth::No),
            ("arn:aws:kms:*:${aws:PrincipalAccount}:key/*", Truth::No),
            ("arn:aws:kms:*:${aws:PrincipalTag/account}:key/*", Truth::Unknown),
            ("arn:aws:kms:*:444455556666:key/${aws:PrincipalTag/key}", Truth::Unknown),
            ("arn:aws:kms:*:444455556666:key/${aws:PrincipalAccount}", Truth::No),
            ("arn:aws:kms:*:444455556666:key/${aws:username}*", Truth::No),
            (
                "arn:aws:kms:*:444455556666:key/${aws:username, '1234abcd'}*",
                Truth::Yes,
            ),
        ] {
            assert_eq!(matches_resource(pattern, KEY, RESOURCE), expected, "{pattern}");
        }
        let own = KEY.replace("444455556666", "111122223333");
        let early = "arn:aws:kms:*:${aws:PrincipalAccount}:key/*";
        assert_eq!(matches_resource(early, &own, RESOURCE), Truth::Unknown);
    }

    #[test]
    fn many_stars_are_no_trap() {
        let pattern = "*a".repeat(60) + "b";
        assert_eq!(matches(&pattern, &"a".repeat(2_000), RESOURCE), Truth::No);
    }

    #[test]
    fn arn_operators_look_at_each_part() {
        for (pattern, text, expected) in [
            ("arn:aws:kms:*:444455556666:*", KEY, Truth::Yes),
            ("arn:aws:kms:*:444455556666:key/*:*", KEY, Truth::No),
            ("arn:*:*:*:*:key/9*", KEY, Truth::No),
            ("arn:aws:iam::*:role/*", "arn:aws:iam::111122223333:x:role/y", Truth::No),
            ("arn:*:key/1234*", KEY, Truth::Unknown),
            ("*", KEY, Truth::Unknown),
            ("${aws:PrincipalArn}", ROLE, Truth::Yes),
            ("arn:aws:iam::${aws:PrincipalAccount}:role/team/*", ROLE, Truth::Yes),
            ("arn:aws:iam::${aws:PrincipalAccount}:user/*", ROLE, Truth::No),
        ] {
            assert_eq!(matches_arn(pattern, text, RESOURCE), expected, "{pattern} {text}");
        }
    }
}
