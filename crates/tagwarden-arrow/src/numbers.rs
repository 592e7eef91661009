//! Columns of numbers, read as exact decimals.

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Decimal32Type, Decimal64Type, Decimal128Type, Float32Type, Float64Type, Int8Type,
    Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef, PrimitiveArray};
use arrow_schema::DataType;
use tagwarden::Decimal;

/// A column of numbers.
#[derive(Debug)]
pub(crate) enum Numbers {
    I8(PrimitiveArray<Int8Type>),
    I16(PrimitiveArray<Int16Type>),
    I32(PrimitiveArray<Int32Type>),
    I64(PrimitiveArray<Int64Type>),
    U8(PrimitiveArray<UInt8Type>),
    U16(PrimitiveArray<UInt16Type>),
    U32(PrimitiveArray<UInt32Type>),
    U64(PrimitiveArray<UInt64Type>),
    F32(PrimitiveArray<Float32Type>),
    F64(PrimitiveArray<Float64Type>),
    D32(PrimitiveArray<Decimal32Type>, i8),
    D64(PrimitiveArray<Decimal64Type>, i8),
    D128(PrimitiveArray<Decimal128Type>, i8),
}

/// A number of a column.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Number {
    Whole(i128),
    Float(f64),
    Single(f32),
    /// Digits, and how many of them stand after the point.
    Scaled(i128, i8),
}

/// Millionths of one.
const SCALE: i128 = 1_000_000;
/// Whole numbers from here on have more digits than a decimal takes.
const TOO_LONG: u128 = 1_000_000_000_000_000_000;

impl Numbers {
    /// Whether a type is one of numbers.
    pub(crate) fn is(ty: &DataType) -> bool {
        let decimal =
            matches!(ty, DataType::Decimal32(..) | DataType::Decimal64(..) | DataType::Decimal128(..));
        decimal || ty.is_integer() || matches!(ty, DataType::Float32 | DataType::Float64)
    }

    pub(crate) fn new(column: &ArrayRef) -> Option<Numbers> {
        fn of<T: ArrowPrimitiveType>(column: &ArrayRef) -> PrimitiveArray<T> {
            column.as_primitive::<T>().clone()
        }
        Some(match column.data_type() {
            DataType::Int8 => Numbers::I8(of(column)),
            DataType::Int16 => Numbers::I16(of(column)),
            DataType::Int32 => Numbers::I32(of(column)),
            DataType::Int64 => Numbers::I64(of(column)),
            DataType::UInt8 => Numbers::U8(of(column)),
            DataType::UInt16 => Numbers::U16(of(column)),
            DataType::UInt32 => Numbers::U32(of(column)),
            DataType::UInt64 => Numbers::U64(of(column)),
            DataType::Float32 => Numbers::F32(of(column)),
            DataType::Float64 => Numbers::F64(of(column)),
            DataType::Decimal32(_, scale) => Numbers::D32(of(column), *scale),
            DataType::Decimal64(_, scale) => Numbers::D64(of(column), *scale),
            DataType::Decimal128(_, scale) => Numbers::D128(of(column), *scale),
            _ => return None,
        })
    }

    /// The number of a row.
    pub(crate) fn get(&self, row: usize) -> Option<Number> {
        fn at<T: ArrowPrimitiveType>(column: &PrimitiveArray<T>, row: usize) -> Option<T::Native> {
            (!column.is_null(row)).then(|| column.value(row))
        }
        Some(match self {
            Numbers::I8(column) => Number::Whole(at(column, row)?.into()),
            Numbers::I16(column) => Number::Whole(at(column, row)?.into()),
            Numbers::I32(column) => Number::Whole(at(column, row)?.into()),
            Numbers::I64(column) => Number::Whole(at(column, row)?.into()),
            Numbers::U8(column) => Number::Whole(at(column, row)?.into()),
            Numbers::U16(column) => Number::Whole(at(column, row)?.into()),
            Numbers::U32(column) => Number::Whole(at(column, row)?.into()),
            Numbers::U64(column) => Number::Whole(at(column, row)?.into()),
            Numbers::F32(column) => Number::Single(at(column, row)?),
            Numbers::F64(column) => Number::Float(at(column, row)?),
            Numbers::D32(column, scale) => Number::Scaled(at(column, row)?.into(), *scale),
            Numbers::D64(column, scale) => Number::Scaled(at(column, row)?.into(), *scale),
            Numbers::D128(column, scale) => Number::Scaled(at(column, row)?, *scale),
        })
    }
}

