//! `apply` over real sockets, as the commands and the wizard call it: what goes on the wire, what is told, and what there
//! is afterwards, whatever happens in between.

mod again;
mod another_key;
mod failing;
mod interrupted;
mod killed;
mod lost;
mod meanwhile;
mod not_yet;
mod rollout;
mod saved_plan;
mod signed_out;
mod stopping;
mod trust;

use atlas_cmk::simulator::{Effect, Fault};

/// What the binary is asked for: the wish of a rig for one cluster.
pub(crate) const CONFIG: &str = r#"
[role]
name = "atlas-cmk-orders"

[key]
alias = "alias/atlas-orders"
create = true

[clusters]
encrypt = ["orders"]
"#;

/// A request that changes something: its operation on the wire, and the step that sends it.
type Call = (&'static str, &'static str);

const ACCESS_ROLE: Call = ("createAccessRole", "create-access-role");
const AUTHORIZE: Call = ("authorizeAccessRole", "authorize-access-role");
const SETTING: Call = ("enableEncryptionAtRest", "enable-project-setting");
const CLUSTER: Call = ("updateCluster", "encrypt-cluster:orders");
const IAM_ROLE: Call = ("iam:CreateRole", "create-iam-role");
const POLICY: Call = ("iam:PutRolePolicy", "put-role-policy");
const ALIAS: Call = ("kms:CreateAlias", "create-alias");
const ROTATION: Call = ("kms:EnableKeyRotation", "enable-rotation");
const KEY: Call = ("kms:CreateKey", "create-key");

/// Returns the fault that a service refuses an operation with a code; with Atlas an empty one is none.
fn refused(operation: &str, status: u16, code: &str) -> Fault {
    let effect = Effect::Refused {
        status,
        code: code.to_owned(),
        detail: "no".to_owned(),
    };
    Fault::new(operation, effect)
}
