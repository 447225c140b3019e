//! Throttles of HTTP and WebSocket stages: the default of all routes, and those of one route.

use super::Desk;
use crate::domain::change::{Refusal, Risk, number};
use crate::domain::levers::draft::{Draft, unchanged};
use crate::domain::levers::http_stage::{self, BURST, RATE, entry};
use crate::domain::levers::throttle;
use crate::domain::method::MethodKey;
use crate::domain::stage::Throttle;

impl Desk<'_> {
    pub(super) fn set_throttle(
        &self,
        method: &MethodKey,
        rate: Option<f64>,
        burst: Option<i64>,
    ) -> Result<Draft, Refusal> {
        throttle::judge(rate, burst)?;
        let mut wanted = Vec::new();
        wanted.extend(rate.map(|rate| (RATE, number(rate))));
        wanted.extend(burst.map(|burst| (BURST, burst.to_string())));
        let draft = self.of_route(method, &wanted, "its throttle is that already")?;
        Ok(self.weigh_throttle(draft, method))
    }

    fn weigh_throttle(&self, draft: Draft, method: &MethodKey) -> Draft {
        let changes: Vec<_> = draft.steps.iter().flat_map(|step| step.changes.clone()).collect();
        let after = self.settings.after(&changes);
        let entry = entry(method);
        let get = |name: &str| after.get(&format!("{entry}{name}"));
        let throttle = Throttle {
            rate: get(RATE).and_then(|rate| rate.parse().ok()),
            burst: get(BURST).and_then(|burst| burst.parse().ok()),
        };
        match method {
            MethodKey::All => {
                let routes = MethodKey::Route("routes without settings of their own".to_owned());
                throttle::weigh(draft, &routes, throttle, self.facts)
                    .warn("this is the default of each route that has no settings of its own")
            }
            route => throttle::weigh(draft, route, throttle, self.facts),
        }
    }

    pub(super) fn clear_throttle(&self, method: &MethodKey) -> Result<Draft, Refusal> {
        let entry = entry(method);
        let exists = self.settings.under(&entry).next().is_some();
        if *method == MethodKey::All {
            let account = |name: &str| {
                let limit = self.settings.get(&format!("{}{name}", http_stage::ACCOUNT));
                limit.map(str::to_owned).ok_or_else(|| {
                    self.forbidden(
                        "AWS has no way to take the default throttle away, and the account's limit, which would \
                         be sent in its place, can't be read: set it to what you want with `throttle set`",
                    )
                })
            };
            if self.settings.get(&format!("{entry}{RATE}")).is_none()
                && self.settings.get(&format!("{entry}{BURST}")).is_none()
            {
                return Err(unchanged(self.target, "it has no throttle"));
            }
            let wanted = [(RATE, account(RATE)?), (BURST, account(BURST)?)];
            return Ok(self
                .of_route(method, &wanted, "its throttle is the account's limit already")?
                .with_risk(Risk::High)
                .warn("AWS has no way to take the default throttle away: the account's limit is sent in its place")
                .warn("without a throttle of the stage the account's limit alone protects the backend"));
        }
        if !exists {
            return Err(unchanged(self.target, "it has no such override"));
        }
        // Where all else is as in the default, the override has no other purpose.
        let only_throttle = self.settings.under(&entry).all(|(name, value)| {
            let name = name.strip_prefix(&entry).unwrap_or_default();
            name == RATE
                || name == BURST
                || http_stage::falls_back(self.settings, name).as_deref() == Some(value)
        });
        if only_throttle {
            let gone =
                self.settings.under(&entry).filter_map(|(name, _)| self.settings.change_to(name, None));
            return self.of(&gone.collect::<Vec<_>>(), "it has no such override");
        }
        let mut wanted = Vec::new();
        for name in [RATE, BURST] {
            wanted.extend(http_stage::falls_back(self.settings, name).map(|value| (name, value)));
        }
        Ok(self.of_route(method, &wanted, "its throttle is that of the default")?.warn(format!(
            "{method} has other settings of its own, so they stay and take the throttle of the default as it is now"
        )))
    }
}
