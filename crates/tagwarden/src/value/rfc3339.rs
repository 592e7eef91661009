//! RFC 3339 times as machines write them: `2026-01-02T03:04:05.678Z`, `2026-01-02T03:04:05+08:00`.
//!
//! A stream has one in every event and some in every decision, and in general they take as long as all the rest. A time of another shape,
//! and what is none, is left to the general reader.

use super::Timestamp;
use chrono::{Datelike, NaiveDate};

/// The time that a text of the usual shape stands for; `None` leaves it to the general reader.
pub(super) fn usual(text: &[u8]) -> Option<Timestamp> {
    let (date, rest) = text.split_first_chunk::<8>()?;
    let (clock, rest) = rest.split_first_chunk::<8>()?;
    let (second, rest) = rest.split_first_chunk::<3>()?;
    let [y1, y2, y3, y4, _, m1, m2, _] = digits(*date, *b"0000-00-")?;
    let [d1, d2, _, h1, h2, _, n1, n2] = digits(*clock, *b"00T00:00")?;
    let [colon, s1, s2] = *second;
    let second = two(s1, s2).filter(|second| colon == b':' && *second < 60)?;
    let year = ((y1 * 10 + y2) * 10 + y3) * 10 + y4;
    let (month, day) = (m1 * 10 + m2, d1 * 10 + d2);
    let (hour, minute) = (h1 * 10 + h2, n1 * 10 + n2);
    let date = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)?;
    if year == 0 || hour > 23 || minute > 59 {
        return None;
    }
    let (micros, rest) = fraction(rest)?;
    let seconds = i64::from(date.num_days_from_ce() - EPOCH) * 86_400
        + (i64::from(hour) * 60 + i64::from(minute)) * 60
        + i64::from(second)
        - offset(rest)?;
    Timestamp::from_micros(seconds * 1_000_000 + i64::from(micros))
}

/// The bytes of a pattern less the pattern, where each stands in the place of a `0` and is a digit, or is the same byte.
///
/// All eight at once: what is left of a byte must be less than ten, or none.
fn digits(bytes: [u8; 8], pattern: [u8; 8]) -> Option<[u32; 8]> {
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let most = pattern.map(|byte| if byte == b'0' { 0x80 - 10 } else { 0x80 - 1 });
    let left = u64::from_le_bytes(bytes) ^ u64::from_le_bytes(pattern);
    // Where every byte is below 0x80, none of the sums carries into the next byte.
    let over = left | (left & !HIGH).wrapping_add(u64::from_le_bytes(most));
    (over & HIGH == 0).then(|| left.to_le_bytes().map(u32::from))
}

fn two(tens: u8, ones: u8) -> Option<u32> {
    let (tens, ones) = (tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
    (tens <= 9 && ones <= 9).then(|| u32::from(tens) * 10 + u32::from(ones))
}

/// Microseconds behind a point, and what comes after them.
fn fraction(text: &[u8]) -> Option<(u32, &[u8])> {
    let Some((b'.', written)) = text.split_first() else { return Some((0, text)) };
    let (mut micros, mut place, mut rest) = (0, 100_000, written);
    while let [digit @ b'0'..=b'9', after @ ..] = rest {
        micros += place * u32::from(digit - b'0');
        place /= 10;
        rest = after;
    }
    (1..=9).contains(&(written.len() - rest.len())).then_some((micros, rest))
}

/// Seconds that local time is ahead of UTC.
fn offset(zone: &[u8]) -> Option<i64> {
    match *zone {
        [b'Z'] => Some(0),
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => {
            let (hours, minutes) = (two(h1, h2)?, two(m1, m2)?);
            let seconds = i64::from(hours * 60 + minutes) * 60;
            (hours < 24 && minutes < 60).then_some(if sign == b'-' { -seconds } else { seconds })
        }
        _ => None,
    }
}

/// The number of 1970-01-01 among the days of the common era.
const EPOCH: i32 = 719_163;

/// The text of a time in UTC, with a fraction only as far as it is not zero, and how long it is.
pub(super) fn written(time: Timestamp) -> ([u8; 27], usize) {
    let mut text = *b"0000-00-00T00:00:00.000000Z";
    let (seconds, micros) = (time.micros().div_euclid(1_000_000), time.micros().rem_euclid(1_000_000));
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400) as u32);
    // Every time has a day.
    let date = NaiveDate::from_num_days_from_ce_opt(days as i32 + EPOCH).unwrap_or_default();
    let mut put = |at: usize, count: usize, mut number: u32| {
        for digit in text.iter_mut().skip(at).take(count).rev() {
            *digit = b'0' + (number % 10) as u8;
            number /= 10;
        }
    };
    put(0, 4, date.year().unsigned_abs());
    put(5, 2, date.month());
    put(8, 2, date.day());
    put(11, 2, second / 3600);
    put(14, 2, second / 60 % 60);
    put(17, 2, second % 60);
    put(20, 6, micros as u32);
    let [fraction @ .., _] = &text;
    let end = match fraction.iter().rposition(|byte| *byte != b'0') {
        // Nothing but zeros behind the seconds, or behind the point.
        Some(last) if micros != 0 => last + 1,
        _ => 19,
    };
    if let Some(byte) = text.get_mut(end) {
        *byte = b'Z';
    }
    (text, end + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The general reader, as it is without this one.
    fn general(text: &str) -> Option<Timestamp> {
        super::super::timestamp::general(text).ok()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        #[test]
        fn as_the_general_reader(
            (year, month, day) in (0..10_000_u32, 0..14_u32, 0..33_u32),
            (hour, minute, second) in (0..26_u32, 0..62_u32, 0..62_u32),
            fraction in "(\\.[0-9]{0,11})?",
            zone in "Z|z|[+-](0[0-9]|1[0-9]|2[0-5]):?[0-6][0-9]|",
            at in 0..30_usize,
            with in any::<Option<u8>>(),
        ) {
            let mut text = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}{zone}");
            if let (Some(with), Some(part)) = (with.filter(u8::is_ascii), text.get(at..at + 1)) {
                let part = part.to_owned();
                text = text.replacen(&part, &char::from(with).to_string(), 1);
            }
            if let Some(time) = usual(text.as_bytes()) {
                prop_assert_eq!(Some(time), general(&text), "{}", text);
            }
        }

        #[test]
        fn what_is_written_is_read(micros in Timestamp::MIN.micros()..=Timestamp::MAX.micros()) {
            let time = Timestamp::from_micros(micros).unwrap();
            prop_assert_eq!(usual(time.to_string().as_bytes()), Some(time));
            let whole = time.to_chrono().and_utc().to_rfc3339_opts(chrono::SecondsFormat::Micros, true);
            let shown = whole.trim_end_matches('Z').trim_end_matches('0').trim_end_matches('.').to_owned() + "Z";
            let expected = if micros % 1_000_000 == 0 { format!("{}Z", &whole[..19]) } else { shown };
            prop_assert_eq!(time.to_string(), expected);
        }
    }
}
