//! Counters, cost and pace.

use std::time::Duration;

use proptest::prelude::*;

use super::*;

#[test]
fn items_are_counted_by_cell_and_none_is_lost() {
    let mut tally = Tally::default();
    for cell in [Some("cell-01"), Some("cell-02"), Some("cell-01"), None, Some("")] {
        tally.add(cell);
    }
    assert_eq!(tally.cells[&"cell-01".into()], 2);
    assert_eq!((tally.without_cell, tally.total()), (2, 5));
}

#[test]
fn a_table_of_a_million_cells_takes_no_more_memory_than_ten_thousand() {
    let mut tally = Tally::default();
    for number in 0..30_000 {
        tally.add(Some(&format!("cell-{number}")));
    }
    assert_eq!((tally.cells.len(), tally.other_cells, tally.total()), (10_000, 20_000, 30_000));
}

#[test]
fn a_scan_says_what_it_takes() {
    let cost = ScanCost { items: 1_000_000, size_bytes: 81_920_000, price: Some(0.25) };
    assert!((cost.read_units() - 10_000.0).abs() < 1e-9);
    assert_eq!(cost.at_rate(500.0), Duration::from_secs(20));
    assert_eq!(
        cost.to_string(),
        "about 1,000,000 items, 81.9 MB, 10,000 read units (below 1 cent on demand)"
    );
    let unpriced = ScanCost { price: None, ..cost };
    assert!(unpriced.to_string().contains("see your region's price"), "{unpriced}");
}

proptest! {
    /// Pages of any size: in the long run no more than the rate, and hardly less.
    #[test]
    fn a_pace_is_kept_and_used_up(rate in 1.0_f64..5_000.0, pages in prop::collection::vec(0.5_f64..128.0, 50..200)) {
        let mut pace = Pace::new(rate);
        let mut now = Duration::ZERO;
        let mut spent = 0.0;
        for units in &pages {
            now += pace.wait(now);
            prop_assert_eq!(pace.wait(now), Duration::ZERO);
            let allowed = now.as_secs_f64() * rate;
            prop_assert!(spent <= allowed + 1e-3 * rate + 1e-6, "{spent} of {allowed}");
            pace.spend(*units);
            spent += units;
        }
        let last = pages.last().copied().unwrap_or_default();
        let wanted = (spent - last) / rate;
        prop_assert!((now.as_secs_f64() - wanted).abs() < 0.01 + wanted * 0.01, "{now:?} instead of {wanted}");
    }

    /// However pages are cut and wherever it is resumed, the count is the same.
    #[test]
    fn a_scan_that_is_resumed_counts_each_item_once(cells in prop::collection::vec(0_u8..5, 1..200), size in 1_usize..20) {
        let mut scan = Scan::new("CellMappings", 1, Timestamp::UNIX_EPOCH);
        let mut whole = Tally::default();
        let pages: Vec<&[u8]> = cells.chunks(size).collect();
        for (place, page) in pages.iter().enumerate() {
            let mut tally = Tally::default();
            page.iter().for_each(|cell| tally.add(Some(&cell.to_string())));
            page.iter().for_each(|cell| whole.add(Some(&cell.to_string())));
            let next = (place + 1 < pages.len()).then(PageKey::default);
            scan.take(0, &tally, next, 1.0);
            let kept = serde_json::to_string(&scan).unwrap();
            scan = serde_json::from_str(&kept).unwrap();
        }
        prop_assert!(scan.is_done());
        prop_assert_eq!(scan.tally, whole);
    }
}
