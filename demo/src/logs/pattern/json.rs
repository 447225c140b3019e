//! Conditions on JSON events: `{ $.status >= 500 && $.error NOT EXISTS }`.

use serde_json::Value;

use super::PatternError;
use super::cursor::Cursor;
use super::operand::Test;
use super::tree::Tree;

/// A condition on an event.
pub type Condition = Tree<Clause>;

/// One condition on one place in an event.
#[derive(Debug)]
pub struct Clause {
    selector: Vec<Step>,
    question: Question,
}

#[derive(Debug)]
enum Question {
    Compare(Test),
    IsNull,
    IsTrue,
    IsFalse,
    NotExists,
}

#[derive(Debug)]
enum Step {
    Member(String),
    Item(usize),
    /// `[*]`: any item.
    AnyItem,
}

/// Reads a condition in braces.
pub fn parse(cursor: &mut Cursor<'_>) -> Result<Condition, PatternError> {
    let is_braced = cursor.eat("{");
    let condition = Tree::parse(cursor, &mut clause)?;
    if is_braced && cursor.eat("}") && cursor.is_done() { Ok(condition) } else { Err(PatternError::Syntax) }
}

fn clause(cursor: &mut Cursor<'_>) -> Result<Clause, PatternError> {
    let selector = selector(cursor)?;
    let question = if cursor.eat_word("IS") {
        match () {
            () if cursor.eat_word("NULL") => Question::IsNull,
            () if cursor.eat_word("TRUE") => Question::IsTrue,
            () if cursor.eat_word("FALSE") => Question::IsFalse,
            () => return Err(PatternError::Syntax),
        }
    } else if cursor.eat_word("NOT") {
        if !cursor.eat_word("EXISTS") {
            return Err(PatternError::Syntax);
        }
        Question::NotExists
    } else {
        Question::Compare(Test::parse(cursor, &['(', ')', '{', '}', '&', '|'])?)
    };
    Ok(Clause { selector, question })
}

fn selector(cursor: &mut Cursor<'_>) -> Result<Vec<Step>, PatternError> {
    if !cursor.eat("$") {
        return Err(PatternError::Syntax);
    }
    let mut steps = Vec::new();
    loop {
        match cursor.peek() {
            Some('[') => steps.push(bracket(cursor)?),
            Some('.') => {
                cursor.eat(".");
                if cursor.peek() == Some('[') {
                    steps.push(bracket(cursor)?);
                } else {
                    let ends =
                        |character: char| character.is_whitespace() || ".[]()={}!<>&|\"".contains(character);
                    match cursor.take_until(ends) {
                        "" => return Err(PatternError::Syntax),
                        name => steps.push(Step::Member(name.to_owned())),
                    }
                }
            }
            _ if steps.is_empty() => return Err(PatternError::Syntax),
            _ => return Ok(steps),
        }
    }
}

fn bracket(cursor: &mut Cursor<'_>) -> Result<Step, PatternError> {
    cursor.eat("[");
    cursor.skip_space();
    let step = match cursor.peek() {
        Some(mark @ ('"' | '\'')) => Step::Member(cursor.take_quoted(mark).ok_or(PatternError::Syntax)?),
        Some('*') if cursor.eat("*") => Step::AnyItem,
        _ => {
            let digits = cursor.take_until(|character| !character.is_ascii_digit());
            Step::Item(digits.parse().map_err(|_| PatternError::Syntax)?)
        }
    };
    if cursor.eat("]") { Ok(step) } else { Err(PatternError::Syntax) }
}

/// Whether the condition holds for an event.
pub fn matches(condition: &Condition, event: &Value) -> bool {
    condition.holds(&|clause| clause.holds(event))
}

/// Whether the condition can't hold for any event in which the top-level member `name` has this value.
pub fn rules_out(condition: &Condition, name: &str, value: &Value) -> bool {
    condition.fails(&|clause| match clause.selector.as_slice() {
        [Step::Member(member)] if member == name => !clause.holds_for(&[value]),
        _ => false,
    })
}

impl Clause {
    fn holds(&self, event: &Value) -> bool {
        let mut found = vec![event];
        for step in &self.selector {
            found = found
                .into_iter()
                .flat_map(|value| match step {
                    Step::Member(name) => value.get(name).into_iter().collect::<Vec<_>>(),
                    Step::Item(index) => value.get(index).into_iter().collect(),
                    Step::AnyItem => value.as_array().into_iter().flatten().collect(),
                })
                .collect();
        }
        self.holds_for(&found)
    }

    fn holds_for(&self, found: &[&Value]) -> bool {
        match &self.question {
            Question::NotExists => found.is_empty(),
            // AWS: a selector that leads nowhere makes any comparison false.
            Question::Compare(test) => found.iter().any(|value| test.passes_json(value)),
            Question::IsNull => found.iter().any(|value| value.is_null()),
            Question::IsTrue => found.iter().any(|value| **value == Value::Bool(true)),
            Question::IsFalse => found.iter().any(|value| **value == Value::Bool(false)),
        }
    }
}
