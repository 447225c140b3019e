//! An API as a document of the OpenAPI family, as both versions of API Gateway export it.

mod document;
mod operation;
mod yaml;

use serde_json::Value;

use crate::estate::{Api, Method, Stage};

pub use self::document::document;

/// Which document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// OpenAPI 3.0.1.
    OpenApi3,
    /// Swagger 2.0.
    Swagger2,
}

impl Dialect {
    /// Where the schemas are.
    fn schemas(self) -> &'static str {
        match self {
            Self::OpenApi3 => "#/components/schemas/",
            Self::Swagger2 => "#/definitions/",
        }
    }
}

/// Which of AWS's extensions a document has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Extensions {
    pub integrations: bool,
    pub authorizers: bool,
}

impl Extensions {
    /// All of them.
    pub const ALL: Self = Self { integrations: true, authorizers: true };
}

/// What is written of an API.
#[derive(Debug)]
pub struct Export<'a> {
    pub api: &'a Api,
    pub region: &'a str,
    /// The stage that serves it; `None`: what would be deployed next.
    pub stage: Option<&'a Stage>,
    pub dialect: Dialect,
    pub extensions: Extensions,
}

impl<'a> Export<'a> {
    fn methods(&self) -> Vec<&'a Method> {
        match self.stage {
            Some(stage) => self.api.deployed_methods(stage).collect(),
            None => self.api.methods.iter().collect(),
        }
    }
}

/// How a document is written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Json,
    Yaml,
}

impl Format {
    /// The document as text.
    pub fn write(self, document: &Value) -> String {
        match self {
            Self::Json => format!("{document:#}"),
            Self::Yaml => yaml::write(document),
        }
    }

    /// The end of a file's name, and its media type.
    pub fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Json => ("json", "application/json"),
            Self::Yaml => ("yaml", "application/yaml"),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::estate::seed::starting_estate;

    fn estate() -> crate::estate::Estate {
        starting_estate(7, 12, 30, "2026-11-20T12:00:00Z".parse().unwrap())
    }

    fn exported(name: &str, dialect: Dialect) -> (Api, Value) {
        let estate = estate();
        let api = estate.api_named(name).unwrap();
        let stage = Some(&api.stages[0]);
        let export = Export { api, region: "eu-west-1", stage, dialect, extensions: Extensions::ALL };
        (api.clone(), document(&export))
    }

    #[test]
    fn each_deployed_method_is_there_once_and_its_references_lead_somewhere() {
        for dialect in [Dialect::OpenApi3, Dialect::Swagger2] {
            for name in ["cell-01-api", "router", "orders-01", "status"] {
                let (api, document) = exported(name, dialect);
                let paths = document["paths"].as_object().unwrap();
                let operations: usize = paths.values().map(|path| path.as_object().unwrap().len()).sum();
                assert_eq!(operations, api.deployed_methods(&api.stages[0]).count(), "{name}");
                let text = document.to_string();
                for reference in text.split("\"$ref\":\"#").skip(1) {
                    let pointer = reference.split('"').next().unwrap();
                    assert!(document.pointer(pointer).is_some(), "{name}: {pointer}");
                }
            }
        }
    }

    #[test]
    fn what_guards_a_method_is_defined() {
        let (_, document) = exported("cell-01-api", Dialect::OpenApi3);
        let schemes = document["components"]["securitySchemes"].as_object().unwrap();
        let used = document["paths"]["/orders"]["post"]["security"].as_array().unwrap();
        assert_eq!(used.len(), 2, "an authorizer and a key: {used:?}");
        for scheme in used.iter().flat_map(|scheme| scheme.as_object().unwrap().keys()) {
            assert!(schemes.contains_key(scheme), "{scheme}");
        }
    }

    #[test]
    fn without_extensions_nothing_of_aws_is_told() {
        let estate = estate();
        let api = estate.api_named("cell-01-api").unwrap();
        let (stage, extensions) = (Some(&api.stages[0]), Extensions::default());
        let export = Export { api, region: "eu-west-1", stage, dialect: Dialect::OpenApi3, extensions };
        assert!(!document(&export).to_string().contains("x-amazon"));
    }
}
