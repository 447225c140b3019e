//! Dashboards: ListDashboards, GetDashboard, PutDashboard and DeleteDashboards.

mod body;

use jiff::Timestamp;

use super::error::Fault;
use super::input::Input;
use super::page::Page;
use super::value::Value;
use crate::estate::{Dashboard, Estate};

/// AWS: dashboards in one answer.
const PAGE: usize = 1_000;
/// AWS: characters of a name.
const LONGEST_NAME: usize = 255;

/// The dashboards whose names begin with a text, by name.
pub fn list_dashboards(estate: &Estate, _: Timestamp, request: &Value) -> Result<Value, Fault> {
    let input = Input::root(request)?;
    let prefix = input.text("DashboardNamePrefix")?;
    // AWS: the model of ListDashboards has no InvalidNextToken.
    let page = Page::of(&input, prefix).map_err(|_| Fault::invalid_value("Invalid nextToken"))?;
    let named = |dashboard: &&Dashboard| prefix.is_none_or(|prefix| dashboard.name.starts_with(prefix));
    let mut found: Vec<&Dashboard> = estate.dashboards.iter().filter(named).collect();
    found.sort_by(|one, other| one.name.cmp(&other.name));
    let (found, token) = page.cut(found, PAGE);
    let entries = found.into_iter().map(|dashboard| {
        Value::structure([
            ("DashboardName", dashboard.name.as_str().into()),
            ("DashboardArn", arn(estate, &dashboard.name).into()),
            ("LastModified", dashboard.last_modified.into()),
            ("Size", i64::try_from(dashboard.body.len()).unwrap_or(i64::MAX).into()),
        ])
    });
    Ok(Value::structure([("DashboardEntries", Value::list(entries))]).with_optional("NextToken", token))
}

/// One dashboard, with its body as it was put.
pub fn get_dashboard(estate: &Estate, _: Timestamp, request: &Value) -> Result<Value, Fault> {
    let input = Input::root(request)?;
    let name = input.required_text("DashboardName")?;
    let found = estate.dashboards.iter().find(|dashboard| dashboard.name == name);
    let dashboard = found.ok_or_else(|| unknown(&[name]))?;
    Ok(Value::structure([
        ("DashboardArn", arn(estate, name).into()),
        ("DashboardName", name.into()),
        ("DashboardBody", dashboard.body.as_str().into()),
    ]))
}

/// Makes a dashboard, or replaces all of it.
pub fn put_dashboard(estate: &mut Estate, now: Timestamp, request: &Value) -> Result<Value, Fault> {
    let input = Input::root(request)?;
    let name = input.required_text("DashboardName")?;
    let legal = (1..=LONGEST_NAME).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    if !legal {
        return Err(Fault::invalid_dashboard(format!(
            "The field DashboardName may have 1 to {LONGEST_NAME} of the characters A-Z, a-z, 0-9, - and _"
        )));
    }
    let body = input.required_text("DashboardBody")?;
    let warnings = body::check(body)?;
    let dashboard = Dashboard { name: name.to_owned(), body: body.to_owned(), last_modified: now };
    match estate.dashboards.iter_mut().find(|dashboard| dashboard.name == name) {
        Some(known) => *known = dashboard,
        None => estate.dashboards.push(dashboard),
    }
    let messages = warnings.into_iter().map(|warning| {
        Value::structure([("DataPath", warning.path.into()), ("Message", warning.message.into())])
    });
    Ok(Value::structure([("DashboardValidationMessages", Value::list(messages))]))
}

/// Deletes dashboards: all that are named, or none.
pub fn delete_dashboards(estate: &mut Estate, _: Timestamp, request: &Value) -> Result<Value, Fault> {
    let input = Input::root(request)?;
    if !input.has("DashboardNames") {
        return Err(Fault::missing("DashboardNames"));
    }
    let names = input.texts("DashboardNames")?;
    let known = |name: &&str| estate.dashboards.iter().any(|dashboard| dashboard.name == **name);
    let missing: Vec<&str> = names.iter().copied().filter(|name| !known(name)).collect();
    if !missing.is_empty() {
        return Err(unknown(&missing));
    }
    estate.dashboards.retain(|dashboard| !names.contains(&dashboard.name.as_str()));
    Ok(Value::structure([]))
}

/// AWS: dashboards belong to no region.
fn arn(estate: &Estate, name: &str) -> String {
    format!("arn:aws:cloudwatch::{}:dashboard/{name}", estate.account_id)
}

fn unknown(names: &[&str]) -> Fault {
    Fault::dashboard_not_found(format!("Dashboard {} does not exist", names.join(", ")))
}
