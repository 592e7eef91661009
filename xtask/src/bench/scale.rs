//! `cargo xtask bench scale`: how the cost grows, a table and a chart of each.

use super::chart::{self, Bar, Panel, Series};
use super::{environment, results};
use crate::process::{self, Done};
use serde_json::{Map, Value};
use std::fmt::Write as _;
use std::fs;

const HELP: &str = "\
cargo xtask bench scale [--full] [STAGE ...]

  STAGE   subjects, rules, memory, bursts, late, calls, threads; all of them without one
  --full  also 10,000,000 subjects, which takes minutes and some 15 GB of memory
";

/// The measures of each stage, as the program takes them.
const STAGES: [(&str, &[&str]); 7] = [
    (
        "subjects",
        &[
            "subjects 1000 level",
            "subjects 1000 slices",
            "subjects 1000 live",
            "subjects 10000 level",
            "subjects 10000 slices",
            "subjects 10000 live",
            "subjects 100000 level",
            "subjects 100000 slices",
            "subjects 100000 live",
            "subjects 1000000 level",
            "subjects 1000000 slices",
            "subjects 1000000 live",
        ],
    ),
    (
        "rules",
        &[
            "rules 10 types",
            "rules 100 types",
            "rules 1000 types",
            "rules 10000 types",
            "rules 10 selectors",
            "rules 100 selectors",
            "rules 1000 selectors",
            "rules 10000 selectors",
        ],
    ),
    ("memory", &["idle 500000 level", "idle 500000 live", "held 2000000"]),
    ("bursts", &["burst 0", "burst 10", "burst 50", "burst 90"]),
    ("late", &["late 0", "late 1", "late 10", "late 60"]),
    ("calls", &["calls level", "calls live"]),
    ("threads", &["threads 1", "threads 2"]),
];

const FULL: [&str; 3] = ["subjects 10000000 level", "subjects 10000000 slices", "subjects 10000000 live"];

/// The task `bench scale`.
pub(super) fn run(arguments: &[String]) -> Done {
    let (mut full, mut stages) = (false, Vec::new());
    for argument in arguments {
        match argument.as_str() {
            "--full" => full = true,
            "--help" | "-h" => {
                print!("{HELP}");
                return Ok(());
            }
            stage if STAGES.iter().any(|(name, _)| *name == stage) => stages.push(stage),
            other => return Err(format!("unknown argument {other}\n{HELP}")),
        }
    }
    let circumstances = results::circumstances();
    process::run(process::cargo(&["build", "--release", "--quiet", "--package", "tagwarden-benches"]))?;
    let program =
        process::target_dir().join("release").join(format!("bench-scale{}", std::env::consts::EXE_SUFFIX));
    let stored = results::folder().join("scale.json");
    let mut known: Map<String, Value> =
        fs::read(&stored).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
    let mut wrong = 0;
    for (stage, measures) in STAGES.iter().filter(|(name, _)| stages.is_empty() || stages.contains(name)) {
        let more: &[&str] = if full && *stage == "subjects" { &FULL } else { &[] };
        for measure in measures.iter().chain(more) {
            let mut command = std::process::Command::new(&program);
            command.args(measure.split(' '));
            let printed = environment::capture(&mut command, 560)
                .map_err(|reason| format!("`bench-scale {measure}`: {reason}"))?;
            println!("{measure:<26} {}", printed.trim());
            let result: Value = serde_json::from_str(printed.trim()).map_err(|error| error.to_string())?;
            wrong += usize::from(result["right"].as_bool() == Some(false));
            known.insert((*measure).to_owned(), result);
            fs::write(&stored, Value::Object(known.clone()).to_string())
                .map_err(|error| format!("cannot keep the results: {error}"))?;
        }
    }
    write(&known, &circumstances)?;
    println!("written: benches/RESULTS.md, benches/scale-*.svg");
    if wrong == 0 { Ok(()) } else { Err(format!("{wrong} measures came to wrong decisions; see above")) }
}

/// A number of a measure.
fn number(known: &Map<String, Value>, measure: &str, field: &str) -> Option<f64> {
    known.get(measure)?[field].as_f64()
}

fn shown(value: Option<f64>) -> String {
    value.map_or(
        "–".into(),
        |value| if value >= 100.0 { format!("{value:.0}") } else { format!("{value:.1}") },
    )
}

