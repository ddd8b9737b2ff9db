//! The log: one event for each use of personal data and each act of administration. An event holds ids and names of
//! fields, never a personal value; values stand only in payloads sealed under the person's own key.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// One event, as it is hashed: the leaf is this structure's JSON in field order, without white space (RFC 6962 2.1).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Event {
    /// Its number in the register's log, from 0, without gaps.
    pub seq: u64,
    /// When, in microseconds UTC.
    pub at: i64,
    /// Who: `user:ID`, `operator:NAME`, `program:NAME`, `partner:ID`, `portal:ID` (the person themself) or `nobody`.
    pub actor: String,
    /// What was done.
    pub action: String,
    /// Under which purpose of the notice; none for acts that touch no personal data.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub purpose: Option<String>,
    /// Whether it was done or refused.
    pub outcome: Outcome,
    /// The companies within which it was done.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub companies: Vec<String>,
    /// Whom it concerned: persons and organisations.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub subjects: Vec<Uuid>,
    /// Which other things it concerned: orders, imports, accounts, notice versions.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub objects: Vec<String>,
    /// Names of the fields that were shown or changed.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub fields: Vec<String>,
    /// Who outside the group received the data: `partner:ID`. None when it stayed inside.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub recipient: Option<String>,
    /// SHA-256 (hex) of each sealed payload that belongs to the event.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub sealed: Vec<String>,
}

/// How an act ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Something was shown.
    Shown,
    /// Something was changed.
    Changed,
    /// It was refused.
    Refused,
}
