//! Which addresses are this machine: plain http and no proxy for those alone.

use url::{Host, Url};

/// Returns whether a URL is of this machine: `127.0.0.0/8`, `::1`, `localhost`.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_loopback() {
        let is = |text: &str| is_loopback(&Url::parse(text).unwrap());
        for text in [
            "http://127.0.0.1:80",
            "http://127.8.8.8",
            "https://[::1]:9/x",
            "http://LOCALHOST:1",
        ] {
            assert!(is(text), "{text}");
        }
        for text in [
            "http://127.0.0.1.example.com",
            "http://localhost.example.com",
            "http://10.0.0.1",
            "http://0.0.0.0",
            "http://127.0.0.1@example.com",
        ] {
            assert!(!is(text), "{text}");
        }
    }
}
