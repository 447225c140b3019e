//! What operators share in a DynamoDB table: where it is, and who holds a target at present.

use std::time::Duration;

use jiff::Timestamp;

/// The team's table, as configured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TeamSettings {
    /// A table in the account and region of the session that uses it.
    pub table: String,
    /// How long a lease on a target lasts after it was last renewed.
    pub lease: Duration,
}

/// A lease on a target: the right to change it, for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// What is held, such as `123456789012/eu-west-1/restapis/a1b2c3/stages/prod`.
    pub target: String,
    /// Who holds it, such as `alice@laptop`.
    pub holder: String,
    /// The fencing token: one more than that of the lease before it on the same target, so that
    /// what an overtaken holder does later can be told from what its successor does.
    pub fence: u64,
    /// When it ends unless it is renewed, in the region's time.
    pub until: Timestamp,
}

impl Lease {
    /// Whether it still keeps others away, at this time of the region's.
    pub fn holds(&self, now: Timestamp) -> bool {
        now < self.until
    }
}

/// The name under which an operator holds leases: who they are to AWS, and at which machine. It is
/// short, since whoever takes a lease over has to type it.
pub fn holder_name(arn: &str, host: &str) -> String {
    let operator = arn.rsplit(['/', ':']).next().filter(|name| !name.is_empty()).unwrap_or("unknown");
    format!("{operator}@{host}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_holder_is_named_by_operator_and_machine() {
        for (arn, expected) in [
            ("arn:aws:iam::123456789012:user/on-call", "on-call@laptop"),
            ("arn:aws:sts::123456789012:assumed-role/Operator/alice", "alice@laptop"),
            ("arn:aws:iam::123456789012:root", "root@laptop"),
            ("", "unknown@laptop"),
        ] {
            assert_eq!(holder_name(arn, "laptop"), expected);
        }
    }

    #[test]
    fn a_lease_ends_at_its_time() {
        let until = Timestamp::from_second(100).unwrap();
        let lease = Lease { target: "t".into(), holder: "h".into(), fence: 1, until };
        assert!(lease.holds(Timestamp::from_second(99).unwrap()));
        assert!(!lease.holds(until));
    }
}
