//! The `*`, `?` and variables of policies.

use std::collections::BTreeSet;

use super::context::Context;

/// A text in which `*` stands for any run of characters and `?` for one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pattern(Vec<Sign>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    Char(char),
    One,
    Many,
}

impl Pattern {
    /// Reads a pattern in which nothing else has a meaning.
    pub(super) fn plain(text: &str) -> Self {
        Self(text.chars().map(Sign::of).collect())
    }

    /// Reads a pattern with variables such as `${aws:username}`, whose values are taken word for word.
    ///
    /// Returns nothing where the request lacks a value that has no default: such an element fits nothing.
    pub(super) fn with_variables(text: &str, context: &Context) -> Option<Self> {
        let mut signs = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            let Some((variable, after)) = after.split_once('}') else {
                break;
            };
            signs.extend(before.chars().map(Sign::of));
            signs.extend(value(variable, context)?.chars().map(Sign::Char));
            rest = after;
        }
        signs.extend(rest.chars().map(Sign::of));
        Some(Self(signs))
    }

    /// Tells whether a text fits.
    pub(super) fn fits(&self, text: &str) -> bool {
        fits(&self.0, &text.chars().collect::<Vec<_>>())
    }

    /// Tells whether an ARN fits part by part: no `*` reaches over one of the first five colons.
    ///
    /// Parts that the pattern leaves out at its end can be anything.
    pub(super) fn fits_arn(&self, arn: &str) -> bool {
        if self.0 == [Sign::Many] {
            return true;
        }
        let mut parts = arn.splitn(6, ':');
        self.0.splitn(6, |sign| *sign == Sign::Char(':')).all(|pattern| {
            parts
                .next()
                .is_some_and(|part| fits(pattern, &part.chars().collect::<Vec<_>>()))
        })
    }

    /// Tells whether the ARN of a resource fits: a `*` reaches over colons where it ends a part of the pattern.
    pub(super) fn fits_resource(&self, arn: &str) -> bool {
        let arn: Vec<char> = arn.chars().collect();
        // Where in the ARN the signs so far may end.
        let mut ends = BTreeSet::from([0]);
        for (number, sign) in self.0.iter().enumerate() {
            let ends_part = matches!(self.0.get(number + 1), None | Some(Sign::Char(':')));
            let taken_from = |at: usize| {
                let rest = arn.get(at..).unwrap_or_default();
                let in_part = rest.iter().take_while(|character| **character != ':').count();
                match sign {
                    Sign::Many if ends_part => Some(0..=rest.len()),
                    Sign::Many => Some(0..=in_part),
                    Sign::One if in_part > 0 => Some(1..=1),
                    Sign::Char(wanted) if rest.first() == Some(wanted) => Some(1..=1),
                    Sign::One | Sign::Char(_) => None,
                }
            };
            ends = ends
                .iter()
                .flat_map(|&at| taken_from(at).into_iter().flatten().map(move |taken| at + taken))
                .collect();
        }
        ends.contains(&arn.len())
    }

    /// Returns the text itself, for operators that know no `*`.
    pub(super) fn text(&self) -> String {
        let character = |sign: &Sign| match sign {
            Sign::Char(c) => *c,
            Sign::One => '?',
            Sign::Many => '*',
        };
        self.0.iter().map(character).collect()
    }
}

impl Sign {
    fn of(character: char) -> Self {
        match character {
            '*' => Self::Many,
            '?' => Self::One,
            other => Self::Char(other),
        }
    }
}

/// Returns a variable's value: of a request's key, a default, or one of the three signs that can be written no other way.
fn value(variable: &str, context: &Context) -> Option<String> {
    if matches!(variable, "*" | "?" | "$") {
        return Some(variable.to_owned());
    }
    let (key, default) = match variable.split_once(',') {
        Some((key, default)) => (key, Some(default.trim().trim_matches('\''))),
        None => (variable, None),
    };
    match context.values(key.trim()) {
        // A key with several values can't be a variable.
        Some([value]) => Some(value.clone()),
        _ => default.map(str::to_owned),
    }
}

