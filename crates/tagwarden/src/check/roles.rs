//! `role NAME may …`: who may do what.

use super::Checker;
use super::names::{Kind, enumerate};
use super::tree::{Permission, Role};
use crate::decision::Verb;
use crate::diagnostic::{Code, Diagnostic, nearest};
use crate::syntax::ast;

impl Checker<'_> {
    /// Lines of one role add up.
    pub(super) fn role(&mut self, name: &ast::Name, may: &[ast::Permission]) {
        let mut permissions = Vec::new();
        for permission in may {
            permissions.extend(self.permission(permission));
        }
        let index = match self.names.get(Kind::Role, &name.text) {
            Some(declared) => declared.index as usize,
            None => {
                let index = self.roles.len();
                self.declare(Kind::Role, name, index);
                self.roles.push(Role { name: name.text.as_str().into(), may: Vec::new() });
                index
            }
        };
        if let Some(role) = self.roles.get_mut(index) {
            for permission in permissions {
                if !role.may.contains(&permission) {
                    role.may.push(permission);
                }
            }
        }
    }

    fn permission(&mut self, permission: &ast::Permission) -> Option<Permission> {
        let verb = &permission.verb;
        let known = Verb::from_word(&verb.text);
        let words = Verb::ALL.map(Verb::as_str);
        let Some(known) = known else {
            self.report(
                Diagnostic::new(
                    Code::UnknownName,
                    verb.span,
                    format!("a role cannot be allowed to `{}`", verb.text),
                    "expected something that people do",
                )
                .with_help(match nearest(&verb.text, words) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("what roles may do: {}", enumerate(words)),
                }),
            );
            return None;
        };
        match (verb.text.as_str(), &permission.target) {
            ("list", Some(list)) => self.list_id(list).map(Permission::List),
            ("list", None) => {
                self.report(
                    Diagnostic::new(
                        Code::Permission,
                        verb.span,
                        "`list` does not say which list",
                        "the name of a list is missing",
                    )
                    .with_help("write `list NAME`, once for each list"),
                );
                None
            }
            (other, Some(target)) => {
                self.report(
                    Diagnostic::new(
                        Code::Permission,
                        target.span,
                        format!("`{other}` takes no name"),
                        "leave this out",
                    )
                    .with_help("only `list` is followed by a name; join what a role may do with commas"),
                );
                None
            }
            (_, None) => Some(match known {
                Verb::View => Permission::View,
                Verb::Tag => Permission::Tag,
                Verb::Release => Permission::Release,
                Verb::Suspend => Permission::Suspend,
                Verb::Approve => Permission::Approve,
                Verb::Review => Permission::Review,
                Verb::Appeal => Permission::Appeal,
                Verb::Exempt => Permission::Exempt,
                Verb::Merge => Permission::Merge,
                Verb::Forget => Permission::Forget,
                Verb::Export => Permission::Export,
                Verb::List => return None,
            }),
        }
    }
}
