//! What WAF said of requests.

/// A verdict in the ledger's table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct VerdictId(pub u16);

/// WAF's word on a request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Verdict {
    /// The ARN of the web ACL; `None` for a stage without one.
    pub web_acl_arn: Option<String>,
    /// What the ACL did in the end.
    pub action: WafAction,
    /// The rule that ended the inspection; `None`: the default action did.
    pub terminating: Option<RuleMatch>,
    /// Rules that matched and only counted.
    pub counted: Vec<RuleMatch>,
    pub labels: Vec<String>,
}

/// A rule that matched.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RuleMatch {
    /// The rule of the web ACL.
    pub rule: String,
    /// The metric's name of that rule.
    pub metric: String,
    /// The rule within a rule group, as `vendor#group#rule` for a managed one.
    pub within_group: Option<String>,
    pub action: WafAction,
}

/// What a rule does with a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum WafAction {
    #[default]
    Allow,
    Block,
    Count,
    Captcha,
    Challenge,
}

impl WafAction {
    /// As AWS writes it in samples.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "ALLOW",
            Self::Block => "BLOCK",
            Self::Count => "COUNT",
            Self::Captcha => "CAPTCHA",
            Self::Challenge => "CHALLENGE",
        }
    }
}
