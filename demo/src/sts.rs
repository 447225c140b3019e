//! AWS STS, as far as a client asks it who it is.

use crate::server::fault::{Fault, escape_xml};

/// The operations that the region serves.
pub const OPERATIONS: &[&str] = &["GetCallerIdentity"];

/// The user id that AWS's documentation gives as an example.
const USER_ID: &str = "AIDACKCEVSQ6C2EXAMPLE";

/// The XML that answers the operation.
pub fn answer(operation: &str, account_id: &str, request_id: &str) -> Result<String, Fault> {
    if !OPERATIONS.contains(&operation) {
        let message = format!("Could not find operation {operation} for version 2011-06-15");
        return Err(Fault::new(400, "InvalidAction", message));
    }
    let account_id = escape_xml(account_id);
    Ok(format!(
        "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult>\
         <Arn>arn:aws:iam::{account_id}:user/operator</Arn><UserId>{USER_ID}</UserId><Account>{account_id}</Account>\
         </GetCallerIdentityResult><ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata>\
         </GetCallerIdentityResponse>"
    ))
}
