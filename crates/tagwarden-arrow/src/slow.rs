//! The long way round: a row as JSON, read by the core. Whatever is not plain goes this way, so that every form of a value, and
//! every complaint about one, is the core's.

use crate::bind::{Binding, BoundEvent};
use crate::cells::{Cell, Cells, Use};
use crate::numbers::Number;
use crate::times::Time;
use serde_json::value::RawValue;
use tagwarden::{Input, InputError, TimeUnit};

/// Reads a row of an event type, or says what is wrong with it.
pub(crate) fn read(
    binding: &Binding,
    event: &BoundEvent,
    cells: &[Cells],
    row: usize,
) -> Result<Input, InputError> {
    let mut text = String::from("{\"type\":");
    quote(&event.name, &mut text);
    let mut put = |name: &str, at: Option<usize>, used: Use| {
        let Some(cell) = at.and_then(|at| cells.get(at)).and_then(|cells| cells.get(row)) else { return };
        text.push(',');
        quote(name, &mut text);
        text.push(':');
        value(&cell, used, binding.unit(), &mut text);
    };
    put("time", Some(binding.time), Use::Time);
    put("id", event.id, Use::Key);
    for (name, at) in &event.keys {
        put(name, *at, Use::Key);
    }
    for field in &event.fields {
        put(&field.name, field.cells, Use::of(&field.kind));
    }
    text.push('}');
    binding.reader.json(text.as_bytes())
}

fn quote(text: &str, out: &mut String) {
    // Writing a string as JSON cannot fail.
    out.push_str(&serde_json::to_string(text).unwrap_or_default());
}

fn value(cell: &Cell<'_>, used: Use, unit: TimeUnit, out: &mut String) {
    match cell {
        Cell::Bool(truth) => out.push_str(if *truth { "true" } else { "false" }),
        Cell::Text(text) | Cell::Time(Time::Text(text)) => quote(text, out),
        Cell::Time(Time::At(time)) => quote(&time.to_string(), out),
        Cell::Time(Time::Beyond(micros)) => {
            let count = match unit {
                TimeUnit::Seconds => micros.div_euclid(1_000_000),
                TimeUnit::Millis => micros.div_euclid(1_000),
                TimeUnit::Micros => *micros,
            };
            out.push_str(&count.to_string());
        }
        Cell::Number(Number::Whole(whole)) if used == Use::Key => quote(&whole.to_string(), out),
        Cell::Number(number) => {
            let digits = number.digits();
            // `NaN` and `inf` are no JSON: shown as texts, they are refused as what they are.
            let plain = serde_json::from_str::<&RawValue>(&digits).is_ok();
            if plain { out.push_str(&digits) } else { quote(&digits, out) }
        }
    }
}
