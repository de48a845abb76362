//! What KMS's own errors mean.

use super::{Error, Story};

pub(super) fn story(error: &Error, code: &str) -> Option<Story> {
    let words = error.message().unwrap_or_default();
    Some(match (code, error.operation) {
        ("NotFoundException", _) => Story::new("there is no such key in this region and account")
            .hint("check region and account; a key elsewhere needs its full ARN"),
        ("InvalidArnException" | "ValidationException", _) => Story::new("KMS doesn't take one of the values")
            .hint("its own words say which: correct it where you gave it"),
        ("InvalidAliasNameException", _) => Story::new("KMS doesn't take this alias")
            .hint("an alias is alias/ and 1 to 250 letters, digits and /_-, and doesn't begin with alias/aws/"),
        ("AlreadyExistsException", "ReplicateKey") => {
            Story::new("the key has a replica in that region").hint("use that replica")
        }
        ("AlreadyExistsException", _) => Story::new("this alias belongs to another key of the region")
            .hint("use that key if it is the one that was meant, or choose another alias"),
        ("LimitExceededException", operation) => limit_of_kms(operation),
        ("TagException", _) => Story::new("KMS doesn't take one of the tags")
            .hint("check the tags; the identity also needs kms:TagResource"),
        ("MalformedPolicyDocumentException", _) => key_policy(words),
        ("UnsupportedOperationException", operation) => Story::new(format!("this kind of key doesn't do {operation}"))
            .hint("imported material, custom key stores, asymmetric keys and replicas have limits"),
        ("DisabledException", _) => {
            Story::new("the key is disabled").hint("enable it: `aws kms enable-key --key-id …`")
        }
        ("KMSInvalidStateException", _) => invalid_state(words),
        ("KeyUnavailableException", _) => Story::new("the key can't be used for the moment")
            .hint("its key store is away for the moment: try again in a minute"),
        ("InvalidKeyUsageException" | "IncorrectKeyException", _) => {
            Story::new("the key isn't one for symmetric encryption, or not the one that was meant")
                .hint("choose another key: SYMMETRIC_DEFAULT, ENCRYPT_DECRYPT")
        }
        ("ConflictException", _) => Story::new("the key's rotation runs, or begins within minutes")
            .hint("look again later: there is nothing to do"),
        ("DryRunOperationException", _) => {
            Story::new("it would have been allowed: this was a trial").hint("nothing is wrong; go on")
        }
        ("KMSInternalException" | "DependencyTimeoutException", _) => {
            Story::new("AWS KMS has trouble of its own").hint("try again in some minutes")
        }
        _ => return None,
    })
}

fn limit_of_kms(operation: &str) -> Story {
    let raise = "Service Quotas in the AWS console shows it and raises it";
    match operation {
        "CreateKey" => Story::new("the account has as many keys in this region as its quota of KMS allows (100,000)")
            .hint("use a key that is there, or delete one that nobody needs")
            .hint(raise),
        "CreateAlias" => Story::new("the key has as many aliases as the quota of KMS allows (50)")
            .hint("delete an alias that nobody needs, or choose another key"),
        "PutKeyPolicy" => Story::new("the key policy is longer than the quota of KMS allows (32 KiB)")
            .hint("remove statements that nobody needs"),
        "RotateKeyOnDemand" => Story::new("the key was rotated by hand as often as the quota of KMS allows (25 times)")
            .hint("create a new key and change to it"),
        _ => Story::new("a quota of KMS is used up").hint(raise),
    }
}

fn key_policy(words: &str) -> Story {
    if words.contains("future") {
        return Story::new("KMS refuses the key policy: whoever puts it couldn't change it afterwards")
            .hint("keep a statement that allows kms:PutKeyPolicy to this identity or to the account's root principal");
    }
    if words.contains("rincipal") {
        return Story::new("KMS refuses a principal in the key policy: it doesn't exist, or KMS doesn't see it yet")
            .hint("if it was created just now, try again in a minute")
            .hint("remove statements whose principal is an AROA… or AIDA… ID: what they named is gone");
    }
    Story::new("KMS refuses the key policy")
        .hint("every principal in it must exist, and it must let its administrators change it later")
}

fn invalid_state(words: &str) -> Story {
    let story = Story::new("the key's state doesn't allow it");
    if words.contains("pending deletion") {
        story.hint("`aws kms cancel-key-deletion --key-id …`, then `aws kms enable-key --key-id …`")
    } else if words.contains("pending import") {
        story.hint("import the key's material first")
    } else {
        story.hint("if the key is being created or updated: try again in a minute")
    }
}
