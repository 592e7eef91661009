//! Exact decimals: whole millionths in 128 bits.

use std::fmt;
use std::str::FromStr;

/// An exact decimal number with up to 6 digits after the point, between ±(10¹⁸ − 10⁻⁶).
///
/// Literals and inputs have at most 18 significant digits. Sums, differences and products that leave the range
/// saturate; the `overflowing_*` methods say so.
///
/// ```
/// use tagwarden::Decimal;
/// let a: Decimal = "0.1".parse()?;
/// let b: Decimal = "0.2".parse()?;
/// assert_eq!(a.saturating_add(b).to_string(), "0.3");
/// # Ok::<(), tagwarden::DecimalError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Decimal(i128);

/// Why a text is not a [`Decimal`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecimalError {
    /// The text is not a number.
    #[error("not a number")]
    Syntax,
    /// More than 6 digits after the point that are not zero.
    #[error("more than 6 digits after the point")]
    Scale,
    /// More than 18 significant digits.
    #[error("more than 18 significant digits")]
    Precision,
}

const SCALE: i128 = 1_000_000;
const MAX_UNITS: i128 = 1_000_000_000_000_000_000 * SCALE - 1;

impl Decimal {
    /// Nought.
    pub const ZERO: Decimal = Decimal(0);
    /// One.
    pub const ONE: Decimal = Decimal(SCALE);
    /// The largest number, 10¹⁸ − 10⁻⁶.
    pub const MAX: Decimal = Decimal(MAX_UNITS);
    /// The smallest number, −(10¹⁸ − 10⁻⁶).
    pub const MIN: Decimal = Decimal(-MAX_UNITS);

    /// The number of `units` millionths, saturated to the range; `true` says that it was.
    #[must_use]
    pub const fn from_units(units: i128) -> (Decimal, bool) {
        if units > MAX_UNITS {
            (Decimal::MAX, true)
        } else if units < -MAX_UNITS {
            (Decimal::MIN, true)
        } else {
            (Decimal(units), false)
        }
    }

    /// This number in whole millionths.
    #[must_use]
    pub const fn units(self) -> i128 {
        self.0
    }

    /// The sum, saturated.
    #[must_use]
    pub const fn saturating_add(self, other: Decimal) -> Decimal {
        self.overflowing_add(other).0
    }

    /// The sum, saturated; `true` says that it was.
    #[must_use]
    pub const fn overflowing_add(self, other: Decimal) -> (Decimal, bool) {
        Decimal::from_units(self.0 + other.0)
    }

    /// The difference, saturated; `true` says that it was.
    #[must_use]
    pub const fn overflowing_sub(self, other: Decimal) -> (Decimal, bool) {
        Decimal::from_units(self.0 - other.0)
    }

    /// The product rounded half to even at 6 decimals, saturated; `true` says that it was.
    #[must_use]
    pub fn overflowing_mul(self, other: Decimal) -> (Decimal, bool) {
        match self.0.checked_mul(other.0) {
            Some(product) => Decimal::from_units(div_half_even(product, SCALE)),
            // 128 bits hold every product in range, so this one is out of it.
            None if (self.0 < 0) == (other.0 < 0) => (Decimal::MAX, true),
            None => (Decimal::MIN, true),
        }
    }

    /// The quotient rounded half to even at 6 decimals and saturated, with `true` where it was; `None` for a divisor of 0.
    #[must_use]
    pub fn overflowing_div(self, other: Decimal) -> Option<(Decimal, bool)> {
        (other.0 != 0).then(|| Decimal::from_units(div_half_even(self.0 * SCALE, other.0)))
    }

    /// The remainder of the division towards zero, with the sign of `self`; `None` for a divisor of 0.
    #[must_use]
    pub const fn checked_rem(self, other: Decimal) -> Option<Decimal> {
        if other.0 == 0 { None } else { Some(Decimal(self.0 % other.0)) }
    }

    /// The number with the other sign.
    #[must_use]
    pub const fn negated(self) -> Decimal {
        Decimal(-self.0)
    }

    /// The number without its sign.
    #[must_use]
    pub const fn abs(self) -> Decimal {
        Decimal(self.0.abs())
    }

    /// The nearest whole number, halves to the even one.
    #[must_use]
    pub fn round(self) -> Decimal {
        Decimal(div_half_even(self.0, SCALE) * SCALE)
    }

    /// `total / count` rounded half to even at 6 decimals and saturated: an average of exact sums. `None` for no items.
    #[must_use]
    pub fn mean(total_units: i128, count: u64) -> Option<(Decimal, bool)> {
        (count > 0).then(|| Decimal::from_units(div_half_even(total_units, i128::from(count))))
    }

