//! REST operations: a verb and a path template each, and what handles them.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode};
use axum::response::Response;
use jiff::Timestamp;
use percent_encoding::percent_decode_str;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::fault::Fault;
use crate::estate::{Estate, SharedEstate};
use crate::region::course::Course;

/// One operation of a REST service.
#[derive(Debug)]
pub struct Operation {
    /// AWS's name of it, such as `GetStages`.
    pub name: &'static str,
    pub verb: Method,
    /// `/restapis/{restapi_id}/stages`, with the parameter names of AWS's service model.
    pub path: &'static str,
    pub handle: Handler,
    /// Whether it is answered from the traffic, which has to have happened by then.
    pub meets_traffic: bool,
}

/// Answers a call or refuses it.
pub type Handler = fn(&Call<'_>) -> Result<Answer, Fault>;

/// What the braces in a path template stood for, percent-decoded.
pub type Parameters = BTreeMap<&'static str, String>;

impl Operation {
    /// The parameters, if the request is for this operation.
    pub fn matches(&self, verb: &Method, path: &str) -> Option<Parameters> {
        if *verb != self.verb {
            return None;
        }
        let mut parameters = Parameters::new();
        let mut segments = segments(path);
        for expected in segments_of_template(self.path) {
            let segment = segments.next()?;
            // A path that is no text has no match: the names of things are text.
            let decoded = percent_decode_str(segment).decode_utf8().ok()?;
            match expected.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
                Some(name) if !decoded.is_empty() => {
                    parameters.insert(name, decoded.into_owned());
                }
                None if decoded == expected => {}
                _ => return None,
            }
        }
        segments.next().is_none().then_some(parameters)
    }
}

fn segments(path: &str) -> impl Iterator<Item = &str> {
    let path = path.strip_prefix('/').unwrap_or(path);
    path.strip_suffix('/').unwrap_or(path).split('/')
}

fn segments_of_template(template: &'static str) -> impl Iterator<Item = &'static str> {
    template.strip_prefix('/').unwrap_or(template).split('/')
}

/// A request that was recognised.
#[derive(Debug)]
pub struct Call<'a> {
    estate: &'a SharedEstate,
    /// Where requests are tried out.
    pub course: &'a Course,
    pub now: Timestamp,
    parameters: &'a Parameters,
    query: Vec<(String, String)>,
    parts: &'a Parts,
    body: &'a [u8],
}

impl<'a> Call<'a> {
    /// A call on this estate at this time.
    pub fn new(
        (estate, course): (&'a SharedEstate, &'a Course),
        now: Timestamp,
        parameters: &'a Parameters,
        parts: &'a Parts,
        body: &'a [u8],
    ) -> Self {
        let query = parts.uri.query().unwrap_or_default().as_bytes();
        let query = form_urlencoded::parse(query).into_owned().collect();
        Self { estate, course, now, parameters, query, parts, body }
    }

    /// A header; empty where it is missing or no text.
    pub fn header(&self, name: &str) -> &str {
        self.parts.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// What stood in the path; empty if the template has no such parameter.
    pub fn parameter(&self, name: &str) -> &str {
        self.parameters.get(name).map_or("", String::as_str)
    }

    /// The first value of this name in the query.
    pub fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Whether this value is among those of the name in the query.
    pub fn asks_for(&self, name: &str, value: &str) -> bool {
        self.query.iter().any(|(key, found)| key == name && found == value)
    }

    /// The body, read as JSON.
    pub fn body<T: DeserializeOwned>(&self) -> Result<T, Fault> {
        serde_json::from_slice(self.body).map_err(|error| {
            Fault::new(400, "SerializationException", format!("Could not parse the request body: {error}"))
        })
    }

    /// The body, read as JSON; what an empty body stands for.
    pub fn body_or_default<T: DeserializeOwned + Default>(&self) -> Result<T, Fault> {
        if self.body.is_empty() { Ok(T::default()) } else { self.body() }
    }

    /// Looks at the estate.
    pub fn read<T>(&self, look: impl FnOnce(&Estate) -> Result<T, Fault>) -> Result<T, Fault> {
        look(&*self.estate.read().map_err(|_| Fault::internal("the estate is unreadable"))?)
    }

    /// Alters the estate.
    pub fn write<T>(&self, alter: impl FnOnce(&mut Estate) -> Result<T, Fault>) -> Result<T, Fault> {
        alter(&mut *self.estate.write().map_err(|_| Fault::internal("the estate is unreadable"))?)
    }
}

/// What an operation says when all went well.
#[derive(Debug)]
pub struct Answer {
    status: StatusCode,
    body: Option<Vec<u8>>,
    headers: Vec<(HeaderName, String)>,
}

impl Answer {
    /// 200 with this document.
    pub fn json(document: &impl Serialize) -> Result<Self, Fault> {
        let body = serde_json::to_vec(document)
            .map_err(|error| Fault::internal(format!("the answer cannot be written as JSON: {error}")))?;
        Ok(Self { status: StatusCode::OK, body: Some(body), headers: Vec::new() })
    }

    /// 201 with this document.
    pub fn created(document: &impl Serialize) -> Result<Self, Fault> {
        Ok(Self { status: StatusCode::CREATED, ..Self::json(document)? })
    }

    /// 200 with a file of this name.
    pub fn file(name: &str, content_type: &str, body: String) -> Self {
        let headers = vec![
            (HeaderName::from_static("content-type"), content_type.to_owned()),
            (HeaderName::from_static("content-disposition"), format!("attachment; filename=\"{name}\"")),
        ];
        Self { status: StatusCode::OK, body: Some(body.into_bytes()), headers }
    }

    /// 204 without a body.
    pub fn no_content() -> Self {
        Self { status: StatusCode::NO_CONTENT, body: None, headers: Vec::new() }
    }

    /// 202 without a body.
    pub fn accepted() -> Self {
        Self { status: StatusCode::ACCEPTED, body: None, headers: Vec::new() }
    }

    /// The HTTP answer.
    pub fn into_response(self) -> Response {
        let has_body = self.body.is_some();
        let mut response = Response::new(self.body.map_or_else(Body::empty, Body::from));
        *response.status_mut() = self.status;
        if has_body {
            response.headers_mut().insert("content-type", HeaderValue::from_static("application/json"));
        }
        for (name, value) in self.headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                response.headers_mut().insert(name, value);
            }
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPERATION: Operation = Operation {
        name: "GetTags",
        verb: Method::GET,
        path: "/tags/{resource_arn}",
        handle: |_| Ok(Answer::accepted()),
        meets_traffic: false,
    };

    #[test]
    fn an_escaped_slash_stays_within_its_segment() {
        let parameters = OPERATION.matches(&Method::GET, "/tags/arn%3Aaws%3A%2Frestapis%2Fabc").unwrap();
        assert_eq!(parameters["resource_arn"], "arn:aws:/restapis/abc");
    }

    #[test]
    fn what_differs_does_not_match() {
        for path in ["/tags", "/tags/", "/tags/a/b", "/tagz/a", "//tags/a", "/tags/%FF", ""] {
            assert!(OPERATION.matches(&Method::GET, path).is_none(), "{path}");
        }
        assert!(OPERATION.matches(&Method::PUT, "/tags/a").is_none());
    }
}
