//! Many subjects, one subject with much, events out of order, threads.

use super::{at_millis, engine, nanos};
use crate::limit::Ten;
use crate::measure::{Stopwatch, memory};
use crate::stream::{self, Fact, START};
use crate::workload;
use serde_json::{Value, json};
use std::hint::black_box;
use std::num::NonZeroUsize;
use std::time::{Duration, Instant};
use tagwarden::{EngineOptions, Event, Limits, ShardedEngine};

/// Every subject has an event in so much time.
const EACH_MILLIS: i64 = 6 * 86_400_000;
/// After so many rounds the longest window is full.
const FILLING: usize = 6;
const CHUNK: usize = 100_000;

/// W2 over `count` subjects, each with an event every six days, in an order that no cache can guess; by the engine and by the
/// limit, chunk by chunk in turn. `form` is `level`, `live`, or `slices` for level with many events a call. The first rounds, which make the subjects and fill the windows, are told apart.
#[must_use]
pub fn subjects(count: usize, form: &str) -> Value {
    let live = form == "live";
    let rulebook = if live { workload::w2_live() } else { workload::w2_level() };
    let (mut engine, mut ten) = (engine(&rulebook, 0), Ten::new(rulebook.schema()));
    // A quarter of what is timed is enough for many subjects, and a million events for few.
    let rounds = FILLING + 2.max(1_000_000 / count);
    let stride = stride(count);
    let mut times = [[Duration::ZERO; 2]; 2];
    let mut events_of = [0usize; 2];
    let mut decisions = 0u64;
    let total = rounds * count;
    let mut at = 0;
    while at < total {
        // A chunk does not reach over the end of the filling.
        let end = (at + CHUNK).min(total).min(if at < FILLING * count { FILLING * count } else { total });
        let facts: Vec<Fact> = (at..end)
            .map(|at| {
                let (round, place) = (at / count, at % count);
                let millis = START + (round as i64 * EACH_MILLIS) + EACH_MILLIS * place as i64 / count as i64;
                stream::fact_at(at as u64, millis, (place * stride % count) as u32)
            })
            .collect();
        let events = stream::events(rulebook.schema(), &facts);
        let phase = usize::from(at >= FILLING * count);
        let start = Stopwatch::start();
        if form == "slices" {
            assert!(engine.process_batch(&events, &mut |_| decisions += 1).is_empty(), "in order");
        } else {
            for event in &events {
                engine.process_into(event, &mut |_| decisions += 1).expect("in order");
            }
        }
        times[phase][0] += start.elapsed();
        let start = Stopwatch::start();
        for event in &events {
            black_box(ten.process(event));
        }
        times[phase][1] += start.elapsed();
        events_of[phase] += events.len();
        at = end;
    }
    let right = live || decisions == ten.hits.iter().sum::<u64>();
    json!({ "subjects": count, "right": right, "rss": memory().map(|(now, _)| now),
        "filling_ns": nanos(times[0][0], events_of[0]), "filling_limit_ns": nanos(times[0][1], events_of[0]),
        "ns": nanos(times[1][0], events_of[1]), "limit_ns": nanos(times[1][1], events_of[1]) })
}

/// A step near the golden section that shares no factor with the count, so that it visits every subject once a round.
fn stride(count: usize) -> usize {
    let mut stride = (count as f64 * 0.618_033_988_749_895) as usize | 1;
    while gcd(stride, count) != 1 {
        stride += 2;
    }
    stride
}

fn gcd(left: usize, right: usize) -> usize {
    if right == 0 { left } else { gcd(right, left % right) }
}

/// W2, level and live, over the stream with one subject in `percent` of the events.
#[must_use]
pub fn burst(percent: usize) -> Value {
    let mut facts = stream::facts(stream::EVENTS);
    for (at, fact) in (0u64..).zip(&mut facts) {
        if stream::whole(20, at, 100) < percent as u64 {
            fact.customer = stream::CUSTOMERS as u32;
        }
    }
    let mut result = json!({ "percent": percent });
    for (name, rulebook) in [("level_ns", workload::w2_level()), ("live_ns", workload::w2_live())] {
        let events = stream::events(rulebook.schema(), &facts);
        let mut engine = engine(&rulebook, 0);
        result[name] = nanos(process(&mut engine, &events).0, events.len()).into();
        let mut ten = Ten::new(rulebook.schema());
        let start = Stopwatch::start();
        for event in &events {
            black_box(ten.process(event));
        }
        result["limit_ns"] = nanos(start.elapsed(), events.len()).into();
    }
    result
}

fn process(engine: &mut tagwarden::Engine, events: &[Event]) -> (Duration, u64) {
    let mut decisions = 0;
    let start = Stopwatch::start();
    for event in events {
        engine.process_into(event, &mut |_| decisions += 1).expect("in time");
    }
    (start.elapsed(), decisions)
}

/// W2 over the stream, each event up to `minutes` late, with as much lateness; the decisions are those of events in order.
#[must_use]
pub fn late(minutes: usize) -> Value {
    let facts = stream::facts(stream::EVENTS);
    let last = facts.last().map_or(START, |fact| fact.millis);
    let lateness = minutes as u64 * 60_000;
    let mut arrivals: Vec<(i64, Fact)> = (0u64..)
        .zip(facts)
        .map(|(at, fact)| (fact.millis + stream::whole(21, at, lateness.max(1)) as i64, fact))
        .collect();
    arrivals.sort_by_key(|(arrival, _)| *arrival);
    let facts: Vec<Fact> = arrivals.into_iter().map(|(_, fact)| fact).collect();
    let rulebook = workload::w2_level();
    let events = stream::events(rulebook.schema(), &facts);
    let mut engine = engine(&rulebook, minutes as i64);
    let (time, mut decisions) = process(&mut engine, &events);
    let start = Stopwatch::start();
    engine.advance_into(at_millis(last + 1), &mut |_| decisions += 1).expect("later");
    let right = decisions == workload::TRUE_W2.iter().sum::<u64>();
    json!({ "minutes": minutes, "ns": nanos(time + start.elapsed(), events.len()), "right": right })
}

/// How many shards a sharded engine has here, whatever the number of threads.
const SHARDS: usize = 4;

/// W2 by a sharded engine on so many threads, all decisions handed out in order.
#[must_use]
pub fn threads(count: usize) -> Value {
    let rulebook = workload::w2_level();
    let events = stream::events(rulebook.schema(), &stream::facts(stream::EVENTS));
    let pool = rayon::ThreadPoolBuilder::new().num_threads(count).build().expect("threads");
    let shards = NonZeroUsize::new(SHARDS).expect("some");
    let limits = Limits { subjects: usize::MAX, ..Limits::default() };
    let options = EngineOptions { limits, ..EngineOptions::default() };
    let mut decisions = 0u64;
    let start = Instant::now();
    pool.install(|| {
        let mut engine = ShardedEngine::with_options(&rulebook, options, shards);
        engine.process_batch(&events, |_| (), |()| decisions += 1);
    });
    let right = decisions == workload::TRUE_W2.iter().sum::<u64>();
    json!({ "threads": count, "ns": nanos(start.elapsed(), stream::EVENTS), "right": right })
}