fn fits(pattern: &[Sign], text: &[char]) -> bool {
    let (mut p, mut t) = (0, 0);
    // Where to go on when the last `*` has to swallow one character more.
    let mut retry: Option<(usize, usize)> = None;
    while let Some(character) = text.get(t) {
        match pattern.get(p) {
            Some(Sign::Many) => {
                retry = Some((p + 1, t));
                p += 1;
            }
            Some(sign) if *sign == Sign::One || *sign == Sign::Char(*character) => {
                p += 1;
                t += 1;
            }
            _ => {
                let Some((after_star, swallowed)) = retry else {
                    return false;
                };
                retry = Some((after_star, swallowed + 1));
                p = after_star;
                t = swallowed + 1;
            }
        }
    }
    pattern
        .get(p..)
        .is_some_and(|rest| rest.iter().all(|sign| *sign == Sign::Many))
}

/// Tells whether an action fits a pattern, where the case of letters doesn't count.
pub(super) fn fits_action(pattern: &str, action: &str) -> bool {
    Pattern::plain(&pattern.to_lowercase()).fits(&action.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::{Context, Pattern, fits_action};

    #[test]
    fn stars_and_question_marks_stand_for_what_aws_says() {
        for (pattern, text, expected) in [
            ("*", "", true),
            ("kms:*", "kms:Encrypt", true),
            ("kms:En*pt", "kms:Encrypt", true),
            ("kms:?ncrypt", "kms:Encrypt", true),
            ("kms:Encrypt", "kms:EncryptMore", false),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-b-b-", false),
            ("?", "", false),
            ("kms:encrypt", "kms:Encrypt", false),
        ] {
            assert_eq!(Pattern::plain(pattern).fits(text), expected, "{pattern} on {text}");
        }
        assert!(fits_action("KMS:de*", "kms:Decrypt"));
    }

    #[test]
    fn the_parts_of_an_arn_are_compared_one_by_one() {
        let key = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd";
        for (pattern, expected) in [
            ("*", true),
            (key, true),
            ("arn:aws:kms:*:111122223333:key/*", true),
            ("arn:aws:kms:eu-*:*:key/1234????", true),
            ("arn:*:key/1234abcd", false),
            ("arn:aws:kms:*", true),
            ("arn:aws:kms:eu-west-1:444455556666:*", false),
            ("arn:aws-cn:kms:*:*:*", false),
        ] {
            assert_eq!(Pattern::plain(pattern).fits_arn(key), expected, "{pattern}");
        }
        assert!(!Pattern::plain("arn:aws:kms:*:*:key/*").fits_arn("*"));
    }

    #[test]
    fn a_star_at_the_end_of_a_part_reaches_over_colons_in_a_resource() {
        let key = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd";
        for (pattern, expected) in [
            ("*", true),
            ("**", true),
            (key, true),
            ("arn:aws:kms:*:111122223333:key/*", true),
            ("arn:*:key/1234abcd", true),
            ("arn:aws:kms:*", true),
            ("arn:aws:kms:e*:key/*", true),
            ("arn:aws:kms:e*3:key/*", false),
            ("arn:aws:kms:eu-west-1?111122223333:key/*", false),
            ("arn:aws:kms:eu-west-1:111122223333", false),
            ("arn:aws:s3:::*", false),
        ] {
            assert_eq!(Pattern::plain(pattern).fits_resource(key), expected, "{pattern}");
        }
        let many = "*a".repeat(60) + "b";
        assert!(!Pattern::plain(&many).fits_resource(&"a".repeat(500)));
    }

    #[test]
    fn variables_are_taken_word_for_word() {
        let context = Context::default()
            .with("aws:username", "dana")
            .with("aws:PrincipalTag/team", "a*")
            .with_all("aws:TagKeys", ["one", "two"].map(str::to_owned));
        let fits = |pattern: &str, text: &str| {
            Pattern::with_variables(pattern, &context).is_some_and(|pattern| pattern.fits(text))
        };
        assert!(fits("home/${aws:username}/*", "home/dana/notes"));
        assert!(!fits("home/${aws:username}/*", "home/robin/notes"));
        assert!(fits("${AWS:UserName}", "dana"), "the case of a key doesn't count");
        assert!(!fits("team/${aws:PrincipalTag/team}", "team/ab"));
        assert!(fits("team/${aws:PrincipalTag/team}", "team/a*"));
        assert!(fits("a${*}b${?}c${$}", "a*b?c$") && !fits("a${*}b", "axb"));
        assert!(fits("${aws:PrincipalTag/stage, 'dev'}-*", "dev-1"));
        assert!(!fits("${aws:PrincipalTag/stage}", ""), "no value fits nothing");
        assert!(!fits("${aws:TagKeys}", "one"));
        assert!(fits("${unfinished", "${unfinished"));
    }
}
