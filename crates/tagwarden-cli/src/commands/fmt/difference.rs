//! The lines in which two texts differ.

use crate::output::{DIM, GREEN, RED, RESET};
use std::io::Write;

/// Beyond so many pairs of lines no longest common part is looked for.
const MOST_PAIRS: usize = 4_000_000;

/// Writes the lines that go and the lines that come, with the number of the line before each group.
pub(super) fn write(out: &mut impl Write, before: &str, after: &str) -> std::io::Result<()> {
    let (old, new): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    let mut group = false;
    for (line, text, change) in changes(&old, &new) {
        let (sign, colour) = match change {
            Change::Kept => {
                group = false;
                continue;
            }
            Change::Gone => ('-', RED),
            Change::New => ('+', GREEN),
        };
        if !group {
            writeln!(out, "{DIM}  line {line}{RESET}")?;
        }
        group = true;
        writeln!(out, "{colour}{sign} {text}{RESET}")?;
    }
    // `lines` does not show it.
    if before.ends_with('\n') != after.ends_with('\n') {
        writeln!(out, "{DIM}  the end of the last line{RESET}")?;
    }
    Ok(())
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Change {
    Kept,
    Gone,
    New,
}

/// Every line of both texts, with its number in the old one, by a longest common part.
fn changes<'t>(old: &[&'t str], new: &[&'t str]) -> Vec<(usize, &'t str, Change)> {
    let head = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let (old, new) = (old.get(head..).unwrap_or_default(), new.get(head..).unwrap_or_default());
    let mut changes = Vec::new();
    let width = new.len() + 1;
    // How many lines the rests of both texts have in common.
    let mut common =
        vec![0_u32; if old.len() * new.len() > MOST_PAIRS { 0 } else { (old.len() + 1) * width }];
    let at = |common: &[u32], a: usize, b: usize| common.get(a * width + b).copied().unwrap_or(0);
    if !common.is_empty() {
        for a in (0..old.len()).rev() {
            for b in (0..new.len()).rev() {
                let value = if old.get(a) == new.get(b) {
                    at(&common, a + 1, b + 1) + 1
                } else {
                    at(&common, a + 1, b).max(at(&common, a, b + 1))
                };
                if let Some(cell) = common.get_mut(a * width + b) {
                    *cell = value;
                }
            }
        }
    }
    let (mut a, mut b) = (0, 0);
    loop {
        let line = head + a + 1;
        match (old.get(a), new.get(b)) {
            (None, None) => return changes,
            (Some(gone), Some(come)) if gone == come => {
                changes.push((line, *gone, Change::Kept));
                (a, b) = (a + 1, b + 1);
            }
            (Some(gone), come) if come.is_none() || at(&common, a + 1, b) >= at(&common, a, b + 1) => {
                changes.push((line, *gone, Change::Gone));
                a += 1;
            }
            (_, Some(come)) => {
                changes.push((line, *come, Change::New));
                b += 1;
            }
            (Some(_), None) => return changes,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_shown() {
        let mut out = Vec::new();
        write(&mut out, "a\nb\nc\nd\n", "a\nx\nc\nd\ne\n").unwrap();
        let text = String::from_utf8(anstream::adapter::strip_bytes(&out).into_vec()).unwrap();
        assert_eq!(text, "  line 2\n- b\n+ x\n  line 5\n+ e\n");
    }
}
