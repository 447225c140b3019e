//! DescribeAlarmHistory.

use super::Desk;
use super::book::Entry;
use crate::cloudwatch::error::Fault;
use crate::cloudwatch::input::Input;
use crate::cloudwatch::page::Page;
use crate::cloudwatch::value::Value;

/// AWS: 100 entries in one answer at most, and unless asked otherwise.
const MOST_RECORDS: i64 = 100;

const ITEM_TYPES: [&str; 5] =
    ["ConfigurationUpdate", "StateUpdate", "Action", "AlarmContributorStateUpdate", "AlarmContributorAction"];

/// What became of alarms, the deleted ones too.
pub fn describe_alarm_history(desk: &mut Desk<'_>, request: &Value) -> Result<Value, Fault> {
    let input = Input::root(request)?;
    let name = input.text("AlarmName")?;
    let types = input.texts("AlarmTypes")?;
    let kind = input.choice("HistoryItemType", &ITEM_TYPES)?;
    let (start, end) = (input.time("StartDate")?, input.time("EndDate")?);
    let scan = input.choice("ScanBy", &["TimestampDescending", "TimestampAscending"])?;
    let size = input.integer_within("MaxRecords", 1, MOST_RECORDS)?.unwrap_or(MOST_RECORDS);
    let page = Page::of(&input, (name, &types, kind, start, end, scan))?;
    let wanted = |entry: &&Entry| {
        name.is_none_or(|name| name == entry.alarm)
            // AWS: without a list of types, metric alarms only.
            && (types.contains(&entry.alarm_type) || types.is_empty() && (name.is_some() || entry.alarm_type == "MetricAlarm"))
            && kind.is_none_or(|kind| kind == entry.kind)
            && start.is_none_or(|start| entry.time >= start)
            && end.is_none_or(|end| entry.time <= end)
    };
    let mut found: Vec<&Entry> = desk.book.history.iter().filter(wanted).collect();
    found.sort_by_key(|entry| entry.time);
    if scan != Some("TimestampAscending") {
        found.reverse();
    }
    let (found, token) = page.cut(found, usize::try_from(size).unwrap_or(usize::MAX));
    let items = found.into_iter().map(|entry| {
        Value::structure([
            ("AlarmName", entry.alarm.as_str().into()),
            ("AlarmType", entry.alarm_type.into()),
            ("Timestamp", entry.time.into()),
            ("HistoryItemType", entry.kind.into()),
            ("HistorySummary", entry.summary.as_str().into()),
            ("HistoryData", entry.data.as_str().into()),
        ])
    });
    Ok(Value::structure([("AlarmHistoryItems", Value::list(items))]).with_optional("NextToken", token))
}
