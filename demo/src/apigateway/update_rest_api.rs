//! `UpdateRestApi`: what may be patched of a REST API itself.

use super::patch::{self, Patch, PatchDocument, Patchable};
use super::{apis, find};
use crate::estate::{Api, EndpointType};
use crate::server::fault::Fault;
use crate::server::rest::{Answer, Call};

/// AWS: bytes.
const LARGEST_COMPRESSION_SIZE: i64 = 10_485_760;

/// AWS: what `UpdateRestApi` may patch.
static PATCHABLE: &[Patchable<Api>] = &[
    Patchable { path: "/name", ops: &["replace"], apply: name },
    Patchable {
        path: "/description",
        ops: &["replace"],
        apply: |api, patch| {
            patch.text()?.clone_into(&mut api.description);
            Ok(())
        },
    },
    Patchable {
        path: "/apiKeySource",
        ops: &["replace"],
        apply: |api, patch| {
            api.settings.api_key_source = patch.one_of(&["HEADER", "AUTHORIZER"])?;
            Ok(())
        },
    },
    Patchable {
        path: "/disableExecuteApiEndpoint",
        ops: &["replace"],
        apply: |api, patch| {
            api.settings.execute_api_disabled = patch.truth()?;
            Ok(())
        },
    },
    Patchable { path: "/minimumCompressionSize", ops: &["replace"], apply: minimum_compression_size },
    Patchable { path: "/policy", ops: &["replace", "remove"], apply: policy },
    Patchable {
        path: "/binaryMediaTypes/{media_type}",
        ops: &["add", "remove", "replace"],
        apply: binary_media_type,
    },
    Patchable { path: "/endpointConfiguration/types/{type}", ops: &["replace"], apply: endpoint_type },
    Patchable { path: "/endpointConfiguration/ipAddressType", ops: &["replace"], apply: ip_address_type },
    Patchable { path: "/endpointConfiguration/vpcEndpointIds", ops: &["add", "remove"], apply: vpc_endpoint },
];

pub fn update_rest_api(call: &Call<'_>) -> Result<Answer, Fault> {
    let patches: PatchDocument = call.body()?;
    call.write(|estate| {
        let api = find::rest_api_mut(estate, call)?;
        let mut draft = api.clone();
        patch::apply(PATCHABLE, &mut draft, &patches.patch_operations)?;
        *api = draft;
        Answer::json(&apis::document(api))
    })
}

fn name(api: &mut Api, patch: &Patch<'_>) -> Result<(), Fault> {
    let name = patch.text()?;
    if name.is_empty() {
        return Err(Fault::bad_request("API name must be specified"));
    }
    name.clone_into(&mut api.name);
    Ok(())
}

/// AWS: no value turns compression off.
fn minimum_compression_size(api: &mut Api, patch: &Patch<'_>) -> Result<(), Fault> {
    api.settings.minimum_compression_size = match patch.text() {
        Err(_) | Ok("") => None,
        Ok(_) => Some(
            Some(patch.integer()?)
                .filter(|size| (0..=LARGEST_COMPRESSION_SIZE).contains(size))
                .ok_or_else(|| patch.invalid("a whole number from 0 to 10485760"))?,
        ),
    };
    Ok(())
}

fn policy(api: &mut Api, patch: &Patch<'_>) -> Result<(), Fault> {
    api.settings.policy = if patch.op == "remove" {
        None
    } else {
        let policy: serde_json::Value = patch.json("a policy in JSON")?;
        if !policy.is_object() {
            return Err(patch.invalid("a policy in JSON"));
        }
        Some(patch.text()?.to_owned())
    };
    Ok(())
}

fn binary_media_type(api: &mut Api, patch: &Patch<'_>) -> Result<(), Fault> {
    let media_type = patch.name(0).to_owned();
    let types = &mut api.settings.binary_media_types;
    let place = types.iter().position(|known| *known == media_type);
    match (patch.op, place) {
        ("add", None) => types.push(media_type),
        ("add", Some(_)) => {}
        ("remove", Some(place)) => drop(types.remove(place)),
        ("replace", Some(place)) => patch.text()?.clone_into(&mut types[place]),
        _ => return Err(Fault::not_found(format!("Invalid binary media type specified: {media_type}"))),
    }
    Ok(())
}

/// AWS: no way leads from an edge-optimised API to a private one, or back.
fn endpoint_type(api: &mut Api, patch: &Patch<'_>) -> Result<(), Fault> {
    if patch.name(0) != api.endpoint.as_str() {
        return Err(Fault::bad_request(format!(
            "Invalid endpoint configuration: the API has no endpoint of type {}",
            patch.name(0)
        )));
    }
    let wanted = match patch.one_of(&["REGIONAL", "EDGE", "PRIVATE"])?.as_str() {
        "EDGE" => EndpointType::Edge,
        "PRIVATE" => EndpointType::Private,
        _ => EndpointType::Regional,
    };
    let far_apart = |one, other| api.endpoint == one && wanted == other;
    if far_apart(EndpointType::Edge, EndpointType::Private)
        || far_apart(EndpointType::Private, EndpointType::Edge)
    {
        return Err(Fault::bad_request(format!(
            "Cannot update endpoint from {} to {}",
            api.endpoint.as_str(),
            wanted.as_str()
        )));
    }
    if wanted == EndpointType::Private {
        "dualstack".clone_into(&mut api.settings.ip_address_type);
    } else {
        api.settings.vpc_endpoint_ids.clear();
    }
    api.endpoint = wanted;
    Ok(())
}

fn ip_address_type(api: &mut Api, patch: &Patch<'_>) -> Result<(), Fault> {
    let wanted = patch.one_of(&["ipv4", "dualstack"])?;
    if api.endpoint == EndpointType::Private && wanted != "dualstack" {
        return Err(Fault::bad_request("Only dualstack ipAddressType is supported for Private APIs."));
    }
    api.settings.ip_address_type = wanted;
    Ok(())
}

fn vpc_endpoint(api: &mut Api, patch: &Patch<'_>) -> Result<(), Fault> {
    let endpoint = patch.text()?.to_owned();
    if api.endpoint != EndpointType::Private || !endpoint.starts_with("vpce-") {
        return Err(Fault::bad_request("VPC endpoints are supported only for the endpoint type PRIVATE"));
    }
    let known = &mut api.settings.vpc_endpoint_ids;
    known.retain(|known| *known != endpoint);
    if patch.op == "add" {
        known.push(endpoint);
    }
    Ok(())
}