    /// The number that a text stands for, if it is plain and short: a sign, digits, a point, digits. `None` says nothing.
    pub(crate) fn plain(text: &[u8]) -> Option<Decimal> {
        let (negative, rest) = match text {
            [b'-', rest @ ..] => (true, rest),
            _ => (false, text),
        };
        // Up to 18 digits: none of them can be one too many, and they fit into 64 bits.
        if rest.len() > 18 {
            return None;
        }
        let (whole, after) = digits(0, rest);
        let (number, behind) = match after {
            _ if after.len() == rest.len() => return None,
            [] => (whole, 0),
            [b'.', written @ ..] if !written.is_empty() => match digits(whole, written) {
                (number, []) => (number, written.len()),
                _ => return None,
            },
            _ => return None,
        };
        let factor = *[1_000_000, 100_000, 10_000, 1_000, 100, 10, 1_u64].get(behind)?;
        let units = i128::from(number) * i128::from(factor);
        Some(Decimal(if negative { -units } else { units }))
    }

    /// The nearest decimal to a float, halves to even, saturated; 0 for NaN. Only decaying scores pass through floats.
    #[must_use]
    pub fn from_f64(float: f64) -> Decimal {
        // `as` saturates and makes NaN 0, which is what is wanted.
        Decimal::from_units(libm::rint(float * 1e6) as i128).0
    }

    /// The nearest float.
    #[must_use]
    pub fn to_f64(self) -> f64 {
        self.0 as f64 / 1e6
    }
}

/// `n / d` rounded half to even; `d` is not 0.
fn div_half_even(n: i128, d: i128) -> i128 {
    let (quotient, rest) = (n / d, n % d);
    let twice = rest.unsigned_abs() * 2;
    let away = twice > d.unsigned_abs() || (twice == d.unsigned_abs() && quotient % 2 != 0);
    match (away, (n < 0) == (d < 0)) {
        (false, _) => quotient,
        (true, true) => quotient + 1,
        (true, false) => quotient - 1,
    }
}

/// The digits of a number behind those that it has already, and what comes after them.
fn digits(mut number: u64, mut text: &[u8]) -> (u64, &[u8]) {
    while let [digit @ b'0'..=b'9', rest @ ..] = text {
        number = number * 10 + u64::from(digit - b'0');
        text = rest;
    }
    (number, text)
}

impl From<i64> for Decimal {
    /// Exact for every integer of up to 18 digits; saturates beyond.
    fn from(whole: i64) -> Self {
        Decimal::from_units(i128::from(whole) * SCALE).0
    }
}

impl From<u32> for Decimal {
    fn from(whole: u32) -> Self {
        Decimal(i128::from(whole) * SCALE)
    }
}

impl From<u64> for Decimal {
    /// Exact for every integer of up to 18 digits; saturates beyond.
    fn from(whole: u64) -> Self {
        Decimal::from_units(i128::from(whole) * SCALE).0
    }
}

/// Reads a plain or JSON number: sign, digits, fraction, exponent.
impl FromStr for Decimal {
    type Err = DecimalError;

    fn from_str(text: &str) -> Result<Self, DecimalError> {
        let bytes = text.as_bytes();
        Decimal::plain(bytes).map_or_else(|| general(bytes), Ok)
    }
}

/// Any number.
fn general(bytes: &[u8]) -> Result<Decimal, DecimalError> {
    let (negative, mut rest) = match bytes {
        [b'-', rest @ ..] => (true, rest),
        _ => (false, bytes),
    };
    let mut digits: i128 = 0;
    let mut significant = 0_u32;
    // Zeros are counted until a digit behind them shows that they matter, so that `1e18` and `1000…0` are the same.
    let mut zeros: i64 = 0;
    let mut exponent: i64 = 0;
    let (mut any, mut point) = (false, false);
    while let [byte, tail @ ..] = rest {
        match byte {
            b'0'..=b'9' => {
                any = true;
                exponent -= i64::from(point);
                if *byte == b'0' {
                    zeros += i64::from(significant > 0);
                } else {
                    if significant > 0 && zeros > 18 {
                        return Err(DecimalError::Precision);
                    }
                    for _ in 0..zeros {
                        digits *= 10;
                        significant += 1;
                    }
                    zeros = 0;
                    significant += 1;
                    if significant > 18 {
                        // Digits far behind the point are a matter of scale to whoever wrote them.
                        return Err(if point { DecimalError::Scale } else { DecimalError::Precision });
                    }
                    digits = digits * 10 + i128::from(byte - b'0');
                }
            }
            b'.' if any && !point && tail.first().is_some_and(u8::is_ascii_digit) => point = true,
            b'e' | b'E' if any => {
                let written = tail.strip_prefix(b"+").unwrap_or(tail);
                let written = std::str::from_utf8(written).map_err(|_| DecimalError::Syntax)?;
                if !written.strip_prefix('-').unwrap_or(written).bytes().all(|b| b.is_ascii_digit())
                    || !written.ends_with(|c: char| c.is_ascii_digit())
                    || tail.starts_with(b"+-")
                {
                    return Err(DecimalError::Syntax);
                }
                let power: i64 =
                    written.parse().unwrap_or(if written.starts_with('-') { -1_000_000 } else { 1_000_000 });
                exponent = exponent.saturating_add(power.clamp(-1_000_000_000, 1_000_000_000));
                rest = &[];
                continue;
            }
            _ => return Err(DecimalError::Syntax),
        }
        rest = tail;
    }
    if !any {
        return Err(DecimalError::Syntax);
    }
    if digits == 0 {
        return Ok(Decimal::ZERO);
    }
    let power = exponent + zeros + 6;
    if power < 0 {
        return Err(DecimalError::Scale);
    }
    let units = u32::try_from(power)
        .ok()
        .and_then(|power| 10_i128.checked_pow(power))
        .and_then(|factor| digits.checked_mul(factor))
        .filter(|units| *units <= MAX_UNITS)
        .ok_or(DecimalError::Precision)?;
    Ok(Decimal(if negative { -units } else { units }))
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 < 0 {
            f.write_str("-")?;
        }
        let magnitude = self.0.unsigned_abs();
        // Division is much slower in 128 bits than in 64.
        let (whole, mut fraction) = match u64::try_from(magnitude) {
            Ok(small) => (small / SCALE as u64, small % SCALE as u64),
            Err(_) => ((magnitude / SCALE as u128) as u64, (magnitude % SCALE as u128) as u64),
        };
        write!(f, "{whole}")?;
        if fraction == 0 {
            return Ok(());
        }
        let mut digits = 6;
        while fraction.is_multiple_of(10) {
            (fraction, digits) = (fraction / 10, digits - 1);
        }
        write!(f, ".{fraction:0digits$}")
    }
}

