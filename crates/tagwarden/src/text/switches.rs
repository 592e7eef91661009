//! Which differences between pattern and text are left out of account.

use super::tables;
use std::ops::BitOr;

/// A set of differences that are undone. Patterns with the same switches share an automaton.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
pub struct Switches(u16);

impl Switches {
    /// Nothing is undone.
    pub const NONE: Switches = Switches(0);
    /// Case, by Unicode's default full case folding, but for `İ`, which becomes `i`.
    pub const CASE: Switches = Switches(1);
    /// Compatibility forms: full and half width, enclosed and styled letters, ligatures; composed and decomposed accents.
    pub const WIDTH: Switches = Switches(1 << 1);
    /// Traditional Han characters become simplified ones.
    pub const SCRIPT: Switches = Switches(1 << 2);
    /// What shows nothing is nothing.
    pub const INVISIBLE: Switches = Switches(1 << 3);
    /// Up to two characters that are neither letter nor digit between two letters.
    pub const SEPARATORS: Switches = Switches(1 << 4);
    /// More of a letter than the pattern has.
    pub const REPEATS: Switches = Switches(1 << 5);
    /// Digits and symbols for Latin letters.
    pub const LEET: Switches = Switches(1 << 6);
    /// Letters of other scripts for Latin ones that they look like, and accents.
    pub const LOOKALIKES: Switches = Switches(1 << 7);
    /// Han characters that sound alike but for the tone.
    pub const SOUND: Switches = Switches(1 << 8);

    /// What is undone unless `exactly` is written.
    pub const BASE: Switches = Switches(0b1111);
    /// What is undone where `ignoring` asks for it.
    pub const EVASIONS: Switches = Switches(0b1_1111_0000);

    /// All of them, with the words of the language: first the weakest.
    pub const NAMES: [(&'static str, Switches); 9] = [
        ("case", Switches::CASE),
        ("width", Switches::WIDTH),
        ("script", Switches::SCRIPT),
        ("invisible", Switches::INVISIBLE),
        ("separators", Switches::SEPARATORS),
        ("repeats", Switches::REPEATS),
        ("leet", Switches::LEET),
        ("lookalikes", Switches::LOOKALIKES),
        ("sound", Switches::SOUND),
    ];

    /// The switch with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Switches> {
        Switches::NAMES.iter().find(|(known, _)| *known == name).map(|&(_, switch)| switch)
    }

    /// The names of those that are set, weakest first.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        Switches::NAMES.iter().filter(move |(_, switch)| self.has(*switch)).map(|&(name, _)| name)
    }

    /// Whether all of these are set.
    #[must_use]
    pub const fn has(self, others: Switches) -> bool {
        self.0 & others.0 == others.0
    }

    /// Whether any of these is set.
    #[must_use]
    pub const fn any(self, others: Switches) -> bool {
        self.0 & others.0 != 0
    }

    /// Without these.
    #[must_use]
    pub const fn without(self, others: Switches) -> Switches {
        Switches(self.0 & !others.0)
    }

    /// Those that both have.
    #[must_use]
    pub const fn and(self, others: Switches) -> Switches {
        Switches(self.0 & others.0)
    }

    /// As an index below 16: those of [`Switches::BASE`].
    pub(super) const fn base_index(self) -> usize {
        (self.0 & Switches::BASE.0) as usize
    }

    /// Those that this build has the data for.
    #[must_use]
    pub const fn built() -> Switches {
        let mut built = Switches::BASE.0 | Switches::SEPARATORS.0 | Switches::REPEATS.0 | Switches::LEET.0;
        if cfg!(feature = "lookalikes") {
            built |= Switches::LOOKALIKES.0;
        }
        if cfg!(feature = "sound") {
            built |= Switches::SOUND.0;
        }
        Switches(built)
    }

    /// What a character, folded already, is seen as: the letter that it stands for, or itself.
    pub(super) fn seen(self, c: char) -> char {
        let disguised = self.any(Switches::LEET).then(|| leet(c)).flatten();
        let disguised =
            disguised.or_else(|| self.any(Switches::LOOKALIKES).then(|| tables::lookalike(c)).flatten());
        let disguised = disguised.or_else(|| self.any(Switches::SOUND).then(|| tables::sound(c)).flatten());
        disguised.unwrap_or(c)
    }
}

impl BitOr for Switches {
    type Output = Switches;

    fn bitor(self, other: Switches) -> Switches {
        Switches(self.0 | other.0)
    }
}

/// The letter that a digit or symbol stands for. `1` and `|` stand for `i` and for `l`.
fn leet(c: char) -> Option<char> {
    Some(match c {
        '4' | '@' => 'a',
        '8' => 'b',
        '¢' => 'c',
        '3' | '€' => 'e',
        '6' | '9' => 'g',
        '!' => 'i',
        '1' | '|' => tables::EITHER,
        '£' => 'l',
        '0' => 'o',
        '5' | '$' => 's',
        '7' | '+' => 't',
        '¥' => 'y',
        '2' => 'z',
        _ => return None,
    })
}
