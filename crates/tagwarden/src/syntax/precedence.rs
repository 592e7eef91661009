//! How strongly operators bind, weakest first: the one table for reading and for printing.

use super::ast::{ArithmeticOp, ExprKind};

pub(super) const OR: u8 = 1;
pub(super) const AND: u8 = 2;
pub(super) const NOT: u8 = 3;
/// Every predicate with an operator: `==`, `in`, `between`, `has`, `exists` … These do not chain.
pub(super) const COMPARE: u8 = 4;
pub(super) const COALESCE: u8 = 5;
pub(super) const SUM: u8 = 6;
pub(super) const PRODUCT: u8 = 7;
pub(super) const NEGATE: u8 = 8;
/// Whatever stands for itself.
pub(super) const PRIMARY: u8 = 9;

/// Of an arithmetic operator.
pub(super) const fn arithmetic(op: ArithmeticOp) -> u8 {
    match op {
        ArithmeticOp::Add | ArithmeticOp::Subtract => SUM,
        ArithmeticOp::Multiply | ArithmeticOp::Divide | ArithmeticOp::Remainder => PRODUCT,
    }
}

/// Of the outermost operator of an expression.
pub(super) const fn of(kind: &ExprKind) -> u8 {
    match kind {
        ExprKind::Or(..) => OR,
        ExprKind::And(..) => AND,
        ExprKind::Not(_) => NOT,
        ExprKind::Compare(..)
        | ExprKind::InSet(..)
        | ExprKind::Between(..)
        | ExprKind::Contains(..)
        | ExprKind::StartsWith(..)
        | ExprKind::EndsWith(..)
        | ExprKind::Matches(..)
        | ExprKind::Has { .. }
        | ExprKind::Exists(_) => COMPARE,
        ExprKind::Coalesce(..) => COALESCE,
        ExprKind::Arithmetic(op, ..) => arithmetic(*op),
        ExprKind::Negate(_) => NEGATE,
        _ => PRIMARY,
    }
}
