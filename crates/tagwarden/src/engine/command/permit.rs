//! Who may do what, by the `role` lines of the rulebook.

use super::super::{Engine, Status, StatusError};
use super::{Obeyed, Refused};
use crate::check::tree::{Permission, Tree};
use crate::decision::{By, Decision, Reason, Refusal, Verb};
use crate::event::{Command, CommandKind};
use crate::rulebook::Rulebook;
use crate::value::Timestamp;
use std::sync::Arc;

/// Who looks at a subject.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "hosts build it")]
pub struct Viewer {
    /// Who.
    pub actor: Arc<str>,
    /// In which role.
    pub role: Option<Arc<str>>,
}

impl Rulebook {
    /// Whether a role may do something. Without `role` lines in the rulebook the host decides, and this says yes.
    ///
    /// `list` is the list that [`Verb::List`] is about; other verbs pass over it.
    ///
    /// ```
    /// use tagwarden::{Rulebook, Verb};
    /// let rulebook = Rulebook::compile("entity customer  list blacklist  role agent may view, list blacklist")?;
    /// assert!(rulebook.may(Some("agent"), Verb::View, None));
    /// assert!(rulebook.may(Some("agent"), Verb::List, Some("blacklist")));
    /// assert!(!rulebook.may(Some("agent"), Verb::Release, None));
    /// assert!(!rulebook.may(None, Verb::View, None));
    /// # Ok::<(), tagwarden::CompileError>(())
    /// ```
    #[must_use]
    pub fn may(&self, role: Option<&str>, verb: Verb, list: Option<&str>) -> bool {
        may(&self.plan().tree, role, verb, list).is_ok()
    }
}

impl Engine {
    /// [`Rulebook::may`] of the rulebook that it runs.
    #[must_use]
    pub fn may(&self, role: Option<&str>, verb: Verb, list: Option<&str>) -> bool {
        self.rulebook.may(role, verb, list)
    }

    /// [`Engine::status`] for somebody: the status, or the decision that they may not see it.
    ///
    /// # Errors
    /// As [`Engine::status`].
    pub fn view(
        &self,
        viewer: &Viewer,
        entity: &str,
        key: &str,
        time: Timestamp,
    ) -> Result<Result<Status, Box<Decision>>, StatusError> {
        let Err(refused) = may(&self.rulebook.plan().tree, viewer.role.as_deref(), Verb::View, None) else {
            return self.status(entity, key, time).map(Ok);
        };
        let by = By { actor: viewer.actor.clone(), role: viewer.role.clone(), time };
        Ok(Err(Box::new(Decision {
            time,
            entity: entity.into(),
            subject: key.into(),
            rule: None,
            shadow: false,
            change: refused.change("view"),
            reason: Arc::new(Reason { text: None, because: Vec::new(), by: Some(Box::new(by)) }),
        })))
    }
}

/// What a command needs leave for.
fn needed(kind: &CommandKind) -> (Verb, Option<&str>) {
    match kind {
        CommandKind::Tag { .. } | CommandKind::Untag { .. } => (Verb::Tag, None),
        CommandKind::List { list, .. } | CommandKind::Level { list, .. } => (Verb::List, Some(list)),
        CommandKind::Release { .. } => (Verb::Release, None),
        CommandKind::Suspend { .. } | CommandKind::Resume { .. } => (Verb::Suspend, None),
        CommandKind::Approve { .. } | CommandKind::Reject { .. } | CommandKind::Lapse { .. } => {
            (Verb::Approve, None)
        }
        CommandKind::Review { .. } | CommandKind::Settle { .. } => (Verb::Review, None),
        CommandKind::Appeal { .. } => (Verb::Appeal, None),
        CommandKind::Wrong { .. } | CommandKind::Exempt { .. } | CommandKind::Lift { .. } => {
            (Verb::Exempt, None)
        }
        CommandKind::Merge { .. } => (Verb::Merge, None),
        CommandKind::Forget => (Verb::Forget, None),
    }
}

pub(super) fn permitted(tree: &Tree, command: &Command) -> Obeyed {
    let (verb, list) = needed(&command.kind);
    may(tree, command.role.as_deref(), verb, list)
}

fn may(tree: &Tree, role: Option<&str>, verb: Verb, list: Option<&str>) -> Obeyed {
    if tree.roles.is_empty() {
        return Ok(());
    }
    let Some(name) = role else { return Refused::new(Refusal::Role, "no role is given") };
    let Some(role) = tree.roles.iter().find(|role| *role.name == *name) else {
        return Refused::new(Refusal::Role, format!("the rulebook has no role {name:?}"));
    };
    let known = tree.lists.iter().any(|known| list == Some(&*known.name));
    let allows = |permission: &Permission| match permission {
        // Of a list that is not known it is said later that it is not.
        Permission::List(id) => {
            verb == Verb::List
                && (!known || tree.lists.get(id.index()).is_some_and(|known| list == Some(&*known.name)))
        }
        other => other.verb() == verb,
    };
    if role.may.iter().any(allows) {
        return Ok(());
    }
    Refused::new(
        Refusal::Role,
        match list.filter(|_| verb == Verb::List) {
            Some(list) => format!("the role {name:?} may not {} {list:?}", verb.as_str()),
            None => format!("the role {name:?} may not {}", verb.as_str()),
        },
    )
}
