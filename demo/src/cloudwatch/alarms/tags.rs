//! Tags of alarms: ListTagsForResource, TagResource and UntagResource.

use std::collections::BTreeMap;

use super::Desk;
use super::alarm::Alarm;
use crate::cloudwatch::error::Fault;
use crate::cloudwatch::input::Input;
use crate::cloudwatch::value::Value;

/// AWS: 50 tags on a resource.
const MOST_TAGS: usize = 50;

/// The tags of an alarm.
pub fn list_tags_for_resource(desk: &mut Desk<'_>, request: &Value) -> Result<Value, Fault> {
    let input = Input::root(request)?;
    let tags = resource(desk, &input)?.tags.iter().map(|(key, value)| {
        Value::structure([("Key", key.as_str().into()), ("Value", value.as_str().into())])
    });
    Ok(Value::structure([("Tags", Value::list(tags))]))
}

/// Adds tags to an alarm, or gives them new values.
pub fn tag_resource(desk: &mut Desk<'_>, request: &Value) -> Result<Value, Fault> {
    let input = Input::root(request)?;
    let tags = read(&input)?;
    if !input.has("Tags") {
        return Err(Fault::missing("Tags"));
    }
    let alarm = resource(desk, &input)?;
    let mut all = alarm.tags.clone();
    all.extend(tags);
    if all.len() > MOST_TAGS {
        return Err(Fault::invalid_value(format!("A resource has at most {MOST_TAGS} tags.")));
    }
    alarm.tags = all;
    Ok(Value::structure([]))
}

/// Takes tags off an alarm.
pub fn untag_resource(desk: &mut Desk<'_>, request: &Value) -> Result<Value, Fault> {
    let input = Input::root(request)?;
    if !input.has("TagKeys") {
        return Err(Fault::missing("TagKeys"));
    }
    let keys = input.texts("TagKeys")?;
    resource(desk, &input)?.tags.retain(|key, _| !keys.contains(&key.as_str()));
    Ok(Value::structure([]))
}

/// The `Tags` of a request; none when it has none.
pub fn read(input: &Input<'_>) -> Result<BTreeMap<String, String>, Fault> {
    let read = |tag: &Input<'_>| {
        let value = tag.required("Value", tag.text("Value")?)?;
        Ok((tag.required_text("Key")?.to_owned(), value.to_owned()))
    };
    let tags: BTreeMap<_, _> = input.structures("Tags")?.iter().map(read).collect::<Result<_, Fault>>()?;
    if tags.len() > MOST_TAGS {
        return Err(Fault::invalid_value(format!("A resource has at most {MOST_TAGS} tags.")));
    }
    Ok(tags)
}

fn resource<'a>(desk: &'a mut Desk<'_>, input: &Input<'_>) -> Result<&'a mut Alarm, Fault> {
    let arn = input.required_text("ResourceARN")?;
    if !arn.starts_with("arn:") || !arn.contains(":cloudwatch:") {
        return Err(Fault::invalid_value(format!("The ARN {arn} is not one of CloudWatch.")));
    }
    let found = desk.book.alarms.values_mut().find(|alarm| alarm.arn == arn);
    found.ok_or_else(|| Fault::resource_not_found(format!("The resource {arn} does not exist.")))
}
