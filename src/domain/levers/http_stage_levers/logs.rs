//! Logging, metrics and access logs of HTTP and WebSocket stages.

use super::Desk;
use crate::domain::change::{Refusal, Risk, Target};
use crate::domain::levers::draft::Draft;
use crate::domain::levers::http_stage::{self, DATA_TRACE, LOG_LEVEL, METRICS};
use crate::domain::levers::wanted::{AccessLogs, LoggingWanted};

impl Desk<'_> {
    /// AWS: execution logs are for WebSocket APIs, and tracing is for REST APIs.
    pub(super) fn judge_kind(&self, wanted: &LoggingWanted) -> Result<(), Refusal> {
        if wanted.tracing.is_some() {
            return Err(self.lacks("X-Ray tracing: only stages of REST APIs have it"));
        }
        let http = matches!(self.target, Target::HttpStage(_));
        if http && (wanted.level.is_some() || wanted.data_trace.is_some()) {
            return Err(self.lacks("logging level and no data trace: it has access logs and metrics"));
        }
        Ok(())
    }

    pub(super) fn logging(&self, wanted: &LoggingWanted) -> Result<Draft, Refusal> {
        let mut values = Vec::new();
        values.extend(wanted.level.clone().map(|level| (LOG_LEVEL, level)));
        values.extend(wanted.data_trace.map(|on| (DATA_TRACE, on.to_string())));
        values.extend(wanted.detailed_metrics.map(|on| (METRICS, on.to_string())));
        let mut draft = self.of_route(&wanted.method, &values, "these are so already")?;
        if wanted.data_trace == Some(true) {
            draft = draft
                .with_risk(Risk::High)
                .warn("data trace writes whole messages to the log, personal data included");
        }
        if wanted.detailed_metrics == Some(true) {
            draft.cost = Some("AWS bills each detailed metric of each route as a custom metric".to_owned());
        }
        Ok(draft)
    }

    pub(super) fn access_logs(&self, wanted: &AccessLogs) -> Result<Draft, Refusal> {
        let (destination, format) = (http_stage::LOG_DESTINATION, http_stage::LOG_FORMAT);
        match wanted {
            AccessLogs::Off => {
                let names = [destination, format];
                let changes: Vec<_> =
                    names.into_iter().filter_map(|name| self.settings.change_to(name, None)).collect();
                Ok(self
                    .of(&changes, "it writes no access logs")?
                    .with_risk(Risk::High)
                    .warn("from then on no request leaves a line in the access log"))
            }
            AccessLogs::To { destination_arn, format: line } => {
                let set = |name: &str, value: &Option<String>| {
                    value.clone().and_then(|value| self.settings.change_to(name, Some(value)))
                };
                let changes: Vec<_> =
                    [set(destination, destination_arn), set(format, line)].into_iter().flatten().collect();
                self.of(&changes, "its access logs are so already")
            }
        }
    }
}
