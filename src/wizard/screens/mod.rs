//! The screens, side by side: each holds its cursor, its filter and unfinished input, and nothing that all share.

pub mod apply;
pub mod clusters;
pub mod connect;
pub mod done;
pub mod key;
pub mod new_cluster;
pub mod new_key;
pub mod prerequisites;
pub mod review;
pub mod role;
pub mod sign_in;

use super::field::Field;
use super::list::Scroll;
use super::session::Session;
use super::sources::Sources;

/// A screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ScreenId {
    /// Who the operator is on both sides, which project, which region.
    Connect,
    /// What has to hold.
    Prerequisites,
    /// The IAM role, and the Atlas access role where one has to be picked.
    Role,
    /// The key.
    Key,
    /// The clusters.
    Clusters,
    /// The plan.
    Review,
    /// The run.
    Apply,
    /// What holds.
    Done,
}

impl ScreenId {
    /// All screens, in their order.
    pub const ALL: [Self; 8] = [
        Self::Connect,
        Self::Prerequisites,
        Self::Role,
        Self::Key,
        Self::Clusters,
        Self::Review,
        Self::Apply,
        Self::Done,
    ];

    /// Returns the name that is shown.
    pub fn title(self) -> &'static str {
        match self {
            Self::Connect => "Connect",
            Self::Prerequisites => "Prerequisites",
            Self::Role => "Role",
            Self::Key => "Key",
            Self::Clusters => "Clusters",
            Self::Review => "Review",
            Self::Apply => "Apply",
            Self::Done => "Done",
        }
    }

    fn nth(self, offset: isize) -> Option<Self> {
        let place = Self::ALL.iter().position(|screen| *screen == self)?;
        Self::ALL.get(place.checked_add_signed(offset)?).copied()
    }

    /// Returns the screen after it.
    pub fn next(self) -> Option<Self> {
        self.nth(1)
    }

    /// Returns the screen before it.
    pub fn previous(self) -> Option<Self> {
        self.nth(-1)
    }
}

/// What a screen's turn comes to.
#[derive(Debug)]
pub(super) enum Turn {
    /// It stays as it is.
    Stay,
    /// On to the next screen.
    Next,
    /// Back to the one before.
    Back,
    /// It stays, and the operator is told why.
    Say(String),
    /// Use other credentials.
    Connect(Box<Sources>),
    /// Look which profiles there are.
    ListProfiles,
    /// Ask whether to go on without any cluster.
    AskWithoutClusters,
    /// Ask for the word that starts the run.
    AskWord,
    /// Try the run again.
    TryAgain,
    /// See what holds.
    Verify,
    /// Leave.
    Leave,
}

/// All screens.
#[derive(Clone, Debug, Default)]
pub struct Screens {
    /// Connect.
    pub connect: connect::ConnectScreen,
    /// Prerequisites.
    pub prerequisites: prerequisites::PrerequisitesScreen,
    /// Role.
    pub role: role::RoleScreen,
    /// Key.
    pub key: key::KeyScreen,
    /// Clusters.
    pub clusters: clusters::ClustersScreen,
    /// Review.
    pub review: review::ReviewScreen,
    /// Apply.
    pub apply: apply::ApplyScreen,
    /// Done.
    pub done: done::DoneScreen,
}

impl Screens {
    /// Returns the field that takes letters on a screen.
    pub fn field(&self, screen: ScreenId) -> Option<&Field> {
        self.filter_field(screen).or_else(|| match screen {
            ScreenId::Connect => self.connect.field(),
            ScreenId::Role => self.role.field(),
            ScreenId::Key => self.key.field(),
            ScreenId::Clusters => self.clusters.field(),
            _ => None,
        })
    }

    /// Returns the field of the filter, while it is being typed.
    pub fn filter_field(&self, screen: ScreenId) -> Option<&Field> {
        let filter = match screen {
            ScreenId::Connect => self.connect.filter(),
            ScreenId::Role => &self.role.list.filter,
            ScreenId::Key => &self.key.list.filter,
            ScreenId::Clusters => &self.clusters.list.filter,
            _ => return None,
        };
        filter.open.then_some(&filter.field)
    }

    pub(super) fn field_mut(&mut self, screen: ScreenId) -> Option<&mut Field> {
        if self.filter_field(screen).is_some() {
            let filter = match screen {
                ScreenId::Connect => self.connect.filter_mut(),
                ScreenId::Role => &mut self.role.list.filter,
                ScreenId::Key => &mut self.key.list.filter,
                ScreenId::Clusters => &mut self.clusters.list.filter,
                _ => return None,
            };
            return Some(&mut filter.field);
        }
        match screen {
            ScreenId::Connect => self.connect.field_mut(),
            ScreenId::Role => self.role.field_mut(),
            ScreenId::Key => self.key.field_mut(),
            ScreenId::Clusters => self.clusters.field_mut(),
            _ => None,
        }
    }

    pub(super) fn scroll_mut(&mut self, screen: ScreenId) -> &mut Scroll {
        match screen {
            ScreenId::Connect => &mut self.connect.scroll,
            ScreenId::Prerequisites => &mut self.prerequisites.scroll,
            ScreenId::Role => &mut self.role.scroll,
            ScreenId::Key => &mut self.key.scroll,
            ScreenId::Clusters => &mut self.clusters.scroll,
            ScreenId::Review => &mut self.review.scroll,
            ScreenId::Apply => &mut self.apply.scroll,
            ScreenId::Done => &mut self.done.scroll,
        }
    }

    /// Puts what the session suggests into the fields that the operator hasn't touched.
    pub(super) fn suggest(&mut self, session: &Session) {
        if !session.can_suggest() {
            return;
        }
        self.role.name.suggest(&session.suggested_role());
        self.clusters.suggest(session);
        self.key.new.alias.suggest(&session.suggested_alias());
    }

    /// Returns whether something was typed into a form and not taken yet.
    pub(super) fn has_untaken_input(&self, session: &Session) -> bool {
        let role = self.role.is_typed() && session.choices.role.is_none();
        let cluster = self.clusters.is_typed();
        role || cluster || self.key.is_typed() && session.choices.key.is_none()
    }
}
