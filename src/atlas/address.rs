//! The base URL and the paths below it.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::{Host, Url};

use crate::problem::Problem;

/// What stays as it is in a path segment: RFC 3986's unreserved characters.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The part of every path that callers don't repeat.
const API: &str = "/api/atlas/v2";

/// Where the API is: `https://cloud.mongodb.com`, without a slash at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct BaseUrl {
    text: String,
    loopback: bool,
}

/// A place below the base URL.
#[derive(Clone, Debug)]
pub(super) struct Address {
    pub(super) url: Url,
    /// How operators see it: the path without the base.
    pub(super) shown: String,
}

impl BaseUrl {
    /// Reads it and judges it: https, or http to this machine.
    pub(super) fn parse(text: &str) -> Result<Self, Problem> {
        let text = text.trim();
        let refuse = |why: &str| Err(Problem::input(format!("the Atlas base URL {why}: `{text}`")));
        let Ok(url) = Url::parse(text) else {
            return refuse("is not a URL such as `https://cloud.mongodb.com`");
        };
        let loopback = match url.host() {
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            Some(Host::Domain(name)) => name == "localhost",
            None => return refuse("names no host"),
        };
        if !url.username().is_empty() || url.password().is_some() {
            // Not shown: there may be a secret in it.
            return Err(
                Problem::input("the Atlas base URL can't carry a user name or password").hint(
                    "give the credential in MONGODB_ATLAS_PUBLIC_API_KEY and \
                     MONGODB_ATLAS_PRIVATE_API_KEY, or in MONGODB_ATLAS_CLIENT_ID and MONGODB_ATLAS_CLIENT_SECRET",
                ),
            );
        }
        if url.query().is_some() || url.fragment().is_some() {
            return refuse("can't carry a query or a fragment");
        }
        match url.scheme() {
            "https" => {}
            "http" if loopback => {}
            "http" => return refuse("uses plain http, which is for this machine only; use https"),
            _ => return refuse("must begin with https://"),
        }
        // The paths that people paste from the documentation.
        let text = url.as_str().trim_end_matches('/');
        let text = text.strip_suffix(API).unwrap_or(text).trim_end_matches('/').to_owned();
        Ok(Self { text, loopback })
    }

    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns whether it is this machine: no proxy then.
    pub(super) fn is_loopback(&self) -> bool {
        self.loopback
    }

    /// Returns the place of an API call. An ID or a name stays one segment, whatever is in it.
    ///
    /// # Errors
    /// The segment that can't be one: empty, `.` or `..`.
    pub(super) fn api(&self, segments: &[&str], query: &str) -> Result<Address, String> {
        let mut path = String::new();
        for segment in segments {
            if matches!(*segment, "" | "." | "..") {
                return Err((*segment).to_owned());
            }
            path.push('/');
            path.extend(utf8_percent_encode(segment, SEGMENT));
        }
        let mut shown = if path.is_empty() { "/".to_owned() } else { path.clone() };
        if let Some(page) = query.split('&').find(|part| part.starts_with("pageNum=")) {
            shown = format!("{shown}?{page}");
        }
        let mut address = self.below(&format!("{API}{path}"), shown)?;
        address.url.set_query((!query.is_empty()).then_some(query));
        Ok(address)
    }

    /// Returns one of OAuth's two places: `token`, `revoke`.
    pub(super) fn oauth(&self, name: &str) -> Result<Address, String> {
        let path = format!("/api/oauth/{name}");
        self.below(&path, path.clone())
    }

    fn below(&self, path: &str, shown: String) -> Result<Address, String> {
        let url = Url::parse(&format!("{}{path}", self.text)).map_err(|_| path.to_owned())?;
        Ok(Address { url, shown })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base(text: &str) -> BaseUrl {
        BaseUrl::parse(text).unwrap()
    }

    #[test]
    fn the_base_is_normalized() {
        for text in [
            "https://cloud.mongodbgov.com",
            " https://cloud.mongodbgov.com/ ",
            "https://cloud.mongodbgov.com//",
            "https://cloud.mongodbgov.com/api/atlas/v2/",
        ] {
            assert_eq!(base(text).as_str(), "https://cloud.mongodbgov.com", "{text}");
        }
    }

    #[test]
    fn plain_http_is_for_this_machine_only() {
        for text in [
            "http://127.0.0.1:8080",
            "http://127.3.2.1",
            "http://[::1]:8080/",
            "http://localhost:1",
        ] {
            assert!(base(text).is_loopback(), "{text}");
        }
        assert!(!base("https://cloud.mongodb.com").is_loopback());
        for text in [
            "http://cloud.mongodb.com",
            "http://localhost.example.com",
            "http://10.0.0.1",
            "ftp://127.0.0.1",
            "cloud.mongodb.com",
            "",
            "https://",
            "https://cloud.mongodb.com/?x=1",
        ] {
            assert!(BaseUrl::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_password_in_the_url_is_refused_and_not_shown() {
        let problem = BaseUrl::parse("https://me:hush@cloud.mongodb.com").unwrap_err();
        assert!(!format!("{problem:?}").contains("hush"), "{problem:?}");
    }

    #[test]
    fn names_cannot_change_the_path() {
        let base = base("https://cloud.mongodb.com");
        for (name, segment) in [
            ("../../orgs", "..%2F..%2Forgs"),
            ("a?b#c", "a%3Fb%23c"),
            ("%2e%2e", "%252e%252e"),
            ("\t..", "%09.."),
            ("x y;z", "x%20y%3Bz"),
        ] {
            let address = base.api(&["groups", "1", "clusters", name], "").unwrap();
            assert_eq!(address.url.path(), format!("/api/atlas/v2/groups/1/clusters/{segment}"));
            assert_eq!(address.url.query(), None);
        }
        for name in ["", ".", ".."] {
            assert!(base.api(&["groups", "1", "clusters", name], "").is_err(), "{name:?}");
        }
    }

    #[test]
    fn what_is_shown_has_no_base() {
        let base = base("https://cloud.mongodb.com");
        assert_eq!(base.api(&[], "").unwrap().shown, "/");
        let page = base
            .api(
                &["groups", "1", "clusters"],
                "includeCount=true&itemsPerPage=500&pageNum=2",
            )
            .unwrap();
        assert_eq!(page.shown, "/groups/1/clusters?pageNum=2");
        assert_eq!(page.url.query(), Some("includeCount=true&itemsPerPage=500&pageNum=2"));
        assert_eq!(
            base.oauth("token").unwrap().url.as_str(),
            "https://cloud.mongodb.com/api/oauth/token"
        );
    }
}
