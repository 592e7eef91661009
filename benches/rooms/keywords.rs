//! What keywords cost: the whole path (fold, search, edges, `except`, offsets) against automata alone on text that is
//! folded already.
//!
//! `cargo xtask bench words` holds them against each other; this is for looking at one while changing it.

#![allow(missing_docs, clippy::expect_used, clippy::unwrap_used, reason = "a benchmark")]

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use criterion::{
    BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main, measurement::WallTime,
};
use daachorse::CharwiseDoubleArrayAhoCorasick;
use std::hint::black_box;
use tagwarden::Limits;
use tagwarden::machinery::{KeywordPattern, KeywordSet, Keywords, KeywordsId, Switches};
use tagwarden_benches::words::Workload;

fn set(words: &[String], except: &[&str]) -> KeywordSet {
    let pattern = |word: &String| KeywordPattern {
        text: word.as_str().into(),
        anywhere: false,
        ignoring: Switches::NONE,
        category: None,
    };
    KeywordSet {
        name: "k".into(),
        undo: Switches::BASE,
        patterns: words.iter().map(pattern).collect(),
        except: except.iter().map(|&phrase| phrase.into()).collect(),
    }
}

fn measure(group: &mut BenchmarkGroup<'_, WallTime>, words: &[String], texts: &[String]) {
    let bytes = texts.iter().map(String::len).sum::<usize>() as u64;
    group.sample_size(20).throughput(Throughput::Bytes(bytes));
    let keywords =
        Keywords::compile(&[set(words, &["不要紧", "not at all"])], &Limits::default()).expect("compiles");
    let id = KeywordsId(0);
    println!("heap of our automata: {} bytes; {} texts, {bytes} bytes", keywords.heap_bytes(), texts.len());
    group.bench_function("ours, hits with all offsets", |bencher| {
        bencher.iter(|| texts.iter().map(|text| keywords.hits(id, black_box(text)).len()).sum::<usize>());
    });
    group.bench_function("ours, has", |bencher| {
        bencher.iter(|| texts.iter().filter(|text| keywords.has(id, None, black_box(text))).count());
    });
    let mut folded: Vec<String> = words.iter().map(|word| Switches::BASE.apply(word).into_owned()).collect();
    folded.sort();
    folded.dedup();
    let folded_texts: Vec<String> =
        texts.iter().map(|text| Switches::BASE.apply(text).into_owned()).collect();
    let bare = CharwiseDoubleArrayAhoCorasick::<u32>::new(&folded).expect("builds");
    group.bench_function("daachorse charwise, folded text", |bencher| {
        bencher.iter(|| {
            folded_texts.iter().map(|text| bare.find_overlapping_iter(black_box(text)).count()).sum::<usize>()
        });
    });
    let bare =
        AhoCorasick::builder().kind(Some(AhoCorasickKind::ContiguousNFA)).build(&folded).expect("builds");
    group.bench_function("aho-corasick, folded text", |bencher| {
        bencher.iter(|| {
            folded_texts.iter().map(|text| bare.find_overlapping_iter(black_box(text)).count()).sum::<usize>()
        });
    });
}

fn mixed(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("mixed");
    let workload = Workload::mixed();
    measure(&mut group, &workload.patterns, &workload.texts);
    group.finish();
}

fn chinese(criterion: &mut Criterion) {
    let Some(workload) = Workload::chinese() else { return };
    let mut group = criterion.benchmark_group("chinese");
    measure(&mut group, &workload.patterns, &workload.texts);
    let (limits, sets) = (Limits::default(), [set(&workload.patterns, &[])]);
    group.bench_function("build", |bencher| {
        bencher.iter(|| Keywords::compile(&sets, &limits).expect("compiles"));
    });
    let bytes = Keywords::compile(&sets, &limits).expect("compiles").to_bytes();
    group.bench_function("load", |bencher| {
        bencher.iter(|| Keywords::from_bytes(&bytes, &limits).expect("loads"));
    });
    group.finish();
}

fn english(criterion: &mut Criterion) {
    let Some(workload) = Workload::english() else { return };
    let mut group = criterion.benchmark_group("english");
    measure(&mut group, &workload.patterns, &workload.texts);
    group.finish();
}

criterion_group!(benches, mixed, chinese, english);
criterion_main!(benches);
