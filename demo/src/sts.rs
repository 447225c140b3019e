//! AWS STS: who the caller is, and keys for other accounts.

mod assume_role;
mod parameters;

use axum::body::{Body, Bytes};
use axum::http::HeaderValue;
use axum::http::request::Parts;
use axum::response::Response;
use jiff::Timestamp;

use self::parameters::Parameters;
use crate::server::accounts::{Accounts, Caller, Identity, Session};
use crate::server::fault::{Fault, escape_xml};

/// The operations that the region serves.
pub const OPERATIONS: &[&str] = &["AssumeRole", "GetAccessKeyInfo", "GetCallerIdentity", "GetSessionToken"];

/// The ids of a user and of a role that AWS's documentation gives as examples.
const USER_ID: &str = "AIDACKCEVSQ6C2EXAMPLE";
const ROLE_ID: &str = "AROACLKWSDQRAOEXAMPLE";

/// A call of a known caller.
#[derive(Debug)]
pub struct Call<'a> {
    pub accounts: &'a Accounts,
    pub caller: &'a Caller,
    pub now: Timestamp,
    pub request_id: &'a str,
}

impl Call<'_> {
    /// Answers one request, whose credentials have been checked already.
    pub fn answer(&self, operation: &str, parts: &Parts, body: &Bytes) -> Result<Response, Fault> {
        let parameters = Parameters::read(parts, body);
        let result = match operation {
            "GetCallerIdentity" => self.caller_identity(),
            "GetAccessKeyInfo" => self.access_key_info(&parameters)?,
            "GetSessionToken" => self.session_token(&parameters)?,
            "AssumeRole" => assume_role::assume_role(self, &parameters)?,
            _ => {
                let message = format!("Could not find operation {operation} for version 2011-06-15");
                return Err(Fault::new(400, "InvalidAction", message));
            }
        };
        let request_id = escape_xml(self.request_id);
        let xml = format!(
            "<{operation}Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><{operation}Result>{result}\
             </{operation}Result><ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata>\
             </{operation}Response>"
        );
        let mut response = Response::new(Body::from(xml));
        response.headers_mut().insert("content-type", HeaderValue::from_static("text/xml"));
        Ok(response)
    }

    fn caller_identity(&self) -> String {
        let user_id = match &self.caller.identity {
            Identity::User => USER_ID.to_owned(),
            Identity::AssumedRole { session_name, .. } => format!("{ROLE_ID}:{session_name}"),
        };
        format!(
            "<Arn>{}</Arn><UserId>{}</UserId><Account>{}</Account>",
            escape_xml(&self.caller.arn()),
            escape_xml(&user_id),
            escape_xml(&self.caller.account.id),
        )
    }

    fn access_key_info(&self, parameters: &Parameters) -> Result<String, Fault> {
        let key = parameters.required("AccessKeyId")?;
        let account = self.accounts.account_of_key(key).ok_or_else(|| {
            Fault::new(400, "ValidationError", "The specified access key id is not that of any account")
        })?;
        Ok(format!("<Account>{}</Account>", escape_xml(&account.id)))
    }

    /// AWS: from 15 minutes to 36 hours, 12 hours by default; not with keys that are temporary themselves.
    fn session_token(&self, parameters: &Parameters) -> Result<String, Fault> {
        if self.caller.identity != Identity::User {
            let message = "Cannot call GetSessionToken with session credentials";
            return Err(Fault::new(403, "AccessDenied", message));
        }
        let lasts = parameters.duration(900..=129_600, 43_200)?;
        let session = self.accounts.open_session(&self.caller.account, Identity::User, self.now, lasts);
        Ok(credentials(&session))
    }
}

/// `Credentials` as STS writes it.
fn credentials(session: &Session) -> String {
    format!(
        "<Credentials><AccessKeyId>{}</AccessKeyId><SecretAccessKey>{}</SecretAccessKey>\
         <SessionToken>{}</SessionToken><Expiration>{}</Expiration></Credentials>",
        session.access_key_id,
        session.secret,
        session.token,
        session.expires.strftime("%Y-%m-%dT%H:%M:%SZ"),
    )
}
