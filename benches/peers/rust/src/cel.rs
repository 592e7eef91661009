//! cel: each condition compiled once, over counts that are kept by hand.

use cel::{Context, Program, Value};
use tagwarden_peers::{Arguments, LIMITS, conditions};

fn main() {
    let arguments = Arguments::read();
    let programs: Vec<Program> = LIMITS
        .iter()
        .map(|(field, limit)| Program::compile(&format!("{field} > {limit}")).expect("compiles"))
        .collect();
    let mut context = Context::default();
    conditions(&arguments, "0.15.0", |limits, values, hits| {
        for ((field, _), value) in limits.iter().zip(values) {
            context.add_variable_from_value(*field, *value as i64);
        }
        for (program, hits) in programs.iter().zip(hits) {
            if matches!(program.execute(&context), Ok(Value::Bool(true))) {
                *hits += 1;
            }
        }
    });
}
