//! The dictionaries of libfuzzer: words that are put into inputs, each in quotes on a line of its own.

/// The words of a target.
pub fn of(target: &str) -> Vec<Vec<u8>> {
    match target {
        "compile" | "editor" | "run" => read(include_str!("../rulebook.dict")),
        "events" | "lines" => read(include_str!("../events.dict")),
        "keywords" => [
            "\n",
            "\n\n",
            "!",
            "*",
            "?",
            "abcdefghi",
            "\u{301}",
            "\u{200B}",
            "ß",
            "İ",
            "㎏",
            "🅰",
            "é",
            "麻烦",
            "-",
        ]
        .map(Into::into)
        .into(),
        _ => [&[0][..], &[1], &[0xff; 9], &[0x80, 0x80, 1], &[0xff, 0xff, 0xff, 0xff, 0x0f]]
            .map(<[u8]>::to_vec)
            .into(),
    }
}

fn read(dictionary: &str) -> Vec<Vec<u8>> {
    let lines = dictionary.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            word(line.strip_prefix('"').and_then(|line| line.strip_suffix('"')).unwrap_or(line))
                .expect("a word of a dictionary")
        })
        .collect()
}

/// A word without its quotes: `\\`, `\"` and `\xAB` stand for a byte.
fn word(mut text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    while let Some(first) = text.bytes().next() {
        let length = match text.as_bytes() {
            [b'\\', b'x', ..] => {
                bytes.push(u8::from_str_radix(text.get(2..4)?, 16).ok()?);
                4
            }
            [b'\\', escaped, ..] => {
                bytes.push(*escaped);
                2
            }
            _ => {
                bytes.push(first);
                1
            }
        };
        text = text.get(length..)?;
    }
    Some(bytes)
}
