//! The vendors' rule groups that the region has: the best known of AWS's own, with the rules that people meet.

use super::GroupRule;
use super::field::{Field, Transformation};
use super::statement::{Comparison, Inspected, Position, Statement};
use crate::ledger::WafAction;

/// A vendor's rule group.
#[derive(Clone, Copy, Debug)]
pub struct ManagedGroup {
    pub vendor: &'static str,
    pub name: &'static str,
    pub description: &'static str,
    /// Web ACL capacity units.
    pub capacity: u32,
    /// Oldest first; none for a group without versions.
    pub versions: &'static [&'static str],
    /// The default version until the vendor changes it.
    pub default_version: Option<&'static str>,
    /// The first part of the labels.
    pub label_namespace: &'static str,
    rules: &'static [ManagedRule],
}

#[derive(Clone, Copy, Debug)]
struct ManagedRule {
    name: &'static str,
    statement: fn() -> Statement,
    action: WafAction,
    /// The version from which the action holds; in older ones the rule counts.
    since: Option<&'static str>,
}

const fn blocks(name: &'static str, statement: fn() -> Statement) -> ManagedRule {
    ManagedRule { name, statement, action: WafAction::Block, since: None }
}

/// Every group.
pub static CATALOGUE: &[ManagedGroup] = &[
    ManagedGroup {
        vendor: "AWS",
        name: "AWSManagedRulesCommonRuleSet",
        description: "Rules that are generally applicable to web applications",
        capacity: 700,
        versions: &["Version_1.0", "Version_2.0"],
        default_version: Some("Version_1.0"),
        label_namespace: "awswaf:managed:aws:core-rule-set:",
        rules: &[
            blocks("NoUserAgent_HEADER", || {
                Statement::Not(Box::new(size(
                    Field::Header("user-agent".to_owned()),
                    Comparison::GreaterThan,
                    0,
                )))
            }),
            blocks("SizeRestrictions_QUERYSTRING", || {
                size(Field::QueryString, Comparison::GreaterThan, 2_048)
            }),
            // The newer version takes bodies over 8 KB for attacks: where large orders are ordinary, it is wrong.
            ManagedRule {
                name: "SizeRestrictions_BODY",
                statement: || size(Field::Body, Comparison::GreaterThan, 8_192),
                action: WafAction::Block,
                since: Some("Version_2.0"),
            },
            blocks("SizeRestrictions_URIPATH", || size(Field::UriPath, Comparison::GreaterThan, 1_024)),
            blocks("GenericLFI_QUERYARGUMENTS", || contains(Field::AllArguments, "../")),
            blocks("GenericLFI_URIPATH", || contains(Field::UriPath, "../")),
            blocks("CrossSiteScripting_QUERYARGUMENTS", || Statement::Xss(decoded(Field::AllArguments))),
            blocks("CrossSiteScripting_BODY", || Statement::Xss(decoded(Field::Body))),
        ],
    },
    ManagedGroup {
        vendor: "AWS",
        name: "AWSManagedRulesKnownBadInputsRuleSet",
        description: "Requests that are known to be invalid and to exploit vulnerabilities",
        capacity: 200,
        versions: &["Version_1.0"],
        default_version: Some("Version_1.0"),
        label_namespace: "awswaf:managed:aws:known-bad-inputs:",
        rules: &[
            blocks("Log4JRCE_HEADER", || contains(Field::AllHeaders, "${jndi:")),
            blocks("Log4JRCE_QUERYSTRING", || contains(Field::QueryString, "${jndi:")),
            blocks("Log4JRCE_BODY", || contains(Field::Body, "${jndi:")),
            blocks("PROPFIND_METHOD", || contains(Field::Method, "propfind")),
            blocks("ExploitablePaths_URIPATH", || {
                Statement::Or(vec![contains(Field::UriPath, "/.git/"), contains(Field::UriPath, "/.env")])
            }),
        ],
    },
    ManagedGroup {
        vendor: "AWS",
        name: "AWSManagedRulesSQLiRuleSet",
        description: "Rules against the exploitation of SQL databases",
        capacity: 200,
        versions: &["Version_1.0"],
        default_version: Some("Version_1.0"),
        label_namespace: "awswaf:managed:aws:sql-database:",
        rules: &[
            blocks("SQLi_QUERYARGUMENTS", || Statement::Sqli(decoded(Field::AllArguments))),
            blocks("SQLi_BODY", || Statement::Sqli(decoded(Field::Body))),
            blocks("SQLi_COOKIE", || Statement::Sqli(decoded(Field::Cookies))),
        ],
    },
    ManagedGroup {
        vendor: "AWS",
        name: "AWSManagedRulesAmazonIpReputationList",
        description: "Addresses that Amazon's threat intelligence knows",
        capacity: 25,
        versions: &[],
        default_version: None,
        label_namespace: "awswaf:managed:aws:amazon-ip-list:",
        rules: &[],
    },
    ManagedGroup {
        vendor: "AWS",
        name: "AWSManagedRulesBotControlRuleSet",
        description: "Requests of bots, told by what they say of themselves",
        capacity: 50,
        versions: &["Version_1.0"],
        default_version: Some("Version_1.0"),
        label_namespace: "awswaf:managed:aws:bot-control:",
        rules: &[blocks("CategoryHttpLibrary", || {
            let library = |name: &str| contains(Field::Header("user-agent".to_owned()), name);
            Statement::Or(["curl/", "python-requests/", "go-http-client/", "okhttp/0"].map(library).into())
        })],
    },
];

impl ManagedGroup {
    /// The group of a vendor.
    pub fn find(vendor: &str, name: &str) -> Option<&'static Self> {
        CATALOGUE.iter().find(|group| group.vendor == vendor && group.name == name)
    }

    /// The names of the group's rules, with the action of each in a version.
    pub fn actions(&self, version: Option<&str>) -> Vec<(&'static str, WafAction)> {
        self.rules.iter().map(|rule| (rule.name, self.action(rule, version))).collect()
    }

    /// The group's rules, with the actions of a version.
    pub(super) fn compiled(&self, version: Option<&str>) -> Vec<GroupRule> {
        let rules = self.rules.iter();
        rules
            .map(|rule| GroupRule {
                name: format!("{}#{}#{}", self.vendor, self.name, rule.name),
                statement: (rule.statement)(),
                action: self.action(rule, version),
                labels: vec![format!("{}{}", self.label_namespace, rule.name)],
            })
            .collect()
    }

    fn action(&self, rule: &ManagedRule, version: Option<&str>) -> WafAction {
        let age = |version: &str| self.versions.iter().position(|known| *known == version);
        let holds = rule.since.is_none_or(|since| version.and_then(age) >= age(since));
        if holds { rule.action } else { WafAction::Count }
    }
}

fn size(field: Field, comparison: Comparison, size: u64) -> Statement {
    Statement::Size { field, comparison, size }
}

fn contains(field: Field, needle: &str) -> Statement {
    let transformations = vec![Transformation::UrlDecode, Transformation::LowerCase];
    let of = Inspected { field, transformations };
    Statement::Bytes { of, position: Position::Contains, needle: needle.as_bytes().to_vec() }
}

fn decoded(field: Field) -> Inspected {
    Inspected { field, transformations: vec![Transformation::UrlDecode, Transformation::HtmlEntityDecode] }
}
