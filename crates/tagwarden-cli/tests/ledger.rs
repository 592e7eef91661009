//! A ledger on the command line: made, filled, looked at, acted on, exported, verified.

#![allow(clippy::unwrap_used, reason = "a test may fail so")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const RULES: &str = r#"entity customer

event order(customer) { amount: number }
event complaint(customer) { text: string private }

list blacklist { level 1 denies all, level 2 limits 3 per 24h, review every 30d }

role agent may view
role manager may view, tag, list blacklist, release, suspend, approve, review, appeal, export, forget

rule gold { while sum(order.amount) over 30d >= 100 then tag gold }
rule angry { when count(complaint) over 7d >= 2 then add to blacklist level 2 }
"#;

const EVENTS: &str = r#"{"type":"order","time":"2026-01-01T00:00:00Z","customer":"c1","id":"1","amount":160.10}
{"type":"complaint","time":"2026-01-01T01:00:00Z","customer":"c2","id":"2","text":"private words"}
{"type":"complaint","time":"2026-01-01T02:00:00Z","customer":"c2","id":"3","text":"private words"}
"#;

/// A folder, and what the environment holds beside.
struct Folder(PathBuf, Vec<(&'static str, &'static str)>);

impl Folder {
    fn new(name: &str) -> Folder {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        fs::write(path.join("r.tw"), RULES).unwrap();
        fs::write(path.join("e.jsonl"), EVENTS).unwrap();
        Folder(path, Vec::new())
    }

    /// The exit code and what it wrote.
    fn run(&self, line: &str) -> (i32, String, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tagwarden"));
        for name in ["TAGWARDEN_ENCRYPTION_KEY", "TAGWARDEN_NEW_ENCRYPTION_KEY"] {
            command.env_remove(name);
        }
        command.envs(self.1.iter().copied());
        command.arg("ledger").args(line.split(' ').map(|word| word.replace('_', " "))).current_dir(&self.0);
        let output = command.stdin(Stdio::null()).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
    }

    fn ok(&self, line: &str) -> String {
        let (code, out, err) = self.run(line);
        assert_eq!(code, 0, "{line}\n{out}\n{err}");
        out
    }
}

const MIA: &str = "--actor mia --role manager";

