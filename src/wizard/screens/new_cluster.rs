//! The form of a cluster that is created: three nodes on AWS in one region, encrypted from the start.

use crate::domain::name;
use crate::domain::region::Region;
use crate::plan::NewCluster;
use crate::wizard::field::Field;

/// What creating a cluster costs.
pub const COST: &str = "A new cluster is charged by the hour from its creation on, the more the larger it is: see Atlas's \
                        price list. The use of a customer key is charged extra.";

/// A part of the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NewClusterPart {
    /// The name.
    Name,
    /// The region.
    Region,
    /// The instance size.
    Size,
}

impl NewClusterPart {
    const ALL: [Self; 3] = [Self::Name, Self::Region, Self::Size];

    /// Returns the part after it, or before it; none behind the ends.
    pub(super) fn neighbour(self, by: isize) -> Option<Self> {
        let place = Self::ALL.iter().position(|part| *part == self)?;
        Self::ALL.get(place.checked_add_signed(by)?).copied()
    }
}

/// What was typed about a cluster that is to be created.
#[derive(Clone, Debug, Default)]
pub struct NewClusterForm {
    /// The name.
    pub name: Field,
    /// The region, in AWS's or in Atlas's form.
    pub region: Field,
    /// The instance size.
    pub size: Field,
}

impl NewClusterForm {
    pub(super) fn field(&self, part: NewClusterPart) -> &Field {
        match part {
            NewClusterPart::Name => &self.name,
            NewClusterPart::Region => &self.region,
            NewClusterPart::Size => &self.size,
        }
    }

    pub(super) fn field_mut(&mut self, part: NewClusterPart) -> &mut Field {
        match part {
            NewClusterPart::Name => &mut self.name,
            NewClusterPart::Region => &mut self.region,
            NewClusterPart::Size => &mut self.size,
        }
    }

    /// Judges every field; returns the cluster, or the first part that has to be mended. `taken`: names of the project's
    /// clusters; `least`: the smallest instance size, as a number.
    pub(super) fn cluster(&mut self, taken: &[&str], least: u16) -> Result<NewCluster, NewClusterPart> {
        let name = self.name.value().to_owned();
        let free = name::check_cluster_name(&name).and_then(|()| {
            if taken.contains(&name.as_str()) {
                Err("there is a cluster of this name already".to_owned())
            } else {
                Ok(())
            }
        });
        let free = self.name.judge(free);
        let region = self
            .region
            .judge(Region::parse(self.region.value()).map_err(|error| error.to_string()));
        let size = self.size.judge(instance_size(self.size.value(), least));
        free.ok_or(NewClusterPart::Name)?;
        Ok(NewCluster {
            name,
            provider: "AWS".to_owned(),
            region: region.ok_or(NewClusterPart::Region)?.atlas(),
            instance_size: size.ok_or(NewClusterPart::Size)?,
        })
    }
}

/// Reads an instance size that a customer key can be used with.
fn instance_size(text: &str, least: u16) -> Result<String, String> {
    let text = text.to_ascii_uppercase();
    name::check_instance_size(&text)?;
    let digits = text.chars().skip(1).take_while(char::is_ascii_digit);
    match digits.collect::<String>().parse::<u16>() {
        Ok(number) if number < least => Err(format!("too small for a customer key here: M{least} or larger")),
        Ok(_) | Err(_) => Ok(text),
    }
}
