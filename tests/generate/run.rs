//! Runs cases and shows what came out.

use super::{Case, Cases};
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};
use std::cell::{Cell, RefCell};
use std::fmt::Write;
use std::panic::AssertUnwindSafe;
use std::sync::Once;
use tagwarden::{Decision, Engine, Input, InputError, Rulebook};

/// How many cases to run: `TAGWARDEN_CASES`, or as many as given.
pub fn cases(default: u32) -> u32 {
    std::env::var("TAGWARDEN_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

fn seed(default: u64) -> u64 {
    let set = std::env::var("TAGWARDEN_SEED").ok().and_then(|text| text.parse::<u64>().ok());
    set.map_or(default, |seed| seed.wrapping_mul(1000).wrapping_add(default))
}

thread_local! {
    static QUIET: Cell<bool> = const { Cell::new(false) };
    static PANIC: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Runs something; a panic becomes its message and place.
pub fn caught<T>(run: impl FnOnce() -> T) -> Result<T, String> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if QUIET.get() {
                PANIC.with_borrow_mut(|text| *text = info.to_string());
            } else {
                usual(info);
            }
        }));
    });
    QUIET.set(true);
    let result = std::panic::catch_unwind(AssertUnwindSafe(run));
    QUIET.set(false);
    result.map_err(|_| PANIC.with_borrow(String::clone))
}

/// Holds a property of cases whose rulebook compiles; the smallest case that breaks it is shown.
///
/// # Panics
/// Where the property does not hold, or too many rulebooks do not compile.
pub fn hold(
    count: u32,
    default_seed: u64,
    property: impl Fn(&Rulebook, &[Input], &Case) -> Result<(), String>,
) {
    if let Some(seed) = std::env::var("TAGWARDEN_CASE").ok().and_then(|text| parse_seed(&text)) {
        let case = Case::from_seed(seed);
        println!("{case:?}");
        let rulebook = Rulebook::compile(&case.text()).expect("the rulebook of the case");
        let inputs = super::stream::inputs(&case.given, &rulebook).expect("the inputs of the case");
        property(&rulebook, &inputs, &case).unwrap_or_else(|why| panic!("{why}"));
        return;
    }
    let config = Config {
        cases: count,
        max_global_rejects: count.max(100),
        max_shrink_iters: 20_000,
        failure_persistence: None,
        ..Config::default()
    };
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed(default_seed).to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(config, rng);
    let outcome = runner.run(&Cases, |case| {
        let Ok(rulebook) = caught(|| Rulebook::compile(&case.text())).map_err(TestCaseError::fail)? else {
            return Err(TestCaseError::reject("does not compile"));
        };
        let Some(inputs) = super::stream::inputs(&case.given, &rulebook) else {
            return Err(TestCaseError::reject("inputs of a type that is not declared"));
        };
        caught(|| property(&rulebook, &inputs, &case)).and_then(|held| held).map_err(TestCaseError::fail)
    });
    match outcome {
        Ok(()) => {}
        Err(TestError::Fail(why, case)) => panic!("{case:?}\n{why}"),
        Err(TestError::Abort(why)) => panic!("{why}"),
    }
}

fn parse_seed(text: &str) -> Option<u64> {
    match text.strip_prefix("0x") {
        Some(hex) => u64::from_str_radix(hex, 16).ok(),
        None => text.parse().ok(),
    }
}

/// Applies inputs; late ones are passed over.
pub fn feed(engine: &mut Engine, inputs: &[Input]) -> Vec<Decision> {
    let mut decisions = Vec::new();
    for input in inputs {
        match engine.apply(input) {
            Ok(more) => decisions.extend(more),
            Err(InputError::Late { .. }) => {}
            Err(error) => panic!("{error}"),
        }
    }
    decisions
}

pub fn lines(decisions: &[Decision]) -> Vec<String> {
    decisions.iter().map(Decision::to_json).collect()
}

/// `Ok` if the two lists are equal; otherwise both, with the first difference marked.
pub fn same(one: (&str, &[String]), other: (&str, &[String])) -> Result<(), String> {
    let differs = |at: usize| one.1.get(at) != other.1.get(at);
    let Some(first) = (0..one.1.len().max(other.1.len())).find(|at| differs(*at)) else { return Ok(()) };
    let mut text = String::new();
    for (name, lines) in [one, other] {
        let _ = writeln!(text, "{name}:");
        for at in first.saturating_sub(3)..(first + 4).max(lines.len().min(first + 4)) {
            let mark = if at == first { ">>" } else { "  " };
            match lines.get(at) {
                Some(line) => {
                    let _ = writeln!(text, "{mark} {line}");
                }
                None if at == first => {
                    let _ = writeln!(text, "{mark} (nothing)");
                }
                None => {}
            }
        }
    }
    Err(text)
}
