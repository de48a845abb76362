//! The file as sections and values that know their line, and the list of what is wrong with them.

use std::collections::BTreeMap;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::domain::name;
use crate::problem::Problem;

/// The sections and their keys.
pub(super) const SECTIONS: [(&str, &[&str]); 5] = [
    ("project", &["id", "name"]),
    ("aws", &["region", "profile", "half"]),
    (
        "role",
        &[
            "name",
            "arn",
            "reuse",
            "tags",
            "path",
            "permissions_boundary",
            "access_role",
            "drop_dead_principals",
        ],
    ),
    (
        "key",
        &[
            "alias",
            "id",
            "arn",
            "create",
            "description",
            "rotation_days",
            "multi_region",
            "tags",
            "extend_policy",
        ],
    ),
    ("clusters", &["encrypt", "rollout", "resume", "create"]),
];

/// What is wrong with a file, in the order in which it was found.
pub(super) struct Faults<'a> {
    text: &'a str,
    file: &'a str,
    problems: Vec<Problem>,
}

impl<'a> Faults<'a> {
    pub(super) fn of(text: &'a str, file: &'a str) -> Self {
        Self {
            text,
            file,
            problems: Vec::new(),
        }
    }

    /// Adds one at a place in the text.
    pub(super) fn at(&mut self, span: &Range<usize>, message: impl Into<String>) {
        self.add(Some(span), message, None);
    }

    /// Adds one at a place in the text, with what to do.
    pub(super) fn advise(&mut self, span: &Range<usize>, message: impl Into<String>, hint: impl Into<String>) {
        self.add(Some(span), message, Some(hint.into()));
    }

    /// Adds one that is about the whole file.
    pub(super) fn missing(&mut self, message: impl Into<String>) {
        self.add(None, message, None);
    }

    fn add(&mut self, span: Option<&Range<usize>>, message: impl Into<String>, hint: Option<String>) {
        let mut problem = Problem::input(message).at(match span {
            Some(span) => format!("{}, line {}", self.file, self.line(span.start)),
            None => self.file.to_owned(),
        });
        problem.hints.extend(hint);
        self.problems.push(problem);
    }

    fn line(&self, at: usize) -> usize {
        let before = self.text.as_bytes().iter().take(at);
        1 + before.filter(|byte| **byte == b'\n').count()
    }

    pub(super) fn count(&self) -> usize {
        self.problems.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.problems.is_empty()
    }

    pub(super) fn into_problems(self) -> Vec<Problem> {
        self.problems
    }
}

/// Adds each section and key that this program doesn't know.
pub(super) fn find_unknown(document: &DeTable<'_>, faults: &mut Faults<'_>) {
    for (name, value) in document {
        let Some((section, keys)) = SECTIONS.iter().find(|(known, _)| *known == name.get_ref()) else {
            let known = SECTIONS.map(|(known, _)| known);
            let hint = match nearest(name.get_ref(), &known) {
                Some(near) => format!("did you mean [{near}]?"),
                None => home_of(name.get_ref()).unwrap_or_else(|| format!("the sections are {}", known.join(", "))),
            };
            faults.advise(
                &name.span(),
                format!("unknown section or key `{}`", name.get_ref()),
                hint,
            );
            continue;
        };
        let DeValue::Table(table) = value.get_ref() else {
            faults.at(&value.span(), format!("`{section}` is a section: write [{section}]"));
            continue;
        };
        for key in table.keys().filter(|key| !keys.contains(&key.get_ref().as_ref())) {
            let hint = match nearest(key.get_ref(), keys) {
                Some(near) => format!("did you mean {near}?"),
                None => home_of(key.get_ref()).unwrap_or_else(|| format!("[{section}] has {}", keys.join(", "))),
            };
            faults.advise(
                &key.span(),
                format!("unknown key `{}` in [{section}]", key.get_ref()),
                hint,
            );
        }
    }
}

fn nearest<'k>(given: &str, known: &[&'k str]) -> Option<&'k str> {
    let given = given.to_lowercase().replace('-', "_");
    let near = known
        .iter()
        .map(|known| (strsim::damerau_levenshtein(known, &given), *known));
    let (distance, known) = near.min()?;
    (distance <= known.len().div_ceil(3)).then_some(known)
}

/// Names the section where a key belongs that stands elsewhere.
fn home_of(key: &str) -> Option<String> {
    let (section, _) = SECTIONS.iter().find(|(_, keys)| keys.contains(&key))?;
    Some(format!("{key} belongs to [{section}]"))
}

/// A value with its place.
pub(super) struct Given<T> {
    pub(super) value: T,
    pub(super) span: Range<usize>,
}

/// One section; a missing one has no keys.
pub(super) struct Section<'d> {
    name: &'static str,
    table: Option<&'d DeTable<'d>>,
    span: Option<Range<usize>>,
}

