//! `keep KIND DURATION, …`: how long a ledger keeps what.

use super::Checker;
use super::names::enumerate;
use crate::decision::{Keep, Kept};
use crate::diagnostic::{Code, Diagnostic, nearest};
use crate::syntax::ast;

impl Checker<'_> {
    /// Lines add up; a kind is given once.
    pub(super) fn keep(&mut self, parts: &[ast::KeepPart]) {
        for part in parts {
            let (kind, time) = (self.kept(&part.what), self.positive(&part.time));
            let Some(what) = kind else { continue };
            if let Some(at) = self.keeps.iter().position(|keep| keep.what == what) {
                let first = self.keep_spans.get(at).copied();
                let diagnostic = Diagnostic::new(
                    Code::RepeatedPart,
                    part.what.span,
                    format!("how long `{}` are kept is given twice", part.what.text),
                    "given again here",
                )
                .with_help("leave one of them out");
                self.report(match first {
                    Some(first) => diagnostic.with_label(first, "first given here"),
                    None => diagnostic,
                });
            } else if let Some(time) = time {
                self.keeps.push(Keep { what, time });
                self.keep_spans.push(part.what.span);
            }
        }
    }

    fn kept(&mut self, name: &ast::Name) -> Option<Kept> {
        let known = Kept::from_word(&name.text);
        if known.is_none() {
            let words = Kept::ALL.map(Kept::as_str);
            self.report(
                Diagnostic::new(
                    Code::UnknownName,
                    name.span,
                    format!("a ledger does not keep `{}`", name.text),
                    "expected something that a ledger keeps",
                )
                .with_help(match nearest(&name.text, words) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("what a ledger keeps: {}", enumerate(words)),
                }),
            );
        }
        known
    }
}
