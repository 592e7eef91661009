//! What a rulebook holds, for hosts that list or show it.

mod keywords;

pub use keywords::KeywordInfo;

use crate::check::tree::{Rule, Trigger};
use crate::decision::Keep;
use crate::rulebook::Rulebook;
use crate::value::Zone;
use std::sync::Arc;

/// A rule as it is declared.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct RuleInfo {
    /// Its name.
    pub name: Arc<str>,
    /// A hash of its text: 16 hexadecimal digits.
    pub version: Arc<str>,
    /// Its title, where it has one.
    pub title: Option<Arc<str>>,
    /// The kind of subject that it is about.
    pub entity: Arc<str>,
    /// The word that its trigger begins with: `on`, `when`, `while` or `every`.
    pub trigger: &'static str,
    /// Whether it is declared a shadow.
    pub shadow: bool,
}

impl Rulebook {
    /// The rules, in the order in which they run.
    ///
    /// ```
    /// let rulebook = tagwarden::Rulebook::compile(
    ///     "entity customer  event order(customer) {}  rule buyer { on order then tag buyer }",
    /// )?;
    /// assert_eq!(&*rulebook.rules()[0].name, "buyer");
    /// # Ok::<(), tagwarden::CompileError>(())
    /// ```
    #[must_use]
    pub fn rules(&self) -> Vec<RuleInfo> {
        let tree = &self.plan().tree;
        let info = |rule: &Rule| RuleInfo {
            name: Arc::clone(&rule.name),
            version: Arc::clone(&rule.version),
            title: rule.title.clone(),
            entity: tree.schema.entities.get(usize::from(rule.entity.0)).cloned().unwrap_or_default(),
            trigger: match rule.trigger {
                Trigger::On(_) => "on",
                Trigger::When => "when",
                Trigger::While => "while",
                Trigger::Every(_) => "every",
            },
            shadow: rule.shadow,
        };
        tree.rules.iter().map(info).collect()
    }

    /// The names of the `test` blocks, in the order written.
    pub fn test_names(&self) -> impl Iterator<Item = &str> {
        self.plan().tree.tests.iter().map(|test| &*test.name)
    }

    /// How long a ledger keeps what, in the order written; each kind at most once.
    #[must_use]
    pub fn keeps(&self) -> &[Keep] {
        &self.plan().tree.keeps
    }

    /// The time zone of calendar windows, schedules and local times.
    #[must_use]
    pub fn zone(&self) -> Zone {
        self.plan().tree.zone
    }
}
