//! What keyword searches are measured on: lists of patterns, and texts of which some hold them.
//!
//! The real lists and messages are looked for in `../shared/data`; a workload whose list is missing is left out.

use crate::texts::Texts;
use std::path::PathBuf;

/// Patterns and texts.
#[derive(Clone, Debug)]
pub struct Workload {
    /// What files and tables call it.
    pub name: &'static str,
    /// What it is, for people.
    pub title: &'static str,
    /// The patterns, each once.
    pub patterns: Vec<String>,
    /// The texts.
    pub texts: Vec<String>,
}

/// Chinese texts of which one in 25 holds a pattern.
const CHINESE: usize = 60_000;
/// How often the English messages are taken.
const REPEATED: usize = 10;
/// Texts of the workload W3 that are taken.
const MIXED: u64 = 200_000;

/// English patterns: what a shop's desk would list, and words that lie within ordinary ones.
const ENGLISH: &str = "free entry|you have won|claim your prize|call now|urgent|prize|winner|cash|txt|guaranteed|ass|sex|\
    damn|hell|crap|shit|nokia|mobile|ringtone|award|voucher|bonus|collect|service|reply|stop|camera|video|chat|dating";

/// Frequent characters, most frequent first, so that texts look like texts.
const HAN: &str = "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家种事成方多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实日军者意无力它与长把机十民第公此已工使情明性知全三又关点正业外将两高间由问很最重并物手应战向头文体政美相见被利什二等产或新己制身果加西斯月话合回特代内信表化老给世位次度门任常先海通教儿原东声提立及比员解水名真论处走义各入几口认条平系气题活尔更别打女变四神总何电数安少报才结反受目太量再感建务做接必场件计管期市直德资命山金指克许统区保至队形社便空决治展马科司五基眼书非则听白却界达光放强即像难且权思王象完设式色路记南品住告类求据程北边死张该交规万取拉格望觉术领共确传师观清今切院让识候带导争运";

impl Workload {
    /// Those that there is data for.
    #[must_use]
    pub fn all() -> Vec<Workload> {
        [Workload::chinese(), Workload::english(), Some(Workload::mixed())].into_iter().flatten().collect()
    }

    /// The Chinese lexicon over Chinese texts of 8 to 40 characters, with what people write between them.
    #[must_use]
    pub fn chinese() -> Option<Workload> {
        let list = data("lexicon_zh.txt")?;
        let patterns = distinct(list.lines().map(|line| line.trim().to_owned()));
        let han: Vec<char> = HAN.chars().collect();
        let mut random = Random(2);
        let text = |_| {
            let mut text = String::new();
            for _ in 0..8 + random.below(33) {
                match random.below(40) {
                    0..=2 => text.push('，'),
                    3 => text.push_str("app"),
                    4 => text.push(char::from(b'0' + random.below(10) as u8)),
                    // The frequent ones more often.
                    _ => text.push(han[random.below(han.len()).min(random.below(han.len()))]),
                }
            }
            if random.below(25) == 0 {
                text.push_str(&patterns[random.below(patterns.len())]);
            }
            text
        };
        let texts = (0..CHINESE).map(text).collect();
        let title = "65,141 patterns of a Chinese lexicon over Chinese texts";
        Some(Workload { name: "chinese", title, patterns, texts })
    }

    /// English words over short messages, repeated.
    #[must_use]
    pub fn english() -> Option<Workload> {
        let messages = data("sms_spam_collection.tsv")?;
        let texts: Vec<String> = messages
            .lines()
            .filter_map(|line| line.split_once('\t'))
            .map(|(_, text)| text.to_owned())
            .collect();
        Some(Workload {
            name: "english",
            title: "30 English patterns over short messages",
            patterns: distinct(ENGLISH.split('|').map(str::to_owned)),
            texts: std::iter::repeat_n(texts, REPEATED).flatten().collect(),
        })
    }

    /// The keywords of W3 over texts that mix Chinese and English.
    #[must_use]
    pub fn mixed() -> Workload {
        let generator = Texts::new();
        Workload {
            name: "mixed",
            title: "10,000 patterns over texts that mix Chinese and English",
            patterns: generator.keywords().to_vec(),
            texts: (0..MIXED).map(|at| generator.text(at, 0)).collect(),
        }
    }
}

fn distinct(patterns: impl Iterator<Item = String>) -> Vec<String> {
    let mut patterns: Vec<String> = patterns.filter(|pattern| !pattern.is_empty()).collect();
    patterns.sort_unstable();
    patterns.dedup();
    patterns
}

/// A file of the shared data, if there is one.
fn data(name: &str) -> Option<String> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data").join(name);
    match std::fs::read_to_string(&path) {
        Ok(text) => Some(text),
        Err(_) => {
            eprintln!("left out: there is no ../shared/data/{name}");
            None
        }
    }
}

/// The same numbers everywhere (SplitMix64).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) % bound.max(1) as u64) as usize
    }
}
