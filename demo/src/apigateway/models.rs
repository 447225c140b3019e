//! The models of a REST API, and its request validators.

use serde::{Deserialize, Serialize};

use super::patch::{self, PatchDocument, Patchable};
use super::{find, listing};
use crate::estate::{Model, RequestValidator, id};
use crate::server::fault::Fault;
use crate::server::rest::{Answer, Call};

pub fn get_models(call: &Call<'_>) -> Result<Answer, Fault> {
    call.read(|estate| {
        let api = find::rest_api(estate, call)?;
        listing(call, api.models.iter(), |model| &model.name, document)
    })
}

pub fn get_model(call: &Call<'_>) -> Result<Answer, Fault> {
    call.read(|estate| {
        let name = call.parameter("model_name");
        let model = find::rest_api(estate, call)?.models.iter().find(|model| model.name == name);
        Answer::json(&document(model.ok_or_else(|| unknown(name))?))
    })
}

pub fn create_model(call: &Call<'_>) -> Result<Answer, Fault> {
    let request: CreateModel = call.body()?;
    call.write(|estate| {
        let api = find::rest_api_mut(estate, call)?;
        if request.name.is_empty() || !request.name.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(Fault::bad_request("Model name must be alphanumeric"));
        }
        if api.models.iter().any(|model| model.name == request.name) {
            return Err(Fault::new(409, "ConflictException", "Model name already exists for this REST API"));
        }
        check_schema(&request.schema)?;
        let model = Model {
            id: id::random(&mut rand::rng(), id::SHORT),
            name: request.name,
            description: request.description,
            content_type: request.content_type,
            schema: request.schema,
        };
        let answer = Answer::created(&document(&model))?;
        api.models.push(model);
        Ok(answer)
    })
}

/// AWS: what `UpdateModel` may patch.
static PATCHABLE: &[Patchable<Model>] = &[
    Patchable {
        path: "/description",
        ops: &["replace"],
        apply: |model, patch| {
            patch.text()?.clone_into(&mut model.description);
            Ok(())
        },
    },
    Patchable {
        path: "/schema",
        ops: &["replace"],
        apply: |model, patch| {
            check_schema(patch.text()?)?;
            patch.text()?.clone_into(&mut model.schema);
            Ok(())
        },
    },
];

pub fn update_model(call: &Call<'_>) -> Result<Answer, Fault> {
    let patches: PatchDocument = call.body()?;
    call.write(|estate| {
        let name = call.parameter("model_name");
        let models = &mut find::rest_api_mut(estate, call)?.models;
        let model = models.iter_mut().find(|model| model.name == name).ok_or_else(|| unknown(name))?;
        let mut draft = model.clone();
        patch::apply(PATCHABLE, &mut draft, &patches.patch_operations)?;
        *model = draft;
        Answer::json(&document(model))
    })
}

pub fn delete_model(call: &Call<'_>) -> Result<Answer, Fault> {
    call.write(|estate| {
        let name = call.parameter("model_name");
        let api = find::rest_api_mut(estate, call)?;
        if !api.models.iter().any(|model| model.name == name) {
            return Err(unknown(name));
        }
        if let Some(method) = api.methods.iter().find(|method| method.request_model.as_deref() == Some(name))
        {
            let message =
                format!("Cannot delete model '{name}', is referenced in method request: {}", method.key);
            return Err(Fault::new(409, "ConflictException", message));
        }
        api.models.retain(|model| model.name != name);
        Ok(Answer::accepted())
    })
}

pub fn get_request_validators(call: &Call<'_>) -> Result<Answer, Fault> {
    call.read(|estate| {
        let api = find::rest_api(estate, call)?;
        listing(call, api.request_validators.iter(), |validator| &validator.id, validator_document)
    })
}

pub fn get_request_validator(call: &Call<'_>) -> Result<Answer, Fault> {
    call.read(|estate| {
        let id = call.parameter("requestvalidator_id");
        let validators = &find::rest_api(estate, call)?.request_validators;
        let validator = validators.iter().find(|validator| validator.id == id);
        let validator =
            validator.ok_or_else(|| Fault::not_found("Invalid Request Validator identifier specified"))?;
        Answer::json(&validator_document(validator))
    })
}

/// AWS checks a schema as far as it is JSON; what cannot be compiled fails when it is used.
fn check_schema(schema: &str) -> Result<(), Fault> {
    let is_object = serde_json::from_str::<serde_json::Value>(schema).is_ok_and(|schema| schema.is_object());
    if is_object { Ok(()) } else { Err(Fault::bad_request("Invalid model schema specified: it is no JSON")) }
}

fn unknown(name: &str) -> Fault {
    Fault::not_found(format!("Invalid model name specified: {name}"))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct CreateModel {
    name: String,
    #[serde(default)]
    description: String,
    content_type: String,
    #[serde(default = "empty_schema")]
    schema: String,
}

fn empty_schema() -> String {
    "{}".to_owned()
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ModelDocument<'a> {
    id: &'a str,
    name: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    description: &'a str,
    schema: &'a str,
    content_type: &'a str,
}

fn document(model: &Model) -> ModelDocument<'_> {
    ModelDocument {
        id: &model.id,
        name: &model.name,
        description: &model.description,
        schema: &model.schema,
        content_type: &model.content_type,
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ValidatorDocument<'a> {
    id: &'a str,
    name: &'a str,
    validate_request_body: bool,
    validate_request_parameters: bool,
}

fn validator_document(validator: &RequestValidator) -> ValidatorDocument<'_> {
    ValidatorDocument {
        id: &validator.id,
        name: &validator.name,
        validate_request_body: validator.validates_body,
        validate_request_parameters: validator.validates_parameters,
    }
}
