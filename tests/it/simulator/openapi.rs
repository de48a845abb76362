//! Atlas's own description of its API, as judge of every request and every answer.
//!
//! Where the description and the recorded answers disagree, the recordings are right; each such place is named here.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock};

use atlas_cmk::simulator::Exchange;
use jsonschema::{Draft, Validator};
use serde_json::{Map, Value, json};

/// Asserts that each Atlas exchange is as the description says: the request (version, media type, parameters, schema,
/// nothing read-only) and the answer (status, media type, schema).
///
/// Leaves out what is no call of the API (sign-in, AWS) and answers that a fault made of it (HTML, nothing, a cut).
pub(crate) fn assert_exchanges_fit(exchanges: &[Exchange]) {
    let Some(description) = description() else {
        eprintln!("skipped: there is no ../shared/atlas/openapi.json to hold the exchanges against");
        return;
    };
    let faults: Vec<String> = exchanges
        .iter()
        .filter(|exchange| exchange.path.starts_with("/api/atlas/v2"))
        .flat_map(|exchange| {
            let name = format!(
                "#{} {} {} → {}",
                exchange.index, exchange.method, exchange.path, exchange.status
            );
            description
                .misfits(exchange)
                .into_iter()
                .map(move |misfit| format!("{name}: {misfit}"))
        })
        .collect();
    assert!(faults.is_empty(), "against the description:\n{}", faults.join("\n"));
}

struct Description {
    paths: Map<String, Value>,
    /// Rewritten so that Draft 4 can judge them.
    components: Value,
    validators: Mutex<HashMap<String, Arc<Validator>>>,
}

fn description() -> Option<&'static Description> {
    static LOADED: OnceLock<Option<Description>> = OnceLock::new();
    LOADED
        .get_or_init(|| {
            let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/atlas/openapi.json");
            let text = std::fs::read_to_string(file).ok()?;
            let mut whole: Value = serde_json::from_str(&text).unwrap();
            let paths = whole["paths"].as_object().unwrap().clone();
            let components = rewritten(whole["components"].take());
            Some(Description {
                paths,
                components,
                validators: Mutex::default(),
            })
        })
        .as_ref()
}

impl Description {
    fn misfits(&self, exchange: &Exchange) -> Vec<String> {
        let Some(operation) = self.operation(&exchange.method, &exchange.path) else {
            return vec!["no such call is described".to_owned()];
        };
        let mut misfits = Vec::new();
        let version = self.check_request(operation, exchange, &mut misfits);
        self.check_answer(operation, exchange, version.as_deref(), &mut misfits);
        misfits
    }

    fn operation(&self, method: &str, path: &str) -> Option<&Value> {
        let segments: Vec<&str> = path.split('/').collect();
        let fits = |template: &str| {
            let parts: Vec<&str> = template.split('/').collect();
            parts.len() == segments.len()
                && parts
                    .iter()
                    .zip(&segments)
                    .all(|(part, segment)| part.starts_with('{') || part == segment)
        };
        let (_, methods) = self.paths.iter().find(|(template, _)| fits(template))?;
        methods.get(method.to_lowercase())
    }

    /// Checks what was sent; returns the version that was asked for.
    fn check_request(&self, operation: &Value, exchange: &Exchange, misfits: &mut Vec<String>) -> Option<String> {
        let accept = header(&exchange.request_headers, "accept");
        let versions = success(operation).and_then(|(_, answer)| answer["content"].as_object());
        let known = versions.is_some_and(|versions| versions.contains_key(accept));
        if !known {
            misfits.push(format!("Accept is `{accept}`"));
        }
        self.check_parameters(operation, exchange, misfits);

        let bodies = operation["requestBody"]["content"].as_object();
        let sent = header(&exchange.request_headers, "content-type");
        match bodies {
            None if !exchange.request_body.is_empty() => misfits.push("a body where none is described".to_owned()),
            None => {}
            Some(bodies) => match bodies.get(sent) {
                None => misfits.push(format!("Content-Type of the request is `{sent}`")),
                Some(body) => {
                    let instance = exchange.request_json();
                    self.check(&body["schema"], &instance, "request", misfits);
                    self.check_read_only(&body["schema"], &instance, "", misfits);
                }
            },
        }
        known.then(|| accept.to_owned())
    }

