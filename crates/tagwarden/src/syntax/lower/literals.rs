//! Numbers, durations, times, texts and names.

use super::{Lower, Pair, Rule, shown};
use crate::diagnostic::{Code, nearest};
use crate::source::Span;
use crate::syntax::ast::{Name, Spanned};
use crate::value::{Decimal, DecimalError, Duration, read_day, read_local};

/// Longest durations: the years that times can lie in.
const MAX_MONTHS: u64 = 12 * 10_000;
const MAX_MICROS: i128 = 10_000 * 366 * 86_400_000_000;

/// The units of durations, longest first, with the microseconds or months of each.
const UNITS: [(&str, Unit); 7] = [
    ("y", Unit::Months(12)),
    ("mo", Unit::Months(1)),
    ("w", Unit::Micros(604_800_000_000)),
    ("d", Unit::Micros(86_400_000_000)),
    ("h", Unit::Micros(3_600_000_000)),
    ("m", Unit::Micros(60_000_000)),
    ("s", Unit::Micros(1_000_000)),
];

#[derive(Clone, Copy)]
enum Unit {
    Months(u64),
    Micros(i128),
}

/// Other spellings of the units, for advice.
const SPELLINGS: [(&str, &str); 24] = [
    ("sec", "s"),
    ("secs", "s"),
    ("second", "s"),
    ("seconds", "s"),
    ("min", "m"),
    ("mins", "m"),
    ("minute", "m"),
    ("minutes", "m"),
    ("hr", "h"),
    ("hrs", "h"),
    ("hour", "h"),
    ("hours", "h"),
    ("day", "d"),
    ("days", "d"),
    ("week", "w"),
    ("weeks", "w"),
    ("mon", "mo"),
    ("month", "mo"),
    ("months", "mo"),
    ("M", "mo"),
    ("yr", "y"),
    ("year", "y"),
    ("years", "y"),
    ("H", "h"),
];

