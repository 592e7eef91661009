//! Folding: the rewriting of code points that makes spellings equal which a keyword set does not tell apart.
//!
//! Each code point is rewritten by itself, without regard to its neighbours, until nothing changes any more; patterns
//! and texts are folded alike. That keeps the way back to the original simple, and makes folding a table look-up: it,
//! and not the search, is what costs time.

use super::Switches;
use super::tables::{self, Data};
use std::borrow::Cow;
use std::sync::OnceLock;

impl Switches {
    /// What the code point becomes, from the rules; the tables are built from this.
    #[must_use]
    pub fn code_point(self, c: char) -> String {
        let data = tables::data();
        let mut now = String::from(c);
        // Case comes first, since it has a rule for `İ` whole. Rules feed each other: a fullwidth capital becomes a capital, a decomposed sharp s two letters. Two rounds
        // suffice today; the bound only guards against data that would go in a circle.
        for _ in 0..8 {
            let next: String = self.once(data, &now);
            if next == now {
                break;
            }
            now = next;
        }
        if self.any(Switches::INVISIBLE) {
            now.retain(|c| !data.invisible.contains(c));
        }
        now
    }

    fn once(self, data: &Data, text: &str) -> String {
        let layers =
            [(Switches::CASE, &data.case), (Switches::WIDTH, &data.width), (Switches::SCRIPT, &data.script)];
        let mut text = Cow::Borrowed(text);
        for (switch, layer) in layers {
            if self.any(switch) && text.chars().any(|c| layer.get(c).is_some()) {
                let mut next = String::new();
                for c in text.chars() {
                    match layer.get(c) {
                        Some(folded) => next.extend(folded),
                        None => next.push(c),
                    }
                }
                text = Cow::Owned(next);
            }
        }
        text.into_owned()
    }

    /// The table for what is undone for all texts. It is made when it is first asked for.
    pub(super) fn table(self) -> &'static Table {
        static TABLES: [OnceLock<Table>; 16] = [const { OnceLock::new() }; 16];
        TABLES[self.base_index()].get_or_init(|| Table::build(self.and(Switches::BASE)))
    }

    /// The folded text; borrowed where nothing changes, as in most simplified Chinese texts.
    #[must_use]
    pub fn apply(self, text: &str) -> Cow<'_, str> {
        let table = self.table();
        // In most texts nothing changes: that is found out first, and by the small masks alone.
        let Some(first) = table.first_change(text) else { return Cow::Borrowed(text) };
        let (before, rest) = text.split_at(first);
        let mut out = String::with_capacity(text.len());
        out.push_str(before);
        for c in rest.chars() {
            if !table.changes(c) {
                out.push(c);
            } else if table.lowers && c.is_ascii_uppercase() {
                out.push(c.to_ascii_lowercase());
            } else {
                table.each(c, |c, _, _| out.push(c));
            }
        }
        Cow::Owned(out)
    }
}

/// What a code point becomes.
pub(super) enum Folded<'t> {
    Same,
    One(char),
    /// Several, or none.
    Many(&'t [char]),
}

const BLOCK: usize = 128;
const BLOCK_BITS: u32 = 7;
const BLOCKS: usize = 0x11_0000 / BLOCK;
const MANY: u32 = 1 << 31;

/// A two-stage table from code points to what they become.
pub(super) struct Table {
    /// For each block of code points the index of its entries; block 0 of the entries changes nothing.
    blocks: Box<[u16; BLOCKS]>,
    /// For each block of entries a bit for each code point: whether it changes. Small enough to stay close at hand.
    masks: Vec<[u64; 2]>,
    /// 0: unchanged; less than [`MANY`]: the code point; otherwise where in `many` the result begins, its length before it.
    entries: Vec<u32>,
    many: Vec<char>,
    /// Whether ASCII capitals become small.
    lowers: bool,
    /// What each character of the basic plane becomes, its low half; 0 where that is several or none.
    short: Box<[u16; 0x1_0000]>,
    /// What ASCII becomes; [`SEVERAL`] where that is several characters or none.
    ascii: [u8; 128],
}

const SEVERAL: u8 = u8::MAX;

impl Table {
    fn build(switches: Switches) -> Table {
        let data = tables::data();
        let mut table = Table {
            blocks: Box::new([0; BLOCKS]),
            masks: vec![[0; 2]],
            entries: vec![0; BLOCK],
            many: Vec::new(),
            lowers: switches.any(Switches::CASE),
            short: Box::new([0; 0x1_0000]),
            ascii: [SEVERAL; 128],
        };
        let layers =
            [(Switches::CASE, &data.case), (Switches::WIDTH, &data.width), (Switches::SCRIPT, &data.script)];
        for (_, layer) in layers.into_iter().filter(|(switch, _)| switches.any(*switch)) {
            layer.changing().for_each(|c| table.set(switches, c));
        }
        if switches.any(Switches::INVISIBLE) {
            data.invisible.chars().for_each(|c| table.set(switches, c));
        }
        let single = |c: u32| table.single(c).map_or(0, |folded| folded as u16);
        let short: Vec<u16> = (0..0x1_0000).map(single).collect();
        table.short.copy_from_slice(&short);
        table.ascii = std::array::from_fn(|at| match table.get(char::from(at as u8)) {
            Folded::Same => at as u8,
            Folded::One(one) => u8::try_from(one).ok().filter(u8::is_ascii).unwrap_or(SEVERAL),
            Folded::Many(_) => SEVERAL,
        });
        table
    }

