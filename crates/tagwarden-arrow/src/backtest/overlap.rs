//! Who is met by two rules, or has two things.

use super::members::Coded;
use super::{Backtest, Of};
use crate::table::Table;
use arrow_array::builder::{Float64Builder, UInt64Builder};
use arrow_schema::ArrowError;
use std::sync::Arc;

impl Backtest {
    /// For each two that have a subject in common: `kind_a`, `a`, `kind_b`, `b`, how many subjects are in `both`, how many in each
    /// (`subjects_a`, `subjects_b`), and `jaccard`, the share of those in either that are in both.
    ///
    /// # Errors
    /// It is too large for its columns.
    pub fn overlap(&self, of: Of) -> Result<Table, ArrowError> {
        let reaches: Vec<_> =
            self.reaches(of).into_iter().filter(|(.., reach)| reach.subjects.count() > 0).collect();
        let mut coded = Coded::<4>::default();
        let (mut boths, mut firsts, mut seconds) =
            (UInt64Builder::new(), UInt64Builder::new(), UInt64Builder::new());
        let mut jaccards = Float64Builder::new();
        for (at, (kind_a, a, reach_a)) in reaches.iter().enumerate() {
            for (kind_b, b, reach_b) in reaches.iter().skip(at + 1) {
                let both = reach_a.subjects.both(&reach_b.subjects);
                if both == 0 {
                    continue;
                }
                let (count_a, count_b) = (reach_a.subjects.count(), reach_b.subjects.count());
                coded.push([Some(kind_a), Some(a), Some(kind_b), Some(b)]);
                boths.append_value(both);
                firsts.append_value(count_a);
                seconds.append_value(count_b);
                jaccards.append_value(both as f64 / (count_a + count_b - both) as f64);
            }
        }
        let [kinds_a, names_a, kinds_b, names_b] = coded.finish()?;
        Table::of(vec![
            ("kind_a", kinds_a, false),
            ("a", names_a, false),
            ("kind_b", kinds_b, false),
            ("b", names_b, false),
            ("both", Arc::new(boths.finish()), false),
            ("subjects_a", Arc::new(firsts.finish()), false),
            ("subjects_b", Arc::new(seconds.finish()), false),
            ("jaccard", Arc::new(jaccards.finish()), false),
        ])
    }
}
