//! The account's settings.

use serde_json::{Value, json};

use super::patch::{self, PatchDocument, Patchable};
use crate::estate::Estate;
use crate::server::fault::Fault;
use crate::server::rest::{Answer, Call};

pub fn get_account(call: &Call<'_>) -> Result<Answer, Fault> {
    call.read(|estate| Answer::json(&document(estate)))
}

/// AWS: what `UpdateAccount` may patch. Usage plans are on for long, and stay so.
static PATCHABLE: &[Patchable<Option<String>>] = &[
    Patchable {
        path: "/cloudwatchRoleArn",
        ops: &["add", "remove", "replace"],
        apply: |role, patch| {
            *role = match patch.op {
                "remove" => None,
                _ => Some(patch.text()?.to_owned()).filter(|arn| !arn.is_empty()),
            };
            Ok(())
        },
    },
    Patchable { path: "/features", ops: &["add"], apply: |_, patch| patch.one_of(&["UsagePlans"]).map(drop) },
];

pub fn update_account(call: &Call<'_>) -> Result<Answer, Fault> {
    let patches: PatchDocument = call.body()?;
    call.write(|estate| {
        let mut role = estate.cloudwatch_role_arn.clone();
        patch::apply(PATCHABLE, &mut role, &patches.patch_operations)?;
        if role.as_deref().is_some_and(|arn| !is_role(arn)) {
            return Err(Fault::bad_request(
                "The role ARN does not have required permissions configured. Please grant trust permission for \
                 API Gateway and add the required role policy.",
            ));
        }
        estate.cloudwatch_role_arn = role;
        Answer::json(&document(estate))
    })
}

/// Roles themselves are not there to be asked.
fn is_role(arn: &str) -> bool {
    let account = arn.strip_prefix("arn:aws:iam::").and_then(|rest| rest.split_once(":role/"));
    account.is_some_and(|(account, name)| {
        account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit()) && !name.is_empty()
    })
}

fn document(estate: &Estate) -> Value {
    let mut document = json!({
        "throttleSettings": {
            "burstLimit": estate.account_throttle.burst,
            "rateLimit": estate.account_throttle.rate,
        },
        "features": ["UsagePlans"],
        "apiKeyVersion": "4",
    });
    if let Some(role) = &estate.cloudwatch_role_arn {
        document["cloudwatchRoleArn"] = Value::from(role.as_str());
    }
    document
}
