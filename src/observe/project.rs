//! Which project is meant.

use crate::atlas;
use crate::domain::project::{Project, ProjectRef};
use crate::problem::Problem;

/// How many projects are named where none has the name that was given.
const NAMED: usize = 12;

/// Returns the ID of the project that is meant; a name is looked for among those that the credential can see.
///
/// # Errors
/// No project has this name, or more than one; Atlas can't be asked.
pub async fn find_project(atlas: &atlas::Client, project: &ProjectRef) -> Result<String, Problem> {
    match project {
        ProjectRef::Id(id) => Ok(id.clone()),
        ProjectRef::Name(name) => named(name, &atlas.projects().await?).map(|project| project.id.clone()),
    }
}

fn named<'a>(name: &str, projects: &'a [Project]) -> Result<&'a Project, Problem> {
    let found: Vec<&Project> = projects.iter().filter(|project| project.name == name).collect();
    match found[..] {
        [project] => Ok(project),
        [] => Err(nobody(name, projects)),
        [..] => {
            let problem = Problem::input(format!("{} projects have the name `{name}`", found.len()))
                .hint("name the one that you mean by its ID");
            Err(found.iter().fold(problem, |problem, project| {
                problem.hint(format!("{} of organization {}", project.id, project.org_id))
            }))
        }
    }
}

fn nobody(name: &str, projects: &[Project]) -> Problem {
    let problem = Problem::input(format!("the Atlas credential sees no project with the name `{name}`"));
    let distance = |project: &&Project| strsim::damerau_levenshtein(&project.name.to_lowercase(), &name.to_lowercase());
    if let Some(near) = projects.iter().min_by_key(distance).filter(|near| distance(near) <= 2) {
        return problem.hint(format!("did you mean `{}` ({})?", near.name, near.id));
    }
    let names: Vec<&str> = projects
        .iter()
        .take(NAMED)
        .map(|project| project.name.as_str())
        .collect();
    match projects.len() {
        0 => problem.hint("it sees no project at all: a Project Owner can add it to the project"),
        all if all > NAMED => problem.hint(format!("it sees {all} projects, among them: {}", names.join(", "))),
        _ => problem.hint(format!("it sees: {}", names.join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn project(id: &str, name: &str, org: &str) -> Project {
        Project {
            id: id.to_owned(),
            name: name.to_owned(),
            org_id: org.to_owned(),
            regions: crate::domain::project::RegionRestriction::None,
        }
    }

    #[test]
    fn a_name_must_be_that_of_one_project() {
        let all = [
            project("1", "Orders", "a"),
            project("2", "Billing", "a"),
            project("3", "Orders", "b"),
        ];
        assert_eq!(named("Billing", &all).unwrap().id, "2");
        let two = named("Orders", &all).unwrap_err();
        assert_eq!(two.message, "2 projects have the name `Orders`");
        assert_eq!(
            two.hints[1..],
            ["1 of organization a".to_owned(), "3 of organization b".to_owned()]
        );
        let near = named("biling", &all).unwrap_err();
        assert_eq!(near.hints, ["did you mean `Billing` (2)?"]);
        let far = named("Warehouse", &all).unwrap_err();
        assert_eq!(far.hints, ["it sees: Orders, Billing, Orders"]);
        assert!(named("Orders", &[]).unwrap_err().hints[0].contains("no project at all"));
    }
}
