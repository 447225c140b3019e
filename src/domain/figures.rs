//! How figures are written: one way for each kind, in plans, tables and on every screen.

/// A count: `4,211`.
pub fn count(value: u64) -> String {
    grouped(&value.to_string())
}

/// Requests per second: one decimal below ten, else whole.
pub fn rate(value: f64) -> String {
    if value < 9.95 { format!("{value:.1}") } else { grouped(&format!("{value:.0}")) }
}

/// A share of 0 to 1 in percent with one decimal: `4.2%`. What rounds to nothing but isn't says so.
pub fn share(value: f64) -> String {
    let percent = value * 100.0;
    if percent > 0.0 && percent < 0.05 {
        "<0.1%".to_owned()
    } else if percent >= 99.95 {
        format!("{percent:.0}%")
    } else {
        format!("{percent:.1}%")
    }
}

/// A share in whole percent: `71%`.
pub fn percent(value: f64) -> String {
    format!("{:.0}%", value * 100.0)
}

/// A number as it was set, such as a throttle's rate: `10,000`, `0.5`.
pub fn setting(value: f64) -> String {
    if value.fract() == 0.0 { grouped(&format!("{value:.0}")) } else { format!("{value}") }
}

/// Puts a comma after each third digit from the right.
pub fn grouped(digits: &str) -> String {
    let (sign, digits) = digits.strip_prefix('-').map_or(("", digits), |rest| ("-", rest));
    let mut text = String::from(sign);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
