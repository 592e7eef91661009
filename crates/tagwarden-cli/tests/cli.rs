//! The command line as a person or a script sees it: what it writes, and its exit codes.

#![allow(clippy::unwrap_used, reason = "a test may fail so")]

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

const RULES: &str = r#"entity customer

event message(customer) { channel: "sms" | "email", text: string private }
event order(customer) { amount: number }

list blacklist { level 1 denies all, level 2 limits 3 per 24h }

rule flood "More than two messages an hour" {
  when count(message) over 1h > 2
  because "{count(message) over 1h} messages in an hour"
  then add to blacklist level 2 for 1d
}

rule gold { while sum(order.amount) over 30d >= 100 then tag gold }

test "three messages" {
  3 message every 1m from 2026-01-01T00:00 for "c1" { channel: "sms", text: "hi" }
  expect "c1" not in blacklist at 2026-01-01T00:01
  expect "c1" in blacklist level 2 at 2026-01-01T00:02
  expect "c1" fired flood at 2026-01-01T00:02
  expect "c1" not in blacklist at 2026-01-02T00:02
}
"#;

const EVENTS: &str = r#"{"type":"order","time":"2026-01-01T00:00:00Z","customer":"c1","amount":60.10}
{"type":"order","time":"2026-01-01T01:00:00Z","customer":"c1","amount":39.90}

{"type":"order","time":"2026-01-01T02:00:00Z","customer":"c1","amount":"no number"}
{"type":"order","time":"2026-01-01T00:30:00Z","customer":"c2","amount":1}
not json
{"tick":"2026-02-01T00:00:00Z"}
"#;

/// A folder of its own for a test, gone at its end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    fn file(&self, name: &str, text: &str) -> &Self {
        fs::write(self.0.join(name), text).unwrap();
        self
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tagwarden"));
        command.args(arguments).current_dir(&self.0);
        command
    }

    fn run(&self, arguments: &[&str]) -> (i32, String, String) {
        read(self.command(arguments).stdin(Stdio::null()).output().unwrap())
    }

    fn pipe(&self, arguments: &[&str], input: &str) -> (i32, String, String) {
        let mut command = self.command(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(input.as_bytes()).unwrap();
        drop(stdin);
        read(child.wait_with_output().unwrap())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn read(output: Output) -> (i32, String, String) {
    (
        output.status.code().unwrap_or(-1),
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(output.stderr).unwrap(),
    )
}

#[test]
fn a_good_rulebook_is_checked() {
    let folder = Folder::new("check");
    folder.file("a.tw", RULES);
    let (code, out, err) = folder.run(&["check", "a.tw"]);
    assert_eq!((code, &*out, &*err), (0, "ok: 2 rules, 1 tests, 0 warnings\n", ""));
}

#[test]
fn mistakes_are_reported_to_people_and_to_programs() {
    let folder = Folder::new("check_bad");
    folder.file(
        "a.tw",
        "entity customer\nrule r { on ordr then tag x }\nrule s { when count(odr) > 1 then tag x }\n",
    );
    let (code, _, err) = folder.run(&["check", "a.tw"]);
    assert_eq!(code, 1);
    assert!(err.contains("a.tw:2:13") && err.contains("a.tw:3:21") && err.contains("2 errors"), "{err}");
    let (code, out, _) = folder.run(&["check", "--format", "json", "a.tw"]);
    assert_eq!(code, 1);
    let lines: Vec<serde_json::Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0]["place"]["line"], 2);
    assert_eq!(lines[0]["place"]["file"], "a.tw");
    let (code, _, err) = folder.run(&["check", "missing.tw"]);
    assert_eq!(code, 4);
    assert!(err.contains("missing.tw"), "{err}");
    assert_eq!(folder.run(&["check"]).0, 2);
    assert_eq!(folder.run(&["no-such-command"]).0, 2);
}