impl<'d> Section<'d> {
    pub(super) fn of(document: &'d DeTable<'d>, name: &'static str) -> Self {
        let found = document.iter().find(|(key, _)| key.get_ref() == name);
        Self {
            name,
            table: found.and_then(|(_, value)| match value.get_ref() {
                DeValue::Table(table) => Some(table),
                _ => None,
            }),
            span: found.map(|(key, _)| key.span()),
        }
    }

    /// Returns a table as a section: one of a list of them.
    pub(super) fn of_table(name: &'static str, table: &'d DeTable<'d>, span: Range<usize>) -> Self {
        Self {
            name,
            table: Some(table),
            span: Some(span),
        }
    }

    /// Adds each key that the section can't have.
    pub(super) fn takes_only(&self, faults: &mut Faults<'_>, keys: &[&str]) {
        for key in self.table.into_iter().flat_map(|table| table.keys()) {
            if !keys.contains(&key.get_ref().as_ref()) {
                let hint = match nearest(key.get_ref(), keys) {
                    Some(near) => format!("did you mean {near}?"),
                    None => format!("[{}] has {}", self.name, keys.join(", ")),
                };
                faults.advise(
                    &key.span(),
                    format!("unknown key `{}` in [{}]", key.get_ref(), self.name),
                    hint,
                );
            }
        }
    }

    /// Adds that something in the section is missing.
    pub(super) fn lacks(&self, faults: &mut Faults<'_>, what: &str) {
        match &self.span {
            Some(span) => faults.at(span, format!("[{}] needs {what}", self.name)),
            None => faults.missing(format!("the section [{}] is missing; it needs {what}", self.name)),
        }
    }

    pub(super) fn value(&self, key: &str) -> Option<&'d Spanned<DeValue<'d>>> {
        let table = self.table?;
        table
            .iter()
            .find(|(known, _)| known.get_ref() == key)
            .map(|(_, value)| value)
    }

    fn read<T>(
        &self,
        faults: &mut Faults<'_>,
        key: &str,
        wanted: &str,
        read: impl FnOnce(&DeValue<'_>) -> Option<T>,
    ) -> Option<Given<T>> {
        let found = self.value(key)?;
        let value = read(found.get_ref());
        if value.is_none() {
            faults.at(&found.span(), format!("`{key}` is {wanted}"));
        }
        Some(Given {
            value: value?,
            span: found.span(),
        })
    }

    pub(super) fn text(&self, faults: &mut Faults<'_>, key: &str) -> Option<Given<String>> {
        self.read(faults, key, "a text in quotes", |value| match value {
            DeValue::String(text) => Some(text.clone().into_owned()),
            _ => None,
        })
    }

    /// Reads a text and judges it; what is wrong with it is told at its line.
    pub(super) fn judged<T, E: ToString>(
        &self,
        faults: &mut Faults<'_>,
        key: &str,
        judge: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<Given<T>> {
        let Given { value, span } = self.text(faults, key)?;
        match judge(&value) {
            Ok(value) => Some(Given { value, span }),
            Err(error) => {
                faults.at(&span, format!("`{key}`: {}", error.to_string()));
                None
            }
        }
    }

    pub(super) fn flag(&self, faults: &mut Faults<'_>, key: &str) -> Option<Given<bool>> {
        self.read(faults, key, "true or false", |value| match value {
            DeValue::Boolean(flag) => Some(*flag),
            _ => None,
        })
    }

    pub(super) fn number(&self, faults: &mut Faults<'_>, key: &str) -> Option<Given<i64>> {
        self.read(faults, key, "a whole number", |value| match value {
            DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix()).ok(),
            _ => None,
        })
    }

    pub(super) fn tags(&self, faults: &mut Faults<'_>) -> Option<Given<BTreeMap<String, String>>> {
        let found = self.value("tags")?;
        let DeValue::Table(table) = found.get_ref() else {
            faults.at(&found.span(), "`tags` is a table: tags = { team = \"payments\" }");
            return None;
        };
        let mut tags = BTreeMap::new();
        for (key, value) in table {
            let (key, span) = (key.get_ref(), value.span());
            match value.get_ref() {
                DeValue::String(text) => match name::check_tag(key, text) {
                    Ok(()) => {
                        tags.insert(key.clone().into_owned(), text.clone().into_owned());
                    }
                    Err(why) => faults.at(&span, format!("tag `{key}`: {why}")),
                },
                _ => faults.at(&span, format!("the value of tag `{key}` is a text in quotes")),
            }
        }
        if tags.len() > name::MOST_TAGS {
            faults.at(
                &found.span(),
                format!("{} tags, {} are the most", tags.len(), name::MOST_TAGS),
            );
        }
        Some(Given {
            value: tags,
            span: found.span(),
        })
    }
}
