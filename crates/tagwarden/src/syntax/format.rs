//! The formatter: one style, every comment kept, literals and names as written.
//!
//! It prints the tokens of the source, not the tree, so that nothing can get lost. What lowering marked tells it where
//! lines and commas go; everything else is the space between two tokens.
//!
//! The style: two spaces, one part of a block a line. An event, a score, and a rule or list of at most two parts stand
//! on one line if that fits. Lines that are too long are broken before `or`, or else before `and`. Keyword patterns stay
//! on the lines where they were put. Blank lines between things stay, at most one.

use super::Parsed;
use super::lower::Mark;
use super::print::{WIDTH, fits_on_one_line};
use super::scan::{Kind, Token};
use super::words::is_reserved;
use crate::diagnostic::{CompileError, Diagnostic};
use crate::limits::Limits;
use crate::small::sort;
use crate::source::{Source, Sources};

/// Formats a source.
///
/// # Errors
/// The syntax errors of the source; one with errors is not formatted at all.
pub fn format(source: &Source, limits: &Limits) -> Result<String, Vec<Diagnostic>> {
    let mut parsed = super::parse_parts(0, source, limits);
    if !parsed.errors.is_empty() {
        return Err(parsed.errors);
    }
    sort(&mut parsed.marks);
    let mut formatter = Formatter { text: &source.text, marks: &parsed.marks, out: String::new() };
    formatter.run(&parsed);
    Ok(formatter.out)
}

/// Formats a rulebook in the one style of the language, with every comment kept.
///
/// # Errors
/// The syntax errors of the text; one with errors is not formatted at all. Names and types are not looked at.
///
/// ```
/// let text = "rule gold{while sum(order.amount)over 365d>=10000 then tag vip} // so";
/// assert_eq!(
///     tagwarden::format(text)?,
///     "rule gold { while sum(order.amount) over 365d >= 10000 then tag vip } // so\n"
/// );
/// # Ok::<(), tagwarden::CompileError>(())
/// ```
pub fn format_text(text: &str) -> Result<String, CompileError> {
    let source = Source::new("rulebook", text);
    format(&source, &Limits::default()).map_err(|diagnostics| {
        let mut sources = Sources::default();
        sources.add(source);
        CompileError { diagnostics, sources }
    })
}

/// A token of the output.
#[derive(Clone, Copy)]
struct Bit<'t> {
    text: &'t str,
    kind: Kind,
    mark: Option<Mark>,
    lines_before: u8,
}

impl Bit<'_> {
    fn is_comment(&self) -> bool {
        self.kind == Kind::Comment
    }

    /// Whether it is a comment behind something on the same line.
    fn is_trailing(&self) -> bool {
        self.is_comment() && self.lines_before == 0
    }
}

/// Tokens that belong on a line together, with the comments around them.
#[derive(Default)]
struct Group<'t> {
    /// Comments on lines of their own before it.
    leading: Vec<Bit<'t>>,
    /// Its tokens, and comments between them.
    bits: Vec<Bit<'t>>,
    /// The comment behind it on its last line.
    trailing: Option<Bit<'t>>,
}

impl Group<'_> {
    fn has_comments(&self) -> bool {
        !self.leading.is_empty() || self.trailing.is_some() || self.bits.iter().any(Bit::is_comment)
    }
}

/// An item: all of it, or its header up to the opening brace, the parts, and the closing brace.
struct Layout<'t> {
    header: Group<'t>,
    parts: Vec<Group<'t>>,
    closing: Option<Group<'t>>,
}

struct Formatter<'t> {
    text: &'t str,
    marks: &'t [(usize, Mark)],
    out: String,
}

impl<'t> Formatter<'t> {
    fn run(&mut self, parsed: &Parsed) {
        let mut tokens = parsed.scan.tokens.iter().copied().peekable();
        for item in &parsed.file.items {
            let range = item.span.range();
            let mut leading = Vec::new();
            while let Some(token) = tokens.next_if(|token| token.start < range.start) {
                leading.push(self.bit(token));
            }
            let mut own = Vec::new();
            while let Some(token) = tokens.next_if(|token| token.start < range.end) {
                own.push(self.bit(token));
            }
            let trailing = tokens.next_if(|token| token.kind == Kind::Comment && !token.first_on_line());
            let mut layout = lay_out(with_commas(own));
            layout.header.leading.splice(0..0, leading);
            layout.closing.as_mut().unwrap_or(&mut layout.header).trailing =
                trailing.map(|token| self.bit(token));
            self.item(&layout);
        }
        for token in tokens {
            let comment = self.bit(token);
            self.own_line(comment, 0, true);
        }
    }