    fn set(&mut self, switches: Switches, c: char) {
        let block = &mut self.blocks[(c as u32 >> BLOCK_BITS) as usize];
        if *block == 0 {
            // At most BLOCKS + 1 of them: they fit.
            *block = (self.entries.len() / BLOCK) as u16;
            self.entries.resize(self.entries.len() + BLOCK, 0);
            self.masks.push([0; 2]);
        }
        let block = *block;
        let at = usize::from(block) * BLOCK + (c as usize & (BLOCK - 1));
        if self.entries[at] != 0 {
            return;
        }
        let folded = switches.code_point(c);
        let mut chars = folded.chars();
        self.entries[at] = match (chars.next(), chars.next()) {
            (Some(one), None) if one == c => 0,
            // The entry 0 means unchanged, so U+0000, to which nothing else folds, cannot stand in one.
            (Some(one), None) if one != '\0' => one as u32,
            _ => {
                let from = self.many.len();
                // Its length: none is longer than a few dozen.
                self.many.push(char::from_u32(folded.chars().count() as u32).unwrap_or('\0'));
                self.many.extend(folded.chars());
                MANY | from as u32
            }
        };
        if self.entries[at] != 0 {
            self.masks[usize::from(block)][c as usize >> 6 & 1] |= 1 << (c as u32 & 63);
        }
    }

    /// Whether it becomes anything else.
    #[inline]
    fn changes(&self, c: char) -> bool {
        self.number_changes(c as u32)
    }

    #[inline]
    fn number_changes(&self, c: u32) -> bool {
        let block = self.blocks.get((c >> BLOCK_BITS) as usize).copied().unwrap_or(0);
        let mask = self.masks.get(usize::from(block)).map_or(0, |mask| mask[c as usize >> 6 & 1]);
        mask >> (c & 63) & 1 != 0
    }

    /// Where the first character begins that changes. This is most of what folding costs, and most characters of real
    /// texts take one byte or three: those are put together here.
    fn first_change(&self, text: &str) -> Option<usize> {
        let bytes = text.as_bytes();
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            if byte < 0x80 {
                if self.ascii[usize::from(byte & 0x7F)] != byte {
                    return Some(at);
                }
                at += 1;
            } else if let (0xE0..=0xEF, Some(&[second, third])) = (byte, bytes.get(at + 1..at + 3)) {
                let c =
                    u32::from(byte & 0x0F) << 12 | u32::from(second & 0x3F) << 6 | u32::from(third & 0x3F);
                if self.number_changes(c) {
                    return Some(at);
                }
                at += 3;
            } else {
                let c = text.get(at..)?.chars().next()?;
                if self.changes(c) {
                    return Some(at);
                }
                at += c.len_utf8();
            }
        }
        None
    }

    /// The character of ASCII that one of ASCII becomes; `None` where that is anything else.
    #[inline]
    pub(super) fn plain(&self, byte: u8) -> Option<u32> {
        let folded = self.ascii[usize::from(byte & 0x7F)];
        (folded != SEVERAL).then_some(u32::from(folded))
    }

    /// The low half of what a character of the basic plane becomes; 0 if that is several or nothing, or U+0000.
    #[inline(always)]
    pub(super) fn short(&self, c: u16) -> u16 {
        self.short[usize::from(c)]
    }

    /// The character that one becomes; `None` if it becomes several or nothing.
    #[inline]
    pub(super) fn single(&self, c: u32) -> Option<u32> {
        if !self.number_changes(c) {
            return Some(c);
        }
        match self.get(char::from_u32(c)?) {
            Folded::Same => Some(c),
            Folded::One(one) => Some(one as u32),
            Folded::Many(_) => None,
        }
    }

    #[inline]
    pub(super) fn get(&self, c: char) -> Folded<'_> {
        let block = self.blocks[(c as u32 >> BLOCK_BITS) as usize];
        let entry = self.entries.get(usize::from(block) * BLOCK + (c as usize & (BLOCK - 1))).copied();
        match entry {
            None | Some(0) => Folded::Same,
            Some(entry) if entry < MANY => char::from_u32(entry).map_or(Folded::Same, Folded::One),
            Some(entry) => Folded::Many(self.several((entry & !MANY) as usize)),
        }
    }

    #[cold]
    fn several(&self, at: usize) -> &[char] {
        let len = self.many.get(at).map_or(0, |&len| len as usize);
        self.many.get(at + 1..at + 1 + len).unwrap_or_default()
    }

    /// Calls `each` with every folded character of `c`, its place among them and how many there are.
    pub(super) fn each(&self, c: char, mut each: impl FnMut(char, usize, usize)) {
        match self.get(c) {
            Folded::Same => each(c, 0, 1),
            Folded::One(one) => each(one, 0, 1),
            Folded::Many(many) => {
                many.iter().enumerate().for_each(|(at, &c)| each(c, at, many.len()));
            }
        }
    }
}
