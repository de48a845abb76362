//! The form of a key that is created.

use crate::domain::name::{self, DEFAULT_ROTATION_DAYS, ROTATION_DAYS};
use crate::plan::NewKeySettings;
use crate::wizard::field::Field;
use crate::wizard::tags;

/// A part of the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NewKeyPart {
    /// The alias.
    Alias,
    /// The description.
    Description,
    /// The tags.
    Tags,
    /// The switch: whether it rotates by itself.
    Rotation,
    /// After how many days.
    Days,
    /// The switch: whether it can have replicas in other regions.
    MultiRegion,
}

impl NewKeyPart {
    /// The parts in their order.
    pub const ALL: [Self; 6] = [
        Self::Alias,
        Self::Description,
        Self::Tags,
        Self::Rotation,
        Self::Days,
        Self::MultiRegion,
    ];

    /// Returns whether it is a switch and not a field.
    pub fn is_switch(self) -> bool {
        matches!(self, Self::Rotation | Self::MultiRegion)
    }

    pub(super) fn neighbour(self, offset: isize) -> Option<Self> {
        let place = Self::ALL.iter().position(|part| *part == self)?;
        Self::ALL.get(place.checked_add_signed(offset)?).copied()
    }
}

/// What was typed about a key that is to be created.
#[derive(Clone, Debug)]
pub struct NewKeyForm {
    /// The alias, with `alias/`.
    pub alias: Field,
    /// The description.
    pub description: Field,
    /// The tags: `key=value`, commas between.
    pub tags: Field,
    /// Whether it rotates by itself.
    pub rotates: bool,
    /// After how many days.
    pub days: Field,
    /// Whether it can have replicas in other regions.
    pub multi_region: bool,
}

impl Default for NewKeyForm {
    fn default() -> Self {
        Self {
            alias: Field::default(),
            description: Field::default(),
            tags: Field::default(),
            rotates: true,
            days: Field::suggesting(DEFAULT_ROTATION_DAYS.to_string()),
            multi_region: false,
        }
    }
}

impl NewKeyForm {
    pub(super) fn prefill(&mut self, settings: &NewKeySettings) {
        self.alias.set(settings.alias.clone());
        self.description.set(settings.description.clone());
        self.tags.set(tags::show(&settings.tags));
        self.rotates = settings.rotation_days.is_some();
        if let Some(days) = settings.rotation_days {
            self.days.set(days.to_string());
        }
        self.multi_region = settings.multi_region;
    }

    pub(super) fn field(&self, part: NewKeyPart) -> Option<&Field> {
        match part {
            NewKeyPart::Alias => Some(&self.alias),
            NewKeyPart::Description => Some(&self.description),
            NewKeyPart::Tags => Some(&self.tags),
            NewKeyPart::Days => Some(&self.days),
            NewKeyPart::Rotation | NewKeyPart::MultiRegion => None,
        }
    }

    pub(super) fn field_mut(&mut self, part: NewKeyPart) -> Option<&mut Field> {
        match part {
            NewKeyPart::Alias => Some(&mut self.alias),
            NewKeyPart::Description => Some(&mut self.description),
            NewKeyPart::Tags => Some(&mut self.tags),
            NewKeyPart::Days => Some(&mut self.days),
            NewKeyPart::Rotation | NewKeyPart::MultiRegion => None,
        }
    }

    pub(super) fn toggle(&mut self, part: NewKeyPart) {
        match part {
            NewKeyPart::Rotation => self.rotates = !self.rotates,
            NewKeyPart::MultiRegion => self.multi_region = !self.multi_region,
            NewKeyPart::Alias | NewKeyPart::Description | NewKeyPart::Tags | NewKeyPart::Days => {}
        }
    }

    pub(super) fn is_typed(&self) -> bool {
        let fields = [&self.alias, &self.description, &self.tags, &self.days];
        fields.iter().any(|field| field.is_typed())
    }

    /// Judges every field; returns the settings, or the first part that has to be mended.
    pub(super) fn settings(&mut self) -> Result<NewKeySettings, NewKeyPart> {
        let alias = self.alias.value().to_owned();
        let alias = self.alias.judge(name::check_alias(&alias).map(|()| alias));
        let tags = self.tags.judge(tags::parse(self.tags.value()));
        let days = if self.rotates {
            self.days.judge(rotation_days(self.days.value()).map(Some))
        } else {
            self.days.error = None;
            Some(None)
        };
        Ok(NewKeySettings {
            alias: alias.ok_or(NewKeyPart::Alias)?,
            description: self.description.value().to_owned(),
            tags: tags.ok_or(NewKeyPart::Tags)?,
            rotation_days: days.ok_or(NewKeyPart::Days)?,
            multi_region: self.multi_region,
        })
    }
}

fn rotation_days(text: &str) -> Result<u16, String> {
    let days = text.parse().ok().filter(|days| ROTATION_DAYS.contains(days));
    days.ok_or_else(|| {
        let (least, most) = (ROTATION_DAYS.start(), ROTATION_DAYS.end());
        format!("a key rotates every {least} to {most} days")
    })
}
