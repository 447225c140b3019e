//! `ExportApi`: an HTTP API as a document of OpenAPI.

use super::find;
use crate::estate::ApiKind;
use crate::openapi::{Dialect, Export, Extensions, Format, document};
use crate::server::fault::Fault;
use crate::server::rest::{Answer, Call};

pub fn export_api(call: &Call<'_>) -> Result<Answer, Fault> {
    call.read(|estate| {
        let api = find::api(estate, call)?;
        if api.kind != ApiKind::Http {
            return Err(Fault::bad_request("Exports are supported on protocolType HTTP only"));
        }
        let one_of = |name: &str, found: &str| {
            Fault::bad_request(format!("Invalid {name} specified in the request: '{found}'"))
        };
        let specification = call.parameter("specification");
        if specification != "OAS30" {
            return Err(one_of("specification", specification));
        }
        let format = match call.query("outputType").unwrap_or_default() {
            "JSON" => Format::Json,
            "YAML" => Format::Yaml,
            other => return Err(one_of("outputType", other)),
        };
        if let Some(version) = call.query("exportVersion").filter(|version| *version != "1.0") {
            return Err(one_of("exportVersion", version));
        }
        let named = call.query("stageName").map(|name| {
            api.stage(name).ok_or_else(|| Fault::not_found("Invalid stage identifier specified"))
        });
        // AWS: extensions come along unless they are not wanted.
        let bare = call.query("includeExtensions").is_some_and(|wanted| wanted.eq_ignore_ascii_case("false"));
        let export = Export {
            api,
            region: &estate.region,
            stage: named.transpose()?,
            dialect: Dialect::OpenApi3,
            extensions: if bare { Extensions::default() } else { Extensions::ALL },
        };
        let (ending, content_type) = format.names();
        let name = format!("{}.{ending}", api.id);
        Ok(Answer::file(&name, content_type, format.write(&document(&export))))
    })
}
