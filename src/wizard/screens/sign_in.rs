//! The credentials of Connect: those that are found, and a form for those that are typed.

use secrecy::SecretString;

use crate::domain::profile::{AtlasProfile, AwsProfile};
use crate::domain::project::CredentialKind;
use crate::observe::Fetched;
use crate::wizard::field::Field;
use crate::wizard::list::{Picker, Rows};
use crate::wizard::session::Session;
use crate::wizard::sources::{AtlasSource, AwsSource, Profiles, Sources, TypedCredential};

/// A part of the form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SignInPart {
    /// The client ID or the public key.
    #[default]
    Id,
    /// The client secret or the private key.
    Secret,
    /// Whether it is one of Atlas for Government.
    Government,
}

impl SignInPart {
    const ALL: [Self; 3] = [Self::Id, Self::Secret, Self::Government];

    /// Returns the part after it, or before it; none behind the ends.
    pub(super) fn neighbour(self, by: isize) -> Option<Self> {
        let place = Self::ALL.iter().position(|part| *part == self)?;
        Self::ALL.get(place.checked_add_signed(by)?).copied()
    }
}

/// What the credentials of Connect hold.
#[derive(Clone, Debug)]
pub struct SignIn {
    /// The list.
    pub list: Picker<SourceId>,
    /// How what is typed signs in.
    pub kind: CredentialKind,
    /// The client ID or the public key.
    pub id: Field,
    /// The client secret or the private key.
    pub secret: Field,
    /// Whether it is one of Atlas for Government.
    pub government: bool,
}

impl Default for SignIn {
    fn default() -> Self {
        Self {
            list: Picker::default(),
            kind: CredentialKind::ServiceAccount,
            id: Field::default(),
            secret: Field::secret(),
            government: false,
        }
    }
}

/// A row of the list, by what it stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SourceId {
    /// What options and environment say for Atlas.
    AtlasGiven,
    /// A profile of the Atlas CLI.
    AtlasProfile(String),
    /// An Atlas credential that is typed.
    Type(CredentialKind),
    /// What options and environment say for AWS.
    AwsGiven,
    /// A profile of the AWS CLI.
    AwsProfile(String),
}

impl SourceId {
    /// Returns whether it is about Atlas.
    pub fn is_atlas(&self) -> bool {
        matches!(self, Self::AtlasGiven | Self::AtlasProfile(_) | Self::Type(_))
    }
}

/// A row of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceRow {
    /// What it stands for.
    pub id: SourceId,
    /// What it is called.
    pub label: String,
    /// What else there is to say of it.
    pub detail: String,
    /// Why it can't be used, and what to do.
    pub unusable: Option<String>,
    /// Whether it is the one in use.
    pub chosen: bool,
}

impl SourceRow {
    fn new(id: SourceId, label: impl Into<String>, detail: impl Into<String>, chosen: bool) -> Self {
        Self {
            id,
            label: label.into(),
            detail: detail.into(),
            unusable: None,
            chosen,
        }
    }
}

impl SignIn {
    /// Returns the rows as they are shown: Atlas's credentials, then AWS's.
    pub fn rows(&self, session: &Session) -> Rows<SourceRow> {
        let none = Profiles::default();
        let found = match &session.profiles {
            Fetched::Known(found) => found,
            Fetched::NotLooked | Fetched::Looking | Fetched::Failed(_) => &none,
        };
        let sources = &session.sources;
        let mut rows = vec![SourceRow::new(
            SourceId::AtlasGiven,
            "as given",
            "the environment, and --atlas-profile",
            sources.atlas == AtlasSource::Given,
        )];
        rows.extend(found.atlas.iter().map(|profile| atlas_row(profile, sources)));
        rows.extend([CredentialKind::ServiceAccount, CredentialKind::ApiKey].map(|kind| {
            let typed = matches!(&sources.atlas, AtlasSource::Typed(typed) if typed.kind == kind);
            SourceRow::new(
                SourceId::Type(kind),
                format!("type {}", article(kind)),
                "kept in memory alone",
                typed,
            )
        }));
        let given = session.given_connection();
        rows.push(SourceRow::new(
            SourceId::AwsGiven,
            "as given",
            given.aws.clone(),
            sources.aws == AwsSource::Given,
        ));
        rows.extend(found.aws.iter().map(|profile| aws_row(profile, sources)));
        Rows {
            selected: self.list.place(rows.iter().map(|row| &row.id), None),
            total: rows.len(),
            rows,
        }
    }

    /// Returns the credential as it was typed, and forgets the secret; or notes at its field what is lacking.
    pub(super) fn take(&mut self, session: &Session) -> Result<TypedCredential, SignInPart> {
        let id = self.id.value().to_owned();
        let id_is_good = if id.is_empty() {
            Err("it is missing".to_owned())
        } else if id.starts_with("mdb_sa_sk_") {
            self.id = Field::default();
            Err("that was the client secret: it belongs into the field below".to_owned())
        } else if self.kind == CredentialKind::ServiceAccount && !id.starts_with("mdb_sa_id_") {
            Err("a client ID begins with mdb_sa_id_".to_owned())
        } else {
            Ok(())
        };
        if self.id.judge(id_is_good).is_none() {
            return Err(SignInPart::Id);
        }
        if self.secret.value().is_empty() {
            self.secret.error = Some("it is missing".to_owned());
            return Err(SignInPart::Secret);
        }
        let secret = SecretString::from(self.secret.value());
        self.secret = Field::secret();
        Ok(TypedCredential {
            kind: self.kind,
            id,
            secret,
            base_url: session.base_url(self.government),
        })
    }
}

fn article(kind: CredentialKind) -> &'static str {
    match kind {
        CredentialKind::ServiceAccount => "a service account",
        CredentialKind::ApiKey => "an API key",
    }
}

fn atlas_row(profile: &AtlasProfile, sources: &Sources) -> SourceRow {
    let id = profile.id.as_deref().map_or_else(String::new, |id| format!(" {id}"));
    let unusable = || {
        format!(
            "Profile {} is a person's own sign-in, which Atlas CLI alone can use: choose an API key or a service account.",
            profile.name
        )
    };
    SourceRow {
        unusable: (!profile.is_usable()).then(unusable),
        ..SourceRow::new(
            SourceId::AtlasProfile(profile.name.clone()),
            format!("profile {}", profile.name),
            format!("{}{id}, {}", profile.kind, profile.base_url),
            sources.atlas == AtlasSource::Profile(profile.name.clone()),
        )
    }
}

fn aws_row(profile: &AwsProfile, sources: &Sources) -> SourceRow {
    let sso = profile.sso.then(|| "signs in by SSO".to_owned());
    let parts: Vec<_> = profile.region.clone().into_iter().chain(sso).collect();
    SourceRow::new(
        SourceId::AwsProfile(profile.name.clone()),
        format!("profile {}", profile.name),
        parts.join(", "),
        sources.aws == AwsSource::Profile(profile.name.clone()),
    )
}
