//! Webhooks: a partner is told that there is something to fetch, never what it says. Signed and retried as Standard
//! Webhooks 1.0 has it.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What a partner is told of.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// Somebody within its scope changed, or left it.
    Changes,
    /// It has to be told of data that it received (Art. 19).
    Recall,
    /// Nothing: whether it listens.
    Ping,
}

impl Event {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Changes, Self::Recall, Self::Ping];

    /// The name in the database and as key of its translations.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Changes => "changes",
            Self::Recall => "recall",
            Self::Ping => "ping",
        }
    }

    /// The `type` of the message.
    #[must_use]
    pub const fn message_type(self) -> &'static str {
        match self {
            Self::Changes => "changes.available",
            Self::Recall => "recall.waiting",
            Self::Ping => "ping",
        }
    }
}

/// Not an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an event of webhooks")]
pub struct UnknownEvent;

impl std::str::FromStr for Event {
    type Err = UnknownEvent;
    fn from_str(text: &str) -> Result<Self, UnknownEvent> {
        Self::ALL.into_iter().find(|event| event.as_str() == text).ok_or(UnknownEvent)
    }
}

/// How far a message has come.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum State {
    /// It waits for its time.
    Queued,
    /// A runner has it.
    Sending,
    /// The partner took it.
    Sent,
    /// It was given up after two days: a person decides.
    Failed,
}

impl State {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Queued, Self::Sending, Self::Sent, Self::Failed];

    /// The name in the database and as key of its translations.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Failed => "failed",
        }
    }
}

impl std::str::FromStr for State {
    type Err = UnknownEvent;
    fn from_str(text: &str) -> Result<Self, UnknownEvent> {
        Self::ALL.into_iter().find(|state| state.as_str() == text).ok_or(UnknownEvent)
    }
}

/// The pauses after each try that did not succeed: two days in all, less an hour.
const PAUSES: [SignedDuration; 8] = [
    SignedDuration::from_secs(5),
    SignedDuration::from_mins(5),
    SignedDuration::from_mins(30),
    SignedDuration::from_hours(2),
    SignedDuration::from_hours(5),
    SignedDuration::from_hours(10),
    SignedDuration::from_hours(14),
    SignedDuration::from_hours(15),
];

/// When to try again after the try of this number (from 1) did not succeed, not before the receiver asked for; none: it
/// is given up.
#[must_use]
pub fn next_try(tried: i64, now: Timestamp, asked: Option<SignedDuration>) -> Option<Timestamp> {
    let pause = usize::try_from(tried.checked_sub(1)?).ok().and_then(|place| PAUSES.get(place))?;
    now.checked_add(asked.map_or(*pause, |asked| asked.max(*pause))).ok()
}

/// A message. Its id is the same at every try, so that a receiver knows one that comes twice.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Message {
    /// Its id.
    pub id: Uuid,
    /// What it tells of.
    pub event: Event,
    /// When that was.
    pub at: Timestamp,
    /// The number in the log up to which there is something to fetch, or the id of a recall.
    pub subject: String,
}

impl Message {
    /// `webhook-id`.
    #[must_use]
    pub fn header_id(&self) -> String {
        format!("msg_{}", self.id.simple())
    }

    /// The body: type, moment, and where to look. Nothing of a person.
    #[must_use]
    pub fn body(&self) -> String {
        let data = match self.event {
            Event::Changes => serde_json::json!({ "sequence": self.subject }),
            Event::Recall => serde_json::json!({ "recall_id": self.subject }),
            Event::Ping => serde_json::json!({}),
        };
        serde_json::json!({ "type": self.event.message_type(), "timestamp": self.at.to_string(), "data": data })
            .to_string()
    }

    /// What is signed (Standard Webhooks 1.0): the id, the moment of the try in seconds, and the body.
    #[must_use]
    pub fn signed(&self, tried_at: Timestamp) -> String {
        format!("{}.{}.{}", self.header_id(), tried_at.as_second(), self.body())
    }
}

/// Whether a receiver may be asked at this port: that of HTTPS, or one that belongs to no service of the system.
#[must_use]
pub const fn may_port(port: u16) -> bool {
    port == 443 || port >= 1024
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_tried_for_two_days_with_growing_pauses() {
        let now: Timestamp = "2026-11-23T09:00:00Z".parse().unwrap();
        let mut at = now;
        let mut last = SignedDuration::ZERO;
        let mut tries = 1;
        while let Some(next) = next_try(tries, at, None) {
            assert!(next.duration_since(at) > last);
            (last, at, tries) = (next.duration_since(at), next, tries + 1);
        }
        let whole = at.duration_since(now).as_hours();
        assert!((46..=48).contains(&whole) && tries == 9, "{whole} h, {tries} tries");
        let asked = next_try(1, now, Some(SignedDuration::from_hours(1))).unwrap();
        assert_eq!(asked.duration_since(now), SignedDuration::from_hours(1));
        assert_eq!(next_try(0, now, None), None);
    }

    #[test]
    fn a_message_says_where_to_look_and_nothing_of_anybody() {
        let at: Timestamp = "2026-11-23T09:00:00Z".parse().unwrap();
        let message = Message { id: Uuid::from_u128(7), event: Event::Changes, at, subject: "42".into() };
        assert_eq!(
            message.body(),
            r#"{"type":"changes.available","timestamp":"2026-11-23T09:00:00Z","data":{"sequence":"42"}}"#
        );
        assert!(message.signed(at).starts_with("msg_00000000000000000000000000000007.1795424400.{\"type\""));
        for event in Event::ALL {
            assert_eq!(event.as_str().parse(), Ok(event));
        }
        for state in State::ALL {
            assert_eq!(state.as_str().parse(), Ok(state));
        }
    }

    #[test]
    fn services_of_the_system_are_not_receivers() {
        assert!(may_port(443) && may_port(8443));
        assert!(![22, 25, 80, 110, 0].into_iter().any(may_port));
    }
}
