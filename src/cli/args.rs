//! The command line: types only.
#![allow(clippy::doc_markdown, reason = "help text, not Markdown")]

use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser};
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::domain::project::ProjectRef;
use crate::domain::region::Region;
use crate::simulator::Scenario;

/// Set up customer-managed AWS KMS keys on a MongoDB Atlas project and its clusters.
///
/// Without a command the wizard starts. Credentials come from the environment: MONGODB_ATLAS_CLIENT_ID and
/// MONGODB_ATLAS_CLIENT_SECRET (service account), or MONGODB_ATLAS_PUBLIC_API_KEY and MONGODB_ATLAS_PRIVATE_API_KEY;
/// else from the default profile of Atlas CLI. For AWS as everywhere (AWS_PROFILE, AWS_ACCESS_KEY_ID, …).
#[derive(Debug, Parser)]
#[command(name = "atlas-cmk", version, propagate_version = true, max_term_width = 100)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// Options of every command.
    #[command(flatten)]
    pub common: Common,
}

/// Options of every command.
#[derive(Clone, Debug, Args)]
pub struct Common {
    /// The Atlas project: its ID, its name, or the address of its page [env: MONGODB_ATLAS_PROJECT_ID]
    #[arg(long, global = true, value_name = "PROJECT", value_parser = ProjectRef::parse)]
    pub project: Option<ProjectRef>,
    /// The Atlas CLI profile to sign in with, also where the environment has a credential
    #[arg(long, global = true, value_name = "NAME")]
    pub atlas_profile: Option<String>,
    /// The AWS profile; it alone is used then [env: AWS_PROFILE]
    #[arg(long, global = true, value_name = "NAME")]
    pub aws_profile: Option<String>,
    /// The key's region, in AWS's or Atlas's form [env: AWS_REGION]
    #[arg(long, global = true, value_name = "REGION", value_parser = Region::parse)]
    pub region: Option<Region>,
    /// The form of the result on standard output
    #[arg(long, global = true, value_name = "FORM", default_value = "text")]
    pub output: Form,
    /// Write a log to this file (never a secret)
    #[arg(long, global = true, value_name = "FILE")]
    pub log_file: Option<PathBuf>,
    /// Use no colour [env: NO_COLOR]
    #[arg(long, global = true)]
    pub no_color: bool,
}

/// The form of a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Form {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Walk through the wizard against simulated clouds: no account, no credential, nothing real
    Demo {
        /// The world to start from
        #[arg(long, value_name = "NAME", default_value = "first-time", value_parser = scenarios())]
        scenario: String,
        /// How many times faster than usual the simulated clouds work
        #[arg(long, value_name = "N", default_value = "1", value_parser = speed)]
        speed: f64,
    },
    /// Judge every prerequisite, and change nothing
    Check {
        /// What is wanted
        #[command(flatten)]
        config: ConfigOption,
    },
    /// Show what `apply` would do, and change nothing
    Plan {
        /// What is wanted
        #[command(flatten)]
        config: ConfigOption,
        /// Save the plan to this file too, for `apply --plan`
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        /// Exit with 4 where changes are pending
        #[arg(long)]
        detailed_exitcode: bool,
    },
    /// Carry out what the configuration file asks for, or a plan that was saved
    Apply {
        /// What is wanted
        #[command(flatten)]
        config: ConfigOption,
        /// Carry out exactly this plan, saved by `plan --out`; exit with 5 if it isn't what would be done now
        #[arg(long, value_name = "FILE", conflicts_with_all = ["config", "aws_half", "project", "region"])]
        plan: Option<PathBuf>,
        /// How to go on
        #[command(flatten)]
        consent: Consent,
        /// How long a change of IAM, of a key or of the setting may take to spread, in seconds [default: 180 for IAM]
        #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=3600))]
        wait_limit: Option<u64>,
    },
    /// Show what holds now; exit with 3 where the encryption is off, invalid or at risk
    Status,
    /// Serve simulated clouds on loopback for other clients, and print what to export
    Simulate {
        /// The world to start from
        #[arg(long, value_name = "NAME", default_value = "first-time", value_parser = scenarios())]
        scenario: String,
        /// The port; 0: any that is free
        #[arg(long, value_name = "N", default_value = "0")]
        port: u16,
        /// How many times faster than usual the simulated clouds work
        #[arg(long, value_name = "N", default_value = "1", value_parser = speed)]
        speed: f64,
    },
}

/// What the operator agrees to beforehand.
#[derive(Clone, Debug, Args)]
pub struct Consent {
    /// Go on without asking; never covers a step that can't be undone
    #[arg(long)]
    pub yes: bool,
    /// Carry out a step that can't be undone, on this project (24 hex digits)
    #[arg(long, value_name = "PROJECT_ID")]
    pub irreversible: Option<String>,
}

/// Where the configuration file is, and what beats it.
#[derive(Clone, Debug, Args)]
pub struct ConfigOption {
    /// The configuration file [default: atlas-cmk.toml]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Let the AWS administrator do the AWS half: documents and a script for it are written to this folder
    #[arg(long, value_name = "DIR")]
    pub aws_half: Option<String>,
}

/// Returns the names of the scenarios, each with its line.
fn scenarios() -> PossibleValuesParser {
    let named = |(name, line): &(&'static str, &'static str)| PossibleValue::new(*name).help(*line);
    PossibleValuesParser::new(Scenario::names().iter().map(named))
}

fn speed(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(speed) if speed.is_finite() && (0.01..=1000.0).contains(&speed) => Ok(speed),
        _ => Err("the speed is a number from 0.01 to 1000".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_holds_together() {
        use clap::CommandFactory as _;
        Arguments::command().debug_assert();
    }

    #[test]
    fn regions_are_taken_in_both_forms() {
        let parsed = Arguments::try_parse_from(["atlas-cmk", "status", "--region", "US_EAST_1"]).unwrap();
        assert_eq!(parsed.common.region.unwrap().aws(), "us-east-1");
        assert!(Arguments::try_parse_from(["atlas-cmk", "--region", "eu-weast-1"]).is_err());
    }

    #[test]
    fn a_project_is_taken_by_name_too() {
        let parsed = Arguments::try_parse_from(["atlas-cmk", "status", "--project", "orders"]).unwrap();
        assert_eq!(parsed.common.project, Some(ProjectRef::Name("orders".to_owned())));
        assert!(Arguments::try_parse_from(["atlas-cmk", "--project", "https://example.com/orders"]).is_err());
    }
}
