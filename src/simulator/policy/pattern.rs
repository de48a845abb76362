//! The `*` and `?` of policies.

/// Tells whether a text fits a pattern in which `*` stands for any run of characters and `?` for one.
pub(super) fn fits(pattern: &str, text: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let text: Vec<char> = text.chars().collect();
    let (mut p, mut t) = (0, 0);
    // Where to go on when the last `*` has to swallow one character more.
    let mut retry: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                retry = Some((p + 1, t));
                p += 1;
            }
            Some(c) if *c == '?' || *c == text[t] => {
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
    pattern.get(p..).is_some_and(|rest| rest.iter().all(|c| *c == '*'))
}

/// Tells the same where the case of letters doesn't count, as with actions.
pub(super) fn fits_any_case(pattern: &str, text: &str) -> bool {
    fits(&pattern.to_lowercase(), &text.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::{fits, fits_any_case};

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
            assert_eq!(fits(pattern, text), expected, "{pattern} on {text}");
        }
        assert!(fits_any_case("KMS:de*", "kms:Decrypt"));
    }
}
