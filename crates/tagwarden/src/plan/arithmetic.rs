//! The four calculations and the remainder, on exact decimals.

use crate::check::tree::ArithmeticOp;
use crate::value::Value;

/// A calculation with two numbers; `None` for a quotient by 0. `true` says that the result was saturated.
pub(crate) fn arithmetic(op: ArithmeticOp, left: &Value, right: &Value) -> (Option<Value>, bool) {
    let (Value::Number(left), Value::Number(right)) = (left, right) else { return (None, false) };
    let result = match op {
        ArithmeticOp::Add => Some(left.overflowing_add(*right)),
        ArithmeticOp::Subtract => Some(left.overflowing_sub(*right)),
        ArithmeticOp::Multiply => Some(left.overflowing_mul(*right)),
        ArithmeticOp::Divide => left.overflowing_div(*right),
        ArithmeticOp::Remainder => left.checked_rem(*right).map(|rest| (rest, false)),
    };
    match result {
        Some((number, saturated)) => (Some(Value::Number(number)), saturated),
        None => (None, false),
    }
}
