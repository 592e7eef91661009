//! Folding: the rewriting of code points that makes spellings equal which a keyword set does not tell apart.
//!
//! Each code point is rewritten by itself, without regard to its neighbours, until nothing changes any more; patterns
//! and texts are folded alike. That keeps the way back to the original simple, and makes folding a table look-up: it,
//! and not the search, is what costs time, so the rewriting rules run once for each code point when a table is built.

use std::borrow::Cow;
use std::sync::LazyLock;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::decompose_compatible;

/// Which differences are undone. Sets with the same switches share a table and an automaton.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(clippy::exhaustive_structs, reason = "a new switch must be thought of wherever one is built")]
pub struct Fold {
    /// Case, by Unicode's default full case folding, but for `İ`, which becomes `i`.
    pub case: bool,
    /// Compatibility forms: full and half width, enclosed and styled letters, ligatures; also composed and decomposed accents.
    pub width: bool,
}

impl Fold {
    /// What the code point becomes, from the rules; the tables are built from this.
    #[must_use]
    pub fn code_point(self, c: char) -> String {
        let mut now = String::from(c);
        if self.passes(c) {
            return now;
        }
        // Rules feed each other: a fullwidth capital becomes a capital, a decomposed sharp s two letters. Two rounds
        // suffice today; the bound only guards against data that would go in a circle.
        for _ in 0..8 {
            let mut next = String::with_capacity(now.len());
            for c in now.chars() {
                if self.case {
                    case_folded(c).chars().for_each(|c| self.push_compatible(c, &mut next));
                } else {
                    self.push_compatible(c, &mut next);
                }
            }
            if next == now {
                break;
            }
            now = next;
        }
        now
    }

    /// Whether the code point stays what it is, found out fast, as it is for most when a table is built. May be false of
    /// some that do.
    fn passes(self, c: char) -> bool {
        let same =
            |mapped: &mut dyn Iterator<Item = char>| mapped.next() == Some(c) && mapped.next().is_none();
        if self.case && !(same(&mut c.to_lowercase()) && same(&mut c.to_uppercase())) {
            return false;
        }
        let mut compatible = true;
        if self.width {
            decompose_compatible(c, |part| compatible &= part == c);
            compatible &= enclosed_number(c).is_none() && enclosed_letter(c).is_none();
        }
        compatible
    }

    fn push_compatible(self, c: char, out: &mut String) {
        if self.width {
            compatible(c, out);
        } else {
            out.push(c);
        }
    }

    /// The table for these switches; `None` where they change nothing.
    pub(super) fn table(self) -> Option<&'static Table> {
        static CASE: LazyLock<Table> = LazyLock::new(|| Table::build(Fold { case: true, width: false }));
        static WIDTH: LazyLock<Table> = LazyLock::new(|| Table::build(Fold { case: false, width: true }));
        static BOTH: LazyLock<Table> = LazyLock::new(|| Table::build(Fold { case: true, width: true }));
        match (self.case, self.width) {
            (false, false) => None,
            (true, false) => Some(&CASE),
            (false, true) => Some(&WIDTH),
            (true, true) => Some(&BOTH),
        }
    }

    /// The folded text; borrowed where nothing changes, as in most Chinese texts.
    #[must_use]
    pub fn apply(self, text: &str) -> Cow<'_, str> {
        match self.table() {
            Some(table) => table.apply(text),
            None => Cow::Borrowed(text),
        }
    }
}

/// Unicode's default full case folding, made of the standard library's mappings, which agree with it but for two
/// things: Cherokee goes to small letters instead of capitals, which makes the same letters equal; and the Turkish
/// letters. `ı` stays what it is, as in Unicode, since Turkish tells `sık` from `sik`; but `İ` becomes a plain `i`, not
/// `i` with a second dot, so that `İSTANBUL` is `istanbul`.
fn case_folded(c: char) -> String {
    match c {
        'İ' => return "i".into(),
        'ı' => return "ı".into(),
        _ => {}
    }
    c.to_lowercase().flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect()
}

/// The compatibility form, decomposed, so that `é` is the same written as one code point or as two, and `ｶﾞ` is `ガ`.
/// Hangul syllables stay whole: their letters would only make texts longer.
fn compatible(c: char, out: &mut String) {
    if let Some(number) = enclosed_number(c) {
        out.push_str(&number.to_string());
    } else if let Some(letter) = enclosed_letter(c) {
        out.push(letter);
    } else {
        let whole: String = std::iter::once(c).nfkc().collect();
        let inner = if is_enclosed(c) { strip_enclosure(&whole) } else { &whole };
        for c in inner.chars() {
            if ('\u{AC00}'..='\u{D7A3}').contains(&c) {
                out.push(c);
            } else {
                out.extend(std::iter::once(c).nfd());
            }
        }
    }
}

/// Numbers in negative or double circles, for which Unicode has no compatibility form.
fn enclosed_number(c: char) -> Option<u32> {
    let from = |first: u32, number: u32| Some(c as u32 - first + number);
    match c {
        '⓫'..='⓴' => from(0x24EB, 11),
        '⓵'..='⓾' => from(0x24F5, 1),
        '❶'..='❿' => from(0x2776, 1),
        '➀'..='➉' => from(0x2780, 1),
        '➊'..='➓' => from(0x278A, 1),
        '\u{3248}'..='\u{324F}' => Some((c as u32 - 0x3248 + 1) * 10),
        '⓿' | '\u{1F10B}' | '\u{1F10C}' => Some(0),
        _ => None,
    }
}