impl Number {
    /// The decimal, where that is plain; otherwise its [digits](Number::digits) say more.
    pub(crate) fn decimal(self) -> Option<Decimal> {
        let units = match self {
            Number::Whole(whole) if whole.unsigned_abs() < TOO_LONG => whole * SCALE,
            Number::Float(float) => float_units(float)?,
            Number::Scaled(digits, scale) if digits.unsigned_abs() < TOO_LONG => match scale {
                0..=6 => digits * 10_i128.pow(6 - u32::from(scale.unsigned_abs())),
                7..=24 => {
                    let rest = 10_i128.pow(u32::from(scale.unsigned_abs()) - 6);
                    (digits % rest == 0).then_some(digits / rest)?
                }
                _ => return None,
            },
            Number::Whole(_) | Number::Single(_) | Number::Scaled(..) => return None,
        };
        match Decimal::from_units(units) {
            (decimal, false) => Some(decimal),
            (_, true) => None,
        }
    }

    /// As JSON would have it: the shortest digits that give a float again.
    pub(crate) fn digits(self) -> String {
        match self {
            Number::Whole(whole) => whole.to_string(),
            Number::Float(float) => float.to_string(),
            Number::Single(float) => float.to_string(),
            Number::Scaled(digits, scale) => format!("{digits}e{}", -i32::from(scale)),
        }
    }
}

/// The millionths of a float that is, of all numbers with so many digits, the nearest to just one.
fn float_units(float: f64) -> Option<i128> {
    // A decimal of up to 15 digits is the shortest text of the float that is nearest to it, and both steps below are exact or
    // rounded once: so if the float comes back, this is the number that somebody wrote.
    let scaled = (float * 1e6).round();
    (scaled.abs() < 1e15 && scaled / 1e6 == float).then_some(scaled as i128)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_become_the_decimals_that_were_written() {
        for text in ["0", "-0.1", "19.9", "0.000001", "123456789.123456", "999999999.999999", "1e8", "-5"] {
            let float: f64 = text.parse().unwrap();
            assert_eq!(Number::Float(float).decimal(), text.parse().ok(), "{text}");
        }
        for float in [0.1 + 0.2, 1.0 / 3.0, 1e15, f64::NAN, f64::INFINITY, 1e-7] {
            assert_eq!(Number::Float(float).decimal(), None, "{float}");
        }
        assert_eq!(Number::Float(0.1 + 0.2).digits(), "0.30000000000000004");
        assert_eq!(Number::Single(0.1).digits(), "0.1");
    }

    #[test]
    fn decimals_keep_every_digit() {
        assert_eq!(Number::Scaled(1990, 2).decimal(), "19.90".parse().ok());
        assert_eq!(Number::Scaled(-7, 0).decimal(), "-7".parse().ok());
        assert_eq!(Number::Scaled(1_500_000_000, 9).decimal(), "1.5".parse().ok());
        assert_eq!(Number::Scaled(123_456_789, 8).decimal(), None);
        assert_eq!(Number::Scaled(123_456_789, 8).digits(), "123456789e-8");
        assert_eq!("1500000000e-9".parse::<Decimal>(), "1.5".parse());
        assert_eq!(Number::Whole(i128::from(u64::MAX)).decimal(), None);
    }
}
