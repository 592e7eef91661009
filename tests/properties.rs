//! What holds of every rulebook and stream, whatever it means: asked of generated ones.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod generate;

use generate::Case;
use generate::dice::Dice;
use generate::run::{cases, feed, hold, lines, same};
use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;
use tagwarden::machinery::Shortcuts;
use tagwarden::{
    Decision, DecisionRef, Duration, Engine, EngineOptions, Event, Input, InputError, Limits, Orphans,
    Rulebook, ShardedEngine, Timestamp, Value,
};

/// What a rulebook, its engine and its stream have in common for a test.
fn straight(rulebook: &Rulebook, inputs: &[Input]) -> Vec<String> {
    lines(&feed(&mut Engine::new(rulebook), inputs))
}

/// A snapshot at any place, and a new engine from it, change nothing.
#[test]
fn restoring_changes_nothing() {
    hold(cases(20_000) / 8, 11, |rulebook, inputs, case| {
        let mut dice = Dice::new(case.seed ^ 1);
        let place = dice.below(inputs.len() + 1);
        let mut engine = Engine::new(rulebook);
        let mut decisions = feed(&mut engine, &inputs[..place]);
        let bytes = engine.snapshot();
        let mut engine =
            Engine::restore(rulebook, EngineOptions::default(), &bytes).map_err(|error| error.to_string())?;
        if engine.snapshot() != bytes {
            return Err(format!("the snapshot after input {place} is not the one restored from"));
        }
        decisions.extend(feed(&mut engine, &inputs[place..]));
        let expected = straight(rulebook, inputs);
        same(("straight", &expected), (&format!("restored after input {place}"), &lines(&decisions)))
    });
}

/// Shortcuts change nothing, neither all that can be taken nor none.
#[test]
fn shortcuts_change_nothing() {
    hold(cases(20_000) / 8, 21, |rulebook, inputs, case| {
        let expected = straight(rulebook, inputs);
        for shortcuts in [Shortcuts::Never, Shortcuts::Always] {
            let compiler = Rulebook::compiler().source("rulebook", case.text()).shortcuts(shortcuts);
            let other = compiler.compile().map_err(|error| error.to_string())?;
            let name = format!("{shortcuts:?}");
            same(("usual", &expected), (&name, &straight(&other, inputs)))?;
        }
        Ok(())
    });
}

/// Batches give what events give one by one, in as many shards as one likes, also from a snapshot on.
#[test]
fn shards_change_nothing() {
    hold(cases(20_000) / 8, 22, |rulebook, inputs, case| {
        let mut dice = Dice::new(case.seed ^ 5);
        let lateness = Duration::from_micros([0, 0, 7_200_000_000][dice.below(3)]);
        let held_events = [usize::MAX, 3][usize::from(dice.chance(10))];
        let subjects = [usize::MAX, 2][usize::from(dice.chance(10))];
        let decisions = if dice.chance(20) { 2 } else { usize::MAX };
        let limits = Limits { held_events, subjects, decisions, ..Limits::default() };
        let options = EngineOptions { lateness, limits, ..EngineOptions::default() };
        let batches = batches(inputs);
        let mut engine = Engine::with_options(rulebook, options.clone());
        let (mut expected, mut refused) = (Vec::new(), Vec::new());
        for (events, tick) in &batches {
            refused.push(format!(
                "{:?}",
                engine.process_batch(events, &mut |d| expected.push(d.to_decision().to_json()))
            ));
            while let Some(Err(InputError::Unfinished { .. })) =
                tick.map(|tick| engine.advance_into(tick, &mut |d| expected.push(d.to_decision().to_json())))
            {
            }
        }
        let rest = engine.finish();
        expected.extend(lines(&rest));
        for shards in [1, 3] {
            let shards = NonZeroUsize::new(shards).unwrap();
            let mut engine = ShardedEngine::with_options(rulebook, options.clone(), shards);
            let (mut found, mut other) = (Vec::new(), Vec::new());
            let json = |decision: &DecisionRef<'_>| decision.to_decision().to_json();
            for (events, tick) in &batches {
                other.push(format!("{:?}", engine.process_batch(events, json, |line| found.push(line))));
                if let Some(tick) = tick {
                    let _ = engine.advance_to(*tick, json, |line| found.push(line));
                }
                if dice.chance(20) {
                    let bytes = engine.snapshot();
                    engine = ShardedEngine::restore(rulebook, options.clone(), &bytes, shards)
                        .map_err(|error| error.to_string())?;
                }
                if dice.chance(20) {
                    engine = ShardedEngine::from_engine(engine.into_engine(), shards);
                }
            }
            engine.finish(json, |line| found.push(line));
            let name = format!("{shards} shards");
            same(("alone", &refused), (&name, &other))?;
            same(("alone", &expected), (&name, &found))?;
        }
        Ok(())
    });
}