impl fmt::Debug for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parsed(text: &str) -> Result<String, DecimalError> {
        text.parse::<Decimal>().map(|d| d.to_string())
    }

    #[test]
    fn reads_and_prints_exactly() {
        for (text, shown) in [
            ("0", "0"),
            ("-0", "0"),
            ("007", "7"),
            ("12.50", "12.5"),
            ("-0.000001", "-0.000001"),
            ("1e3", "1000"),
            ("1.5E+2", "150"),
            ("2500e-2", "25"),
            ("1e17", "100000000000000000"),
            ("123456789012345678", "123456789012345678"),
            ("123456789012.345678", "123456789012.345678"),
            ("1.10000000000000000000000", "1.1"),
            ("0.000000000", "0"),
            ("100.0010", "100.001"),
        ] {
            assert_eq!(parsed(text).as_deref(), Ok(shown), "{text}");
        }
    }

    #[test]
    fn refuses_what_it_cannot_hold() {
        for text in ["", "-", ".5", "5.", "1.e3", "NaN", "1e", "1e+", "1e--2", "0x1", "1 ", "1_0"] {
            assert_eq!(parsed(text), Err(DecimalError::Syntax), "{text}");
        }
        for text in ["0.0000001", "1e-7", "0.30000000000000004", "1e-400"] {
            assert_eq!(parsed(text), Err(DecimalError::Scale), "{text}");
        }
        for text in ["1e18", "1e400", "1234567890123456789", "1e99999999999999999999"] {
            assert_eq!(parsed(text), Err(DecimalError::Precision), "{text}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        #[test]
        fn plain_numbers_are_what_they_are_in_general(text in "-?[0-9]{0,19}(\\.[0-9]{0,8})?[e ]?") {
            if let Some(number) = Decimal::plain(text.as_bytes()) {
                prop_assert_eq!(Ok(number), general(text.as_bytes()), "{}", text);
                prop_assert_eq!(general(number.to_string().as_bytes()), Ok(number));
            }
        }
    }

    #[test]
    fn rounds_half_to_even() {
        let d = |text: &str| text.parse::<Decimal>().unwrap();
        assert_eq!(d("1").overflowing_div(d("3")).unwrap().0, d("0.333333"));
        assert_eq!(d("0.000001").overflowing_div(d("2")).unwrap().0, d("0"));
        assert_eq!(d("0.000003").overflowing_div(d("2")).unwrap().0, d("0.000002"));
        assert_eq!(d("-0.000003").overflowing_div(d("2")).unwrap().0, d("-0.000002"));
        assert_eq!(d("2.5").round(), d("2"));
        assert_eq!(d("-3.5").round(), d("-4"));
        assert_eq!(d("1").overflowing_div(Decimal::ZERO), None);
    }

    #[test]
    fn saturates_and_says_so() {
        assert_eq!(Decimal::MAX.overflowing_add(Decimal::ONE), (Decimal::MAX, true));
        assert_eq!(Decimal::MAX.overflowing_mul(Decimal::MIN), (Decimal::MIN, true));
        assert_eq!(Decimal::MAX.overflowing_mul(Decimal::ONE), (Decimal::MAX, false));
    }
}
