//! "Did you mean": the nearest of the names that would have been right.

/// The candidate that is nearest to `wrong`, where one is near enough to be what was meant.
pub fn nearest<'name>(wrong: &str, candidates: impl IntoIterator<Item = &'name str>) -> Option<&'name str> {
    let allowed = wrong.chars().count().div_ceil(3);
    candidates
        .into_iter()
        .map(|candidate| (distance(wrong, candidate), candidate))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Levenshtein distance, without regard to case.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.to_lowercase().chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (line, left) in one.to_lowercase().chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = line + 1;
        for (column, right) in other.iter().enumerate() {
            let replaced = diagonal + usize::from(left != *right);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_is_offered_and_the_far_are_not() {
        assert_eq!(nearest("profil", ["region", "profile"]), Some("profile"));
        assert_eq!(nearest("Thme", ["theme", "times"]), Some("theme"));
        assert_eq!(nearest("zebra", ["theme", "profile"]), None);
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
