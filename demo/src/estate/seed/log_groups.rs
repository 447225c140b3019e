//! The log groups that the estate starts with: one for each stage's access log. The groups that services make by
//! themselves, such as those of execution logs, are not kept anywhere.

use std::collections::BTreeMap;

use super::super::{Api, LogClass, LogGroup};

/// Days for which the teams keep their access logs; `None`: somebody forgot to say.
const RETENTIONS: [Option<u32>; 4] = [Some(30), Some(90), None, Some(14)];

/// The groups that the stages' access logs go to.
pub fn starting_groups(apis: &[Api]) -> Vec<LogGroup> {
    let mut groups: BTreeMap<&str, LogGroup> = BTreeMap::new();
    for (number, api) in apis.iter().enumerate() {
        for stage in &api.stages {
            let arn = stage.access_log.as_ref().map(|log| log.destination_arn.as_str());
            let Some((_, name)) = arn.and_then(|arn| arn.split_once(":log-group:")) else { continue };
            groups.entry(name).or_insert_with(|| LogGroup {
                name: name.to_owned(),
                class: LogClass::Standard,
                created: api.created,
                retention_days: RETENTIONS[number % RETENTIONS.len()],
                tags: BTreeMap::from([(
                    "team".to_owned(),
                    api.tags.get("team").cloned().unwrap_or_default(),
                )]),
            });
        }
    }
    groups.into_values().collect()
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::super::starting_estate;

    #[test]
    fn each_access_log_has_its_group_whose_name_aws_would_take() {
        let estate = starting_estate(7, 12, 30, Timestamp::UNIX_EPOCH);
        let stages = estate.apis.iter().flat_map(|api| &api.stages);
        let mut asked = 0;
        for log in stages.filter_map(|stage| stage.access_log.as_ref()) {
            let (_, name) = log.destination_arn.split_once(":log-group:").unwrap();
            let group = estate.log_groups.iter().find(|group| group.name == name).unwrap();
            let is_legal = |character: char| character.is_ascii_alphanumeric() || "._-/#".contains(character);
            assert!(group.name.chars().all(is_legal), "{name}");
            asked += 1;
        }
        assert!(asked > 20, "{asked} logs");
    }
}
