//! Texts in policies that stand for others: wildcards and policy variables.

use super::truth::Truth;

/// How a text in a policy is read.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Syntax {
    /// `*` is any run of characters, `?` any one.
    pub(super) wildcards: bool,
    /// `${…}` is a policy variable; `${*}`, `${?}` and `${$}` are those characters.
    pub(super) variables: bool,
    /// Upper and lower case are the same.
    pub(super) ignore_case: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token {
    Char(char),
    One,
    Run,
}

/// Returns whether a text in a policy stands for another.
///
/// The value of a variable isn't known here: a text that fits with any value of it is unknown, one that fits with none
/// is a no. A `*` runs across the colons of an ARN, as it does in `Resource`.
pub(super) fn matches(pattern: &str, text: &str, syntax: Syntax) -> Truth {
    let (tokens, open) = tokens(pattern, syntax);
    let text: Vec<char> = if syntax.ignore_case {
        text.chars().flat_map(char::to_lowercase).collect()
    } else {
        text.chars().collect()
    };
    match (fits(&tokens, &text), open) {
        (false, _) => Truth::No,
        (true, true) => Truth::Unknown,
        (true, false) => Truth::Yes,
    }
}

/// Returns whether a pattern stands for an ARN as the `Arn…` condition operators see it: each of the six parts by itself.
pub(super) fn matches_arn(pattern: &str, text: &str, syntax: Syntax) -> Truth {
    let whole = matches(pattern, text, syntax);
    if whole != Truth::Yes {
        return whole;
    }
    let (patterns, parts) = (pattern.splitn(6, ':'), text.splitn(6, ':'));
    let same_length = patterns.clone().count() == parts.clone().count();
    let each = patterns
        .zip(parts)
        .map(|(pattern, part)| matches(pattern, part, syntax));
    Truth::all(each.chain([same_length.into()]))
}

/// Splits a pattern up; the second part says whether a variable was in it.
fn tokens(pattern: &str, syntax: Syntax) -> (Vec<Token>, bool) {
    let mut tokens = Vec::with_capacity(pattern.len());
    let mut open = false;
    let mut rest = pattern.chars();
    while let Some(c) = rest.next() {
        match c {
            '*' if syntax.wildcards => tokens.push(Token::Run),
            '?' if syntax.wildcards => tokens.push(Token::One),
            '$' if syntax.variables && rest.as_str().starts_with('{') => {
                let name: String = rest.by_ref().skip(1).take_while(|c| *c != '}').collect();
                match name.as_str() {
                    "*" | "?" | "$" => tokens.extend(name.chars().map(Token::Char)),
                    _ => {
                        open = true;
                        tokens.push(Token::Run);
                    }
                }
            }
            c if syntax.ignore_case => tokens.extend(c.to_lowercase().map(Token::Char)),
            c => tokens.push(Token::Char(c)),
        }
    }
    (tokens, open)
}

/// Matches with one point to come back to, so that many stars can't make it slow.
fn fits(tokens: &[Token], text: &[char]) -> bool {
    let (mut token, mut at) = (0, 0);
    let mut last_run: Option<(usize, usize)> = None;
    while at < text.len() {
        match tokens.get(token) {
            Some(Token::Run) => {
                last_run = Some((token, at));
                token += 1;
            }
            Some(Token::One) => (token, at) = (token + 1, at + 1),
            Some(Token::Char(c)) if *c == text[at] => (token, at) = (token + 1, at + 1),
            _ => match last_run.as_mut() {
                Some((run, from)) => {
                    *from += 1;
                    (token, at) = (*run + 1, *from);
                }
                None => return false,
            },
        }
    }
    tokens[token..].iter().all(|token| *token == Token::Run)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RESOURCE: Syntax = Syntax {
        wildcards: true,
        variables: true,
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
            variables: false,
            ignore_case: true,
        };
        assert_eq!(matches("KMS:De*", "kms:Decrypt", action), Truth::Yes);
        assert_eq!(matches("kms:*", "kms:DescribeKey", action), Truth::Yes);
        assert_eq!(matches("km?:decryp?", "kms:Decrypt", action), Truth::Yes);
        assert_eq!(matches("s3:*", "kms:Decrypt", action), Truth::No);
    }

    #[test]
    fn a_variable_is_unknown_only_where_it_could_fit() {
        assert_eq!(
            matches("arn:aws:kms:*:${aws:PrincipalAccount}:key/*", KEY, RESOURCE),
            Truth::Unknown
        );
        assert_eq!(matches("arn:aws:s3:::${aws:username}/*", KEY, RESOURCE), Truth::No);
        assert_eq!(matches("a${*}b${?}c${$}", "a*b?c$", RESOURCE), Truth::Yes);
        assert_eq!(matches("a${*}b", "axb", RESOURCE), Truth::No);
        assert_eq!(matches("x${never closed", "xyz", RESOURCE), Truth::Unknown);
        let first_version = Syntax {
            variables: false,
            ..RESOURCE
        };
        assert_eq!(matches("${aws:username}", "${aws:username}", first_version), Truth::Yes);
    }

    #[test]
    fn many_stars_are_no_trap() {
        let pattern = "*a".repeat(60) + "b";
        assert_eq!(matches(&pattern, &"a".repeat(2_000), RESOURCE), Truth::No);
    }

    #[test]
    fn arn_operators_look_at_each_part() {
        assert_eq!(matches_arn("arn:aws:kms:*:444455556666:*", KEY, RESOURCE), Truth::Yes);
        assert_eq!(matches_arn("arn:*:key/1234*", KEY, RESOURCE), Truth::No);
        assert_eq!(matches_arn("*", KEY, RESOURCE), Truth::No);
    }
}