/// The events up to each tick.
fn batches(inputs: &[Input]) -> Vec<(Vec<Event>, Option<Timestamp>)> {
    let mut batches = vec![(Vec::new(), None)];
    for input in inputs {
        match input {
            Input::Event(event) => batches.last_mut().unwrap().0.push(event.clone()),
            Input::Tick(time) => {
                batches.last_mut().unwrap().1 = Some(*time);
                batches.push((Vec::new(), None));
            }
            _ => {}
        }
    }
    batches
}

/// Ticks between the inputs bring decisions earlier, and change none.
#[test]
fn ticks_change_nothing() {
    hold(cases(20_000) / 8, 12, |rulebook, inputs, case| {
        let mut dice = Dice::new(case.seed ^ 2);
        let mut more = Vec::new();
        let mut newest = i64::MIN;
        for (at, input) in inputs.iter().enumerate() {
            more.push(input.clone());
            newest = newest.max(input.time().micros());
            let Some(next) = inputs.get(at + 1).map(|next| next.time().micros()) else { continue };
            for _ in 0..dice.below(4) {
                if newest + 1 < next {
                    let gap = (next - newest) as usize;
                    newest += 1 + if dice.chance(50) { dice.below(gap - 1) } else { gap / 2 - 1 } as i64;
                    if newest < next {
                        more.push(Input::Tick(Timestamp::from_micros(newest).unwrap()));
                    }
                }
            }
        }
        same(("without", &straight(rulebook, inputs)), ("with more ticks", &straight(rulebook, &more)))
    });
}

/// Private texts reach neither state nor decisions.
#[test]
fn private_texts_are_kept_nowhere() {
    const MARK: &str = "hi my-own-words scam";
    hold(cases(20_000) / 8, 19, |rulebook, inputs, _| {
        let schema = rulebook.schema();
        let mut engine = Engine::new(rulebook);
        for input in inputs {
            let mut input = input.clone();
            if let Input::Event(event) = &mut input
                && let Some(ty) = schema.event_type(event.event)
            {
                for (field, value) in ty.fields.iter().zip(&mut event.fields) {
                    if field.private && value.is_some() {
                        *value = Some(Value::from(MARK));
                    }
                }
            }
            for line in lines(&feed(&mut engine, std::slice::from_ref(&input))) {
                if line.contains("my-own-words") {
                    return Err(format!("a decision shows a private text: {line}"));
                }
            }
            if engine.snapshot().windows(12).any(|part| part == b"my-own-words") {
                return Err("the snapshot keeps a private text".into());
            }
        }
        Ok(())
    });
}

/// Asking changes nothing.
#[test]
fn questions_change_nothing() {
    hold(cases(20_000) / 8, 13, |rulebook, inputs, case| {
        let mut dice = Dice::new(case.seed ^ 3);
        let rules: Vec<String> = rulebook.tree().rules.iter().map(|rule| rule.name.to_string()).collect();
        let mut engine = Engine::new(rulebook);
        let mut decisions = Vec::new();
        for input in inputs {
            decisions.extend(feed(&mut engine, std::slice::from_ref(input)));
            let entity = if dice.chance(70) { "customer" } else { "staff" };
            let key = dice.word(&["c1", "c2", "s1", "nobody"]);
            let ahead = [0, 1, 3_600_000_000, 86_400_000_000][dice.below(4)];
            let time = engine.clock().and_then(|clock| clock.checked_add_micros(ahead));
            let Some(time) = time else { continue };
            let before = dice.chance(50).then(|| engine.snapshot());
            let _ = engine.status(entity, key, time);
            let _ = engine.permits(entity, key, "email", time);
            if !rules.is_empty() {
                let _ = engine.why_not(&rules[dice.below(rules.len())], entity, key, time);
            }
            if before.is_some_and(|before| before != engine.snapshot()) {
                return Err("a question has changed the snapshot".into());
            }
        }
        same(("unasked", &straight(rulebook, inputs)), ("asked", &lines(&decisions)))
    });
}

