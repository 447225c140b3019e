//! The rules of composite alarms: `ALARM("cell-01-5xx") AND NOT (OK(other) OR FALSE)`.

use super::alarm::StateValue;

/// AWS: a rule has at most 10,240 characters.
const LONGEST: usize = 10_240;
/// AWS: a rule names at most 100 alarms.
const MOST_CHILDREN: usize = 100;
/// How deep brackets may be nested, so that walking the tree needs little stack.
const DEEPEST: usize = 64;

/// A rule read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rule {
    Constant(bool),
    /// Whether the alarm of this name is in the state.
    Is(StateValue, String),
    Not(Box<Rule>),
    And(Vec<Rule>),
    Or(Vec<Rule>),
}

impl Rule {
    /// Reads a rule; the error says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.len() > LONGEST {
            return Err(format!("it is longer than {LONGEST} characters"));
        }
        let mut parser = Parser { tokens: tokens(text)?, at: 0, depth: 0 };
        let rule = parser.any()?;
        if let Some(token) = parser.tokens.get(parser.at) {
            return Err(format!("{token:?} is not expected after the end"));
        }
        if rule.children().len() > MOST_CHILDREN {
            return Err(format!("it names more than {MOST_CHILDREN} alarms"));
        }
        Ok(rule)
    }

    /// Whether the rule holds, by the states of the alarms that it names.
    pub fn holds(&self, state: &impl Fn(&str) -> Option<StateValue>) -> bool {
        match self {
            Self::Constant(truth) => *truth,
            Self::Is(wanted, name) => state(name) == Some(*wanted),
            Self::Not(inner) => !inner.holds(state),
            Self::And(rules) => rules.iter().all(|rule| rule.holds(state)),
            Self::Or(rules) => rules.iter().any(|rule| rule.holds(state)),
        }
    }

    /// The alarms that the rule names.
    pub fn children(&self) -> Vec<&str> {
        match self {
            Self::Constant(_) => Vec::new(),
            Self::Is(_, name) => vec![name],
            Self::Not(inner) => inner.children(),
            Self::And(rules) | Self::Or(rules) => rules.iter().flat_map(Self::children).collect(),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Word(String),
    Quoted(String),
    Open,
    Close,
}

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut rest = text.chars().peekable();
    while let Some(first) = rest.next() {
        match first {
            '(' => tokens.push(Token::Open),
            ')' => tokens.push(Token::Close),
            '"' => {
                let mut quoted = String::new();
                loop {
                    match rest.next() {
                        Some('"') => break,
                        Some(c) => quoted.push(c),
                        None => return Err("a quote is not closed".to_owned()),
                    }
                }
                tokens.push(Token::Quoted(quoted));
            }
            c if c.is_whitespace() => {}
            c => {
                let mut word = String::from(c);
                while let Some(c) = rest.next_if(|c| !c.is_whitespace() && !"()\"".contains(*c)) {
                    word.push(c);
                }
                tokens.push(Token::Word(word));
            }
        }
    }
    Ok(tokens)
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
}

impl Parser {
    fn any(&mut self) -> Result<Rule, String> {
        let mut rules = vec![self.all()?];
        while self.take_word("OR") {
            rules.push(self.all()?);
        }
        Ok(if rules.len() == 1 { rules.remove(0) } else { Rule::Or(rules) })
    }

    fn all(&mut self) -> Result<Rule, String> {
        let mut rules = vec![self.one()?];
        while self.take_word("AND") {
            rules.push(self.one()?);
        }
        Ok(if rules.len() == 1 { rules.remove(0) } else { Rule::And(rules) })
    }

    fn one(&mut self) -> Result<Rule, String> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err("it is nested too deep".to_owned());
        }
        let rule = self.term();
        self.depth -= 1;
        rule
    }

    fn term(&mut self) -> Result<Rule, String> {
        match self.next() {
            Some(Token::Open) => {
                let inner = self.any()?;
                self.close()?;
                Ok(inner)
            }
            Some(Token::Word(word)) if word.eq_ignore_ascii_case("NOT") => {
                Ok(Rule::Not(Box::new(self.one()?)))
            }
            Some(Token::Word(word)) if word.eq_ignore_ascii_case("TRUE") => Ok(Rule::Constant(true)),
            Some(Token::Word(word)) if word.eq_ignore_ascii_case("FALSE") => Ok(Rule::Constant(false)),
            Some(Token::Word(word)) => {
                let state = StateValue::parse(&word.to_ascii_uppercase()).ok_or_else(|| {
                    format!("{word:?} is none of ALARM, OK, INSUFFICIENT_DATA, TRUE, FALSE and NOT")
                })?;
                if self.next() != Some(Token::Open) {
                    return Err(format!("a bracket is missing after {word}"));
                }
                let name = match self.next() {
                    Some(Token::Word(name) | Token::Quoted(name)) if !name.is_empty() => name,
                    _ => return Err(format!("{word} lacks the name of an alarm")),
                };
                self.close()?;
                // AWS: the name of an alarm or its ARN.
                let name = match name.split_once(":alarm:") {
                    Some((arn, name)) if arn.starts_with("arn:") => name.to_owned(),
                    _ => name,
                };
                Ok(Rule::Is(state, name))
            }
            Some(token) => Err(format!("{token:?} is not expected here")),
            None => Err("it ends too early".to_owned()),
        }
    }

    fn close(&mut self) -> Result<(), String> {
        if self.next() == Some(Token::Close) {
            Ok(())
        } else {
            Err("a closing bracket is missing".to_owned())
        }
    }

    fn take_word(&mut self, wanted: &str) -> bool {
        let there =
            matches!(self.tokens.get(self.at), Some(Token::Word(word)) if word.eq_ignore_ascii_case(wanted));
        self.at += usize::from(there);
        there
    }

    fn next(&mut self) -> Option<Token> {
        let token = self.tokens.get(self.at).cloned();
        self.at += 1;
        token
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn holds(text: &str) -> bool {
        let state = |name: &str| match name {
            "a" => Some(StateValue::Alarm),
            "b c" => Some(StateValue::Ok),
            _ => None,
        };
        Rule::parse(text).unwrap().holds(&state)
    }

    #[test]
    fn rules_hold_by_the_states_of_their_alarms() {
        assert!(holds("ALARM(a)"));
        assert!(holds("ALARM(\"a\") AND OK(\"b c\")"));
        assert!(holds("FALSE OR NOT ALARM(\"b c\") AND TRUE"));
        assert!(!holds("NOT (ALARM(a) OR ALARM(gone))"));
        assert!(holds("ALARM(arn:aws:cloudwatch:eu-west-1:123456789012:alarm:a)"));
        assert!(!holds("INSUFFICIENT_DATA(gone)"));
    }

    #[test]
    fn nonsense_is_refused() {
        for text in
            ["", "ALARM", "ALARM(", "ALARM()", "ALARM(a", "a", "ALARM(a) OK(b)", "AND", "ALARM(\"a)", "NOT"]
        {
            assert!(Rule::parse(text).is_err(), "{text}");
        }
        assert!(Rule::parse(&"(".repeat(5_000)).is_err());
        assert!(Rule::parse(&"NOT ".repeat(2_000)).is_err());
        let many: Vec<_> = (0..101).map(|number| format!("ALARM(a{number})")).collect();
        assert!(Rule::parse(&many.join(" OR ")).is_err());
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "(ALARM|OK|AND|OR|NOT|TRUE|[()\" a-z:]){0,30}") {
            let _ = Rule::parse(&text);
        }
    }
}
