//! What HTTP and WebSocket stages don't say of themselves and a plan may have to send or to judge by: the
//! account's limits, and the routes of the API. What can't be read is left out, and the rules deal with that.

use crate::aws::{Mode, Session};
use crate::domain::change::{SettingChange, Settings, Target, number};
use crate::domain::levers::{Wanted, http_stage};
use crate::domain::stage::Throttle;

/// The settings with what stands around them, where `wanted` touches settings of routes.
pub async fn around<M: Mode>(
    session: &Session<M>,
    target: &Target,
    wanted: &Wanted,
    settings: Settings,
) -> Settings {
    match wanted {
        Wanted::SetThrottle { .. } | Wanted::ClearThrottle { .. } | Wanted::Logging(_) => {
            read(session, target, settings).await
        }
        _ => settings,
    }
}

/// The same, where these changes do.
pub async fn around_changes<M: Mode>(
    session: &Session<M>,
    target: &Target,
    changes: &[SettingChange],
    settings: Settings,
) -> Settings {
    if http_stage::touch_routes(changes.iter()) { read(session, target, settings).await } else { settings }
}

async fn read<M: Mode>(session: &Session<M>, target: &Target, mut settings: Settings) -> Settings {
    let (Target::HttpStage(stage) | Target::WebSocketStage(stage)) = target else { return settings };
    let account = session.account_throttle().await.unwrap_or_default();
    let mut limit = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            settings.set(format!("{}{name}", http_stage::ACCOUNT), value);
        }
    };
    limit(http_stage::RATE, account.rate.map(number));
    limit(http_stage::BURST, account.burst.map(|burst| burst.to_string()));
    for route in session.v2_operations(&stage.api).await.unwrap_or_default() {
        settings.set(http_stage::api_route(&route.name), "");
    }
    settings
}

/// The account's limits, as they stand around a stage's settings.
pub fn account_throttle(settings: &Settings) -> Option<Throttle> {
    let get = |name: &str| settings.get(&format!("{}{name}", http_stage::ACCOUNT));
    let (rate, burst) = (get(http_stage::RATE)?, get(http_stage::BURST)?);
    Some(Throttle { rate: rate.parse().ok(), burst: burst.parse().ok() })
}
