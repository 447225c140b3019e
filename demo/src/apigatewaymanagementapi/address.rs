//! Which stage and which connection a request is for.

use axum::http::Method;
use axum::http::request::Parts;
use percent_encoding::percent_decode_str;

/// What the path begins with where the host's name does not tell the API.
const PREFIX: &str = "_execute-api";
/// What follows an API's id in a host name.
const HOST: &str = ".execute-api.";

/// What a request to `@connections` names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    pub operation: &'static str,
    /// `None` where neither the path nor the host tells.
    pub api_id: Option<String>,
    pub stage: Option<String>,
    pub connection_id: String,
}

impl Address {
    /// The address in a request; `None` where it is for anything else.
    pub fn of(parts: &Parts) -> Option<Self> {
        let operation = match parts.method {
            Method::GET => "GetConnection",
            Method::POST => "PostToConnection",
            Method::DELETE => "DeleteConnection",
            _ => return None,
        };
        let segments = parts.uri.path().trim_start_matches('/').split('/');
        let decoded = segments.map(|segment| percent_decode_str(segment).decode_utf8().ok());
        let decoded: Vec<_> = decoded.collect::<Option<_>>()?;
        let segments: Vec<&str> = decoded.iter().map(AsRef::as_ref).collect();
        let (api_id, stage, connection_id) = match segments[..] {
            [PREFIX, api_id, stage, "@connections", id] => (Some(api_id), Some(stage), id),
            [stage, "@connections", id] => (api_of_host(parts), Some(stage), id),
            ["@connections", id] => (api_of_host(parts), None, id),
            _ => return None,
        };
        let owned = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(str::to_owned);
        (!connection_id.is_empty()).then(|| Self {
            operation,
            api_id: owned(api_id),
            stage: owned(stage),
            connection_id: connection_id.to_owned(),
        })
    }
}

fn api_of_host(parts: &Parts) -> Option<&str> {
    let host = parts.headers.get("host")?.to_str().ok()?;
    host.split_once(HOST).map(|(api_id, _)| api_id)
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    fn address(verb: Method, path: &str, host: &str) -> Option<Address> {
        let request = Request::builder().method(verb).uri(path).header("host", host).body(()).unwrap();
        Address::of(&request.into_parts().0)
    }

    #[test]
    fn the_stage_is_told_by_the_path_or_by_the_host() {
        let named = Address {
            operation: "GetConnection",
            api_id: Some("abc123".to_owned()),
            stage: Some("prod".to_owned()),
            connection_id: "L0SM9cOFvHcCIhw=".to_owned(),
        };
        let by_path = "/_execute-api/abc123/prod/@connections/L0SM9cOFvHcCIhw%3D";
        assert_eq!(address(Method::GET, by_path, "127.0.0.1:4566"), Some(named.clone()));
        let encoded = by_path.replace('@', "%40");
        assert_eq!(address(Method::GET, &encoded, "127.0.0.1:4566"), Some(named.clone()));
        let host = "abc123.execute-api.eu-west-1.amazonaws.com";
        let by_host = "/prod/@connections/L0SM9cOFvHcCIhw=";
        assert_eq!(address(Method::GET, by_host, host), Some(named));
    }

    #[test]
    fn what_names_no_connection_is_for_somebody_else() {
        for path in ["/_execute-api/abc/prod/@connections", "/@connections/", "/restapis", "/a/b/c/d", "/%FF"]
        {
            assert_eq!(address(Method::GET, path, "127.0.0.1"), None, "{path}");
        }
        assert_eq!(address(Method::PUT, "/prod/@connections/abc=", "127.0.0.1"), None);
        let nowhere = address(Method::POST, "/@connections/abc=", "127.0.0.1").unwrap();
        assert_eq!((nowhere.api_id, nowhere.stage), (None, None));
    }
}
