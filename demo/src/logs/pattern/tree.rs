//! Conditions joined by `&&`, `||` and parentheses.

use super::PatternError;
use super::cursor::Cursor;

/// How deep parentheses may nest: far beyond what 1,024 characters are used for.
const DEEPEST: usize = 64;

/// Conditions over leaves of one kind.
#[derive(Debug)]
pub enum Tree<Leaf> {
    Leaf(Leaf),
    All(Vec<Self>),
    Any(Vec<Self>),
}

impl<Leaf> Tree<Leaf> {
    /// Reads a tree whose leaves `leaf` reads. `&&` binds more strongly than `||`.
    pub fn parse(
        cursor: &mut Cursor<'_>,
        leaf: &mut dyn FnMut(&mut Cursor<'_>) -> Result<Leaf, PatternError>,
    ) -> Result<Self, PatternError> {
        Self::any(cursor, leaf, 0)
    }

    fn any(
        cursor: &mut Cursor<'_>,
        leaf: &mut dyn FnMut(&mut Cursor<'_>) -> Result<Leaf, PatternError>,
        depth: usize,
    ) -> Result<Self, PatternError> {
        let mut branches = Vec::new();
        loop {
            let mut all = vec![Self::one(cursor, leaf, depth)?];
            while cursor.eat("&&") {
                all.push(Self::one(cursor, leaf, depth)?);
            }
            branches.push(Self::joined(all, Self::All));
            if !cursor.eat("||") {
                return Ok(Self::joined(branches, Self::Any));
            }
        }
    }

    fn joined(mut branches: Vec<Self>, join: impl FnOnce(Vec<Self>) -> Self) -> Self {
        match branches.len() {
            1 => branches.remove(0),
            _ => join(branches),
        }
    }

    fn one(
        cursor: &mut Cursor<'_>,
        leaf: &mut dyn FnMut(&mut Cursor<'_>) -> Result<Leaf, PatternError>,
        depth: usize,
    ) -> Result<Self, PatternError> {
        if !cursor.eat("(") {
            return leaf(cursor).map(Self::Leaf);
        }
        if depth == DEEPEST {
            return Err(PatternError::Syntax);
        }
        let inner = Self::any(cursor, leaf, depth + 1)?;
        if cursor.eat(")") { Ok(inner) } else { Err(PatternError::Syntax) }
    }

    /// Whether it holds, where `holds` tells of a leaf.
    pub fn holds(&self, holds: &impl Fn(&Leaf) -> bool) -> bool {
        match self {
            Self::Leaf(leaf) => holds(leaf),
            Self::All(branches) => branches.iter().all(|branch| branch.holds(holds)),
            Self::Any(branches) => branches.iter().any(|branch| branch.holds(holds)),
        }
    }

    /// Whether it cannot hold, where `fails` tells of a leaf that it certainly doesn't hold.
    pub fn fails(&self, fails: &impl Fn(&Leaf) -> bool) -> bool {
        match self {
            Self::Leaf(leaf) => fails(leaf),
            Self::All(branches) => branches.iter().any(|branch| branch.fails(fails)),
            Self::Any(branches) => branches.iter().all(|branch| branch.fails(fails)),
        }
    }
}