/// With lateness, inputs out of order within it give what they give in order.
#[test]
fn lateness_sorts() {
    hold(cases(20_000) / 8, 14, |rulebook, inputs, case| {
        let mut dice = Dice::new(case.seed ^ 4);
        let lateness: i64 = [600_000_000, 7_200_000_000, 200_000_000_000][dice.below(3)];
        // Distinct times, and events only: a tick says that all before it has been seen.
        let mut events: Vec<Input> = Vec::new();
        for input in inputs {
            let newest = events.last().map_or(i64::MIN, |last| last.time().micros());
            if matches!(input, Input::Event(_)) && input.time().micros() > newest {
                events.push(input.clone());
            }
        }
        // Each is delayed by less than the lateness, and they come in the order of the delayed times.
        let mut delayed: Vec<(i64, Input)> = events
            .iter()
            .map(|input| (input.time().micros() + dice.below(lateness as usize) as i64, input.clone()))
            .collect();
        delayed.sort_by_key(|(time, _)| *time);
        let shuffled: Vec<Input> = delayed.into_iter().map(|(_, input)| input).collect();
        let options = EngineOptions { lateness: Duration::from_micros(lateness), ..EngineOptions::default() };
        let mut engine = Engine::with_options(rulebook, options);
        let mut decisions = Vec::new();
        for input in &shuffled {
            decisions.extend(engine.apply(input).map_err(|error| error.to_string())?);
        }
        decisions.extend(engine.finish());
        same(("sorted", &straight(rulebook, &events)), ("shuffled", &lines(&decisions)))
    });
}

/// Reloading the same rulebook at any place changes nothing.
#[test]
fn reloading_the_same_changes_nothing() {
    hold(cases(20_000) / 8, 16, |rulebook, inputs, case| {
        let mut dice = Dice::new(case.seed ^ 6);
        let place = dice.below(inputs.len() + 1);
        let mut engine = Engine::new(rulebook);
        let mut decisions = feed(&mut engine, &inputs[..place]);
        let orphans = if dice.chance(50) { Orphans::End } else { Orphans::Keep };
        // Compiled from its formatted text: the same rulebook at other places.
        let text = tagwarden::format(&case.text()).map_err(|error| error.to_string())?;
        let again = Rulebook::compile(&text).map_err(|error| error.to_string())?;
        engine.reload(&again, orphans);
        decisions.extend(feed(&mut engine, &inputs[place..]));
        let expected = straight(rulebook, inputs);
        same(("straight", &expected), (&format!("reloaded after input {place}"), &lines(&decisions)))
    });
}

/// An event that comes twice counts once.
#[test]
fn duplicates_change_nothing() {
    hold(cases(20_000) / 8, 17, |rulebook, inputs, case| {
        let mut dice = Dice::new(case.seed ^ 7);
        let dedup = Some(Duration::from_micros(86_400_000_000));
        let mut engine = Engine::with_options(rulebook, EngineOptions { dedup, ..EngineOptions::default() });
        let mut decisions = Vec::new();
        for (number, input) in inputs.iter().enumerate() {
            let mut input = input.clone();
            let Input::Event(event) = &mut input else {
                decisions.extend(feed(&mut engine, &[input]));
                continue;
            };
            event.id = Some(format!("e{number}").into());
            let late = matches!(
                engine.apply(&input).map(|more| decisions.extend(more)),
                Err(InputError::Late { .. })
            );
            if !late && dice.chance(50) && !matches!(engine.apply(&input), Err(InputError::Duplicate { .. }))
            {
                return Err(format!("input {number} is no duplicate of itself"));
            }
        }
        same(("once", &straight(rulebook, inputs)), ("some twice", &lines(&decisions)))
    });
}

/// What is decided about a subject depends on its own inputs, and on nobody else's.
#[test]
fn subjects_are_on_their_own() {
    hold(cases(20_000) / 8, 18, |rulebook, inputs, _| {
        let mut engine = Engine::new(rulebook);
        let mut all = Vec::new();
        let mut own = Vec::new();
        for input in inputs {
            let Ok(decisions) = engine.apply(input) else { continue };
            all.extend(decisions);
            let concerned = match input {
                Input::Event(event) => event.keys.iter().any(|key| &**key == "c1"),
                _ => true,
            };
            if concerned {
                own.push(input.clone());
            }
        }
        // What is due by the last input is due with and without the others.
        if let Some(clock) = engine.clock() {
            all.extend(engine.advance_to(clock).map_err(|error| error.to_string())?);
            own.push(Input::Tick(clock));
        }
        let of_one = |decisions: Vec<Decision>| -> Vec<String> {
            lines(&decisions.into_iter().filter(|decision| &*decision.subject == "c1").collect::<Vec<_>>())
        };
        let alone = of_one(feed(&mut Engine::new(rulebook), &own));
        same(("with the others", &of_one(all)), ("alone", &alone))
    });
}

