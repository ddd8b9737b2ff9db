//! Value added tax rates (Act 1501/1993, sections 84-85 a), dated.

use serde::{Deserialize, Serialize};

/// A share in ten-thousandths: 25.5 % is 2,550.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Ratio(pub i64);
