//! What routers answer: known values of each function, and that every customer has one cell.

use proptest::prelude::*;

use super::*;

fn router(unmapped: Option<Unmapped>, hash: Option<HashFunction>, cells: usize) -> RouterSettings {
    let cells = (1..=cells).map(|number| CellId::new(format!("cell-{number:02}"))).collect();
    RouterSettings { cache_ttl: None, unmapped, hash, cells }
}

/// Made with Python's hashlib and zlib: `int(hexdigest, 16) % 12` and `zlib.crc32(id) % 12`.
#[test]
fn functions_agree_with_python() {
    for (customer, md5, sha256, crc32) in KNOWN {
        let place = |function: HashFunction| function.place(customer, 12).unwrap();
        assert_eq!(place(HashFunction::Md5Modulo), md5, "{customer}");
        assert_eq!(place(HashFunction::Sha256Modulo), sha256, "{customer}");
        assert_eq!(place(HashFunction::Crc32Modulo), crc32, "{customer}");
    }
}

const KNOWN: [(&str, usize, usize, usize); 6] = [
    ("customer-00001", 9, 3, 10),
    ("customer-99999", 11, 2, 5),
    ("", 6, 1, 0),
    ("Zürich", 5, 1, 6),
    ("it's \"quoted\"\n", 3, 7, 9),
    ("🚀", 9, 9, 6),
];

#[test]
fn a_mapping_comes_before_any_rule() {
    let cell = CellId::new("cell-07");
    let mapping = Mapping::To(Mapped { cell: cell.clone(), attributes: [].into() });
    let refuses = router(Some(Unmapped::Refuse), None, 0);
    assert_eq!(Answer::of("anyone", &mapping, &refuses), Answer::Mapped { cell });
    assert_eq!(Answer::of("anyone", &Mapping::Absent, &refuses), Answer::Refused);
    let assigns = router(Some(Unmapped::Assign), None, 0);
    assert_eq!(Answer::of("anyone", &Mapping::Absent, &assigns), Answer::Assigned);
}

#[test]
fn what_is_not_configured_is_said_and_not_guessed() {
    for (settings, key) in [
        (router(None, Some(HashFunction::Md5Modulo), 3), "router.unmapped"),
        (router(Some(Unmapped::Hash), None, 3), "router.hash"),
        (router(Some(Unmapped::Hash), Some(HashFunction::Md5Modulo), 0), "router.cells"),
    ] {
        let answer = Answer::of("anyone", &Mapping::Absent, &settings);
        assert!(matches!(&answer, Answer::Unknown { why } if why.contains(key)), "{answer:?}");
    }
    let unusable = Mapping::Unusable { why: "CellId is a number".into() };
    let hashes = router(Some(Unmapped::Hash), Some(HashFunction::Md5Modulo), 3);
    assert_eq!(Answer::of("anyone", &unusable, &hashes).cell(), None);
}

#[test]
fn stamps_tell_of_the_last_move() {
    let stamps = [("prevCellId", "cell-03"), ("updatedAt", "2026-11-20T13:00:00Z"), ("tier", "basic")];
    let attributes = stamps.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let moved = Mapped { cell: "cell-07".into(), attributes }.last_move().unwrap();
    assert_eq!((moved.from, moved.to), (Some("cell-03".into()), Some("cell-07".into())));
    let plain = Mapped { cell: "cell-07".into(), attributes: [("tier".into(), "basic".into())].into() };
    assert_eq!(plain.last_move(), None);
}

proptest! {
    #[test]
    fn every_customer_has_one_cell_of_the_list(customer in any::<String>(), cells in 1_usize..200, function in 0..3_usize) {
        let settings = router(Some(Unmapped::Hash), Some(HashFunction::ALL[function]), cells);
        let answer = Answer::of(&customer, &Mapping::Absent, &settings);
        prop_assert!(answer.cell().is_some_and(|cell| settings.cells.contains(cell)), "{answer:?}");
        prop_assert_eq!(&Answer::of(&customer, &Mapping::Absent, &settings), &answer);
    }

    /// The remainder of a short number is the one that the machine's own arithmetic gives.
    #[test]
    fn remainders_are_right(customer in any::<String>(), cells in 1_usize..1_000_000) {
        let expected = crc32fast::hash(customer.as_bytes()) as usize % cells;
        prop_assert_eq!(HashFunction::Crc32Modulo.place(&customer, cells), Some(expected));
        let bytes: [u8; 16] = <md5::Md5 as md5::Digest>::digest(customer.as_bytes()).into();
        let expected = usize::try_from(u128::from_be_bytes(bytes) % cells as u128).unwrap();
        prop_assert_eq!(HashFunction::Md5Modulo.place(&customer, cells), Some(expected));
    }

    #[test]
    fn names_of_functions_are_read_as_they_are_written(function in 0..3_usize) {
        let function = HashFunction::ALL[function];
        prop_assert_eq!(function.to_string().parse::<HashFunction>(), Ok(function));
    }
}
