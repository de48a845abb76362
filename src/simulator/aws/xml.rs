//! Answers of the query protocol.

use hyper::StatusCode;
use quick_xml::escape::escape;

use super::super::answer::Answer;

/// XML that is being written.
#[derive(Debug, Clone, Default)]
pub(super) struct Xml(String);

impl Xml {
    pub(super) fn text(self, name: &str, value: &str) -> Self {
        self.wrapped(name, &escaped(value))
    }

    pub(super) fn maybe(self, name: &str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.text(name, value),
            None => self,
        }
    }

    pub(super) fn element(self, name: &str, content: &Self) -> Self {
        self.wrapped(name, &content.0)
    }

    pub(super) fn list(self, name: &str, members: impl IntoIterator<Item = Self>) -> Self {
        let members = members
            .into_iter()
            .fold(Self::default(), |list, member| list.element("member", &member));
        self.element(name, &members)
    }

    pub(super) fn texts<'a>(self, name: &str, members: impl IntoIterator<Item = &'a str>) -> Self {
        let members = members
            .into_iter()
            .fold(Self::default(), |list, member| list.text("member", member));
        self.element(name, &members)
    }

    fn wrapped(mut self, name: &str, content: &str) -> Self {
        for part in ["<", name, ">", content, "</", name, ">"] {
            self.0.push_str(part);
        }
        self
    }
}

/// Wraps a result; `None` is for the calls that have none.
pub(super) fn success(action: &str, namespace: &str, result: Option<&Xml>, request_id: &str) -> Answer {
    let result = match result {
        Some(result) => Xml::default().element(&format!("{action}Result"), result).0,
        None => String::new(),
    };
    let body = format!(
        "<{action}Response xmlns=\"{namespace}\">{result}<ResponseMetadata><RequestId>{request_id}</RequestId>\
         </ResponseMetadata></{action}Response>"
    );
    Answer::new(StatusCode::OK, "text/xml", body)
}

pub(super) fn escaped(text: &str) -> String {
    escape(text).into_owned()
}
