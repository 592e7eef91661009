//! `tagwarden infer`: the declarations that a sample of events implies.

mod sample;

use crate::args::InputFormat;
use crate::error::Failure;
use crate::output::{RESET, YELLOW, stderr, stdout};
use crate::{Done, input};
use sample::{EventSeen, FieldSeen, Sample};
use std::fmt::Write as _;
use std::io::Write;
use std::path::PathBuf;

/// Write the entity and event declarations that a sample of events implies
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The sample: a file of JSON Lines or CSV; `-` reads standard input
    events: PathBuf,
    /// How the events are written; by default as the file's name says, otherwise JSON Lines
    #[arg(long, value_enum)]
    input_format: Option<InputFormat>,
    /// The type of events that have no `type`
    #[arg(long = "type", value_name = "EVENT")]
    event_type: Option<String>,
    /// Which keys are entities; may be given more than once. By default, keys that are called like one
    #[arg(long = "entity", value_name = "KEY")]
    entities: Vec<String>,
    /// How many events to look at
    #[arg(long, value_name = "N", default_value = "100000")]
    limit: u64,
}

/// What keys of people and companies are called, without an ending such as `_id`.
const ENTITIES: &[&str] = &[
    "account",
    "agent",
    "buyer",
    "caller",
    "client",
    "company",
    "contact",
    "customer",
    "employee",
    "guest",
    "lead",
    "manager",
    "member",
    "merchant",
    "operator",
    "patient",
    "person",
    "prospect",
    "rep",
    "salesperson",
    "seller",
    "staff",
    "student",
    "subscriber",
    "supplier",
    "tenant",
    "user",
    "vendor",
    "visitor",
    "会员",
    "员工",
    "坐席",
    "客户",
    "用户",
];

/// What texts are called that mostly hold what nobody else should see.
const PRIVATE: &[&str] = &[
    "address",
    "body",
    "comment",
    "content",
    "description",
    "email",
    "message",
    "mobile",
    "name",
    "note",
    "notes",
    "phone",
    "remark",
    "subject",
    "text",
    "transcript",
    "内容",
    "地址",
    "备注",
    "姓名",
    "手机",
    "电话",
];

/// A closed set has at most so many members, each seen so often on average.
const MOST_MEMBERS: usize = 8;
const OFTEN: u64 = 5;

pub(crate) fn run(args: &Args) -> Done {
    let format = InputFormat::of(args.input_format, &args.events);
    if matches!(format, InputFormat::Parquet | InputFormat::Arrow) {
        let advice = "infer looks at JSON Lines and CSV; write a sample of the table as one of them";
        return Err(Failure::Usage(format!("{}: {advice}", args.events.display())));
    }
    let (file, _) = input::open(&args.events)?;
    let sample = Sample::read(file, format, args.event_type.as_deref(), args.limit)
        .map_err(|error| Failure::Io(format!("{}: {error}", args.events.display())))?;
    if sample.skipped > 0 {
        let first = sample.first_skipped.as_deref().unwrap_or_default();
        writeln!(stderr(), "{YELLOW}{} events passed over{RESET}; {first}", sample.skipped)?;
    }
    if sample.events.is_empty() {
        let advice = "no events found; is the sample JSON Lines or CSV, with a `type` or --type EVENT?";
        return Err(Failure::Usage(advice.into()));
    }
    let text = declarations(&sample, &args.entities);
    let mut out = stdout();
    // What cannot be formatted is shown as it is: the mistake will be reported where it is used.
    out.write_all(tagwarden::format(&text).unwrap_or(text).as_bytes())?;
    Ok(out.flush()?)
}

fn declarations(sample: &Sample, asked: &[String]) -> String {
    let mut events = String::new();
    let mut entities: Vec<&str> = Vec::new();
    for (name, event) in &sample.events {
        let keys = keys(event, asked);
        for key in &keys {
            if !entities.contains(key) {
                entities.push(key);
            }
        }
        declare(&mut events, name, event, &keys);
    }
    let mut text = format!(
        "// Inferred from {} events. Look it through: which closed sets are complete, which fields may be absent,\n\
         // which texts are private, which keys are entities.\n",
        sample.count
    );
    for entity in entities {
        let _ = writeln!(text, "entity {}", name_of(entity));
    }
    text.push_str(&events);
    text
}

