//! Parameters of the query protocol.

use super::failure::Failure;

/// A form body: parameters in the order in which they were sent.
#[derive(Debug, Default)]
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    pub(super) fn read(body: &[u8]) -> Self {
        Self(url::form_urlencoded::parse(body).into_owned().collect())
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    pub(super) fn required(&self, name: &str) -> Result<&str, Failure> {
        self.get(name)
            .filter(|value| !value.is_empty())
            .ok_or_else(|| Failure::constraint("ValidationError", "null", name, "Member must not be null"))
    }

    /// Returns a list of texts such as `ActionNames.member.1`.
    pub(super) fn members(&self, list: &str) -> Vec<String> {
        (1..)
            .map_while(|index| self.get(&format!("{list}.member.{index}")).map(str::to_owned))
            .collect()
    }

    /// Returns a list of pairs such as `Tags.member.1.Key` and `Tags.member.1.Value`.
    pub(super) fn pairs(&self, list: &str) -> Vec<(String, String)> {
        (1..)
            .map_while(|index| {
                let key = self.get(&format!("{list}.member.{index}.Key"))?;
                let value = self.get(&format!("{list}.member.{index}.Value")).unwrap_or_default();
                Some((key.to_owned(), value.to_owned()))
            })
            .collect()
    }
}