/// Letters in negative circles and squares, for which Unicode has no compatibility form.
fn enclosed_letter(c: char) -> Option<char> {
    let from = |first: u32| char::from_u32(c as u32 - first + u32::from(b'A'));
    match c {
        '\u{1F150}'..='\u{1F169}' => from(0x1F150),
        '\u{1F170}'..='\u{1F189}' => from(0x1F170),
        _ => None,
    }
}

fn is_enclosed(c: char) -> bool {
    matches!(c, '\u{2460}'..='\u{24FF}' | '\u{3200}'..='\u{32FF}' | '\u{1F100}'..='\u{1F2FF}')
}

/// `⒦` is a way to write `k`, not `(k)`; `⒈` is `1`.
fn strip_enclosure(text: &str) -> &str {
    let inner = text.trim_start_matches(['(', '〔']).trim_end_matches([')', '〕', '.', ',']);
    if inner.is_empty() { text } else { inner }
}

/// What a code point becomes.
pub(super) enum Folded<'t> {
    Same,
    One(char),
    Many(&'t str),
}

const BLOCK: usize = 128;
const BLOCK_BITS: u32 = 7;
const MANY: u32 = 1 << 31;

/// The blocks that can hold code points which fold to something else; a test looks at all the others.
const CHANGING: [(u32, u32); 6] = [
    (0, 0x33FF),
    (0xA600, 0xABFF),
    (0xF900, 0xFFFF),
    (0x1_0000, 0x1_1FFF),
    (0x1_6000, 0x1_FFFF),
    (0x2_F800, 0x2_FA1F),
];

/// A two-stage table from code points to what they become.
pub(super) struct Table {
    fold: Fold,
    /// For each block of code points the index of its entries; block 0 of the entries changes nothing.
    blocks: Vec<u16>,
    /// 0: unchanged; less than [`MANY`]: the code point; otherwise an index in `many`.
    entries: Vec<u32>,
    many: Vec<Box<str>>,
}

impl Table {
    fn build(fold: Fold) -> Table {
        let mut table = Table { fold, blocks: Vec::new(), entries: vec![0; BLOCK], many: Vec::new() };
        for (first, last) in CHANGING {
            for start in (first..=last).step_by(BLOCK) {
                let block: Vec<u32> = (start..start + BLOCK as u32)
                    .map(|c| char::from_u32(c).map_or(0, |c| table.entry(c)))
                    .collect();
                if block.iter().all(|&entry| entry == 0) {
                    continue;
                }
                let number = start as usize / BLOCK;
                if table.blocks.len() <= number {
                    table.blocks.resize(number + 1, 0);
                }
                // At most 0x110000 / BLOCK + 1 blocks: they fit.
                table.blocks[number] = (table.entries.len() / BLOCK) as u16;
                table.entries.extend(block);
            }
        }
        table
    }

    fn entry(&mut self, c: char) -> u32 {
        let folded = self.fold.code_point(c);
        let mut chars = folded.chars();
        match (chars.next(), chars.next()) {
            (Some(one), None) if one == c => 0,
            // The entry 0 means unchanged, so U+0000, to which nothing else folds, cannot stand in one.
            (Some(one), None) if one != '\0' => one as u32,
            _ => {
                self.many.push(folded.into());
                MANY | (self.many.len() - 1) as u32
            }
        }
    }

    pub(super) fn get(&self, c: char) -> Folded<'_> {
        let block = self.blocks.get((c as u32 >> BLOCK_BITS) as usize).copied().unwrap_or(0);
        let entry = self.entries[usize::from(block) * BLOCK + (c as usize & (BLOCK - 1))];
        if entry == 0 {
            Folded::Same
        } else if entry & MANY != 0 {
            Folded::Many(&self.many[(entry & !MANY) as usize])
        } else {
            char::from_u32(entry).map_or(Folded::Same, Folded::One)
        }
    }

    fn apply<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut out = String::new();
        // Up to where the text is in `out`.
        let mut copied = 0;
        let mut at = 0;
        let bytes = text.as_bytes();
        while let Some(&byte) = bytes.get(at) {
            if byte.is_ascii() {
                let end = at + ascii_run(&bytes[at..]);
                if self.fold.case && bytes[at..end].iter().any(u8::is_ascii_uppercase) {
                    out.reserve(text.len() - copied);
                    out.push_str(&text[copied..at]);
                    let from = out.len();
                    out.push_str(&text[at..end]);
                    out[from..].make_ascii_lowercase();
                    copied = end;
                }
                at = end;
                continue;
            }
            // U+5000 to U+9FFF and U+B000 to U+CFFF, most of Han and Hangul: three bytes each, and none of them changes.
            if matches!(byte, 0xE5..=0xE9 | 0xEB | 0xEC) {
                at += 3;
                continue;
            }
            let Some(c) = text[at..].chars().next() else { break };
            let end = at + c.len_utf8();
            match self.get(c) {
                Folded::Same => {}
                Folded::One(one) => {
                    out.reserve(text.len() - copied);
                    out.push_str(&text[copied..at]);
                    out.push(one);
                    copied = end;
                }
                Folded::Many(many) => {
                    out.reserve(text.len() - copied);
                    out.push_str(&text[copied..at]);
                    out.push_str(many);
                    copied = end;
                }
            }
            at = end;
        }
        if copied == 0 {
            return Cow::Borrowed(text);
        }
        out.push_str(&text[copied..]);
        Cow::Owned(out)
    }
}

fn ascii_run(bytes: &[u8]) -> usize {
    bytes.iter().position(|byte| !byte.is_ascii()).unwrap_or(bytes.len())
}
