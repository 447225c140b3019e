//! The grammar of conditions: what is read, what is refused, and where the mistake is.

use proptest::prelude::*;

use super::quantity::{Quantity, Scale, Unit};
use super::signals::{Dimension, SIGNALS};
use super::*;

fn canonical(text: &str) -> String {
    Condition::parse(text).map_or_else(|error| error.to_string(), |condition| condition.to_string())
}

fn refusal(text: &str) -> ConditionError {
    Condition::parse(text).expect_err(text)
}

#[test]
fn every_documented_example_is_read_and_is_canonical() {
    for (text, _) in EXAMPLES {
        assert_eq!(canonical(text), text);
    }
    let of_cells = "cell.errors < 1% and cell.latency.p99 < 1s";
    assert_eq!(canonical(of_cells), of_cells);
}

#[test]
fn spacing_case_and_needless_brackets_are_evened_out() {
    assert_eq!(canonical("  5XX<1 % AND(p99 <0.8 s)"), "5xx < 1% and p99 < 0.8s");
    assert_eq!(canonical("requests>50%of before"), "requests > 50% of before");
    assert_eq!(canonical("5xx <= before*2+0.10%"), "5xx <= 2 * before + 0.1%");
    assert_eq!(canonical("5xx < 1% or 4xx < 2% and p99 < 1s"), "5xx < 1% or (4xx < 2% and p99 < 1s)");
    assert_eq!(canonical("not 5xx > 1% and p99 < 1s"), "not (5xx > 1%) and p99 < 1s");
    assert_eq!(canonical("((5xx < 1%))"), "5xx < 1%");
    assert_eq!(canonical("requests > 600/min"), "requests > 600/min");
}

#[test]
fn a_refusal_names_the_column_what_stands_there_and_what_should() {
    let cases = [
        ("", 1, "the end", "a signal", ""),
        ("errors < 1%", 1, "`errors`", "a signal: requests, 5xx", "did you mean `5xx`?"),
        ("5xx < 1% and p98 < 1s", 14, "`p98`", "a signal", "did you mean `p9"),
        ("5xx", 4, "the end", "`<`, `<=`, `>` or `>=`", ""),
        ("5xx == 1%", 5, "`==`", "`<=`", "never exactly"),
        ("5xx =< 1%", 5, "`=<`", "`<=`", "write `<=`"),
        ("5xx < 800ms", 7, "`800ms`", "a share", "`5xx` is a share"),
        ("p99 < 1%", 7, "`1%`", "a time", "`p99` is a time"),
        ("requests > 200", 12, "`200`", "a rate such as `200/s`", "`requests` is a rate"),
        ("5xx-count < 5%", 13, "`5%`", "a count", "`5xx-count` is a count"),
        ("5xx <= before + 5ms", 17, "`5ms`", "a share", "`5xx` is a share"),
        ("5xx < 5", 7, "`5`", "a share", "did you mean `5%`?"),
        ("5xx < 140%", 7, "`140%`", "a share", "at most 100%"),
        ("5xx < 0%", 7, "`0%`", "decides something", "never holds"),
        ("requests >= 0/s", 13, "`0/s`", "decides something", "always holds"),
        ("p99 < 800sec", 10, "`sec`", "a unit", "did you mean `s`?"),
        ("p99 < p95", 7, "`p95`", "a time", "itself `before`"),
        ("p99 < 2 * p95", 11, "`p95`", "`before`", "itself before the change"),
        ("p99 < befor", 7, "`befor`", "`before`", "did you mean `before`?"),
        ("5xx < 1% && p99 < 1s", 10, "`&&`", "`and`, `or` or the end", "write `and`"),
        ("(5xx < 1%", 10, "the end", "`)`", ""),
        ("(5xx < 1% p99", 11, "`p99`", "`)`", ""),
        ("5xx < 1% and", 13, "the end", "a signal", ""),
        ("!(5xx > 1%)", 1, "`!`", "`not`", "write `not`"),
        ("5xx < 1.%", 8, "`.%`", "", ""),
        ("5xx < -1%", 7, "`-1%`", "a share", ""),
    ];
    for (text, column, found, expected, hint) in cases {
        let error = refusal(text);
        assert_eq!((error.column, error.found.as_str()), (column, found), "{text}: {error}");
        assert!(error.expected.contains(expected), "{text}: {error}");
        assert!(error.hint.as_deref().unwrap_or_default().contains(hint), "{text}: {error}");
        assert_eq!(hint.is_empty(), error.hint.is_none(), "{text}: {error}");
    }
}

