//! The functions with which routers choose a cell for a customer that has no mapping.
//!
//! Each reads the hash of the id's UTF-8 bytes as a whole number, the first byte the most significant, and takes
//! its remainder by the number of cells: in Python, `int(hashlib.md5(id.encode()).hexdigest(), 16) % cells`.

use std::fmt;
use std::str::FromStr;

use md5::{Digest, Md5};
use serde::{Serialize, Serializer};
use sha2::Sha256;

/// A hash, and the way from it to a place in the list of cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HashFunction {
    Md5Modulo,
    Sha256Modulo,
    /// CRC-32 as zlib and Ethernet have it.
    Crc32Modulo,
}

/// A name that stands for no function.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is none of md5-modulo, sha256-modulo and crc32-modulo")]
pub struct UnknownHash(String);

impl HashFunction {
    pub const ALL: [Self; 3] = [Self::Md5Modulo, Self::Sha256Modulo, Self::Crc32Modulo];

    /// As the configuration writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Md5Modulo => "md5-modulo",
            Self::Sha256Modulo => "sha256-modulo",
            Self::Crc32Modulo => "crc32-modulo",
        }
    }

    /// The place of a customer's cell among so many; none where there are none.
    pub fn place(self, customer: &str, cells: usize) -> Option<usize> {
        let id = customer.as_bytes();
        match self {
            Self::Md5Modulo => remainder(&Md5::digest(id), cells),
            Self::Sha256Modulo => remainder(&Sha256::digest(id), cells),
            Self::Crc32Modulo => remainder(&crc32fast::hash(id).to_be_bytes(), cells),
        }
    }
}

/// The remainder of a number of many bytes, the most significant first: as with pen and paper.
fn remainder(number: &[u8], by: usize) -> Option<usize> {
    let by = u128::try_from(by).ok().filter(|by| *by > 0)?;
    let rest = number.iter().fold(0_u128, |rest, byte| (rest * 256 + u128::from(*byte)) % by);
    usize::try_from(rest).ok()
}

impl FromStr for HashFunction {
    type Err = UnknownHash;

    fn from_str(text: &str) -> Result<Self, UnknownHash> {
        Self::ALL
            .into_iter()
            .find(|function| function.name() == text)
            .ok_or_else(|| UnknownHash(text.to_owned()))
    }
}

impl fmt::Display for HashFunction {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

impl Serialize for HashFunction {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}