/// The keys of an event that are entities.
fn keys<'e>(event: &'e EventSeen, asked: &[String]) -> Vec<&'e str> {
    let texts = || event.fields.iter().filter(|field| field.is_key(event.count));
    if !asked.is_empty() {
        return texts().filter(|field| asked.contains(&field.name)).map(|field| &*field.name).collect();
    }
    texts().filter(|field| ENTITIES.contains(&&*stem(&field.name))).map(|field| &*field.name).collect()
}

/// A key without the ending that says that it is one: `customer` for `customer_id` and `customerId`.
fn stem(name: &str) -> String {
    let mut stem = name;
    for ending in ["_id", "_key", "_no", "_uid", "Id", "ID"] {
        stem = stem.strip_suffix(ending).unwrap_or(stem);
    }
    stem.to_lowercase()
}

fn declare(out: &mut String, name: &str, event: &EventSeen, keys: &[&str]) {
    out.push('\n');
    if event.without_time > 0 {
        let _ =
            writeln!(out, "// {} of these events have no `time`: they will be refused.", event.without_time);
    }
    let mut mark = "";
    if keys.is_empty() {
        let _ = writeln!(
            out,
            "// No key of `{name}` is called like an entity, or it is not a string in every event: see --entity."
        );
        mark = "// ";
    }
    let names: Vec<String> = keys.iter().map(|key| name_of(key)).collect();
    let _ = writeln!(out, "{mark}event {}({}) {{", name_of(name), names.join(", "));
    for field in event.fields.iter().filter(|field| !keys.contains(&&*field.name)) {
        match kind(field) {
            Ok(kind) => {
                let optional = if field.present < event.count { "?" } else { "" };
                let private =
                    if kind == "string" && PRIVATE.contains(&&*stem(&field.name)) { " private" } else { "" };
                let _ = writeln!(out, "{mark}  {}: {kind}{optional}{private},", field_name(&field.name));
                if field.unfit > 0 {
                    let _ = writeln!(
                        out,
                        "{mark}  // {} values of {} have more than 6 digits after the point or 18 in all: they will be refused.",
                        field.unfit, field.name
                    );
                }
            }
            Err(why) => {
                let _ = writeln!(out, "{mark}  // {}: {why}; left out.", field.name.escape_debug());
            }
        }
    }
    let _ = writeln!(out, "{mark}}}");
}

/// The type of a field, or why it has none.
fn kind(field: &FieldSeen) -> Result<String, &'static str> {
    let texts = field.texts + field.times;
    match (field.numbers + field.unfit, field.bools, texts, field.others) {
        (0, 0, 0, 0) => Err("always absent"),
        (_, _, _, 1..) => Err("an array or object"),
        (1.., 0, 0, 0) => Ok("number".into()),
        (0, 1.., 0, 0) => Ok("bool".into()),
        (0, 0, _, 0) if field.texts == 0 => Ok("time".into()),
        (0, 0, _, 0) => Ok(set(field).unwrap_or_else(|| "string".into())),
        _ if field.cells => Ok("string".into()),
        _ => Err("of more than one kind"),
    }
}

/// The closed set that the texts of a field seem to come from.
fn set(field: &FieldSeen) -> Option<String> {
    let values = field.values.as_ref()?;
    let often = field.texts >= OFTEN * values.len() as u64;
    let short = values.iter().all(|value| !value.is_empty() && value.chars().count() <= 32);
    if !often || !short || values.len() < 2 || values.len() > MOST_MEMBERS {
        return None;
    }
    Some(values.iter().map(|value| quoted(value)).collect::<Vec<_>>().join(" | "))
}

fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            c if c.is_control() => {
                let _ = write!(quoted, "\\u{{{:X}}}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// A name as the language writes it: in quotes unless that is certainly not needed.
fn name_of(name: &str) -> String {
    if is_word(name) && !RESERVED.contains(&name) { name.to_owned() } else { quoted(name) }
}

/// A field, which may be called like any word of the language.
fn field_name(name: &str) -> String {
    if is_word(name) { name.to_owned() } else { quoted(name) }
}

fn is_word(name: &str) -> bool {
    name.starts_with(|c: char| c.is_alphabetic()) && name.chars().all(|c| c.is_alphanumeric() || c == '_')
}

/// Words of the language that are no bare names; a few more in quotes do no harm.
const RESERVED: &[&str] = &[
    "after", "and", "because", "between", "contains", "ends", "exists", "false", "for", "from", "has", "in",
    "matches", "matching", "no", "not", "on", "or", "over", "private", "starts", "tagged", "then", "true",
    "unless", "until", "when", "where", "while", "within", "without", "activity", "count", "sum",
];
