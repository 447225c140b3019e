//! What web ACLs, IP sets, regex pattern sets and rule groups have in common: an id, a name, an ARN and a lock token.

use rand::Rng;
use serde_json::{Value, json};

use super::input::{Input, invalid, nonexistent};
use crate::estate::{Estate, IpSet, RegexPatternSet, RuleGroup, WebAcl};
use crate::server::fault::Fault;

/// An item that is altered under a lock token.
pub trait Item: Sized {
    /// The word in its ARN.
    const KIND: &'static str;
    /// How many of them an account has.
    const MOST: usize;

    fn id(&self) -> &str;
    fn name(&self) -> &str;
    fn arn(&self) -> &str;
    fn lock_token(&self) -> &str;
    fn description(&self) -> &str;
    fn all(estate: &Estate) -> &Vec<Self>;
    fn all_mut(estate: &mut Estate) -> &mut Vec<Self>;
}

macro_rules! item {
    ($type:ty, $kind:literal, $most:literal, $list:ident, |$item:ident| $description:expr) => {
        impl Item for $type {
            const KIND: &'static str = $kind;
            const MOST: usize = $most;

            fn id(&self) -> &str {
                &self.id
            }

            fn name(&self) -> &str {
                &self.name
            }

            fn arn(&self) -> &str {
                &self.arn
            }

            fn lock_token(&self) -> &str {
                &self.lock_token
            }

            fn description(&self) -> &str {
                let $item = self;
                $description
            }

            fn all(estate: &Estate) -> &Vec<Self> {
                &estate.waf.$list
            }

            fn all_mut(estate: &mut Estate) -> &mut Vec<Self> {
                &mut estate.waf.$list
            }
        }
    };
}

// AWS: the numbers are quotas of an account in one region.
item!(WebAcl, "webacl", 100, web_acls, |acl| acl.document["Description"].as_str().unwrap_or_default());
item!(IpSet, "ipset", 100, ip_sets, |set| &set.description);
item!(RegexPatternSet, "regexpatternset", 10, regex_pattern_sets, |set| &set.description);
item!(RuleGroup, "rulegroup", 100, rule_groups, |group| group.document["Description"]
    .as_str()
    .unwrap_or_default());

/// The item that a request names by name and id.
pub fn find<'e, T: Item + 'e>(estate: &'e Estate, input: &Input) -> Result<&'e T, Fault> {
    input.regional()?;
    let (name, id) = (input.text("Name")?, input.text("Id")?);
    T::all(estate).iter().find(|item| item.name() == name && item.id() == id).ok_or_else(nonexistent)
}

/// The same, to be altered: the request must bring the item's lock token.
pub fn find_locked<'e, T: Item + 'e>(estate: &'e mut Estate, input: &Input) -> Result<&'e mut T, Fault> {
    let id = find::<T>(estate, input)?.id().to_owned();
    let token = input.text("LockToken")?.to_owned();
    let item = T::all_mut(estate).iter_mut().find(|item| item.id() == id).ok_or_else(nonexistent)?;
    if item.lock_token() != token {
        let message = "AWS WAF couldn\u{2019}t save your changes because someone changed the resource after you \
                       started to edit it. Reapply your changes.";
        return Err(Fault::new(400, "WAFOptimisticLockException", message));
    }
    Ok(item)
}

/// Checks that a name can be given, and answers with id, ARN and lock token for it.
pub fn claim<T: Item>(estate: &Estate, input: &Input) -> Result<(String, String, String, String), Fault> {
    input.regional()?;
    let name = input.text("Name")?;
    let legal =
        name.len() <= 128 && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
    if !legal {
        return Err(invalid("The parameter contains illegal characters", "ENTITY_NAME", name));
    }
    if T::all(estate).iter().any(|item| item.name() == name) {
        let message = "AWS WAF couldn\u{2019}t perform the operation because some resource in your request is a \
                       duplicate of an existing one.";
        return Err(Fault::new(400, "WAFDuplicateItemException", message));
    }
    if T::all(estate).len() >= T::MOST {
        let message = format!("You have reached the limit of {} of these resources", T::MOST);
        return Err(Fault::new(400, "WAFLimitsExceededException", message));
    }
    let id = token(&mut rand::rng());
    Ok((id.clone(), name.to_owned(), arn::<T>(estate, name, &id), token(&mut rand::rng())))
}

/// Refuses to let go what rules refer to.
pub fn check_unused(estate: &Estate, arn: &str) -> Result<(), Fault> {
    let refers = |document: &Value| document.to_string().contains(arn);
    let used = estate.waf.web_acls.iter().any(|acl| refers(&acl.document))
        || estate.waf.rule_groups.iter().any(|group| refers(&group.document));
    if used {
        let message = "AWS WAF couldn\u{2019}t perform the operation because your resource is being used by another \
                       resource or it\u{2019}s associated with another resource.";
        return Err(Fault::new(400, "WAFAssociatedItemException", message));
    }
    Ok(())
}

/// `arn:aws:wafv2:REGION:ACCOUNT:regional/KIND/NAME/ID`.
pub fn arn<T: Item>(estate: &Estate, name: &str, id: &str) -> String {
    format!("arn:aws:wafv2:{}:{}:regional/{}/{name}/{id}", estate.region, estate.account_id, T::KIND)
}

/// A random UUID, as ids and lock tokens are.
pub fn token(rng: &mut impl Rng) -> String {
    let hex = format!("{:032x}", rng.random::<u128>());
    format!("{}-{}-4{}-a{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..])
}

/// What a list shows of an item.
pub fn summary<T: Item>(item: &T) -> Value {
    json!({
        "Name": item.name(),
        "Id": item.id(),
        "Description": item.description(),
        "LockToken": item.lock_token(),
        "ARN": item.arn(),
    })
}

/// The page of all items that a request asks for, in a member of this name.
pub fn listing<T: Item>(estate: &Estate, input: &Input, member: &str) -> Result<Value, Fault> {
    input.regional()?;
    let (rows, next) = input.page(T::all(estate).iter(), Item::name)?;
    let mut answer = json!({ member: rows.into_iter().map(summary).collect::<Vec<_>>() });
    if let Some(next) = next {
        answer["NextMarker"] = Value::from(next);
    }
    Ok(answer)
}
