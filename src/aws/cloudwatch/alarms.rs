//! The alarms that fire.

use aws_sdk_cloudwatch::types::{AlarmType, Dimension, Metric, StateValue};

use crate::aws::mode::Mode;
use crate::aws::operations::DESCRIBE_ALARMS;
use crate::aws::paging::Pages;
use crate::aws::session::Session;
use crate::aws::translate::{text, time};
use crate::domain::alarm::Alarm;
use crate::domain::failure::Failure;

impl<M: Mode> Session<M> {
    /// Reads the alarms in state `ALARM` (`DescribeAlarms`), composite ones among them. It costs nothing.
    ///
    /// # Errors
    /// Where CloudWatch can't be read.
    pub async fn firing_alarms(&self) -> Result<Vec<Alarm>, Failure> {
        let mut pages = Pages::default();
        let mut alarms = Vec::new();
        loop {
            let answer = self
                .send(&DESCRIBE_ALARMS, "", || {
                    let request = self.clients.cloudwatch.describe_alarms().state_value(StateValue::Alarm);
                    // AWS: metric alarms alone unless told otherwise.
                    let request =
                        request.alarm_types(AlarmType::MetricAlarm).alarm_types(AlarmType::CompositeAlarm);
                    request.set_next_token(pages.token()).send()
                })
                .await?;
            alarms.extend(answer.metric_alarms().iter().map(|alarm| {
                let of_metrics = alarm.metrics().iter().filter_map(|query| query.metric_stat()?.metric());
                let dimensions = alarm.dimensions().iter().chain(of_metrics.flat_map(Metric::dimensions));
                Alarm {
                    name: text(alarm.alarm_name()),
                    dimensions: dimensions.map(named).collect(),
                    since: time(alarm.state_transitioned_timestamp().or(alarm.state_updated_timestamp())),
                }
            }));
            alarms.extend(answer.composite_alarms().iter().map(|alarm| Alarm {
                name: text(alarm.alarm_name()),
                dimensions: Vec::new(),
                since: time(alarm.state_transitioned_timestamp().or(alarm.state_updated_timestamp())),
            }));
            if !pages.advance(answer.next_token, &DESCRIBE_ALARMS, "")? {
                return Ok(alarms);
            }
        }
    }
}

fn named(dimension: &Dimension) -> (String, String) {
    (text(dimension.name()), text(dimension.value()))
}
