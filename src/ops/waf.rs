//! Reading AWS WAF: web ACLs and IP sets with their rules and addresses, and one of either by name.

use futures_util::stream::{self, Stream, StreamExt as _};

use super::found::Found;
use crate::aws::{Mode, Session};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::ip_set::IpSetDocument;
use crate::domain::suggest::nearest;
use crate::domain::web_acl::{WafSummary, WebAclDocument};

/// Items that are being read at once; the limiter sets the pace.
const AT_ONCE: usize = 4;

/// Reads all web ACLs of the region, by name. Which stages they stand before is told by the stages.
pub async fn read_web_acls<M: Mode>(session: &Session<M>) -> Found<WebAclDocument> {
    each_web_acl(session, |_| {}).await
}

/// Reads all IP sets of the region, by name.
pub async fn read_ip_sets<M: Mode>(session: &Session<M>) -> Found<IpSetDocument> {
    each_ip_set(session, |_| {}).await
}

/// Reads all web ACLs of the region, by name, and shows each as it arrives: there may be a hundred of them,
/// and AWS answers five a second.
pub async fn each_web_acl<M: Mode>(
    session: &Session<M>,
    show: impl FnMut(&WebAclDocument),
) -> Found<WebAclDocument> {
    let listed = match session.list_web_acls().await {
        Ok(listed) => listed,
        Err(failure) => return Found::failed(failure),
    };
    let reading = stream::iter(by_name(listed))
        .map(|acl| async move { session.get_web_acl(&acl.name, &acl.id).await })
        .buffered(AT_ONCE);
    collect(reading, show).await
}

/// Reads all IP sets of the region, by name, and shows each as it arrives.
pub async fn each_ip_set<M: Mode>(
    session: &Session<M>,
    show: impl FnMut(&IpSetDocument),
) -> Found<IpSetDocument> {
    let listed = match session.list_ip_sets().await {
        Ok(listed) => listed,
        Err(failure) => return Found::failed(failure),
    };
    let reading = stream::iter(by_name(listed))
        .map(|set| async move { session.get_ip_set(&set.name, &set.id).await })
        .buffered(AT_ONCE);
    collect(reading, show).await
}

async fn collect<T>(reading: impl Stream<Item = Result<T, Failure>>, mut show: impl FnMut(&T)) -> Found<T> {
    let answers = reading.inspect(|answer| {
        if let Ok(item) = answer {
            show(item);
        }
    });
    Found::of(answers.collect::<Vec<_>>().await)
}

/// Reads one web ACL, by name, id or ARN.
///
/// # Errors
/// `NotFound` with the nearest name.
pub async fn web_acl<M: Mode>(session: &Session<M>, wanted: &str) -> Result<WebAclDocument, Failure> {
    let acl = find_web_acl(session, wanted).await?;
    session.get_web_acl(&acl.name, &acl.id).await
}

/// Finds a web ACL in the list of them, by name, id or ARN.
///
/// # Errors
/// As [`web_acl`].
pub async fn find_web_acl<M: Mode>(session: &Session<M>, wanted: &str) -> Result<WafSummary, Failure> {
    let listed = session.list_web_acls().await?;
    named(&listed, wanted, "ListWebACLs", "web ACL").cloned()
}

/// Finds an IP set in the list of them, by name, id or ARN.
///
/// # Errors
/// As [`ip_set`].
pub async fn find_ip_set<M: Mode>(session: &Session<M>, wanted: &str) -> Result<WafSummary, Failure> {
    let listed = session.list_ip_sets().await?;
    named(&listed, wanted, "ListIPSets", "IP set").cloned()
}

/// Reads one IP set, by name, id or ARN.
///
/// # Errors
/// `NotFound` with the nearest name.
pub async fn ip_set<M: Mode>(session: &Session<M>, wanted: &str) -> Result<IpSetDocument, Failure> {
    let set = find_ip_set(session, wanted).await?;
    session.get_ip_set(&set.name, &set.id).await
}

/// AWS: names are unique among the web ACLs, and among the IP sets, of a scope.
fn named<'listed>(
    listed: &'listed [WafSummary],
    wanted: &str,
    operation: &str,
    kind: &str,
) -> Result<&'listed WafSummary, Failure> {
    let found = listed.iter().find(|item| [&item.name, &item.id, &item.arn].contains(&&wanted.to_owned()));
    found.ok_or_else(|| {
        let meant = nearest(wanted, listed.iter().map(|item| item.name.as_str()));
        let meant = meant.map(|name| format!("; did you mean '{name}'?")).unwrap_or_default();
        let message = format!("no {kind} is called '{wanted}'{meant}");
        Failure::new(operation, "", FailureKind::NotFound, &message)
    })
}

fn by_name(mut listed: Vec<WafSummary>) -> Vec<WafSummary> {
    listed.sort_by(|one, other| one.name.cmp(&other.name));
    listed
}
