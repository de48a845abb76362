//! Encrypting: the proof that a caller may use a key.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::super::super::world::KeyState;
use super::super::failure::Failure;
use super::Call;
use super::lookup::{Names, check_state};

/// Encrypts nothing in truth: what it returns names the key, and holds the text as it came.
pub(super) fn encrypt(call: &mut Call<'_>) -> Result<Value, Failure> {
    let text = call.required("Plaintext")?;
    let dry = call.body.get("DryRun").and_then(Value::as_bool).unwrap_or_default();
    let key = call.key("KeyId", Names::OfKeysAndAliases, "Encrypt")?;
    check_state(key, &[KeyState::Enabled, KeyState::Updating])?;
    if key.usage != "ENCRYPT_DECRYPT" {
        let message = format!("{} key usage is {} which is not valid for Encrypt.", key.arn, key.usage);
        return Err(Failure::bad_request("InvalidKeyUsageException", message));
    }
    if dry {
        return Err(Failure::bad_request(
            "DryRunOperationException",
            "The request would have succeeded, but the DryRun option is set.",
        ));
    }
    Ok(json!({
        "CiphertextBlob": STANDARD.encode(format!("{} {text}", key.arn)),
        "EncryptionAlgorithm": key.spec,
        "KeyId": key.arn,
    }))
}