    fn bit(&self, token: Token) -> Bit<'t> {
        let mark = self.marks.binary_search_by_key(&token.start, |(at, _)| *at).ok();
        Bit {
            text: token.text(self.text).trim_end(),
            kind: token.kind,
            mark: mark.and_then(|index| self.marks.get(index)).map(|(_, mark)| *mark),
            lines_before: token.lines_before,
        }
    }

    fn item(&mut self, layout: &Layout<'t>) {
        let Some(closing) = &layout.closing else {
            self.group(&layout.header, 0, true);
            return;
        };
        if let Some(line) = one_line(layout) {
            self.leading(&layout.header, 0, true);
            self.out.push_str(&line);
            self.end_line(closing.trailing);
            return;
        }
        self.group(&layout.header, 0, true);
        if layout.parts.iter().any(|part| mark_of(part) == Some(Mark::Fill)) {
            self.filled(&layout.parts);
        } else {
            for (index, part) in layout.parts.iter().enumerate() {
                self.group(part, 2, index > 0);
            }
        }
        for comment in &closing.leading {
            self.own_line(*comment, 2, true);
        }
        self.out.push('}');
        self.end_line(closing.trailing);
    }

    /// A group on lines of its own. `blank` says whether a blank line before it may stay.
    fn group(&mut self, group: &Group<'t>, indent: usize, blank: bool) {
        self.leading(group, indent, blank);
        self.indent(indent);
        self.bits(&group.bits, indent);
        self.end_line(group.trailing);
    }

    /// The comments before a group, and the blank line that may stand there.
    fn leading(&mut self, group: &Group<'t>, indent: usize, blank: bool) {
        for (index, comment) in group.leading.iter().enumerate() {
            self.own_line(*comment, indent, blank || index > 0);
        }
        let wanted = group.bits.first().is_some_and(|bit| bit.lines_before > 1);
        if wanted && (blank || !group.leading.is_empty()) {
            self.blank_line();
        }
    }

    fn own_line(&mut self, comment: Bit<'t>, indent: usize, blank: bool) {
        if comment.lines_before > 1 && blank {
            self.blank_line();
        }
        self.indent(indent);
        self.out.push_str(comment.text);
        self.out.push('\n');
    }

    fn blank_line(&mut self) {
        if !self.out.is_empty() && !self.out.ends_with("\n\n") {
            self.out.push('\n');
        }
    }

    fn indent(&mut self, indent: usize) {
        self.out.extend(std::iter::repeat_n(' ', indent));
    }

    fn end_line(&mut self, trailing: Option<Bit<'t>>) {
        if let Some(comment) = trailing {
            self.out.push(' ');
            self.out.push_str(comment.text);
        }
        self.out.push('\n');
    }

    /// The tokens of a group, broken behind comments or, if the line is too long, before the weakest operator.
    fn bits(&mut self, bits: &[Bit<'t>], indent: usize) {
        let line = joined(bits);
        let commented = bits.iter().any(Bit::is_comment);
        let breaks =
            if !commented && line.chars().count() + indent > WIDTH { breaks(bits) } else { Vec::new() };
        if !commented && breaks.is_empty() {
            self.out.push_str(&line);
            return;
        }
        let new_line = |out: &mut String| {
            out.push('\n');
            out.extend(std::iter::repeat_n(' ', indent + 2));
        };
        for (index, bit) in bits.iter().enumerate() {
            let before = index.checked_sub(1).and_then(|index| bits.get(index));
            let on_new_line = breaks.contains(&index)
                || before.is_some_and(Bit::is_comment)
                || (bit.is_comment() && !bit.is_trailing());
            if on_new_line {
                new_line(&mut self.out);
            } else if bit.is_comment() || gap(bits, index) {
                self.out.push(' ');
            }
            self.out.push_str(bit.text);
        }
    }

    /// Parts that stay on the lines where they were put, as far as they fit.
    fn filled(&mut self, parts: &[Group<'t>]) {
        let mut column = 0;
        // Whether the line at hand takes another part.
        let mut open = false;
        for (index, part) in parts.iter().enumerate() {
            let line = joined(&part.bits);
            let width = line.chars().count();
            let Some(first) = part.bits.first() else { continue };
            let commented = part.has_comments();
            let goes_on = open
                && first.lines_before == 0
                && part.leading.is_empty()
                && first.text != "except"
                && column + 1 + width <= WIDTH;
            if goes_on {
                self.out.push(' ');
                column += 1 + width;
            } else {
                if open {
                    self.out.push('\n');
                }
                self.leading(part, 2, index > 0);
                self.indent(2);
                column = 2 + width;
            }
            self.bits(&part.bits, 2);
            open = !commented || (part.trailing.is_none() && !part.bits.iter().any(Bit::is_comment));
            if !open {
                self.end_line(part.trailing);
            }
            if open && first.text == "except" {
                self.out.push('\n');
                open = false;
            }
        }
        if open {
            self.out.push('\n');
        }
    }
}

fn mark_of(group: &Group<'_>) -> Option<Mark> {
    group.bits.first().and_then(|bit| bit.mark)
}

/// Puts commas where the style has them and nowhere else: right behind what they follow, before any comment.
fn with_commas(bits: Vec<Bit<'_>>) -> Vec<Bit<'_>> {
    let mut out: Vec<Bit<'_>> = Vec::with_capacity(bits.len());
    let bits = bits.into_iter().peekable();
    // A comma that was written, until it is known what follows.
    let mut written = false;
    for bit in bits {
        if bit.text == "," && bit.kind == Kind::Mark {
            written = true;
            continue;
        }
        if !bit.is_comment() {
            let wanted = match bit.mark {
                Some(Mark::Field) => {
                    out.iter().rev().find(|bit| !bit.is_comment()).is_some_and(|bit| bit.text != "{")
                }
                Some(Mark::Comma) => true,
                Some(Mark::Line | Mark::Fill | Mark::NoComma) => false,
                None => written && !matches!(bit.text, ")" | "]" | "}"),
            };
            if wanted {
                let place = out.iter().rposition(|bit| !bit.is_comment()).map_or(0, |index| index + 1);
                out.insert(place, Bit { text: ",", kind: Kind::Mark, mark: None, lines_before: 0 });
            }
            written = false;
        }
        out.push(bit);
    }
    out
}

/// Cuts the tokens of an item into groups.
fn lay_out(bits: Vec<Bit<'_>>) -> Layout<'_> {
    let mut bits = bits;
    let closing_bit = if bits.last().is_some_and(|last| last.text == "}") { bits.pop() } else { None };
    let mut groups = vec![Group::default()];
    let mut pending = Vec::new();
    for bit in bits {
        if bit.is_comment() {
            pending.push(bit);
            continue;
        }
        if matches!(bit.mark, Some(Mark::Line | Mark::Field | Mark::Fill)) {
            let leading = give_trailing(&mut groups, std::mem::take(&mut pending));
            groups.push(Group { leading, ..Group::default() });
        }
        if let Some(group) = groups.last_mut() {
            group.bits.append(&mut pending);
            group.bits.push(bit);
        }
    }
    let leading = give_trailing(&mut groups, pending);
    let closing = closing_bit.map(|bit| Group { leading, bits: vec![bit], trailing: None });
    let mut groups = groups.into_iter();
    Layout { header: groups.next().unwrap_or_default(), parts: groups.collect(), closing }
}

/// Gives the comment behind the last line to its group and returns the others.
fn give_trailing<'t>(groups: &mut [Group<'t>], mut comments: Vec<Bit<'t>>) -> Vec<Bit<'t>> {
    if comments.first().is_some_and(Bit::is_trailing)
        && let Some(group) = groups.last_mut()
    {
        group.trailing = Some(comments.remove(0));
    }
    comments
}

/// An item with a block on one line, if it may stand there.
fn one_line(layout: &Layout<'_>) -> Option<String> {
    let closing = layout.closing.as_ref()?;
    let inner_comments = layout.header.trailing.is_some()
        || layout.header.bits.iter().any(Bit::is_comment)
        || layout.parts.iter().any(Group::has_comments)
        || !closing.leading.is_empty();
    if inner_comments {
        return None;
    }
    let header = joined(&layout.header.bits);
    if layout.parts.is_empty() {
        return Some(format!("{header}}}"));
    }
    let parts: Vec<String> = layout.parts.iter().map(|part| joined(&part.bits)).collect();
    let line = format!("{header} {} }}", parts.join(" "));
    let kind = layout.header.bits.iter().map(|bit| bit.text).find(|word| *word != "shadow");
    let fits = match kind {
        Some("event" | "score") => line.chars().count() <= WIDTH,
        Some("rule" | "list") => fits_on_one_line(parts.len(), &line),
        _ => false,
    };
    fits.then_some(line)
}

/// Tokens in a row, without regard to comments.
fn joined(bits: &[Bit<'_>]) -> String {
    let mut out = String::new();
    for (index, bit) in bits.iter().enumerate() {
        if index > 0 && gap(bits, index) {
            out.push(' ');
        }
        out.push_str(bit.text);
    }
    out
}

/// Whether a space stands before token `index`.
fn gap(bits: &[Bit<'_>], index: usize) -> bool {
    let behind = |back: usize| index.checked_sub(back).and_then(|index| bits.get(index));
    let (Some(next), Some(before)) = (bits.get(index), behind(1)) else { return false };
    let second = behind(2);
    if before.kind == Kind::Mark {
        match before.text {
            "(" | "[" | "." | "!" => return false,
            "-" if !second.is_some_and(ends_operand) => return false,
            "{" if next.text == "}" => return false,
            _ => {}
        }
    }
    if next.kind == Kind::Mark {
        match next.text {
            "," | ")" | "]" | "." | ":" | "?" => return false,
            "%" if second.is_some_and(|bit| bit.text == "rollout") => return false,
            "(" => return !takes_arguments(before, second),
            _ => {}
        }
    }
    true
}

/// Whether a bracket behind a token holds its arguments.
fn takes_arguments(bit: &Bit<'_>, before: Option<&Bit<'_>>) -> bool {
    match bit.kind {
        Kind::Word => {
            before.is_some_and(|before| before.text == ".")
                || !(is_reserved(bit.text) || matches!(bit.text, "since" | "with"))
        }
        // The name of an event.
        Kind::Text => true,
        _ => false,
    }
}

/// Whether a `-` behind a token subtracts from it.
fn ends_operand(bit: &Bit<'_>) -> bool {
    match bit.kind {
        Kind::Word => !is_reserved(bit.text),
        Kind::Mark => matches!(bit.text, ")" | "]"),
        _ => true,
    }
}

/// Where a line that is too long is broken: before every `or` outside brackets or, if there is none, before every `and`.
fn breaks(bits: &[Bit<'_>]) -> Vec<usize> {
    let (mut ors, mut ands) = (Vec::new(), Vec::new());
    let (mut depth, mut betweens) = (0_usize, 0_usize);
    for (index, bit) in bits.iter().enumerate() {
        let behind_dot =
            index.checked_sub(1).and_then(|index| bits.get(index)).is_some_and(|bit| bit.text == ".");
        match (bit.kind, bit.text) {
            (Kind::Mark, "(" | "[" | "{") => depth += 1,
            (Kind::Mark, ")" | "]" | "}") => depth = depth.saturating_sub(1),
            (Kind::Word, "between") if depth == 0 && !behind_dot => betweens += 1,
            (Kind::Word, "and") if depth == 0 && !behind_dot => {
                if betweens > 0 {
                    betweens -= 1;
                } else {
                    ands.push(index);
                }
            }
            (Kind::Word, "or") if depth == 0 && !behind_dot => ors.push(index),
            _ => {}
        }
    }
    if ors.is_empty() { ands } else { ors }
}