fn write(known: &Map<String, Value>, circumstances: &str) -> Done {
    let mut text = format!("## How it grows\n\n{circumstances} `cargo xtask bench scale`.\n");
    subjects(&mut text, known)?;
    rules(&mut text, known)?;
    memory(&mut text, known)?;
    shapes(&mut text, known);
    calls(&mut text, known)?;
    results::section("scale", &text)
}

/// What the table of a stage says in the first column, and which field of which measure in each of the others.
fn table(text: &mut String, head: &[&str], rows: &[(String, Vec<Option<f64>>)]) {
    let _ = writeln!(text, "| {} |\n|{}", head.join(" | "), " --- |".repeat(head.len()));
    for (name, values) in rows.iter().filter(|(_, values)| values.iter().any(Option::is_some)) {
        let values: Vec<String> = values.iter().map(|value| shown(*value)).collect();
        let _ = writeln!(text, "| {name} | {} |", values.join(" | "));
    }
    text.push('\n');
}

fn series(name: &str, points: Vec<(f64, Option<f64>)>) -> Series {
    let points = points.into_iter().filter_map(|(x, y)| Some((x, y?))).collect();
    Series { name: name.into(), points }
}

fn subjects(text: &mut String, known: &Map<String, Value>) -> Done {
    const COUNTS: [u32; 5] = [1_000, 10_000, 100_000, 1_000_000, 10_000_000];
    let of = |count: u32, form: &str, field: &str| number(known, &format!("subjects {count} {form}"), field);
    text.push_str("\n### Subjects\nW2, each subject with an event every six days, in an order that no cache can guess; nanoseconds an event once the windows are full.\n\n");
    let row = |count: u32| {
        let (level, limit) = (of(count, "level", "ns"), of(count, "level", "limit_ns"));
        let ratio = level.zip(limit).map(|(level, limit)| level / limit);
        let memory = of(count, "level", "rss").map(|rss| rss / 1e6);
        (
            chart::short(count.into()),
            vec![level, of(count, "slices", "ns"), of(count, "live", "ns"), limit, ratio, memory],
        )
    };
    table(
        text,
        &["subjects", "level", "level in slices", "live", "limit", "level / limit", "MB, both"],
        &COUNTS.map(row),
    );
    let ratio = |form: &str| Some(of(10_000_000, form, "ns")? / of(100_000, form, "ns")?);
    if let Some((level, live)) = ratio("level").zip(ratio("live")) {
        let _ =
            writeln!(text, "10,000,000 subjects against 100,000: {level:.2} × an event, live {live:.2} ×.\n");
    }
    let line = |name: &str, form: &str, field: &str| {
        series(name, COUNTS.iter().map(|count| ((*count).into(), of(*count, form, field))).collect())
    };
    let lines = [
        line("level", "level", "ns"),
        line("live", "live", "ns"),
        line("hand-written limit", "level", "limit_ns"),
    ];
    text.push_str("![Cost by subjects](scale-subjects.svg)\n");
    results::chart(
        "scale-subjects.svg",
        &chart::lines("Cost by number of subjects", "subjects", "ns an event", &lines),
    )
}

fn rules(text: &mut String, known: &Map<String, Value>) -> Done {
    const COUNTS: [u32; 4] = [10, 100, 1_000, 10_000];
    let of = |count: u32, form: &str, field: &str| number(known, &format!("rules {count} {form}"), field);
    text.push_str("\n### Rules\nOf all rules an event touches ten. *Types*: each ten read an event type of their own. *Selectors*: all read one event type, and each ten \
        select by `where kind == \"k17\"`. A customer has events of one kind. Nanoseconds an event.\n\n");
    let row = |count: u32| {
        let fields =
            [("types", "ns"), ("types", "compile_ms"), ("selectors", "ns"), ("selectors", "compile_ms")];
        (chart::short(count.into()), fields.iter().map(|(form, field)| of(count, form, field)).collect())
    };
    table(text, &["rules", "types", "compile, ms", "selectors", "compile, ms"], &COUNTS.map(row));
    let ratio = |form: &str| Some(of(10_000, form, "ns")? / of(10, form, "ns")?);
    if let Some((types, selectors)) = ratio("types").zip(ratio("selectors")) {
        let _ = writeln!(
            text,
            "10,000 rules against 10: {types:.2} × an event by types, {selectors:.2} × by selectors.\n"
        );
    }
    let line = |name: &str, form: &str| {
        series(name, COUNTS.iter().map(|count| ((*count).into(), of(*count, form, "ns"))).collect())
    };
    text.push_str("![Cost by rules](scale-rules.svg)\n");
    let lines = [line("by event type", "types"), line("by selector", "selectors")];
    results::chart(
        "scale-rules.svg",
        &chart::lines(
            "Cost by number of rules",
            "rules, of which an event touches ten",
            "ns an event",
            &lines,
        ),
    )
}

