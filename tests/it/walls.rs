//! Which module may know which: dependencies point one way, and the simulator knows nobody.

use std::fs;
use std::path::{Path, PathBuf};

/// A module and the paths that it may name, itself aside.
const MAY_KNOW: &[(&str, &[&str])] = &[
    ("problem", &[]),
    ("files", &["problem"]),
    ("domain", &[]),
    ("simulator", &[]),
    ("atlas", &["domain", "problem"]),
    ("aws", &["domain", "problem"]),
    ("observe", &["domain", "problem", "atlas", "aws"]),
    ("plan", &["domain", "problem", "observe", "atlas::body"]),
    ("checklist", &["domain", "problem", "observe", "plan"]),
    (
        "apply",
        &["domain", "problem", "files", "observe", "plan", "atlas", "aws"],
    ),
    (
        "verify",
        &[
            "domain",
            "problem",
            "observe",
            "plan",
            "apply::event",
            "apply::progress",
            "files",
        ],
    ),
    (
        "wizard",
        &[
            "domain",
            "problem",
            "observe",
            "plan",
            "checklist",
            "apply::event",
            "apply::progress",
            "verify",
        ],
    ),
    (
        "ui",
        &[
            "domain",
            "problem",
            "observe",
            "plan",
            "checklist",
            "apply::event",
            "apply::progress",
            "verify",
            "wizard",
        ],
    ),
    (
        "terminal",
        &[
            "domain",
            "problem",
            "files",
            "observe",
            "plan",
            "checklist",
            "apply",
            "verify",
            "wizard",
            "ui",
        ],
    ),
    (
        "cli",
        &[
            "domain",
            "problem",
            "files",
            "atlas",
            "aws",
            "observe",
            "plan",
            "checklist",
            "apply",
            "verify",
            "wizard",
            "ui",
            "terminal",
            "simulator",
        ],
    ),
];

/// Words that a module must not contain: what it is kept pure of.
const MUST_NOT_SAY: &[(&str, &[&str])] = &[
    (
        "domain",
        &[
            "tokio",
            "reqwest",
            "aws_sdk",
            "std::env",
            "std::fs",
            "Timestamp::now",
            "Instant::now",
        ],
    ),
    (
        "checklist",
        &[
            "async ",
            "tokio",
            "std::env",
            "std::fs",
            "Timestamp::now",
            "Instant::now",
        ],
    ),
    (
        "plan",
        &[
            "async ",
            "tokio",
            "std::env",
            "std::fs",
            "Timestamp::now",
            "Instant::now",
        ],
    ),
    (
        "wizard",
        &[
            "async ",
            ".await",
            "tokio",
            "std::env",
            "std::fs",
            "std::net",
            "std::io",
            "Timestamp::now",
            "Instant::now",
            "fastrand",
        ],
    ),
    (
        "ui",
        &[
            "async ",
            ".await",
            "tokio",
            "std::env",
            "std::fs",
            "std::net",
            "Timestamp::now",
            "Instant::now",
        ],
    ),
];

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn files(of: &str) -> Vec<(PathBuf, String)> {
    let (file, folder) = (source().join(format!("{of}.rs")), source().join(of));
    let mut found = Vec::new();
    let mut open = vec![file, folder];
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.extension().is_some_and(|extension| extension == "rs") && path.exists() {
            let text = fs::read_to_string(&path).unwrap();
            found.push((path, text));
        }
    }
    assert!(!found.is_empty(), "there is no module {of}");
    found
}

/// Lines of code, without comments; a module of tests may know more than what it tests.
fn code(path: &Path, text: &str) -> Vec<String> {
    let is_test = path
        .file_stem()
        .is_some_and(|stem| ["tests", "properties", "fixture"].iter().any(|name| stem == *name));
    let end = if is_test {
        0
    } else {
        text.find("#[cfg(test)]\nmod tests {").unwrap_or(text.len())
    };
    let kept = text.get(..end).unwrap_or_default();
    kept.lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .map(str::to_owned)
        .collect()
}

/// The README names tests by their modules: each must be there.
#[test]
fn the_tests_that_the_readme_names_are_there() {
    let readme = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let (_, promises) = readme.split_once("## What is promised, and what keeps it").unwrap();
    let (promises, _) = promises.split_once("\n## ").unwrap();
    let rows = promises
        .lines()
        .filter(|line| line.starts_with("| ") && line.contains('`'));
    let names: Vec<&str> = rows
        .flat_map(|row| row.rsplit('|').nth(1).unwrap().split('`').skip(1).step_by(2))
        .collect();
    assert!(names.len() > 20, "{names:?}");
    for name in names {
        let path = match name.strip_prefix("src::") {
            Some(rest) => format!("src/{}", rest.replace("::", "/")),
            None => format!("tests/it/{}", name.replace("::", "/")),
        };
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
        assert!(path.is_dir() || path.with_extension("rs").is_file(), "{name}");
    }
}

#[test]
fn every_module_has_its_place() {
    let mut declared: Vec<String> = fs::read_to_string(source().join("lib.rs"))
        .unwrap()
        .lines()
        .filter_map(|line| {
            Some(
                line.trim_start_matches("pub ")
                    .strip_prefix("mod ")?
                    .trim_end_matches(';')
                    .to_owned(),
            )
        })
        .collect();
    let mut placed: Vec<String> = MAY_KNOW.iter().map(|(module, _)| (*module).to_owned()).collect();
    declared.sort();
    placed.sort();
    assert_eq!(declared, placed);
}

#[test]
fn dependencies_point_one_way() {
    let mut wrong = Vec::new();
    for (module, known) in MAY_KNOW {
        for (path, text) in files(module) {
            for line in code(&path, &text) {
                for named in line.split("crate::").skip(1) {
                    let is = |allowed: &str| {
                        named
                            .strip_prefix(allowed)
                            .is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
                    };
                    if !is(module) && !known.iter().any(|allowed| is(allowed)) {
                        wrong.push(format!("{}: {}", path.display(), line.trim()));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn pure_modules_stay_pure() {
    let mut wrong = Vec::new();
    for (module, words) in MUST_NOT_SAY {
        for (path, text) in files(module) {
            for line in code(&path, &text) {
                if let Some(word) = words.iter().find(|word| says(&line, word)) {
                    wrong.push(format!("{} says {word}: {}", path.display(), line.trim()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Returns whether a line says a word, and not a longer one that begins like it.
fn says(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let next = line.get(at + word.len()..).and_then(|rest| rest.chars().next());
        !(word.ends_with(char::is_alphanumeric) && next.is_some_and(char::is_alphanumeric))
    })
}