impl Lower<'_> {
    /// A name: `name`, `string`, `title`, `ident` or `word`.
    pub(super) fn name(&mut self, pair: Pair<'_>) -> Name {
        let span = self.span(&pair);
        let inner = match pair.as_rule() {
            Rule::name | Rule::title => pair.clone().into_inner().next().unwrap_or(pair),
            _ => pair,
        };
        let text = match inner.as_rule() {
            Rule::string => self.text(&inner),
            _ => inner.as_str().to_owned(),
        };
        Name { text, span }
    }

    /// The content of a text in quotes.
    pub(super) fn text(&mut self, pair: &Pair<'_>) -> String {
        let raw = pair.as_str();
        let raw = raw.get(1..raw.len().saturating_sub(1)).unwrap_or("");
        if !raw.contains('\\') {
            return raw.to_owned();
        }
        let start = pair.as_span().start() + 1;
        let mut text = String::with_capacity(raw.len());
        let mut at = 0;
        while let Some(c) = raw.get(at..).and_then(|rest| rest.chars().next()) {
            if c == '\\' {
                let (character, length) = self.escape(raw.get(at..).unwrap_or(""), start + at);
                text.push(character);
                at += length;
            } else {
                text.push(c);
                at += c.len_utf8();
            }
        }
        text
    }

    /// The character that an escape at the beginning of `rest` stands for, and how long the escape is.
    pub(super) fn escape(&mut self, rest: &str, at: usize) -> (char, usize) {
        let mut chars = rest.chars().skip(1);
        match chars.next() {
            Some('n') => ('\n', 2),
            Some('t') => ('\t', 2),
            Some('"') => ('"', 2),
            Some('\\') => ('\\', 2),
            Some('u') => {
                let digits = rest.get(3..).and_then(|tail| tail.split_once('}')).map(|(digits, _)| digits);
                let character = digits
                    .filter(|digits| rest.get(2..3) == Some("{") && digits.len() <= 6)
                    .filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()))
                    .and_then(|digits| u32::from_str_radix(digits, 16).ok())
                    .and_then(char::from_u32);
                match (character, digits) {
                    (Some(character), Some(digits)) => (character, digits.len() + 4),
                    _ => {
                        let span = self.span_of(at, at + 2);
                        let message = "this is not the number of a character";
                        self.error(Code::BadEscape, span, message, "expected such as `\\u{4E00}`");
                        ('?', 2)
                    }
                }
            }
            other => {
                let length = 1 + other.map_or(0, char::len_utf8);
                let span = self.span_of(at, at + length);
                let message = format!("`{}` is no escape", rest.get(..length).unwrap_or("\\"));
                self.error(
                    Code::BadEscape,
                    span,
                    message,
                    "expected `\\n`, `\\t`, `\\\"`, `\\\\` or `\\u{…}`",
                )
                .help = Some("write a backslash as `\\\\`".to_owned());
                ('?', length)
            }
        }
    }

    /// A plain number: `amount`, `signed` or `number`.
    pub(super) fn number(&mut self, pair: &Pair<'_>) -> Spanned<Decimal> {
        let span = self.span(pair);
        // White space and comments may stand between the sign and the digits.
        let text: String = match pair.as_rule() {
            Rule::number => pair.as_str().to_owned(),
            _ => pair.clone().into_inner().map(|token| token.as_str()).collect(),
        };
        let node = match plain_number(&text) {
            Ok(number) => number,
            Err(why) => {
                self.bad_number(span, &text, why);
                Decimal::ZERO
            }
        };
        Spanned { node, span }
    }

    pub(super) fn bad_number(&mut self, span: Span, text: &str, why: DecimalError) {
        match why {
            DecimalError::Syntax if self.duration_of(text).is_ok() => {
                self.error(
                    Code::BadNumber,
                    span,
                    "expected a number, found a duration",
                    "a number has no unit",
                );
            }
            DecimalError::Syntax => {
                let label = "expected digits, with at most one point between them";
                self.error(Code::BadNumber, span, format!("`{}` is not a number", shown(text)), label);
            }
            _ => {
                let label = format!("{why}");
                self.error(Code::BadNumber, span, "this number has too many digits", label).help =
                    Some("numbers are exact, with up to 18 digits, 6 of them after the point".to_owned());
            }
        }
    }

    /// A duration such as `1h30m`.
    pub(super) fn duration(&mut self, pair: &Pair<'_>) -> Spanned<Duration> {
        let span = self.span(pair);
        let node = self.duration_at(span, pair.as_str());
        Spanned { node, span }
    }

    pub(super) fn duration_at(&mut self, span: Span, text: &str) -> Duration {
        match self.duration_of(text) {
            Ok(duration) => duration,
            Err((message, label, help)) => {
                self.error(Code::BadDuration, span, message, label).help = help;
                Duration::ZERO
            }
        }
    }

    /// The duration of a text, or message, label and help.
    fn duration_of(&self, text: &str) -> Result<Duration, (String, String, Option<String>)> {
        let units = "s, m, h, d, w, mo and y";
        let bad = |message: String, label: &str| (message, label.to_owned(), None);
        let (mut months, mut micros) = (0_u64, 0_i128);
        let mut rest = text;
        // The index in UNITS from which on units may still follow.
        let mut next = 0;
        while !rest.is_empty() {
            let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
            let (count, tail) = rest.split_at(digits);
            let letters = tail.find(|c: char| c.is_ascii_digit()).unwrap_or(tail.len());
            let (unit, tail) = tail.split_at(letters);
            if unit.is_empty() {
                let label = "expected a unit behind the digits";
                return Err((
                    format!("`{}` has no unit", shown(text)),
                    label.into(),
                    Some(format!("the units are {units}")),
                ));
            }
            let Some(index) = UNITS.iter().position(|(name, _)| *name == unit) else {
                let meant = SPELLINGS
                    .iter()
                    .find(|(spelling, _)| *spelling == unit)
                    .map(|(_, name)| *name)
                    .or_else(|| nearest(unit, UNITS.iter().map(|(name, _)| *name)));
                let help = match meant {
                    Some(name) => format!("write `{}{name}`", shown(count)),
                    None => format!("the units are {units}"),
                };
                return Err((
                    format!("`{}` is no unit of time", shown(unit)),
                    format!("expected one of {units}"),
                    Some(help),
                ));
            };
            if index < next {
                let help = "write the longest unit first and each once, such as `1y6mo` or `1h30m`";
                return Err((
                    format!("the units of `{}` are out of order", shown(text)),
                    "the longest comes first".into(),
                    Some(help.into()),
                ));
            }
            next = index + 1;
            let Ok(count) = count.parse::<Decimal>() else {
                return Err(bad(format!("`{}` is not a duration", shown(text)), "expected such as `30m`"));
            };
            let Some((_, unit)) = UNITS.get(index) else { break };
            match unit {
                Unit::Months(each) => {
                    if count.units() % 1_000_000 != 0 {
                        return Err(bad(
                            format!("`{}` has a part of a month or year", shown(text)),
                            "these are calendar months: write whole ones",
                        ));
                    }
                    let whole = u64::try_from(count.units() / 1_000_000).unwrap_or(u64::MAX);
                    months = months.saturating_add(whole.saturating_mul(*each));
                }
                Unit::Micros(each) => {
                    // A decimal is below 10^24 units and a unit below 10^12: the product fits.
                    let product = count.units() * each;
                    if product % 1_000_000 != 0 {
                        return Err(bad(
                            format!("`{}` is too fine", shown(text)),
                            "times are counted in microseconds",
                        ));
                    }
                    micros += product / 1_000_000;
                }
            }
            if months > MAX_MONTHS || micros > MAX_MICROS {
                return Err(bad(
                    format!("`{}` is too long", shown(text)),
                    "the longest duration is 10,000 years",
                ));
            }
            rest = tail;
        }
        Ok(Duration::new(u32::try_from(months).unwrap_or(0), i64::try_from(micros).unwrap_or(0)))
    }

    /// A time literal, kept as written once it is known to be one.
    pub(super) fn time(&mut self, pair: &Pair<'_>) -> Spanned<String> {
        let span = self.span(pair);
        self.check_time(span, pair.as_str());
        Spanned { node: pair.as_str().to_owned(), span }
    }

    pub(super) fn check_time(&mut self, span: Span, text: &str) {
        if let Err(label) = check_time(text) {
            self.error(Code::BadTime, span, format!("there is no time `{}`", shown(text)), label).help = Some(
                "write `2026-01-31`, `2026-01-31T09:00` or, with an offset, `2026-01-31T09:00:00+08:00`"
                    .to_owned(),
            );
        }
    }

    /// Minutes since midnight of a clock time.
    pub(super) fn clock(&mut self, pair: &Pair<'_>) -> u16 {
        let text = pair.as_str();
        let parts = text.split_once(':').filter(|(_, minutes)| minutes.len() == 2);
        let minutes = parts
            .and_then(|(hour, minute)| Some((hour.parse::<u16>().ok()?, minute.parse::<u16>().ok()?)))
            .filter(|(hour, minute)| *hour < 24 && *minute < 60)
            .map(|(hour, minute)| hour * 60 + minute);
        if minutes.is_none() {
            let span = self.span(pair);
            let label = "expected a time of day from 00:00 to 23:59";
            self.error(Code::BadClock, span, format!("there is no time of day `{text}`"), label);
        }
        minutes.unwrap_or(0)
    }
}

