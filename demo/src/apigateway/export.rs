//! `GetExport`: what a stage serves, as a document of the OpenAPI family.

use super::find;
use crate::openapi::{Dialect, Export, Extensions, Format, document};
use crate::server::fault::Fault;
use crate::server::rest::{Answer, Call};

pub fn get_export(call: &Call<'_>) -> Result<Answer, Fault> {
    call.read(|estate| {
        let api = find::rest_api(estate, call)?;
        let stage = find::stage(estate, call)?;
        let kind = call.parameter("export_type");
        let dialect = match kind {
            "oas30" => Dialect::OpenApi3,
            "swagger" => Dialect::Swagger2,
            _ => return Err(Fault::bad_request(format!("Invalid export type specified: {kind}"))),
        };
        let format = if call.header("accept").contains("yaml") { Format::Yaml } else { Format::Json };
        let (extensions, region) = (extensions(call)?, estate.region.as_str());
        let exported = document(&Export { api, region, stage: Some(stage), dialect, extensions });
        let (ending, content_type) = format.names();
        let time = call.now.strftime("%Y-%m-%dT%H:%M:%SZ");
        Ok(Answer::file(&format!("{kind}_{time}.{ending}"), content_type, format.write(&exported)))
    })
}

/// AWS: `extensions` is one of these, or several with commas in between; `postman` adds nothing that the region has.
fn extensions(call: &Call<'_>) -> Result<Extensions, Fault> {
    let mut wanted = Extensions::default();
    for extension in call.query("extensions").into_iter().flat_map(|list| list.split(',')) {
        match extension.trim() {
            "" | "postman" => {}
            "apigateway" => wanted = Extensions::ALL,
            "integrations" => wanted.integrations = true,
            "authorizers" => wanted.authorizers = true,
            other => return Err(Fault::bad_request(format!("Invalid extension specified: {other}"))),
        }
    }
    Ok(wanted)
}
