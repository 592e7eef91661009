//! Warnings: what compiles and probably does not mean what was meant.

use super::Checker;
use super::tree::Rule;
use crate::syntax::ast;

impl Checker<'_> {
    pub(super) fn lints(&mut self, items: &[&ast::Item], rules: &[Rule]) {
        let _ = (items, rules);
    }
}