#[test]
fn a_ledger_from_its_making_to_its_proof() {
    let folder = Folder::new("ledger whole");
    folder.ok("init l.db r.tw --keep decisions_3y");
    let (code, _, err) = folder.run("init l.db r.tw");
    assert!(code == 2 && err.contains("there is a file already"), "{err}");

    let out = folder.ok("apply l.db e.jsonl");
    assert_eq!(out.lines().count(), 2, "{out}");
    assert!(out.contains(r#""kind":"tagged""#) && out.contains(r#""kind":"listed""#));
    let (_, again, err) = folder.run("apply l.db e.jsonl");
    assert_eq!(again, out, "answered as the first time");
    assert!(err.contains("0 inputs applied, 3 known already"), "{err}");

    let out = folder.ok(&format!("status l.db --subject c2 {MIA} --at 2026-01-02"));
    assert!(out.contains("on blacklist, level 2"), "{out}");
    assert!(folder.ok("list l.db").contains(r#""subject":"c2""#));

    let (code, out, _) = folder.run(
        "release l.db --subject c2 --list blacklist --actor joe --role agent --at 2026-01-03 --reason x",
    );
    assert!(code == 3 && out.contains(r#""code":"role""#), "{out}");
    let act = |name: &str, rest: &str| {
        folder.ok(&format!("{name} l.db --subject c2 {MIA} --reason because {rest}"))
    };
    assert!(act("suspend", "--list blacklist --for 1h --at 2026-01-03").contains("suspended"));
    assert!(act("appeal", "--list blacklist --at 2026-01-04").contains("appealed"));
    assert!(folder.ok("appeal l.db").contains("c2"));
    assert!(act("release", "--list blacklist --at 2026-01-05").contains("unlisted"));
    assert_eq!(folder.ok("list l.db"), "");

    fs::write(
        folder.0.join("t.csv"),
        "No,list,level,reason\nc7,blacklist,1,taken over\nc8,blacklist,5,taken over\n",
    )
    .unwrap();
    let import = format!("import l.db t.csv {MIA} --at 2026-01-06 --column identifier=No");
    let (code, out, err) = folder.run(&import);
    assert!(code == 3 && out.contains("nothing was kept") && err.contains("row 3"), "{out}{err}");
    let (code, out, _) = folder.run(&format!("{import} --row-by-row"));
    assert!(code == 3 && out.contains("1 done") && !out.contains("nothing was kept"), "{out}");
    folder.ok(&format!("export l.db out.xlsx {MIA} --at 2026-01-07"));
    folder.ok(&format!("export l.db out.csv {MIA} --at 2026-01-07"));
    let table = fs::read_to_string(folder.0.join("out.csv")).unwrap();
    assert!(table.contains("c7,blacklist,,1,,taken over,2026-01-06T00:00:00Z,,,mia"), "{table}");

    folder.ok("review l.db --due --subject x");
    assert!(folder.ok("stats l.db").contains("reviews wait"));
    assert!(folder.ok("stats l.db --json").contains(r#""forgotten":0"#));

    let forget = format!("forget l.db --subject c2 {MIA} --at 2026-01-08 --reason asked");
    assert!(folder.ok(&forget).contains("forgotten"));
    folder.ok("audit export l.db log.jsonl");
    let out = folder.ok("audit verify log.jsonl");
    assert!(out.contains("whole"), "{out}");
    let log = fs::read_to_string(folder.0.join("log.jsonl")).unwrap();
    assert!(!log.contains("\"c2\"") && log.contains("\"mia\""));
    fs::write(folder.0.join("bad.jsonl"), log.replacen("mia", "joe", 1)).unwrap();
    let (code, _, err) = folder.run("audit verify bad.jsonl");
    assert!(code == 1 && err.contains("line "), "{err}");
    let (code, _, err) = folder.run("audit verify log.jsonl --head 00");
    assert!(code == 1 && err.contains("ends with the hash"), "{err}");
}

#[test]
fn what_is_wrong_on_the_command_line_is_said() {
    let folder = Folder::new("ledger wrong");
    let (code, _, err) = folder.run("apply no.db e.jsonl");
    assert!(code == 4 && err.contains("no.db.key"), "{err}");
    folder.ok("init l.db r.tw");
    for (line, what) in [
        ("release l.db --subject c1 --list blacklist --reason x", "--actor"),
        ("release l.db --list blacklist --reason x --actor a", "--subject"),
        ("release l.db --subject c1 --actor a --reason x --list blacklist --level 2", "level"),
        ("suspend l.db --subject c1 --actor a --reason x --list blacklist", "for"),
        ("status l.db --subject c1 --actor a --entity person", "customer"),
        ("apply l.db e.jsonl --lateness 1h", "ledger init"),
    ] {
        let (code, _, err) = folder.run(line);
        assert!(code == 2 && err.contains(what), "{line}: {code} {err}");
    }
    fs::write(folder.0.join("other.key"), "00112233445566778899aabbccddeeff\n").unwrap();
    let (code, _, err) = folder.run("stats l.db --key-file other.key");
    assert!(code == 4 && err.contains("hash key"), "{err}");
}

#[cfg(feature = "encryption")]
#[test]
fn an_encrypted_ledger_needs_its_key_and_takes_another() {
    let mut folder = Folder::new("ledger encrypted");
    fs::write(folder.0.join("one.secret"), "correct horse\n").unwrap();
    fs::write(folder.0.join("two.secret"), "battery staple\n").unwrap();
    folder.ok("init l.db r.tw --encryption-key-file one.secret");
    folder.ok("apply l.db e.jsonl --quiet --encryption-key-file one.secret");
    let plain = |folder: &Folder| {
        let bytes = fs::read(folder.0.join("l.db")).unwrap();
        ["blacklist", "SQLite format", "customer"]
            .iter()
            .any(|text| bytes.windows(text.len()).any(|window| window == text.as_bytes()))
    };
    assert!(!plain(&folder));
    for line in ["stats l.db", "stats l.db --encryption-key-file two.secret"] {
        let (code, _, err) = folder.run(line);
        assert!(code == 4 && err.contains("its key is missing or wrong"), "{err}");
        assert_eq!(err.trim_end().lines().count(), 1, "one clear error: {err}");
    }
    folder.1 = vec![("TAGWARDEN_ENCRYPTION_KEY", "correct horse")];
    assert!(folder.ok("list l.db").contains("c2"), "from the environment");
    let (code, _, err) = folder.run("rekey l.db");
    assert!(code == 2 && err.contains("--new-key-file"), "{err}");
    folder.ok("rekey l.db --new-key-file two.secret");
    assert_eq!(folder.run("stats l.db").0, 4, "the old key is over");
    folder.1.clear();
    assert!(!plain(&folder));
    folder.ok("audit export l.db log.jsonl --encryption-key-file two.secret");
    folder.ok("audit verify log.jsonl");
    assert!(fs::read_to_string(folder.0.join("log.jsonl")).unwrap().contains("rekeyed"));
}

#[cfg(not(feature = "encryption"))]
#[test]
fn a_build_that_cannot_encrypt_says_so() {
    let mut folder = Folder::new("ledger not encrypted");
    fs::write(folder.0.join("key"), "correct horse\n").unwrap();
    fs::write(folder.0.join("empty"), "\n").unwrap();
    let (code, _, err) = folder.run("init l.db r.tw --encryption-key-file key");
    assert!(code == 2 && err.contains("lacks the feature `encryption`"), "{err}");
    let (code, _, err) = folder.run("init l.db r.tw --encryption-key-file empty");
    assert!(code == 2 && err.contains("a key is not empty"), "{err}");
    folder.1 = vec![("TAGWARDEN_ENCRYPTION_KEY", "correct horse")];
    let (code, _, err) = folder.run("init l.db r.tw");
    assert!(code == 2 && err.contains("lacks the feature `encryption`"), "{err}");
}
