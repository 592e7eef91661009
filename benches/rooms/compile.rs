//! How long a thousand rules take to parse, check and compile.

#![allow(missing_docs, clippy::expect_used, reason = "a benchmark")]

use criterion::{Criterion, criterion_group, criterion_main};
use std::fmt::Write as _;
use std::hint::black_box;
use tagwarden::Rulebook;

/// A rulebook of `rules` rules of the kinds that people write.
fn book(rules: usize) -> String {
    let mut text = String::from(
        "timezone \"Asia/Shanghai\"\nentity customer\n\
         event message(customer) { channel: \"sms\" | \"email\", text: string private }\n\
         event order(customer) { amount: number, sku: string }\n\
         keywords abuse { \"scam\" \"骗子\" }\n\
         list blocked { level 1 \"none\" denies all  level 2 \"few\" limits 3 per 24h }\n",
    );
    for at in 0..rules {
        let (hours, limit) = (at % 48 + 1, at % 90);
        let rule = match at % 5 {
            0 => format!("when count(message) over {hours}h > {limit} then tag t{at} for 7d"),
            1 => format!(
                "while sum(order.amount where sku == \"s{limit}\") over {hours}d >= 100 then tag t{at}"
            ),
            2 => {
                format!("on message where text has abuse when count(order) over {hours}d < 1 then emit e{at}")
            }
            3 => format!(
                "when count(order) over {hours}h > {limit} because \"{{count(order) over {hours}h}} orders\" then add to blocked level 2 for 7d"
            ),
            _ => format!("while no order for {}d then tag t{at}", limit + 1),
        };
        let _ = writeln!(text, "rule r{at} \"Rule {at}\" {{ {rule} }}");
    }
    text
}

fn compile(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("compile");
    group.sample_size(10);
    for rules in [10, 100, 1000] {
        let text = book(rules);
        group.bench_function(format!("{rules} rules"), |bencher| {
            bencher.iter(|| Rulebook::compile(black_box(&text)).expect("compiles"));
        });
    }
    group.finish();
}

criterion_group!(benches, compile);
criterion_main!(benches);
