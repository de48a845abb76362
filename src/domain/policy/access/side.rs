//! The documents of one kind, judged for one request.

use super::super::PolicyDocument;
use super::super::evaluate::{Verdict, assess_all, conclude};
use super::super::statement::{Assessment, Effect, Request};
use super::super::truth::Truth;
use super::Place;

/// The documents of one kind, judged for one request.
pub(super) struct Side<'a> {
    statements: Vec<(Place, Assessment<'a>)>,
    /// Documents that couldn't be read.
    unread: Vec<Place>,
}

impl<'a> Side<'a> {
    pub(super) fn of(
        documents: impl IntoIterator<Item = (Place, Option<&'a PolicyDocument>)>,
        request: &Request<'_>,
    ) -> Self {
        let (mut statements, mut unread) = (Vec::new(), Vec::new());
        for (place, document) in documents {
            match document {
                Some(document) => {
                    let found = assess_all(&[document], request);
                    statements.extend(found.into_iter().map(|found| (place.clone(), found)));
                }
                None => unread.push(place),
            }
        }
        Self { statements, unread }
    }

    /// Returns the first document that couldn't be read.
    pub(super) fn unread(&self) -> Option<&Place> {
        self.unread.first()
    }

    /// Returns the first statement that denies, certainly or perhaps.
    pub(super) fn denying(&self, truth: Truth) -> Option<&(Place, Assessment<'a>)> {
        let mut denies = self
            .statements
            .iter()
            .filter(|(_, found)| found.effect != Effect::Allow);
        denies.find(|(_, found)| found.applies() == truth)
    }

    /// Returns whether a statement allows; what couldn't be read may.
    pub(super) fn allows(&self) -> Truth {
        self.allows_as(Assessment::applies)
    }

    /// Returns whether a statement allows, where `applies` says whether one does; what couldn't be read may.
    pub(super) fn allows_as(&self, applies: impl Fn(&Assessment<'a>) -> Truth) -> Truth {
        let allows = self.statements.iter().filter(|(_, found)| found.effect != Effect::Deny);
        let read = Truth::any(allows.map(|(_, found)| applies(found)));
        read.max(if self.unread.is_empty() {
            Truth::No
        } else {
            Truth::Unknown
        })
    }

    /// Returns the first statement that may allow.
    pub(super) fn perhaps_allowing(&self) -> Option<&(Place, Assessment<'a>)> {
        let mut allows = self.statements.iter().filter(|(_, found)| found.effect != Effect::Deny);
        allows.find(|(_, found)| found.applies() == Truth::Unknown)
    }

    /// Returns the Allow that comes nearest, with why it doesn't apply.
    pub(super) fn nearest(&self, asked: &str) -> Option<(Place, serde_json::Value, String)> {
        let all: Vec<_> = self.statements.iter().map(|(_, found)| found.clone()).collect();
        let Verdict::NotAllowed {
            nearest: Some(nearest),
            why,
        } = conclude(&all, asked)
        else {
            return None;
        };
        let (place, _) = self.statements.iter().find(|(_, found)| *found.statement == nearest)?;
        Some((place.clone(), nearest, why))
    }
}
