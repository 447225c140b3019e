//! How single figures are written in a table.

use jiff::Timestamp;

/// What stands where there is nothing to show.
const NONE: &str = "-";

/// A figure with so many decimals.
pub fn number(value: Option<f64>, decimals: usize) -> String {
    value.map_or_else(|| NONE.to_owned(), |value| format!("{value:.decimals$}"))
}

/// A share, 0 to 1, in percent. Two decimals below 1 %, where the first alone would hide a difference.
pub fn percent(share: Option<f64>) -> String {
    share.map_or_else(
        || NONE.to_owned(),
        |share| {
            let decimals = if share > 0.0 && share < 0.01 { 2 } else { 1 };
            format!("{:.decimals$}%", share * 100.0)
        },
    )
}

/// How long ago, in the one unit that says most.
pub fn age(at: Option<Timestamp>, now: Timestamp) -> String {
    let Some(at) = at else { return NONE.to_owned() };
    let seconds = now.duration_since(at).as_secs().max(0);
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3_600 => format!("{}m", seconds / 60),
        3_600..172_800 => format!("{}h", seconds / 3_600),
        _ => format!("{}d", seconds / 86_400),
    }
}

/// A time in UTC, to the second.
pub fn timestamp(at: Option<Timestamp>) -> String {
    at.map_or_else(|| NONE.to_owned(), |at| at.strftime("%Y-%m-%d %H:%M:%S").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures() {
        assert_eq!(number(None, 1), "-");
        assert_eq!(number(Some(1204.25), 1), "1204.2");
        assert_eq!(percent(Some(0.042)), "4.2%");
        assert_eq!(percent(Some(0.0004)), "0.04%");
        assert_eq!(percent(Some(0.0)), "0.0%");
        let now = Timestamp::from_second(1_000_000).unwrap();
        for (seconds, expected) in [(5, "5s"), (300, "5m"), (90_000, "25h"), (864_000, "10d"), (-5, "0s")] {
            let at = now - jiff::SignedDuration::from_secs(seconds);
            assert_eq!(age(Some(at), now), expected);
        }
    }
}
