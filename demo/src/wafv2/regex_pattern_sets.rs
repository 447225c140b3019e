//! Regex pattern sets: lists of patterns that rules refer to.

use serde_json::{Value, json};

use super::engine::is_pattern;
use super::input::{Input, invalid};
use super::items::{self, Item};
use crate::estate::{Estate, RegexPatternSet};
use crate::server::fault::Fault;

/// AWS: patterns of one set.
const MOST_PATTERNS: usize = 10;
/// AWS: characters of a pattern.
const LONGEST_PATTERN: usize = 200;

pub fn list(estate: &Estate, input: &Input) -> Result<Value, Fault> {
    items::listing::<RegexPatternSet>(estate, input, "RegexPatternSets")
}

pub fn get(estate: &Estate, input: &Input) -> Result<Value, Fault> {
    let set = items::find::<RegexPatternSet>(estate, input)?;
    let patterns: Vec<Value> = set.patterns.iter().map(|text| json!({ "RegexString": text })).collect();
    let document = json!({
        "Name": set.name,
        "Id": set.id,
        "ARN": set.arn,
        "Description": set.description,
        "RegularExpressionList": patterns,
    });
    Ok(json!({ "RegexPatternSet": document, "LockToken": set.lock_token }))
}

pub fn create(estate: &mut Estate, input: &Input) -> Result<Value, Fault> {
    let (id, name, arn, lock_token) = items::claim::<RegexPatternSet>(estate, input)?;
    let (patterns, description) = (patterns(input)?, description(input));
    let set = RegexPatternSet { id, name, arn, lock_token, description, patterns, tags: input.tags() };
    let answer = json!({ "Summary": items::summary(&set) });
    estate.waf.regex_pattern_sets.push(set);
    Ok(answer)
}

pub fn update(estate: &mut Estate, input: &Input) -> Result<Value, Fault> {
    let set = items::find_locked::<RegexPatternSet>(estate, input)?;
    // AWS: the list is replaced, not added to.
    set.patterns = patterns(input)?;
    set.description = description(input);
    set.lock_token = items::token(&mut rand::rng());
    Ok(json!({ "NextLockToken": set.lock_token }))
}

pub fn delete(estate: &mut Estate, input: &Input) -> Result<Value, Fault> {
    let arn = items::find_locked::<RegexPatternSet>(estate, input)?.arn().to_owned();
    items::check_unused(estate, &arn)?;
    estate.waf.regex_pattern_sets.retain(|set| set.arn != arn);
    Ok(json!({}))
}

fn description(input: &Input) -> String {
    input.member("Description").as_str().unwrap_or_default().to_owned()
}

fn patterns(input: &Input) -> Result<Vec<String>, Fault> {
    let list = input.list("RegularExpressionList");
    if list.len() > MOST_PATTERNS {
        let message = format!("A regex pattern set has at most {MOST_PATTERNS} patterns");
        return Err(Fault::new(400, "WAFLimitsExceededException", message));
    }
    list.iter()
        .map(|pattern| {
            let text = pattern["RegexString"].as_str().unwrap_or_default();
            let legal = (1..=LONGEST_PATTERN).contains(&text.chars().count()) && is_pattern(text);
            let reason = "The regular expression is not valid, or longer than 200 characters.";
            if legal { Ok(text.to_owned()) } else { Err(invalid(reason, "REGEX_PATTERN_SET", text)) }
        })
        .collect()
}
