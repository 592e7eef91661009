//! How long a ledger keeps what: `keep decisions 3y`.

use crate::value::Duration;
use std::fmt;
use std::str::FromStr;

/// What a retention is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(clippy::exhaustive_enums, reason = "who keeps something must not overlook a kind")]
pub enum Kept {
    /// Events and ticks. An idempotency key is known for as long as its input is kept.
    Inputs,
    /// What people did: commands.
    Commands,
    /// Decisions with their reasons. What is current stays.
    Decisions,
    /// Who looked at whom.
    Views,
}

impl Kept {
    /// Every kind, in the order in which messages name them.
    pub const ALL: [Kept; 4] = [Kept::Inputs, Kept::Commands, Kept::Decisions, Kept::Views];

    /// Its word in a rulebook.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Kept::Inputs => "inputs",
            Kept::Commands => "commands",
            Kept::Decisions => "decisions",
            Kept::Views => "views",
        }
    }

    /// The kind of a word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Kept> {
        Kept::ALL.into_iter().find(|kept| kept.as_str() == word)
    }
}

/// How long one kind of thing is kept: `decisions 3y`.
///
/// ```
/// use tagwarden::{Keep, Kept, Rulebook};
/// let rulebook = Rulebook::compile("entity customer  keep decisions 3y, views 1y6mo")?;
/// assert_eq!(rulebook.keeps()[1].to_string(), "views 1y6mo");
/// assert_eq!("decisions 3y".parse::<Keep>()?.what, Kept::Decisions);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "plain data")]
pub struct Keep {
    /// What.
    pub what: Kept,
    /// How long. Months and years by the calendar of the rulebook's zone.
    pub time: Duration,
}

impl fmt::Display for Keep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.what.as_str(), self.time)
    }
}

impl FromStr for Keep {
    type Err = String;

    /// Reads `decisions 3y`, also with `keep` before it.
    fn from_str(text: &str) -> Result<Keep, String> {
        let bad = || {
            format!(
                "`{text}` does not say what is kept how long: write `inputs`, `commands`, `decisions` or `views` and a length, such as `decisions 3y`"
            )
        };
        let mut words = text.split_whitespace().filter(|word| *word != "keep");
        let (Some(what), Some(time), None) = (words.next(), words.next(), words.next()) else {
            return Err(bad());
        };
        let what = Kept::from_word(what).ok_or_else(bad)?;
        let time = time.parse().ok().filter(|time: &Duration| !time.is_zero());
        Ok(Keep { what, time: time.ok_or_else(bad)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retentions_are_read_as_they_are_shown() {
        for text in ["decisions 3y", "inputs 90d", "views 1y6mo", "commands 10y"] {
            assert_eq!(text.parse::<Keep>().unwrap().to_string(), text);
        }
        assert_eq!("keep decisions 3y".parse::<Keep>(), "decisions 3y".parse());
        for bad in ["", "decisions", "decisions 0d", "decisions y", "cats 3y", "inputs 3y more", "inputs 3q"]
        {
            assert!(bad.parse::<Keep>().is_err(), "{bad}");
        }
    }
}
