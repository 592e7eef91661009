//! The corpus of keyword cases: `tests/keywords/*.jsonl`, with its format in the README there.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use serde_json::{Value, json};
use std::path::Path;
use tagwarden::{KeywordHit, Rulebook};

fn rulebook(keywords: &str) -> Rulebook {
    Rulebook::compile(&format!(
        "entity customer
         event message(customer) {{ text: string }}
         keywords k {keywords}
         rule r {{ on message where text has k then notify desk }}"
    ))
    .unwrap_or_else(|error| panic!("{keywords}: {:?}", error.diagnostics))
}

/// The hit in the words of the corpus, with what the wanted one asks for.
fn shown(hit: &KeywordHit, wanted: Option<&Value>) -> Value {
    let mut shown = json!({
        "pattern": &*hit.pattern, "text": &*hit.text,
        "bytes": hit.bytes, "chars": (hit.start, hit.end), "utf16": hit.utf16,
    });
    if wanted.is_none_or(|wanted| wanted.get("undone").is_some()) {
        shown["undone"] = json!(hit.undone);
    }
    if let Some(phrase) = &hit.except {
        shown["except"] = json!(&**phrase);
    }
    shown
}

#[test]
fn every_case_is_found_as_it_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/keywords");
    let mut seen = 0;
    let mut wrong = Vec::new();
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "jsonl") {
            continue;
        }
        let area = path.file_stem().unwrap().to_string_lossy().into_owned();
        if area == "lookalikes" && cfg!(not(feature = "lookalikes"))
            || area == "sound" && cfg!(not(feature = "sound"))
        {
            continue;
        }
        for line in std::fs::read_to_string(&path).unwrap().lines() {
            let case: Value = serde_json::from_str(line).unwrap();
            let text = case["text"].as_str().unwrap();
            let wanted = case["hits"].as_array().unwrap();
            seen += 1;
            let hits = rulebook(case["keywords"].as_str().unwrap()).find_keywords("k", text).unwrap();
            let found: Vec<Value> =
                hits.iter().enumerate().map(|(at, hit)| shown(hit, wanted.get(at))).collect();
            if found != *wanted {
                wrong.push(format!(
                    "{area}: {}: {} in {text:?}\n   wanted {}\n   found  {}",
                    case["name"],
                    case["keywords"],
                    case["hits"],
                    json!(found)
                ));
            }
            for hit in &hits {
                assert_eq!(&text[hit.bytes.0 as usize..hit.bytes.1 as usize], &*hit.text);
            }
        }
    }
    assert!(seen >= 250, "only {seen} cases: the corpus is not where it was");
    assert!(wrong.is_empty(), "{} of {seen} are wrong\n{}", wrong.len(), wrong.join("\n"));
}

/// No innocent English word holds a word of the list of the sample rulebook, but where it is that word.
#[test]
fn innocent_words_are_hit_only_where_they_are_listed() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/english_words.txt");
    let Ok(words) = std::fs::read_to_string(&path) else {
        println!("skipped: no {}", path.display());
        return;
    };
    let list = [
        "ass",
        "arse",
        "cock",
        "cunt",
        "dick",
        "fag",
        "hell",
        "hoe",
        "piss",
        "penis",
        "rape",
        "scam",
        "sex",
        "shit",
        "slut",
        "spic",
        "tit",
        "twat",
        "whore",
        "crap",
        "anal",
        "cum",
        "damn",
        "spam",
        "fraud",
        "urgent",
        "prize",
        "call now",
        "free entry",
        "you have won",
        "claim your prize",
        "rip-off",
        "idiot",
        "password",
        "card number",
    ];
    let quoted: String = list.iter().map(|word| format!("\"{word}\" ")).collect();
    let rulebook = rulebook(&format!("{{ {quoted} }}"));
    let mut hit = 0;
    for word in words.lines() {
        for found in rulebook.find_keywords("k", word).unwrap() {
            hit += 1;
            let rest = word.to_lowercase().replacen(&*found.pattern, "", 1);
            // `ass's` is the word itself with an ending that an apostrophe sets off.
            assert!(rest.is_empty() || rest.starts_with('\''), "{} in {word}", found.pattern);
        }
    }
    assert!(hit > 20, "the list has words of its own in the dictionary: {hit}");
}

/// A file of a hundred thousand lines, the automata of which are then loaded.
#[test]
fn long_files_are_read() {
    let line = |n: u32| format!("词{n}号码\tc{}\n", n % 7);
    let list: String = (0..100_000).map(line).collect();
    let text = "entity customer
        event message(customer) { text: string }
        keywords k from \"list.txt\"
        rule r { on message where text has k then notify desk }";
    let compile = |automata: Option<Vec<u8>>| {
        let compiler = Rulebook::compiler().source("main.tw", text).resolver(|_| Some(list.clone()));
        let compiler = match automata {
            Some(bytes) => compiler.keyword_automata(bytes),
            None => compiler,
        };
        compiler.compile().unwrap()
    };
    let built = compile(None);
    assert_eq!(built.keyword_sets()[0].patterns, 100_000);
    let bytes = built.keyword_automata();
    for rulebook in [built, compile(Some(bytes)), compile(Some(b"nothing of the kind".to_vec()))] {
        let hits = rulebook.find_keywords("k", "我的词70007号码").unwrap();
        assert_eq!((hits.len(), hits[0].category.as_deref()), (1, Some("c0")));
    }
}