fn memory(text: &mut String, known: &Map<String, Value>) -> Done {
    text.push_str("\n### Memory\nW2; what the process grows by, in bytes, keys and the spare room of growing tables included. What is freed and kept for later counts too.\n\n");
    let bars: Vec<Bar> = [
        ("subject, idle, level", "idle 500000 level", "idle"),
        ("subject, one event held, level", "idle 500000 level", "one_event"),
        ("subject, idle, live", "idle 500000 live", "idle"),
        ("subject, one event held, live", "idle 500000 live", "one_event"),
        ("each further event held", "held 2000000", "each"),
    ]
    .into_iter()
    .filter_map(|(name, measure, field)| {
        let value = number(known, measure, field)?;
        Some(Bar { label: name.into(), value: value.max(1.0), class: "ours", shown: format!("{value:.0} B") })
    })
    .collect();
    let rows: Vec<_> = bars.iter().map(|bar| (bar.label.clone(), vec![Some(bar.value)])).collect();
    table(text, &["what", "bytes"], &rows);
    text.push_str("![Memory](scale-memory.svg)\n");
    results::chart(
        "scale-memory.svg",
        &chart::bars("Memory, bytes, logarithmic", &[Panel { title: String::new(), bars }]),
    )
}

fn shapes(text: &mut String, known: &Map<String, Value>) {
    text.push_str(
        "\n### Bursts\nW2 where one subject has this share of the events; nanoseconds an event.\n\n",
    );
    let row = |percent: u32| {
        let measure = format!("burst {percent}");
        let fields = ["level_ns", "live_ns", "limit_ns"];
        (format!("{percent} %"), fields.iter().map(|field| number(known, &measure, field)).collect())
    };
    table(text, &["share", "level", "live", "limit"], &[0, 10, 50, 90].map(row));
    text.push_str("### Late input\nW2 with events out of order by up to so much, and as much lateness allowed; the decisions are those of events in order.\n\n");
    let row =
        |minutes: u32| (format!("{minutes} min"), vec![number(known, &format!("late {minutes}"), "ns")]);
    table(text, &["lateness", "ns an event"], &[0, 1, 10, 60].map(row));
    text.push_str(
        "### Threads\nW2 level by a `ShardedEngine` of four shards, all decisions handed out in order.\n\n",
    );
    let row = |threads: u32| (threads.to_string(), vec![number(known, &format!("threads {threads}"), "ns")]);
    table(text, &["threads", "ns an event"], &[1, 2].map(row));
}

fn calls(text: &mut String, known: &Map<String, Value>) -> Done {
    text.push_str("### Single calls\nW2; nanoseconds a call, reading the clock included.\n\n");
    let fields = ["p50", "p99", "p999", "p9999", "worst"];
    let row = |form: &str| {
        let measure = format!("calls {form}");
        (form.to_owned(), fields.iter().map(|field| number(known, &measure, field)).collect())
    };
    let rows: Vec<(String, Vec<Option<f64>>)> = vec![row("level"), row("live")];
    table(text, &["form", "median", "99 %", "99.9 %", "99.99 %", "worst"], &rows);
    let panels: Vec<Panel> = rows
        .iter()
        .map(|(form, values)| {
            let named = ["median", "99 %", "99.9 %", "99.99 %", "worst"].into_iter().zip(values);
            let bars = named.filter_map(|(name, value)| {
                let value = (*value)?;
                Some(Bar {
                    label: name.into(),
                    value,
                    class: "ours",
                    shown: format!("{} ns", chart::short(value)),
                })
            });
            Panel { title: form.clone(), bars: bars.collect() }
        })
        .filter(|panel| !panel.bars.is_empty())
        .collect();
    text.push_str("![Time of a call](scale-calls.svg)\n");
    if panels.is_empty() {
        return Ok(());
    }
    results::chart("scale-calls.svg", &chart::bars("Time of a call, logarithmic", &panels))
}
