//! Parts of a request that statements look at, and what is done to them before.

use percent_encoding::percent_decode_str;

use crate::traffic::waf::RequestFacts;

/// AWS's `FieldToMatch`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Field {
    UriPath,
    QueryString,
    Method,
    Body,
    /// By its name in lower case.
    Header(String),
    AllHeaders,
    /// By its name in lower case.
    Argument(String),
    AllArguments,
    Cookies,
}

impl Field {
    /// The values to look at; none where the request lacks the part.
    pub fn values(&self, facts: &RequestFacts) -> Vec<String> {
        let headers = |name: &str| {
            let named = facts.headers.iter().filter(|(header, _)| *header == name);
            named.map(|(_, value)| value.clone()).collect::<Vec<_>>()
        };
        match self {
            Self::UriPath => vec![facts.path.clone()],
            Self::QueryString => vec![facts.query.clone()],
            Self::Method => vec![facts.method.clone()],
            Self::Body => vec![facts.body.clone()],
            Self::Header(name) if name == "user-agent" => vec![facts.user_agent.to_owned()],
            Self::Header(name) => headers(name),
            Self::AllHeaders => facts.headers.iter().map(|(_, value)| value.clone()).collect(),
            Self::Cookies => headers("cookie"),
            Self::Argument(name) => arguments(facts)
                .filter(|(argument, _)| argument.eq_ignore_ascii_case(name))
                .map(|(_, value)| value)
                .collect(),
            Self::AllArguments => arguments(facts).flat_map(|(name, value)| [name, value]).collect(),
        }
    }

    /// The sizes in bytes of the values. Of a body only the beginning is known, but its whole size is.
    pub fn sizes(&self, facts: &RequestFacts) -> Vec<u64> {
        match self {
            Self::Body => vec![u64::from(facts.body_bytes)],
            _ => self.values(facts).iter().map(|value| value.len() as u64).collect(),
        }
    }
}

fn arguments(facts: &RequestFacts) -> impl Iterator<Item = (String, String)> {
    form_urlencoded::parse(facts.query.as_bytes())
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
}

/// AWS's text transformations, as far as the region has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transformation {
    None,
    LowerCase,
    UrlDecode,
    CompressWhiteSpace,
    HtmlEntityDecode,
    NormalizePath,
}

impl Transformation {
    /// By AWS's word; one that the region doesn't have changes nothing.
    pub fn named(name: &str) -> Self {
        match name {
            "LOWERCASE" => Self::LowerCase,
            "URL_DECODE" | "URL_DECODE_UNI" => Self::UrlDecode,
            "COMPRESS_WHITE_SPACE" => Self::CompressWhiteSpace,
            "HTML_ENTITY_DECODE" => Self::HtmlEntityDecode,
            "NORMALIZE_PATH" => Self::NormalizePath,
            _ => Self::None,
        }
    }

    /// The value as it is then looked at.
    pub fn apply(self, value: String) -> String {
        match self {
            Self::None => value,
            Self::LowerCase => value.to_lowercase(),
            Self::UrlDecode => percent_decode_str(&value.replace('+', " ")).decode_utf8_lossy().into_owned(),
            Self::CompressWhiteSpace => value.split_whitespace().collect::<Vec<_>>().join(" "),
            Self::HtmlEntityDecode => {
                [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&nbsp;", " "), ("&amp;", "&")]
                    .into_iter()
                    .fold(value, |value, (entity, sign)| value.replace(entity, sign))
            }
            Self::NormalizePath => normalised(&value),
        }
    }
}

/// The path without empty, `.` and `..` segments.
fn normalised(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                kept.pop();
            }
            segment => kept.push(segment),
        }
    }
    format!("/{}", kept.join("/"))
}
