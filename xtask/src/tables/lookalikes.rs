//! Letters of other scripts, and symbols, that look like a Latin letter.

use super::Layer;
use unicode_normalization::char::is_combining_mark;
use unicode_security::confusable_detection::skeleton;

/// What looks like `i` as much as like `l`, as `I` and `1` do. No text holds this code point.
const EITHER: char = '\u{10FFFF}';

/// For what looks like one Latin letter, perhaps with a stroke or accent: that letter, small. What becomes a Latin
/// letter by folding case and width alone is left out.
///
/// Capitals that look like something else than their small letters (`В` like `B`) are noted under the small letter too,
/// since texts are folded first, unless that has a look of its own.
pub(super) fn table(case: &Layer, width: &Layer) -> Layer {
    let look = |c: char| {
        let letter = letter(&skeleton(c.encode_utf8(&mut [0; 4])).collect::<String>())?.to_ascii_lowercase();
        // `l`, `I`, `1` and `|` have one skeleton.
        Some(if letter == 'l' { EITHER } else { letter })
    };
    let mut table = Layer::new();
    let folds_to_ascii = |c: char| {
        let wide = width.get(&c).cloned().unwrap_or_else(|| c.into());
        let folded: String =
            wide.chars().map(|c| case.get(&c).cloned().unwrap_or_else(|| c.into())).collect();
        folded.is_ascii()
    };
    for c in ('\u{80}'..=char::MAX).filter(|c| !folds_to_ascii(*c)) {
        if let Some(letter) = look(c) {
            table.insert(c, letter.into());
        }
    }
    let capitals: Vec<(char, String)> = table.iter().map(|(c, letter)| (*c, letter.clone())).collect();
    for (capital, letter) in capitals {
        let mut small = case.get(&capital).into_iter().flat_map(|folded| folded.chars());
        if let (Some(small), None) = (small.next(), small.next())
            && !small.is_ascii()
        {
            table.entry(small).or_insert(letter);
        }
    }
    for (digit, letter) in [('0', 'o'), ('1', EITHER), ('|', EITHER)] {
        table.insert(digit, letter.into());
    }
    table
}

/// The only letter, if the text is one Latin letter and nothing but marks behind it. `m` has the skeleton `rn`.
fn letter(skeleton: &str) -> Option<char> {
    if skeleton == "rn" {
        return Some('m');
    }
    let mut chars = skeleton.chars().filter(|c| !is_combining_mark(*c));
    chars.next().filter(|c| c.is_ascii_alphabetic() && chars.next().is_none())
}