/// A formatted rulebook decides the same, and formatting it again changes nothing.
#[test]
fn formatting_changes_nothing() {
    hold(cases(20_000) / 8, 15, |rulebook, inputs, case| {
        let formatted = tagwarden::format(&case.text()).map_err(|error| error.to_string())?;
        let again = tagwarden::format(&formatted).map_err(|error| format!("{formatted}\n{error}"))?;
        if again != formatted {
            return Err(format!("formatted:\n{formatted}\nand again:\n{again}"));
        }
        let other = Rulebook::compile(&formatted).map_err(|error| format!("{formatted}\n{error}"))?;
        same(("as written", &straight(rulebook, inputs)), ("formatted", &straight(&other, inputs)))
            .map_err(|why| format!("{formatted}\n{why}"))
    });
}

/// The names of variants in a tree's debug form, outside of texts.
fn words(debug: &str, into: &mut BTreeSet<String>) {
    let (mut word, mut quoted, mut escaped) = (String::new(), false, false);
    for letter in debug.chars() {
        if quoted {
            (quoted, escaped) = (escaped || letter != '"', letter == '\\' && !escaped);
        } else if letter.is_alphanumeric() || letter == '_' {
            word.push(letter);
        } else {
            quoted = letter == '"';
            if !word.is_empty() {
                into.insert(std::mem::take(&mut word));
            }
        }
    }
}

/// The generator reaches every construct and every kind of decision.
#[test]
fn the_generator_reaches_everything() {
    let (mut seen, mut kinds) = (BTreeSet::new(), BTreeMap::<String, usize>::new());
    let (mut compiled, mut deciding, total) = (0, 0, 2_000);
    let mut refused = BTreeMap::<String, usize>::new();
    for seed in 0..total {
        let case = Case::from_seed(0xc0ffee + seed);
        let rulebook = match Rulebook::compile(&case.text()) {
            Ok(rulebook) => rulebook,
            Err(error) => {
                let first = &error.diagnostics[0];
                *refused.entry(format!("{} {}", first.code, first.message)).or_default() += 1;
                continue;
            }
        };
        compiled += 1;
        words(&format!("{:?} {:?}", rulebook.tree().rules, rulebook.tree().guards), &mut seen);
        let inputs = generate::stream::inputs(&case.given, &rulebook).unwrap();
        let decisions: Vec<Decision> = feed(&mut Engine::new(&rulebook), &inputs);
        deciding += usize::from(!decisions.is_empty());
        for decision in &decisions {
            *kinds.entry(decision.kind().to_owned()).or_default() += 1;
        }
    }
    let refusals = refused.values().sum::<usize>();
    let mut most: Vec<_> = refused.into_iter().collect();
    most.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    println!("{compiled} of {total} compile, {deciding} decide; {kinds:#?}");
    most.truncate(25);
    println!("{most:#?}");
    let wanted = "On When While Every Field At Not And Or Negate Arithmetic Coalesce Compare Elapsed InSet Between Contains \
        StartsWith EndsWith Matches Has Exists Hits Words Aggregate NoFor TimeSince Tagged InList Level Score Call Hour \
        Weekday Day Month Date IsAnniversary Age Length Lower Abs Round Count Sum Average Min Max Distinct Days First \
        Latest Lifetime Over Stepped This Previous Base After Without Matching Tag Untag Add Remove Notify Emit Propose \
        Forever For UntilTime UntilOn Until Exempt Approve";
    let missing: Vec<&str> = wanted.split_whitespace().filter(|word| !seen.contains(*word)).collect();
    assert!(missing.is_empty(), "never generated: {missing:?}");
    let wanted =
        "tagged untagged listed level_changed unlisted scored proposed withheld notified review_due emitted";
    let missing: Vec<&str> = wanted.split_whitespace().filter(|kind| !kinds.contains_key(*kind)).collect();
    assert!(missing.is_empty(), "never decided: {missing:?}");
    assert!(refusals * 10 < total as usize * 4, "{refusals} of {total} do not compile");
    assert!(deciding * 2 >= compiled, "only {deciding} of {compiled} decide anything");
}
