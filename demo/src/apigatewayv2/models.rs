//! The models of a WebSocket API. HTTP APIs have none.

use serde::Serialize;

use super::{find, listing};
use crate::estate::Model;
use crate::server::fault::Fault;
use crate::server::rest::{Answer, Call};

pub fn get_models(call: &Call<'_>) -> Result<Answer, Fault> {
    call.read(|estate| {
        let api = find::api(estate, call)?;
        listing(call, api.models.iter(), |model| &model.id, document)
    })
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ModelDocument<'a> {
    model_id: &'a str,
    name: &'a str,
    description: &'a str,
    content_type: &'a str,
    schema: &'a str,
}

fn document(model: &Model) -> ModelDocument<'_> {
    ModelDocument {
        model_id: &model.id,
        name: &model.name,
        description: &model.description,
        content_type: &model.content_type,
        schema: &model.schema,
    }
}
