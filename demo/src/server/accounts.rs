//! All accounts of the region, and who is whose caller: long-term keys, and the keys of roles that were assumed.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

use super::account::Account;
use crate::region::account_names::letters;

/// How many temporary keys are known at once; the oldest are forgotten first.
const MOST_SESSIONS: usize = 10_000;

/// The accounts.
#[derive(Debug)]
pub struct Accounts {
    first: Arc<Account>,
    /// All of them, the first included.
    all: Vec<Arc<Account>>,
    by_key: HashMap<String, Arc<Account>>,
    sessions: Mutex<HashMap<String, Session>>,
}

/// Who signed a request.
#[derive(Clone, Debug)]
pub struct Caller {
    pub account: Arc<Account>,
    pub identity: Identity,
}

/// As whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Identity {
    /// The user `operator`.
    User,
    AssumedRole {
        role: String,
        session_name: String,
    },
}

/// Keys that expire.
#[derive(Clone, Debug)]
pub struct Session {
    pub account: Arc<Account>,
    pub identity: Identity,
    /// 20 characters; AWS: those of temporary keys begin with `ASIA`.
    pub access_key_id: String,
    pub secret: String,
    pub token: String,
    pub expires: Timestamp,
}

/// Why a key is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Nobody's key, or a temporary one without its token.
    Unknown,
    Expired,
}

impl Accounts {
    /// The region's accounts, the one with the router first.
    pub fn new(first: Account, others: Vec<Account>) -> Self {
        let first = Arc::new(first);
        let all: Vec<Arc<Account>> =
            std::iter::once(Arc::clone(&first)).chain(others.into_iter().map(Arc::new)).collect();
        let by_key = all.iter().map(|account| (account.access_key.id.clone(), Arc::clone(account))).collect();
        Self { first, all, by_key, sessions: Mutex::default() }
    }

    /// The account that has the router, the mapping table, and what belongs to no cell.
    pub fn first(&self) -> &Arc<Account> {
        &self.first
    }

    /// All accounts, the first one first.
    pub fn all(&self) -> &[Arc<Account>] {
        &self.all
    }

    /// The account with this id.
    pub fn by_id(&self, account_id: &str) -> Option<&Arc<Account>> {
        self.all.iter().find(|account| account.id == account_id)
    }

    /// Whose key this is. A long-term key is taken with any token, as clients may have one left in their environment.
    ///
    /// # Errors
    /// Where it is nobody's, or has expired.
    pub fn caller(&self, key_id: &str, token: Option<&str>, now: Timestamp) -> Result<Caller, Refusal> {
        if let Some(account) = self.by_key.get(key_id) {
            return Ok(Caller { account: Arc::clone(account), identity: Identity::User });
        }
        let sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        let session =
            sessions.get(key_id).filter(|session| token == Some(&*session.token)).ok_or(Refusal::Unknown)?;
        if session.expires <= now {
            return Err(Refusal::Expired);
        }
        Ok(Caller { account: Arc::clone(&session.account), identity: session.identity.clone() })
    }

    /// The account that a key belongs to, even where the key has expired.
    pub fn account_of_key(&self, key_id: &str) -> Option<Arc<Account>> {
        let of_session = || {
            let sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
            sessions.get(key_id).map(|session| Arc::clone(&session.account))
        };
        self.by_key.get(key_id).cloned().or_else(of_session)
    }

    /// Issues keys that are good for so long.
    pub fn open_session(
        &self,
        account: &Arc<Account>,
        identity: Identity,
        now: Timestamp,
        lasts: SignedDuration,
    ) -> Session {
        let mut rng = rand::rng();
        let session = Session {
            account: Arc::clone(account),
            identity,
            access_key_id: format!("ASIA{}EXAMPLE", letters(&mut rng, 9)),
            secret: format!("{}EXAMPLEKEY", letters(&mut rng, 30)),
            token: letters(&mut rng, 120),
            expires: now.saturating_add(lasts).unwrap_or(Timestamp::MAX),
        };
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        if sessions.len() >= MOST_SESSIONS {
            let oldest = sessions.values().min_by_key(|session| session.expires);
            if let Some(oldest) = oldest.map(|session| session.access_key_id.clone()) {
                sessions.remove(&oldest);
            }
        }
        sessions.insert(session.access_key_id.clone(), session.clone());
        session
    }
}

impl Caller {
    /// The ARN as IAM and STS write it.
    pub fn arn(&self) -> String {
        let account = &self.account.id;
        match &self.identity {
            Identity::User => format!("arn:aws:iam::{account}:user/operator"),
            Identity::AssumedRole { role, session_name } => {
                format!("arn:aws:sts::{account}:assumed-role/{role}/{session_name}")
            }
        }
    }
}