    fn check_parameters(&self, operation: &Value, exchange: &Exchange, misfits: &mut Vec<String>) {
        let described: Vec<&str> = operation["parameters"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|parameter| match parameter["$ref"].as_str() {
                None => parameter["name"].as_str(),
                Some(reference) => {
                    let name = reference.rsplit('/').next()?;
                    self.components["parameters"][name]["name"].as_str()
                }
            })
            .collect();
        for (name, _) in url::form_urlencoded::parse(exchange.query.as_bytes()) {
            if !described.contains(&name.as_ref()) {
                misfits.push(format!("the parameter `{name}` is not described"));
            }
        }
    }

    fn check_answer(&self, operation: &Value, exchange: &Exchange, version: Option<&str>, misfits: &mut Vec<String>) {
        let content_type = header(&exchange.response_headers, "content-type");
        let made_by_a_fault =
            exchange.status == 0 || content_type == "text/html" || (exchange.status == 200 && content_type.is_empty());
        if made_by_a_fault {
            return;
        }
        let instance = exchange.response_json();
        let Some((described, answer)) = success(operation) else {
            return;
        };
        if exchange.status.to_string() == *described {
            if exchange.status == 204 {
                if !exchange.response_body.is_empty() {
                    misfits.push("a body with 204".to_owned());
                }
                return;
            }
            let Some(version) = version else { return };
            if content_type != format!("{version};charset=utf-8") {
                misfits.push(format!("Content-Type of the answer is `{content_type}`"));
            }
            self.check(&answer["content"][version]["schema"], &instance, "answer", misfits);
        } else if exchange.status < 400 {
            misfits.push("this status is not described".to_owned());
        } else {
            // Recorded: 400 to a read; 406, 415 and 503 are said to happen, and are described nowhere.
            let known = operation["responses"].get(exchange.status.to_string()).is_some();
            if !known && !matches!(exchange.status, 400 | 406 | 415 | 502 | 503 | 504) {
                misfits.push("this status is not described".to_owned());
            }
            // Some refusals have no published code, which the description's `required` doesn't know.
            if instance.get("errorCode").is_some() {
                self.check(
                    &json!({ "$ref": "#/components/schemas/ApiError" }),
                    &instance,
                    "answer",
                    misfits,
                );
            }
        }
    }

    fn check(&self, schema: &Value, instance: &Value, what: &str, misfits: &mut Vec<String>) {
        let validator = self.validator(schema);
        let errors = validator.iter_errors(instance);
        misfits.extend(errors.map(|error| format!("{what}{}: {error}", error.instance_path())));
    }

    fn validator(&self, schema: &Value) -> Arc<Validator> {
        let mut validators = self.validators.lock().unwrap();
        let made = validators.entry(schema.to_string()).or_insert_with(|| {
            let mut document = schema.clone();
            document["components"] = self.components.clone();
            let options = jsonschema::options()
                .with_draft(Draft::Draft4)
                .should_validate_formats(true);
            Arc::new(options.build(&document).unwrap())
        });
        Arc::clone(made)
    }

    fn check_read_only(&self, schema: &Value, instance: &Value, path: &str, misfits: &mut Vec<String>) {
        let schema = self.resolved(schema);
        for branch in ["allOf", "anyOf", "oneOf"] {
            for schema in schema[branch].as_array().into_iter().flatten() {
                self.check_read_only(schema, instance, path, misfits);
            }
        }
        for (name, value) in instance.as_object().into_iter().flatten() {
            let Some(property) = schema["properties"].get(name) else {
                continue;
            };
            let path = format!("{path}/{name}");
            if self.resolved(property)["readOnly"] == json!(true) || property["readOnly"] == json!(true) {
                misfits.push(format!("{path} is read-only"));
            }
            self.check_read_only(property, value, &path, misfits);
        }
        for value in instance.as_array().into_iter().flatten() {
            self.check_read_only(&schema["items"], value, path, misfits);
        }
    }