/// Digits with at most one point between them.
fn plain_number(text: &str) -> Result<Decimal, DecimalError> {
    if text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-')) {
        text.parse()
    } else {
        Err(DecimalError::Syntax)
    }
}

/// What is wrong with a time literal.
fn check_time(text: &str) -> Result<(), &'static str> {
    let (date, clock) = match text.split_once(['T', 't']) {
        Some((date, clock)) => (date, Some(clock)),
        None => (text, None),
    };
    let date = read_day(date).ok_or("this day does not exist")?;
    if chrono::Datelike::year(&date) < 1 {
        return Err("the first year is 1");
    }
    let Some(clock) = clock else { return Ok(()) };
    let (local, offset) = match clock.find(['Z', 'z', '+', '-']) {
        Some(at) => clock.split_at(at),
        None => (clock, ""),
    };
    let whole = local.split_once('.').map_or(local, |(whole, _)| whole);
    let shape = match whole.len() {
        5 => local == whole,
        8 => true,
        _ => false,
    };
    let with_seconds = if local.len() == 5 { format!("{local}:00") } else { local.to_owned() };
    if !shape || read_local("2000-01-01", &with_seconds).is_none() {
        return Err("this time of day does not exist");
    }
    let offset_ok = offset.is_empty()
        || offset.eq_ignore_ascii_case("z")
        || offset.get(1..).is_some_and(|offset| {
            offset.len() == 5
                && offset.split_once(':').is_some_and(|(hours, minutes)| {
                    hours.len() == 2
                        && hours.parse::<u8>().is_ok_and(|hours| hours < 24)
                        && minutes.parse::<u8>().is_ok_and(|minutes| minutes < 60)
                })
        });
    if offset_ok { Ok(()) } else { Err("the offset is written like `+08:00` or `Z`") }
}