#[test]
fn files_that_a_rulebook_uses_are_found_beside_it() {
    let folder = Folder::new("use");
    fs::create_dir_all(folder.0.join("sub")).unwrap();
    folder
        .file("sub/schema.tw", "entity customer\nevent note(customer) { text: string }\n")
        .file("sub/words.txt", "# a comment\nscam\n")
        .file(
            "sub/main.tw",
            "use \"schema.tw\"\nkeywords bad from \"words.txt\"\nrule r { on note where text has bad then tag bad }\n",
        );
    for arguments in [&["check", "sub/main.tw"][..], &["check", "sub/main.tw", "sub/schema.tw"]] {
        let (code, _, err) = folder.run(arguments);
        assert_eq!((code, &*err), (0, ""));
    }
}

#[test]
fn decisions_are_written_as_json_lines_and_bad_lines_reported() {
    let folder = Folder::new("run");
    folder.file("a.tw", RULES).file("e.jsonl", EVENTS);
    let (code, out, err) = folder.run(&["run", "a.tw", "e.jsonl"]);
    assert_eq!(code, 3);
    let kinds: Vec<(String, String)> = out
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
        .map(|decision| (decision["time"].to_string(), decision["kind"].to_string()))
        .collect();
    assert_eq!(
        kinds,
        [
            ("\"2026-01-01T01:00:00Z\"".into(), "\"tagged\"".into()),
            ("\"2026-01-31T00:00:00Z\"".into(), "\"untagged\"".into())
        ]
    );
    let lines: Vec<&str> = err.lines().collect();
    assert_eq!(
        lines[..2],
        [
            "e.jsonl:4: invalid: amount: expected number, found \"no number\"",
            "e.jsonl:5: late: 2026-01-01T00:30:00Z is before the clock, 2026-01-01T01:00:00Z",
        ]
    );
    assert!(lines[2].starts_with("e.jsonl:6: invalid: "), "{err}");
    assert_eq!(lines[3..], ["3 of 6 inputs refused"]);
    let (code, piped, _) = folder.pipe(&["run", "a.tw", "-"], EVENTS);
    assert_eq!((code, piped), (3, out));
}

#[test]
fn strict_stops_at_the_first_bad_line() {
    let folder = Folder::new("strict");
    folder.file("a.tw", RULES).file("e.jsonl", EVENTS);
    let (code, out, err) = folder.run(&["run", "a.tw", "e.jsonl", "--strict"]);
    assert_eq!((code, out.lines().count(), err.lines().count()), (3, 1, 1));
}