    fn resolved<'a>(&'a self, schema: &'a Value) -> &'a Value {
        match schema["$ref"]
            .as_str()
            .and_then(|reference| reference.rsplit('/').next())
        {
            Some(name) => &self.components["schemas"][name],
            None => schema,
        }
    }
}

fn success(operation: &Value) -> Option<(&String, &Value)> {
    operation["responses"]
        .as_object()?
        .iter()
        .find(|(status, _)| status.starts_with('2'))
}

fn header<'a>(headers: &'a [(String, String)], name: &str) -> &'a str {
    headers
        .iter()
        .find(|(known, _)| known == name)
        .map(|(_, value)| value.as_str())
        .unwrap_or_default()
}

/// Rewrites `OpenAPI` 3.0 to what Draft 4 can judge, and corrects what recordings show to be wrong.
fn rewritten(mut components: Value) -> Value {
    let schemas = components["schemas"].as_object_mut().unwrap();
    split_discriminated(schemas);
    // Recorded: null before authorization.
    for property in ["authorizedDate", "iamAssumedRoleArn"] {
        let own = &mut schemas["CloudProviderAccessAWSIAMRole"]["allOf"][1]["properties"][property];
        own["nullable"] = json!(true);
    }
    // Known from the official clients: a provider that isn't configured is there, with nulls.
    for name in ["AWSKMSConfiguration", "AzureKeyVault", "GoogleCloudKMS"] {
        for property in schemas[name]["properties"].as_object_mut().unwrap().values_mut() {
            property["nullable"] = json!(true);
        }
    }
    // Recorded: `secondary`, in small letters; names with spaces.
    schemas["BiConnector"]["properties"]["readPreference"] = json!({ "type": "string" });
    for name in ["AtlasOrganization", "Group"] {
        schemas[name]["properties"]["name"]["pattern"] = json!("^[\\p{L}\\p{N}\\-_.(),:&@+' ]{1,64}$");
    }
    // Known from the official clients: nothing at all where a project has no such policy.
    let policy = schemas["DataProtectionSettings20231001"].as_object_mut().unwrap();
    policy.remove("required");
    // Recorded: a snapshot that was asked for has a frequency of its own.
    for name in ["DiskBackupReplicaSet", "DiskBackupShardedClusterSnapshot"] {
        let frequencies = &mut schemas[name]["properties"]["frequencyType"]["enum"];
        frequencies.as_array_mut().unwrap().push(json!("ondemand"));
    }
    // Recorded: parameters are texts and numbers, not objects.
    schemas["ApiError"]["properties"]["parameters"]["items"] = json!({});
    for schema in schemas.values_mut() {
        to_draft_4(schema);
    }
    components
}

/// Splits each schema with a discriminator into itself, which demands the right kind, and its base, which the kinds
/// refer to: as they stand they refer to each other in a circle.
fn split_discriminated(schemas: &mut Map<String, Value>) {
    let names: Vec<String> = schemas
        .iter()
        .filter(|(_, schema)| schema.get("discriminator").is_some())
        .map(|(name, _)| name.clone())
        .collect();
    for name in names {
        let mut base = schemas[&name].clone();
        let discriminator = base["discriminator"].clone();
        base.as_object_mut()
            .unwrap()
            .retain(|key, _| !matches!(key.as_str(), "discriminator" | "oneOf" | "anyOf"));
        let property = discriminator["propertyName"].as_str().unwrap();
        let (itself, its_base) = (
            format!("#/components/schemas/{name}"),
            format!("#/components/schemas/{name}-base"),
        );
        let mut kinds = Vec::new();
        for (value, reference) in discriminator["mapping"].as_object().into_iter().flatten() {
            kinds.push(json!({
                "allOf": [
                    { "properties": { property: { "enum": [value] } }, "required": [property] },
                    { "$ref": reference },
                ],
            }));
            let kind = reference
                .as_str()
                .and_then(|reference| reference.rsplit('/').next())
                .unwrap();
            let parts = schemas
                .get_mut(kind)
                .and_then(|kind| kind.get_mut("allOf"))
                .and_then(Value::as_array_mut);
            for part in parts.into_iter().flatten() {
                if part["$ref"] == json!(itself) {
                    part["$ref"] = json!(its_base);
                }
            }
        }
        if kinds.is_empty() {
            schemas[&name] = base;
        } else {
            schemas[&name] = json!({ "anyOf": kinds });
            schemas.insert(format!("{name}-base"), base);
        }
    }
}

