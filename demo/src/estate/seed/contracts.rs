//! The models and validators that APIs start with.

use rand::SeedableRng;
use rand::rngs::StdRng;
use serde_json::json;

use super::super::{ApiKind, Method, Model, RequestValidator, RouteKey, id};

/// What an API starts with.
#[derive(Debug, Default)]
pub struct Contract {
    pub models: Vec<Model>,
    pub request_validators: Vec<RequestValidator>,
}

/// Gives an API the models that AWS makes for a new one, one for each method that takes a body, and a validator of
/// these. HTTP APIs have neither.
pub fn agree(kind: ApiKind, api_id: &str, methods: &mut [Method]) -> Contract {
    if kind == ApiKind::Http {
        return Contract::default();
    }
    // By the API alone, whatever else is drawn before and after.
    let seed = api_id.bytes().fold(0_u64, |seed, byte| seed.wrapping_mul(37).wrapping_add(u64::from(byte)));
    let mut rng = StdRng::seed_from_u64(seed);
    let mut models = Vec::new();
    let mut request_validators = Vec::new();
    let mut model = |name: &str, description: &str, schema: String| {
        models.push(Model {
            id: id::random(&mut rng, id::SHORT),
            name: name.to_owned(),
            description: description.to_owned(),
            content_type: "application/json".to_owned(),
            schema,
        });
    };
    if kind == ApiKind::Rest {
        model("Empty", "This is a default empty schema model", schema("Empty Schema", &[]));
        model("Error", "This is a default error schema model", schema("Error Schema", &["message"]));
    }
    for method in methods.iter_mut().filter(|method| takes_body(&method.key)) {
        let name = format!("{}Request", capitalised(&method.operation_name));
        let fields: &[&str] = if kind == ApiKind::WebSocket { &["action"] } else { &[] };
        model(&name, &format!("The body of {}", method.key), schema(&name, fields));
        method.request_model = Some(name);
    }
    if kind == ApiKind::Rest {
        let validator = RequestValidator {
            id: id::random(&mut rng, id::SHORT),
            name: "Validate body, query string parameters, and headers".to_owned(),
            validates_body: true,
            validates_parameters: true,
        };
        for method in methods.iter_mut().filter(|method| method.request_model.is_some()) {
            method.request_validator_id = Some(validator.id.clone());
        }
        request_validators.push(validator);
    }
    Contract { models, request_validators }
}

fn takes_body(key: &RouteKey) -> bool {
    match key {
        RouteKey::Http { verb, .. } => matches!(verb.as_str(), "POST" | "PUT" | "PATCH"),
        RouteKey::Named(name) => !name.starts_with('$'),
    }
}

fn capitalised(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn schema(title: &str, fields: &[&str]) -> String {
    let mut schema = json!({
        "$schema": "http://json-schema.org/draft-04/schema#",
        "title": title,
        "type": "object",
    });
    for field in fields {
        schema["properties"][*field] = json!({ "type": "string" });
    }
    schema.to_string()
}
