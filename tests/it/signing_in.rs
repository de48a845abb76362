//! Signing in and naming a project, by the binary: Atlas CLI's profiles, names, pages.

use atlas_cmk::simulator::{Aws, Options, Scenario, Simulator};

use crate::support::program::{Program, Ran, clouds};

/// Returns the binary with AWS's variables alone, and Atlas CLI's file.
fn with_profiles(simulator: &Simulator, profiles: &str) -> Program {
    let of_aws = simulator.exports().into_iter();
    let program = of_aws
        .filter(|(name, _)| !name.starts_with("MONGODB_ATLAS_"))
        .fold(Program::bare(), |program, (name, value)| program.with(name, value));
    let folder = program.folder().join(".config/atlascli");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("config.toml"), profiles).unwrap();
    program
}

/// Returns a profile of the simulator's API key.
fn profile(simulator: &Simulator, name: &str, more: &str) -> String {
    let credentials = simulator.credentials();
    format!(
        "[{name}]\npublic_api_key = '{}'\nprivate_api_key = '{}'\nops_manager_url = '{}/'\n{more}\n",
        credentials.public_key,
        credentials.private_key,
        simulator.base_url()
    )
}

fn says(ran: &Ran, words: &[&str]) {
    for word in words {
        assert!(ran.stderr.contains(word), "{word:?} isn't in {}", ran.stderr);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_signs_in_and_says_so_and_never_shows_its_secret() {
    let simulator = clouds("first-time", Aws::Own).await;
    let project = simulator.credentials().project_id.clone();
    let profiles = profile(&simulator, "default", &format!("project_id = '{project}'"))
        + "[person]\nauth_type = 'user_account'\nservice = 'cloud'\n";
    let program = with_profiles(&simulator, &profiles);

    // The default one, with its project; nothing is encrypted yet.
    let ran = program.run(&["status"]).await.exits(3);
    says(
        &ran,
        &["signing in to Atlas with profile `default` of Atlas CLI", &project],
    );
    for text in [&ran.stdout, &ran.stderr] {
        assert!(!text.contains(&simulator.credentials().private_key), "{text}");
    }

    let ran = program.run(&["status", "--atlas-profile", "person"]).await.exits(2);
    says(&ran, &["a person's own sign-in", "service account"]);
    let ran = program.run(&["status", "--atlas-profile", "nobody"]).await.exits(2);
    says(&ran, &["there is no Atlas CLI profile `nobody`", "default, person"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_project_is_named_by_its_name_or_its_page() {
    let simulator = clouds("first-time", Aws::Own).await;
    let id = simulator.credentials().project_id.clone();
    let program = Program::on(&simulator).with("MONGODB_ATLAS_PROJECT_ID", "");
    let page = format!("https://cloud.mongodb.com/v2/{id}#/overview");
    let by_page = program.run(&["status", "--project", &page]).await.exits(3);
    let by_name = program.run(&["status", "--project", "Orders"]).await.exits(3);
    assert_eq!(by_page.stdout, by_name.stdout);
    assert!(by_name.stdout.contains(&id), "{}", by_name.stdout);
    let ran = program.run(&["status", "--project", "Nobody knows it"]).await.exits(2);
    says(&ran, &["no project with the name `Nobody knows it`"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_projects_of_one_name_are_told_with_their_ids() {
    let project = |name: &str| format!("[[project]]\nname = '{name}'\nroles = ['GROUP_OWNER']\n");
    let world = ["Orders", "Orders", "Billing"].map(project).concat();
    let simulator = Simulator::start(Scenario::parse(&world).unwrap(), Options::default())
        .await
        .unwrap();
    let program = Program::on(&simulator).with("MONGODB_ATLAS_PROJECT_ID", "");
    let ran = program.run(&["status", "--project", "Orders"]).await.exits(2);
    says(
        &ran,
        &[
            "2 projects have the name `Orders`",
            "of organization",
            &simulator.credentials().project_id,
        ],
    );
    // Nothing is encrypted there; the project was found.
    let _ = program.run(&["status", "--project", "Billing"]).await.exits(3);
}