fn to_draft_4(schema: &mut Value) {
    match schema {
        Value::Array(items) => items.iter_mut().for_each(to_draft_4),
        Value::Object(fields) => {
            if fields.get("nullable") == Some(&json!(true)) {
                if let Some(kind) = fields.get("type").filter(|kind| kind.is_string()).cloned() {
                    fields.insert("type".to_owned(), json!([kind, "null"]));
                }
                if let Some(Value::Array(values)) = fields.get_mut("enum") {
                    values.push(Value::Null);
                }
            }
            // The alternatives overlap (`US_EAST_2` is a region of two clouds): any of them will do.
            if let Some(alternatives) = fields.remove("oneOf") {
                fields.insert("anyOf".to_owned(), alternatives);
                // Region names are called objects there, and are texts.
                if !fields.contains_key("properties") {
                    fields.remove("type");
                }
            }
            fields.values_mut().for_each(to_draft_4);
        }
        _ => {}
    }
}

mod tests {
    //! The judge itself: it lets the recorded answers pass, and nothing that is wrong.

    use atlas_cmk::simulator::Exchange;

    use super::super::support::{V2023, start};
    use super::{description, header};

    /// Which call a recording is an answer to, by the beginning of its file's name.
    const RECORDED: [(&str, &str, &str); 9] = [
        (
            "GET_api_atlas_v2_groups_cloudProviderAccess__",
            "GET",
            "/cloudProviderAccess",
        ),
        (
            "POST_api_atlas_v2_groups_cloudProviderAccess__",
            "POST",
            "/cloudProviderAccess",
        ),
        ("GET_api_atlas_v2_groups_clusters_NAME__", "GET", "/clusters/name"),
        ("PATCH_api_atlas_v2_groups_clusters_NAME__", "PATCH", "/clusters/name"),
        (
            "GET_api_atlas_v2_groups_clusters_NAME_backup_snapshots__",
            "GET",
            "/clusters/name/backup/snapshots",
        ),
        (
            "GET_api_atlas_v2_groups_clusters_NAME_search_deployment__",
            "GET",
            "/clusters/name/search/deployment",
        ),
        ("GET_api_atlas_v2_groups_flexClusters__", "GET", "/flexClusters"),
        ("GET_api_atlas_v2_groups__", "GET", ""),
        ("GET_api_atlas_v2_orgs__", "GET", "orgs"),
    ];

    /// Where Atlas itself answers what its description doesn't list.
    const BEYOND_DESCRIPTION: &[&str] =
        &["answer/results/0/versionReleaseSystem: \"CONTINUOUS\" is not one of \"LTS\""];

