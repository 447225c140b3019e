//! One method or route as an operation of the document.

use serde_json::{Value, json};

use super::{Dialect, Export};
use crate::estate::{ApiKind, Authorization, Method};

/// The operation.
pub fn operation(export: &Export<'_>, method: &Method) -> Value {
    let mut operation = json!({ "responses": responses(export, method) });
    if !method.operation_name.is_empty() {
        operation["operationId"] = Value::from(method.operation_name.as_str());
    }
    let mut parameters = parameters(export.dialect, method);
    if let Some(model) = &method.request_model {
        let schema = json!({ "$ref": format!("{}{model}", export.dialect.schemas()) });
        match export.dialect {
            Dialect::OpenApi3 => {
                operation["requestBody"] =
                    json!({ "content": { "application/json": { "schema": schema } }, "required": true });
            }
            Dialect::Swagger2 => {
                operation["consumes"] = json!(["application/json"]);
                parameters.push(json!({ "in": "body", "name": model, "required": true, "schema": schema }));
            }
        }
    }
    if !parameters.is_empty() {
        operation["parameters"] = Value::from(parameters);
    }
    let security = security(export, method);
    if !security.is_empty() {
        operation["security"] = Value::from(security);
    }
    if export.extensions.authorizers && method.authorization == Authorization::Iam {
        operation["x-amazon-apigateway-auth"] = json!({ "type": "AWS_IAM" });
    }
    if export.extensions.integrations {
        operation["x-amazon-apigateway-integration"] = integration(export, method);
    }
    operation
}

fn parameters(dialect: Dialect, method: &Method) -> Vec<Value> {
    let Some((_, path)) = method.key.http() else { return Vec::new() };
    let names = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let parameter = |name: &str| {
        let name = name.trim_end_matches('+');
        match dialect {
            Dialect::OpenApi3 => {
                json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } })
            }
            Dialect::Swagger2 => json!({ "name": name, "in": "path", "required": true, "type": "string" }),
        }
    };
    names.map(parameter).collect()
}

/// AWS: an HTTP API says nothing of its answers.
fn responses(export: &Export<'_>, method: &Method) -> Value {
    if export.api.kind != ApiKind::Rest {
        return json!({ "default": { "description": format!("Default response for {}", method.key) } });
    }
    let has_model = export.api.models.iter().any(|model| model.name == "Empty");
    let mut answer = json!({ "description": "200 response" });
    if has_model {
        let schema = json!({ "$ref": format!("{}Empty", export.dialect.schemas()) });
        match export.dialect {
            Dialect::OpenApi3 => answer["content"] = json!({ "application/json": { "schema": schema } }),
            Dialect::Swagger2 => answer["schema"] = schema,
        }
    }
    json!({ "200": answer })
}

fn security(export: &Export<'_>, method: &Method) -> Vec<Value> {
    let authorizer = match &method.authorization {
        Authorization::Authorizer { id, .. } => {
            export.api.authorizers.iter().find(|authorizer| authorizer.id == *id)
        }
        Authorization::None | Authorization::Iam => None,
    };
    let key = method.api_key_required.then(|| json!({ "api_key": [] }));
    let authorizer = authorizer.map(|authorizer| json!({ authorizer.name.as_str(): [] }));
    authorizer.into_iter().chain(key).collect()
}

fn integration(export: &Export<'_>, method: &Method) -> Value {
    let uri = crate::apigateway::invocation_uri(export.region, &method.integration.function_arn);
    let mut integration = json!({
        "type": "aws_proxy",
        "httpMethod": "POST",
        "uri": uri,
        "timeoutInMillis": method.integration.timeout_ms,
    });
    if export.api.kind == ApiKind::Rest {
        integration["passthroughBehavior"] = Value::from("when_no_match");
        integration["responses"] = json!({ "default": { "statusCode": "200" } });
    } else {
        integration["payloadFormatVersion"] = Value::from("2.0");
        integration["connectionType"] = Value::from("INTERNET");
    }
    integration
}