#[test]
fn lateness_puts_in_order_and_until_lets_happen_what_is_due() {
    let folder = Folder::new("lateness");
    folder.file("a.tw", RULES);
    let late = "{\"type\":\"order\",\"time\":7200000,\"customer\":\"c1\",\"amount\":60}\n\
                {\"type\":\"order\",\"time\":3600000,\"customer\":\"c1\",\"amount\":60,\"id\":\"x\"}\n\
                {\"type\":\"order\",\"time\":3600000,\"customer\":\"c1\",\"amount\":60,\"id\":\"x\"}\n\
                {\"type\":\"order\",\"time\":9999999999999,\"customer\":\"c1\",\"amount\":60}\n";
    let arguments =
        ["run", "a.tw", "-", "--lateness", "2h", "--dedup", "1d", "--until", "1970-03-01", "--summary"];
    let (code, out, err) = folder.pipe(&arguments, late);
    assert_eq!(code, 0, "{err}");
    let decisions: Vec<&str> = out.lines().collect();
    assert_eq!(decisions.len(), 2);
    assert!(decisions[0].starts_with(r#"{"time":"1970-01-01T02:00:00Z","kind":"tagged""#));
    assert!(decisions[1].starts_with(r#"{"time":"1970-01-31T01:00:00Z","kind":"untagged""#));
    assert!(
        err.contains("Duplicates passed over: 1") && err.contains("After the end, passed over: 1"),
        "{err}"
    );
    let seconds =
        late.replace("7200000", "7200").replace("3600000", "3600").replace("9999999999999", "9999999999");
    let (_, again, _) = folder.pipe(&[&arguments[..], &["--time-unit", "s"]].concat(), &seconds);
    assert_eq!(again, out);
    let (code, _, err) = folder.pipe(&["run", "a.tw", "-", "--lateness", "1mo"], late);
    assert_eq!(code, 2, "{err}");
}

#[test]
fn csv_gives_the_same_decisions() {
    let folder = Folder::new("csv");
    folder.file("a.tw", RULES).file(
        "orders.csv",
        "\u{feff}time,customer,amount\n2026-01-01T00:00:00Z,c1,60.10\n2026-01-01T01:00:00Z,c1,39.90\n2026-01-01T02:00:00Z,,1\n",
    );
    let (code, out, err) = folder.run(&["run", "a.tw", "orders.csv", "--type", "order"]);
    assert_eq!((code, out.lines().count()), (3, 1));
    assert!(err.starts_with("orders.csv:4: invalid: customer"), "{err}");
    let (code, _, err) = folder.run(&["run", "a.tw", "orders.csv"]);
    assert_eq!(code, 2);
    assert!(err.contains("--type EVENT"), "{err}");
    folder.file(
        "all.csv",
        "type,time,customer,amount,channel,text\norder,1767225600000,c1,100,,\nmessage,1767225601000,c1,,sms,\"a, b\"\n",
    );
    let (code, out, err) = folder.run(&["run", "a.tw", "all.csv"]);
    assert_eq!((code, out.lines().count(), &*err), (0, 1, ""));
}

#[test]
fn a_table_and_a_summary_are_for_people() {
    let folder = Folder::new("summary");
    let message = |minute: u8| {
        format!(
            "{{\"type\":\"message\",\"time\":\"2026-01-01T00:0{minute}:00Z\",\"customer\":\"c1\",\"channel\":\"sms\",\"text\":\"x\"}}\n"
        )
    };
    folder.file("a.tw", RULES).file("e.jsonl", &(0..4).map(message).collect::<String>());
    let (code, out, err) = folder.run(&["run", "a.tw", "e.jsonl", "--format", "table", "--summary"]);
    assert_eq!(code, 0);
    assert_eq!(
        out,
        "2026-01-01 00:02:00Z  customer c1  listed on blacklist, level 2 until 2026-01-02 00:02:00Z  by flood\n      \
         3 messages in an hour\n      count(message) over 1h is 3, > 2 (3 events, 2026-01-01 00:00:00Z to 2026-01-01 00:02:00Z)\n"
    );
    for part in [
        "4 inputs in ",
        "1 decisions",
        "flood  1  1 listed",
        "blacklist  1  (level 2: 1)",
        "3 messages in an hour",
    ] {
        assert!(err.contains(part), "{part}: {err}");
    }
}

#[test]
fn the_tests_of_a_rulebook_run() {
    let folder = Folder::new("test");
    folder.file("a.tw", RULES);
    let (code, out, _) = folder.run(&["test", "a.tw"]);
    assert_eq!((code, &*out), (0, "ok      three messages\n1 passed, 0 failed\n"));
    folder
        .file("b.tw", &format!("timezone \"Asia/Shanghai\"\n{}", RULES.replace("level 2 at", "level 1 at")));
    let (code, out, _) = folder.run(&["test", "b.tw"]);
    assert_eq!(code, 1);
    assert_eq!(
        out,
        "FAILED  three messages\n  at 2026-01-01T00:02  b.tw:20\n  - expected  \"c1\" in blacklist level 1\n  \
         + found     \"c1\" in blacklist level 2 since 2026-01-01T00:02, by rule flood\n      3 messages in an hour\n      \
         count(message) over 1h is 3, > 2 (3 events, 2026-01-01 00:00:00 to 2026-01-01 00:02:00)\n0 passed, 1 failed\n"
    );
}

#[test]
fn one_style_is_written_or_checked() {
    let folder = Folder::new("fmt");
    let untidy = "entity   customer\nevent order(customer){amount:number} // a\n";
    folder.file("a.tw", untidy);
    let (code, out, _) = folder.run(&["fmt", "--check", "a.tw"]);
    assert_eq!(code, 1);
    assert!(out.contains("- entity   customer\n") && out.contains("+ entity customer\n"), "{out}");
    let (code, piped, _) = folder.pipe(&["fmt", "-"], untidy);
    assert_eq!(code, 0);
    assert_eq!(folder.run(&["fmt", "a.tw"]).0, 0);
    assert_eq!(fs::read_to_string(folder.0.join("a.tw")).unwrap(), piped);
    assert_eq!(folder.run(&["fmt", "--check", "a.tw"]), (0, String::new(), String::new()));
    folder.file("bad.tw", "rule {");
    let (code, _, err) = folder.run(&["fmt", "bad.tw"]);
    assert_eq!(code, 1);
    assert!(err.contains("bad.tw:1"), "{err}");
    assert_eq!(fs::read_to_string(folder.0.join("bad.tw")).unwrap(), "rule {");
}

#[test]
fn codes_are_explained() {
    let folder = Folder::new("explain");
    let (code, list, _) = folder.run(&["explain"]);
    assert_eq!(code, 0);
    assert!(list.contains("E0101"), "{list}");
    for line in list.lines() {
        let (code, page, _) = folder.run(&["explain", &line[..5].to_lowercase()]);
        assert_eq!(code, 0);
        assert!(!page.is_empty() && !page.contains("```"), "{page}");
    }
    assert_eq!(folder.run(&["explain", "E9999"]).0, 2);
}

#[test]
fn declarations_are_inferred_and_compile() {
    let folder = Folder::new("infer");
    let line = |at: usize| {
        let channel = ["sms", "email", "app \\\"x\\\""][at % 3];
        let paid = if at.is_multiple_of(2) { ",\"paid\":true" } else { "" };
        format!(
            "{{\"type\":\"message\",\"time\":{at},\"id\":\"i{at}\",\"customer_id\":\"c{at}\",\"channel\":\"{channel}\",\"text\":\"t{at}\",\
             \"amount\":{at}.5,\"over\":{{\"x\":1}},\"sent at\":\"2026-01-01T00:00:00Z\"{paid}}}\n"
        )
    };
    let sample: String = (0..30).map(line).collect();
    let (code, out, err) = folder.pipe(&["infer", "-"], &sample);
    assert_eq!((code, &*err), (0, ""));
    let declared: Vec<&str> = out.lines().filter(|line| !line.trim().is_empty()).skip(2).collect();
    assert_eq!(
        declared,
        [
            "entity customer_id",
            "event message(customer_id) {",
            "  channel: \"app \\\"x\\\"\" | \"email\" | \"sms\",",
            "  text: string private,",
            "  amount: number,",
            "  // over: an array or object; left out.",
            "  \"sent at\": time,",
            "  paid: bool?",
            "}",
        ]
    );
    folder.file("a.tw", &out).file("e.jsonl", &sample);
    let (code, _, err) = folder.run(&["run", "a.tw", "e.jsonl"]);
    assert_eq!((code, &*err), (0, ""));
    let (_, out, _) = folder.pipe(&["infer", "-", "--entity", "channel"], &sample);
    assert!(out.contains("event message(channel)"), "{out}");
    let csv = "type,time,user,n,note\nbuy,0,7,1.5,x\nbuy,0,8,2,\n";
    let (code, out, _) = folder.pipe(&["infer", "-", "--input-format", "csv"], csv);
    assert_eq!(code, 0);
    assert!(out.contains("event buy(user) { n: number, note: string? private }"), "{out}");
    assert_eq!(folder.pipe(&["infer", "-"], "").0, 2);
}

#[test]
fn a_subject_is_explained() {
    let folder = Folder::new("why");
    folder.file("a.tw", RULES).file("e.jsonl", EVENTS);
    let (code, out, _) = folder.run(&["why", "a.tw", "e.jsonl", "--subject", "c1", "--at", "2026-01-15"]);
    assert_eq!(code, 3);
    for part in [
        "customer c1 at 2026-01-15 00:00:00Z",
        "tagged gold since 2026-01-01 01:00:00Z, ends by itself at 2026-01-31 00:00:00Z",
        "by rule gold",
        "flood: does not hold",
        "more than 2 more needed",
        "gold: holds",
    ] {
        assert!(out.contains(part), "{part}: {out}");
    }
    let (code, _, err) = folder.run(&["why", "a.tw", "e.jsonl", "--subject", "c1", "--entity", "staff"]);
    assert_eq!(code, 2);
    assert!(err.contains("customer"), "{err}");
}

#[test]
fn people_see_the_clock_of_the_rulebooks_zone() {
    let folder = Folder::new("zone");
    let order = |hour: u8| {
        format!(
            "{{\"type\":\"order\",\"time\":\"2026-01-01T{hour:02}:00:00Z\",\"customer\":\"c1\",\"amount\":60}}\n"
        )
    };
    folder
        .file("a.tw", &format!("timezone \"Asia/Shanghai\"\n{RULES}"))
        .file("e.jsonl", &(14..17).map(order).collect::<String>());
    let (code, out, err) = folder.run(&[
        "run",
        "a.tw",
        "e.jsonl",
        "--format",
        "table",
        "--summary",
        "--until",
        "2026-01-01T23:00",
    ]);
    assert_eq!(code, 0, "{err}");
    assert_eq!(
        out,
        "times of Asia/Shanghai\n2026-01-01 23:00:00  customer c1  tagged gold  by gold\n      \
         sum(order.amount) over 30d is 120, >= 100 (2 events, 2026-01-01 22:00:00 to 2026-01-01 23:00:00)\n"
    );
    assert!(err.contains("After the end, passed over: 1"), "{err}");
    let (_, out, _) = folder.run(&["run", "a.tw", "e.jsonl"]);
    assert!(out.starts_with(r#"{"time":"2026-01-01T15:00:00Z""#), "{out}");
    let at = ["why", "a.tw", "e.jsonl", "--subject", "c1", "--at", "2026-01-02 00:30"];
    let (code, out, err) = folder.run(&at);
    assert_eq!((code, &*err), (0, ""));
    for part in
        ["customer c1 at 2026-01-02 00:30:00 (Asia/Shanghai)", "ends by itself at 2026-01-31 23:00:00"]
    {
        assert!(out.contains(part), "{part}: {out}");
    }
    assert_eq!(folder.run(&["run", "a.tw", "e.jsonl", "--until", "tomorrow"]).0, 2);
}

#[test]
fn a_rulebook_may_be_several_files() {
    let folder = Folder::new("several");
    fs::create_dir_all(folder.0.join("rules")).unwrap();
    let (schema, rules) = RULES.split_once("list").unwrap();
    let (rules, tests) = rules.split_once("test ").unwrap();
    folder
        .file("rules/schema.tw", schema)
        .file("rules/rules.tw", &format!("use \"schema.tw\"\nlist{rules}"))
        .file("tests.tw", &format!("test {tests}"))
        .file("e.jsonl", EVENTS);
    let parts = ["rules/rules.tw", "tests.tw"];
    let (code, out, _) = folder.run(&[&["test"], &parts[..]].concat());
    assert_eq!((code, &*out), (0, "ok      three messages\n1 passed, 0 failed\n"));
    folder.file("whole.tw", RULES);
    for (before, after) in [("run", &["e.jsonl"][..]), ("why", &["e.jsonl", "--subject", "c1"])] {
        let (code, out, _) = folder.run(&[&[before], &parts[..], after].concat());
        let (code_of_one, out_of_one, _) = folder.run(&[&[before, "whole.tw"], after].concat());
        assert_eq!((code, out), (code_of_one, out_of_one), "{before}");
    }
    let (code, _, err) = folder.run(&[&["run"], &parts[..]].concat());
    assert_eq!(code, 2);
    assert!(err.contains("it comes last"), "{err}");
}

#[test]
fn what_comes_slowly_is_decided_at_once() {
    let folder = Folder::new("slowly");
    folder.file("a.tw", RULES);
    let mut command = folder.command(&["run", "a.tw", "-", "--input-format", "jsonl"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let (mut stdin, stdout) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    let mut decisions = BufReader::new(stdout).lines();
    for (at, amount) in [(1, 100), (2, 200)] {
        writeln!(stdin, r#"{{"type":"order","time":{at},"customer":"c{at}","amount":{amount}}}"#).unwrap();
        stdin.flush().unwrap();
        // The input is still open: this waits for ever if the decision waits for more of it.
        let decision = decisions.next().unwrap().unwrap();
        assert!(decision.contains(&format!(r#""subject":"c{at}""#)), "{decision}");
    }
    drop(stdin);
    assert!(decisions.next().is_none());
    assert!(child.wait().unwrap().success());
}

#[test]
fn commands_stand_among_the_events() {
    let folder = Folder::new("commands");
    let lines = [
        r#"{"type":"order","time":"2026-01-01T00:00:00Z","customer":"c1","amount":100}"#,
        r#"{"command":"list","time":"2026-01-02T00:00:00Z","customer":"c1","actor":"u7","list":"blacklist","level":2,"for":"1d","reason":"threats"}"#,
        r#"{"command":"untag","time":"2026-01-02T00:00:00Z","customer":"c1","actor":"u7","tag":"silver","reason":"a mistake"}"#,
        r#"{"tick":"2026-01-05T00:00:00Z"}"#,
    ];
    folder.file("a.tw", RULES).file("e.jsonl", &lines.join("\n"));
    let (code, out, err) = folder.run(&["run", "a.tw", "e.jsonl"]);
    assert_eq!((code, &*err), (0, ""));
    let kinds: Vec<&str> =
        out.lines().filter_map(|line| line.split(r#""kind":""#).nth(1)?.split('"').next()).collect();
    assert_eq!(kinds, ["tagged", "listed", "refused", "unlisted"]);
    let (code, out, _) =
        folder.run(&["why", "a.tw", "e.jsonl", "--subject", "c1", "--at", "2026-01-02T12:00"]);
    assert!(code == 0 && out.contains("blacklist") && out.contains("threats"), "{out}");
}

#[test]
fn a_closed_pipe_is_no_failure() {
    let folder = Folder::new("pipe");
    let order =
        |at: u32| format!("{{\"type\":\"order\",\"time\":{at},\"customer\":\"c{at}\",\"amount\":100}}\n");
    folder.file("a.tw", RULES).file("e.jsonl", &(0..5000).map(order).collect::<String>());
    for arguments in [
        &["run", "a.tw", "e.jsonl"][..],
        &["run", "a.tw", "e.jsonl", "--format", "table"],
        &["why", "a.tw", "e.jsonl", "--subject", "c1"],
        &["infer", "e.jsonl"],
        &["explain"],
        &["test", "a.tw"],
        &["--help"],
    ] {
        let mut command = folder.command(arguments);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let (code, _, err) = read(child.wait_with_output().unwrap());
        assert_eq!((code, &*err), (0, ""));
    }
}

#[test]
fn a_list_is_looked_at_before_it_goes_live() {
    let folder = Folder::new("words");
    folder.file("list.txt", "\u{FEFF}# words\nscam\nＳＣＡＭ\n大麻\tdrugs\n赌\nscam\n");
    folder.file("ordinary.txt", "这是大麻烦 一点 scam\n");
    let (code, out, _) = folder.run(&["words", "lint", "list.txt", "--text", "ordinary.txt"]);
    assert_eq!(code, 1);
    for part in ["One character: 1", "Duplicates: 1", "Other spellings", "这是大麻烦"] {
        assert!(out.contains(part), "{part}: {out}");
    }
    let (code, out, _) = folder.run(&["words", "lint", "list.txt", "--json", "--ignoring", "leet"]);
    assert_eq!((code, out.lines().count()), (1, 3), "{out}");
    assert!(out.contains(r#"{"line":3,"pattern":"ＳＣＡＭ","fault":"same_as","of":2}"#), "{out}");
    assert_eq!(folder.run(&["words", "lint", "list.txt", "--ignoring", "leetspeak"]).0, 2);
    folder.file("good.txt", "scam\n");
    assert_eq!(folder.run(&["words", "lint", "good.txt"]).0, 0);
}

#[test]
fn keyword_sets_are_tried_on_texts() {
    let folder = Folder::new("words_try");
    folder.file(
        "rules.tw",
        "entity c
event m(c) { text: string }
keywords abuse ignoring separators { \"scam\" except \"no scam\" }
rule a { on m where text has abuse then tag abusive }
",
    );
    folder.file("texts.txt", "a s.c.a.m\nno scam\nhi\nscam scam\n");
    let (code, out, _) = folder.run(&["words", "try", "rules.tw", "texts.txt"]);
    assert_eq!(code, 0);
    assert!(out.contains("abuse  2 of 4 lines hit (50.00 %), 3 hits"), "{out}");
    assert!(out.contains("1 more lie within"), "{out}");
    assert!(out.contains("│ a s.c.a.m"), "{out}");
    assert_eq!(folder.run(&["words", "try", "rules.tw", "texts.txt", "--set", "no"]).0, 2);
}