    #[test]
    fn recorded_answers_pass() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/atlas/recorded");
        let (Some(description), Ok(files)) = (description(), std::fs::read_dir(folder)) else {
            eprintln!("skipped: there are no recordings in ../shared/atlas");
            return;
        };
        let mut judged = 0;
        for file in files {
            let file = file.unwrap();
            let name = file.file_name().into_string().unwrap();
            let Some((_, method, path)) = RECORDED.iter().find(|(prefix, _, _)| name.starts_with(prefix)) else {
                continue;
            };
            let text = std::fs::read_to_string(file.path()).unwrap();
            let exchange = recorded(method, path, &text);
            let mut misfits = Vec::new();
            let operation = description.operation(&exchange.method, &exchange.path).unwrap();
            let version = header(&exchange.response_headers, "content-type")
                .split(';')
                .next()
                .map(str::to_owned);
            description.check_answer(operation, &exchange, version.as_deref(), &mut misfits);
            misfits.retain(|misfit| !BEYOND_DESCRIPTION.contains(&misfit.as_str()));
            assert!(misfits.is_empty(), "{name}: {misfits:?}");
            judged += 1;
        }
        assert!(judged >= 15, "only {judged} recordings were recognized");
    }

    fn recorded(method: &str, path: &str, text: &str) -> Exchange {
        let (head, body) = text
            .replace("\r\n", "\n")
            .split_once("\n\n")
            .map(|(h, b)| (h.to_owned(), b.to_owned()))
            .unwrap();
        let mut lines = head.lines();
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let headers = lines.filter_map(|line| line.split_once(": "));
        let path = match path {
            "orgs" => "/api/atlas/v2/orgs".to_owned(),
            path => format!("/api/atlas/v2/groups/b0123456789abcdef012345b{path}"),
        };
        Exchange {
            index: 0,
            at: jiff::Timestamp::UNIX_EPOCH,
            method: method.to_owned(),
            path,
            query: String::new(),
            request_headers: Vec::new(),
            request_body: Vec::new().into(),
            operation: String::new(),
            status,
            response_headers: headers
                .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
                .collect(),
            response_body: body.trim().to_owned().into_bytes().into(),
        }
    }

    #[tokio::test]
    async fn what_is_wrong_is_found() {
        let Some(description) = description() else { return };
        let sim = start().await;
        sim.set_up().await;
        sim.atlas.get(&sim.project("/cloudProviderAccess"), V2023).await;
        let exchanges = sim.control.requests();
        let of = |operation: &str| {
            exchanges
                .iter()
                .find(|exchange| exchange.operation == operation)
                .unwrap()
                .clone()
        };
        let changed = |operation: &str, change: fn(&mut Exchange)| {
            let mut exchange = of(operation);
            assert_eq!(description.misfits(&exchange), Vec::<String>::new());
            change(&mut exchange);
            description.misfits(&exchange)
        };
        let misfits = changed("authorizeAccessRole", |exchange| {
            let body = std::str::from_utf8(&exchange.request_body).unwrap();
            exchange.request_body = body
                .replace('{', r#"{"roleId":"66a1c0de4b7f2e0d9c3a5b10","#)
                .into_bytes()
                .into();
        });
        assert!(
            misfits.iter().any(|misfit| misfit.contains("/roleId is read-only")),
            "{misfits:?}"
        );

        let misfits = changed("enableEncryptionAtRest", |exchange| {
            let body = std::str::from_utf8(&exchange.request_body).unwrap();
            exchange.request_body = body.replace("US_EAST_1", "us-east-1").into_bytes().into();
        });
        assert!(
            misfits.iter().any(|misfit| misfit.starts_with("request/awsKms/region")),
            "{misfits:?}"
        );

        let misfits = changed("listAccessRoles", |exchange| {
            let body = std::str::from_utf8(&exchange.response_body).unwrap();
            exchange.response_body = body.replace("\"AWS\"", "\"AWZ\"").into_bytes().into();
        });
        assert!(
            misfits.iter().any(|misfit| misfit.contains("providerName")),
            "{misfits:?}"
        );

        let misfits = changed("listAccessRoles", |exchange| exchange.query = "pageNum=1".to_owned());
        assert_eq!(misfits, ["the parameter `pageNum` is not described"]);
        let misfits = changed("listAccessRoles", |exchange| exchange.response_headers.clear());
        assert_eq!(
            misfits,
            Vec::<String>::new(),
            "an empty type is taken for a fault's work"
        );
        let misfits = changed("listAccessRoles", |exchange| {
            exchange.response_headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        });
        assert_eq!(misfits, ["Content-Type of the answer is `application/json`"]);
        let misfits = changed("listAccessRoles", |exchange| {
            exchange.request_headers = vec![("accept".to_owned(), "application/json".to_owned())];
        });
        assert_eq!(misfits, ["Accept is `application/json`"]);
    }
}
