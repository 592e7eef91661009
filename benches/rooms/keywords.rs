//! What keywords cost: the whole path (fold, search, edges, `except`, offsets) against automata alone on text that is
//! folded already.
//!
//! The real lists and texts are looked for in `../shared/data`; without them only generated ones are measured.

#![allow(missing_docs, clippy::expect_used, clippy::unwrap_used, reason = "a benchmark")]

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use criterion::{
    BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main, measurement::WallTime,
};
use daachorse::CharwiseDoubleArrayAhoCorasick;
use std::hint::black_box;
use tagwarden::Limits;
use tagwarden::machinery::{KeywordPattern, KeywordSet, Keywords, KeywordsId, Switches, read_list};
use tagwarden_benches::stream::{Fact, facts};
use tagwarden_benches::texts::Texts;

struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) % bound as u64) as usize
    }
}

/// Frequent characters and words, so that texts look like texts.
const HAN: &str = "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家种事成方多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实日军者意无力它与长把机十民第公此已工使情明性知全三又关点正业外将两高间由问很最重并物手应战向头文体政美相见被利什二等产或新己制身果加西斯月话合回特代内信表化老给世位次度门任常先海通教儿原东声提立及比员解水名真论处走义各入几口认条平系气题活尔更别打女变四神总何电数安少报才结反受目太量再感建务做接必场件计管期市直德资命山金指克许统区保至队形社便空决治展马科司五基眼书非则听白却界达光放强即像难且权思王象完设式色路记南品住告类求据程北边死张该交规万取拉格望觉术领共确传师观清今切院让识候带导争运";

/// Texts of about 39 bytes, half Chinese, of which some hold a word.
fn texts(random: &mut Random, count: usize, words: &[String]) -> Vec<String> {
    let han: Vec<char> = HAN.chars().collect();
    let text = |at: usize| -> String {
        let mut text = String::new();
        if at.is_multiple_of(2) {
            (0..13).for_each(|_| text.push(han[random.below(han.len())]));
        } else {
            for _ in 0..7 {
                (0..2 + random.below(6)).for_each(|_| text.push(char::from(b'a' + random.below(26) as u8)));
                text.push(' ');
            }
        }
        if random.below(25) == 0 {
            text.push(' ');
            text.push_str(&words[random.below(words.len())]);
        }
        text
    };
    (0..count).map(text).collect()
}

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

fn measure(group: &mut BenchmarkGroup<'_, WallTime>, words: &[String], texts: &[String], nfa: bool) {
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
    if nfa {
        let bare =
            AhoCorasick::builder().kind(Some(AhoCorasickKind::ContiguousNFA)).build(&folded).expect("builds");
        group.bench_function("aho-corasick, folded text", |bencher| {
            bencher.iter(|| {
                folded_texts
                    .iter()
                    .map(|text| bare.find_overlapping_iter(black_box(text)).count())
                    .sum::<usize>()
            });
        });
    }
}

fn data(name: &str) -> Option<String> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data").join(name);
    std::fs::read_to_string(path).ok()
}

/// The texts of the shared workload: 10,000 keywords, half of them Chinese.
fn workload(criterion: &mut Criterion) {
    let generator = Texts::new();
    let words = generator.keywords().to_vec();
    let facts = facts(1_000_000);
    let text = |(at, fact): (u64, &Fact)| generator.text(at, fact.kind);
    let texts: Vec<String> = (0..).zip(&facts).map(text).filter(|text| !text.is_empty()).collect();
    let mut group = criterion.benchmark_group("workload, 10,000 keywords");
    measure(&mut group, &words, &texts, true);
    group.finish();
}

fn chinese(criterion: &mut Criterion) {
    let Some(list) = data("lexicon_zh.txt") else {
        println!("skipped: no lexicon_zh.txt");
        return;
    };
    let words: Vec<String> = read_list(&list).into_iter().map(|pattern| pattern.text.to_string()).collect();
    let mut random = Random(2);
    let texts = texts(&mut random, 40_000, &words).into_iter().step_by(2).collect::<Vec<_>>();
    let mut group = criterion.benchmark_group("lexicon_zh, Chinese texts");
    measure(&mut group, &words, &texts, true);
    let limits = Limits::default();
    group.bench_function("build", |bencher| {
        bencher.iter(|| Keywords::compile(&[set(&words, &[])], &limits).expect("compiles"));
    });
    let bytes = Keywords::compile(&[set(&words, &[])], &limits).expect("compiles").to_bytes();
    println!("serialised: {} bytes", bytes.len());
    group.bench_function("load", |bencher| {
        bencher.iter(|| Keywords::from_bytes(&bytes, &limits).expect("loads"));
    });
    group.finish();
}

fn english(criterion: &mut Criterion) {
    let Some(text) = data("sms_spam_collection.tsv") else {
        println!("skipped: no sms_spam_collection.tsv");
        return;
    };
    let words: Vec<String> = "free entry|you have won|claim your prize|call now|urgent|prize|winner|cash|txt|guaranteed|ass|sex|\
        damn|hell|crap|shit|nokia|mobile|ringtone|award|voucher|bonus|collect|service|reply|stop|camera|video|chat|dating"
        .split('|')
        .map(str::to_owned)
        .collect();
    let lines = text.lines().filter_map(|line| line.split_once('\t')).map(|(_, text)| text.to_owned());
    let lines: Vec<String> = lines.collect();
    let texts: Vec<String> = std::iter::repeat_n(&lines, 4).flatten().cloned().collect();
    let mut group = criterion.benchmark_group("30 keywords, English messages");
    measure(&mut group, &words, &texts, true);
    group.finish();
}

criterion_group!(benches, workload, chinese, english);
criterion_main!(benches);
