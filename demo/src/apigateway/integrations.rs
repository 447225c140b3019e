//! The integration of a method, and the answers that it passes on.

use super::resources::{self, Found};
use crate::server::fault::Fault;
use crate::server::rest::{Answer, Call};

pub fn get_integration(call: &Call<'_>) -> Result<Answer, Fault> {
    call.read(|estate| {
        let Found { resource, method, .. } = resources::find_method(estate, call)?;
        Answer::json(&resources::integration(method, resource, &estate.region))
    })
}

pub fn get_integration_response(call: &Call<'_>) -> Result<Answer, Fault> {
    call.read(|estate| {
        resources::find_method(estate, call)?;
        let answers = resources::integration_responses();
        Answer::json(answers.get(call.parameter("status_code")).ok_or_else(no_such_status)?)
    })
}

pub fn get_method_response(call: &Call<'_>) -> Result<Answer, Fault> {
    call.read(|estate| {
        resources::find_method(estate, call)?;
        let answers = resources::method_responses();
        Answer::json(answers.get(call.parameter("status_code")).ok_or_else(no_such_status)?)
    })
}

fn no_such_status() -> Fault {
    Fault::not_found("Invalid Response status code specified")
}
