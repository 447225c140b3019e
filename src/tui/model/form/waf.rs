//! Forms of AWS WAF: rules of web ACLs, IP sets, and which web ACL stands before a stage.

use super::{Choice, Chosen, Form, FormState, chosen, field, number};
use crate::domain::change::Target;
use crate::domain::levers::Wanted;
use crate::domain::web_acl::SwitchedAction;
use crate::tui::action::Action;

pub const FORMS: &[Form] = &[
    Form {
        action: Action::RuleAction,
        title: "Block or count",
        fields: &[
            chosen("rule", "a rule of the web ACL"),
            chosen("action", "block or count"),
            field("group rule", "of a rule group: the one rule of it, by its name there; else empty"),
        ],
    },
    Form {
        action: Action::RuleRate,
        title: "Limit of a rate rule",
        fields: &[
            chosen("rule", "a rate rule of the web ACL"),
            field("limit", "requests in a window, 10 to 2000000000; empty: as it is"),
            chosen("window", "seconds: 60, 120, 300 or 600; empty: as it is"),
        ],
    },
    Form {
        action: Action::IpAdd,
        title: "Add to an IP set",
        fields: &[field("addresses", "such as 192.0.2.7 or 198.51.100.0/24; several with spaces")],
    },
    Form {
        action: Action::IpRemove,
        title: "Remove from an IP set",
        fields: &[field("addresses", "type one or several with spaces, or go down")],
    },
    Form {
        action: Action::AclAttach,
        title: "Attach a web ACL",
        fields: &[
            chosen("web acl", "the web ACL, which takes the place of any other"),
            chosen("stage", "the stage of a REST API that it is to stand before"),
        ],
    },
    Form {
        action: Action::AclDetach,
        title: "Detach a web ACL",
        fields: &[chosen("stage", "the stage that is to have none")],
    },
];

/// The change that is asked for, and what it is made to.
///
/// # Errors
/// The place of the line that can't be read, and why.
pub fn asked(form: &FormState) -> Result<(Target, Wanted), (usize, String)> {
    let wanted = match form.form.action {
        Action::RuleAction => switch(form)?,
        Action::RuleRate => rate(form)?,
        Action::IpAdd => Wanted::ChangeAddresses { add: addresses(form)?, remove: Vec::new() },
        Action::IpRemove => Wanted::ChangeAddresses { add: Vec::new(), remove: addresses(form)? },
        Action::AclAttach => {
            let acl = acl(form)?;
            return Ok((Target::RestStage(form.stage(1)?), Wanted::AttachWebAcl { acl }));
        }
        _ => return Ok((Target::RestStage(form.stage(0)?), Wanted::DetachWebAcl)),
    };
    Ok((form.target.clone(), wanted))
}

fn switch(form: &FormState) -> Result<Wanted, (usize, String)> {
    let rule = form.needed(0, "a rule")?;
    let to = match form.line(1).to_lowercase().as_str() {
        "block" => SwitchedAction::Block,
        "count" => SwitchedAction::Count,
        _ => return Err((1, "choose block or count".to_owned())),
    };
    let group_rule = Some(form.line(2)).filter(|line| !line.is_empty()).map(str::to_owned);
    match (&rule.chosen, &group_rule) {
        (Chosen::GroupRule, None) => {
            Err((2, "name one rule of the group: a whole group is never switched".to_owned()))
        }
        (Chosen::Text, Some(_)) => Err((2, "that rule stands for no group: leave it empty".to_owned())),
        _ => Ok(Wanted::SwitchRule { rule: rule.text.clone(), group_rule, to }),
    }
}

fn rate(form: &FormState) -> Result<Wanted, (usize, String)> {
    let Choice { text: rule, .. } = form.needed(0, "a rate rule")?.clone();
    if form.line(1).is_empty() && form.line(2).is_empty() {
        return Err((1, "write a limit, a window or both".to_owned()));
    }
    let limit = number(form.line(1), "a limit is a whole number").map_err(|why| (1, why))?;
    let window_seconds = number(form.line(2), "a window is 60, 120, 300 or 600").map_err(|why| (2, why))?;
    Ok(Wanted::SetRate { rule, limit, window_seconds })
}

fn addresses(form: &FormState) -> Result<Vec<String>, (usize, String)> {
    let typed = form.line(0).split([' ', ',']).filter(|part| !part.is_empty());
    let mut addresses: Vec<String> = Vec::new();
    for address in typed.map(str::to_owned) {
        if !addresses.contains(&address) {
            addresses.push(address);
        }
    }
    if addresses.is_empty() { Err((0, "write an address or a network".to_owned())) } else { Ok(addresses) }
}

/// By ARN; by what was typed where the web ACLs were not read yet.
fn acl(form: &FormState) -> Result<String, (usize, String)> {
    if form.choices[0].is_empty() && !form.line(0).is_empty() {
        return Ok(form.line(0).to_owned());
    }
    match &form.needed(0, "a web ACL")?.chosen {
        Chosen::WebAcl(arn) => Ok(arn.clone()),
        _ => Err((0, "choose a web ACL".to_owned())),
    }
}

#[cfg(test)]
mod tests;