#[test]
fn no_depth_of_brackets_exhausts_the_stack() {
    let deep = format!("{}5xx < 1%{}", "(".repeat(100_000), ")".repeat(100_000));
    assert!(refusal(&deep).expected.contains("at most 32"));
    let inverted = format!("{}5xx < 1%", "not ".repeat(100_000));
    assert!(refusal(&inverted).expected.contains("at most 32"));
    let fits = format!("{}5xx < 1%{}", "(".repeat(31), ")".repeat(31));
    assert_eq!(canonical(&fits), "5xx < 1%");
    let long = vec!["(5xx < 1%)"; 1_000].join(" and ");
    assert_eq!(Condition::parse(&long).unwrap().comparisons().len(), 1_000);
}

#[test]
fn it_says_what_must_be_read_and_whether_there_must_be_a_before() {
    let condition = Condition::parse("5xx < 1% and cache-hit-rate > 50% of before").unwrap();
    let readings = [Reading::Requests, Reading::Errors5xx, Reading::CacheHits, Reading::CacheMisses];
    assert_eq!(condition.readings(), readings.into_iter().collect());
    assert!(condition.needs_baseline());
    assert!(!Condition::parse("5xx < 1%").unwrap().needs_baseline());
}

#[test]
fn it_says_what_a_kind_of_api_does_not_have() {
    let condition = Condition::parse("5xx < 1% and cache-hit-rate > 0.5 and cell.errors < 1%").unwrap();
    assert_eq!(condition.missing_on(ApiKind::Rest), Vec::<&Signal>::new());
    let missing: Vec<_> = condition.missing_on(ApiKind::Http).iter().map(|signal| signal.name).collect();
    assert_eq!(missing, ["cache-hit-rate"]);
}

#[test]
fn files_hold_it_as_text() {
    let condition = Condition::parse("5XX<1%").unwrap();
    let json = serde_json::to_string(&condition).unwrap();
    assert_eq!(json, "\"5xx < 1%\"");
    assert_eq!(serde_json::from_str::<Condition>(&json).unwrap(), condition);
    let error = serde_json::from_str::<Condition>("\"5xx < 1ms\"").unwrap_err();
    assert!(error.to_string().contains("column 7"));
}

/// Any limit that fits the signal and decides something.
fn limit(signal: &'static Signal) -> BoxedStrategy<Limit> {
    let number = prop_oneof![(1_u32..100_000).prop_map(|number| f64::from(number) / 1_000.0), 1e-6_f64..1e6];
    let quantity = match signal.dimension {
        Dimension::Share => prop_oneof![
            (0.001_f64..0.999).prop_map(|number| Quantity { number, unit: Unit::Plain }),
            (0.001_f64..99.9).prop_map(|number| Quantity { number, unit: Unit::Percent }),
        ]
        .boxed(),
        dimension => {
            let units: Vec<Unit> = Unit::ALL.into_iter().filter(|unit| unit.measures(dimension)).collect();
            (number.clone(), prop::sample::select(units))
                .prop_map(|(number, unit)| Quantity { number, unit })
                .boxed()
        }
    };
    let scale = prop_oneof![
        Just(Scale::Same),
        number.clone().prop_map(Scale::Times),
        number.prop_map(Scale::Percent)
    ];
    prop_oneof![
        quantity.clone().prop_map(Limit::Fixed),
        (scale, prop::option::of(quantity)).prop_map(|(scale, margin)| Limit::Relative { scale, margin }),
    ]
    .boxed()
}

pub(super) fn node() -> impl Strategy<Value = Node> {
    let operators = [Operator::Less, Operator::LessOrEqual, Operator::Greater, Operator::GreaterOrEqual];
    let comparison =
        (0..SIGNALS.len(), prop::sample::select(operators.to_vec())).prop_flat_map(|(place, operator)| {
            let signal = &SIGNALS[place];
            limit(signal).prop_map(move |limit| Node::Compare(Comparison { signal, operator, limit }))
        });
    comparison.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            inner.clone().prop_map(|node| Node::Not(Box::new(node))),
            prop::collection::vec(inner.clone(), 2..4).prop_map(Node::All),
            prop::collection::vec(inner, 2..4).prop_map(Node::Any),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn what_is_displayed_reads_back_as_itself(root in node()) {
        let condition = Condition { root };
        let text = condition.to_string();
        let again = Condition::parse(&text).map_err(|error| TestCaseError::fail(format!("{text}: {error}")))?;
        prop_assert_eq!(again.to_string(), text);
        prop_assert_eq!(again, condition);
    }

    #[test]
    fn any_text_is_read_or_refused_within_itself(text in "[ 0-9a-z%/.*+<>=()é!]{0,60}|(5xx|p99|before|not|and|or|<|1%|\\(|\\)| ){0,12}") {
        match Condition::parse(&text) {
            Ok(condition) => prop_assert_eq!(Condition::parse(&condition.to_string()), Ok(condition)),
            Err(error) => prop_assert!((1..=text.chars().count() + 1).contains(&error.column)),
        }
    }
}
