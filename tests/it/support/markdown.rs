//! Sections of documents that are generated: what stands between two comments.

fn markers(section: &str) -> (String, String) {
    (format!("<!-- begin generated: {section} -->\n"), format!("<!-- end generated: {section} -->"))
}

/// The text of a generated section.
pub fn generated<'text>(document: &'text str, section: &str) -> &'text str {
    let (begin, end) = markers(section);
    let from = document.find(&begin).expect("the section begins") + begin.len();
    let to = from + document[from..].find(&end).expect("the section ends");
    &document[from..to]
}

/// The document with another text in a generated section.
pub fn with_generated(document: &str, section: &str, text: &str) -> String {
    let (begin, _) = markers(section);
    let from = document.find(&begin).expect("the section begins") + begin.len();
    let to = from + generated(document, section).len();
    format!("{}{text}{}", &document[..from], &document[to..])
}
