//! The whole document: what it says of the API, its servers, its schemas and its security.

use serde_json::{Map, Value, json};

use super::operation::operation;
use super::{Dialect, Export};
use crate::estate::{Api, ApiKind, Authorizer, AuthorizerKind};

/// The document of an API.
pub fn document(export: &Export<'_>) -> Value {
    let mut paths = Map::new();
    for method in export.methods() {
        let (verb, path) = match method.key.http() {
            // AWS has a word of its own where a path takes any verb.
            Some(("ANY", path)) => ("x-amazon-apigateway-any-method".to_owned(), path.to_owned()),
            Some((verb, path)) => (verb.to_lowercase(), path.to_owned()),
            None => ("x-amazon-apigateway-any-method".to_owned(), format!("/{}", method.key)),
        };
        let entry = paths.entry(path).or_insert_with(|| json!({}));
        entry[verb] = operation(export, method);
    }
    let api = export.api;
    let version = api.created.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let mut info = json!({ "title": api.name, "version": api.settings.version.clone().unwrap_or(version) });
    if !api.description.is_empty() {
        info["description"] = Value::from(api.description.as_str());
    }
    let (schemas, schemes) = (schemas(api), security_schemes(export));
    let mut document = json!({ "info": info, "paths": paths });
    let host = format!("{}.execute-api.{}.amazonaws.com", api.id, export.region);
    match export.dialect {
        Dialect::OpenApi3 => {
            document["openapi"] = Value::from("3.0.1");
            document["servers"] = servers(export, &host);
            let mut components = Map::new();
            for (name, entries) in [("schemas", schemas), ("securitySchemes", schemes)] {
                if !entries.is_empty() {
                    components.insert(name.to_owned(), Value::Object(entries));
                }
            }
            document["components"] = Value::Object(components);
        }
        Dialect::Swagger2 => {
            document["swagger"] = Value::from("2.0");
            document["host"] = Value::from(host);
            document["basePath"] = Value::from(base_path(export));
            document["schemes"] = json!(["https"]);
            for (name, entries) in [("definitions", schemas), ("securityDefinitions", schemes)] {
                if !entries.is_empty() {
                    document[name] = Value::Object(entries);
                }
            }
        }
    }
    if api.kind == ApiKind::Http && export.extensions.integrations {
        document["x-amazon-apigateway-importexport-version"] = Value::from("1.0");
    }
    document
}

fn base_path(export: &Export<'_>) -> String {
    match export.stage.map(|stage| stage.name.as_str()) {
        // AWS: the default stage is served at the root.
        None | Some("$default") => "/".to_owned(),
        Some(stage) => format!("/{stage}"),
    }
}

fn servers(export: &Export<'_>, host: &str) -> Value {
    let base_path = base_path(export);
    match base_path.strip_prefix('/').filter(|stage| !stage.is_empty()) {
        None => json!([{ "url": format!("https://{host}") }]),
        Some(stage) => json!([{
            "url": format!("https://{host}/{{basePath}}"),
            "variables": { "basePath": { "default": stage } },
        }]),
    }
}

fn schemas(api: &Api) -> Map<String, Value> {
    let schema = |text: &str| {
        let mut schema: Value = serde_json::from_str(text).unwrap_or_else(|_| json!({}));
        if let Some(schema) = schema.as_object_mut() {
            // AWS leaves out what OpenAPI has no word for.
            schema.remove("$schema");
        }
        schema
    };
    api.models.iter().map(|model| (model.name.clone(), schema(&model.schema))).collect()
}

fn security_schemes(export: &Export<'_>) -> Map<String, Value> {
    let api = export.api;
    let mut schemes = Map::new();
    if export.methods().iter().any(|method| method.api_key_required) {
        schemes
            .insert("api_key".to_owned(), json!({ "type": "apiKey", "name": "x-api-key", "in": "header" }));
    }
    for authorizer in &api.authorizers {
        schemes.insert(authorizer.name.clone(), security_scheme(export, authorizer));
    }
    schemes
}

fn security_scheme(export: &Export<'_>, authorizer: &Authorizer) -> Value {
    let uri = crate::apigateway::invocation_uri(export.region, &authorizer.provider);
    let kind = authorizer.kind;
    let mut scheme = if kind == AuthorizerKind::Jwt && export.dialect == Dialect::OpenApi3 {
        json!({ "type": "oauth2", "flows": {} })
    } else {
        json!({ "type": "apiKey", "name": "Authorization", "in": "header" })
    };
    if !export.extensions.authorizers {
        return scheme;
    }
    let (auth_type, extension) = match kind {
        AuthorizerKind::Cognito => (
            "cognito_user_pools",
            json!({ "type": "cognito_user_pools", "providerARNs": [authorizer.provider] }),
        ),
        AuthorizerKind::Jwt => (
            "jwt",
            json!({
                "type": "jwt",
                "identitySource": "$request.header.Authorization",
                "jwtConfiguration": { "audience": ["shop-mobile"], "issuer": authorizer.provider },
            }),
        ),
        AuthorizerKind::Token | AuthorizerKind::Request => (
            "custom",
            json!({
                "type": if kind == AuthorizerKind::Token { "token" } else { "request" },
                "authorizerUri": uri,
                "authorizerResultTtlInSeconds": authorizer.result_ttl_seconds,
            }),
        ),
    };
    if kind != AuthorizerKind::Jwt {
        scheme["x-amazon-apigateway-authtype"] = Value::from(auth_type);
    }
    scheme["x-amazon-apigateway-authorizer"] = extension;
    scheme
}
