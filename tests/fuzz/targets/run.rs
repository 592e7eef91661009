//! A rulebook with the inputs that it decides about.

use super::options;
use tagwarden::machinery::Shortcuts;
use tagwarden::{Engine, Input, InputError, Reader, Rulebook, TimeUnit};

/// What is decided does not depend on shortcuts, nor on a restart in the midst of it.
///
/// The bytes are a rulebook, a line `---`, and lines of inputs.
pub fn target(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let Some((book, lines)) = text.split_once("\n---\n") else { return };
    let compile = |shortcuts| {
        let compiler = Rulebook::compiler().source("main.tw", book).shortcuts(shortcuts);
        compiler.resolver(|_| Some("scam\tfraud\n".to_owned())).compile().ok()
    };
    let Some(rulebook) = compile(Shortcuts::Never) else { return };
    let reader = Reader::new(rulebook.schema(), TimeUnit::Millis);
    let inputs: Vec<Input> =
        lines.lines().take(64).filter_map(|line| reader.json(line.as_bytes()).ok()).collect();
    let straight = decisions(&rulebook, &inputs, None);
    let restarted = decisions(&rulebook, &inputs, Some(inputs.len() / 2));
    assert_eq!(straight, restarted, "with a restart");
    let other = compile(Shortcuts::Always).expect("shortcuts change no mistake");
    assert_eq!(straight, decisions(&other, &inputs, None), "with shortcuts");
}

/// The decisions as lines, with what was refused among them.
fn decisions(rulebook: &Rulebook, inputs: &[Input], restart: Option<usize>) -> Vec<String> {
    let mut engine = Engine::with_options(rulebook, options());
    let mut lines = Vec::new();
    for (at, input) in inputs.iter().enumerate() {
        if restart == Some(at) {
            engine = Engine::restore(rulebook, options(), &engine.snapshot()).expect("its own snapshot");
        }
        match engine.apply(input) {
            Ok(decisions) => lines.extend(decisions.iter().map(|it| it.to_json())),
            // Where it would go on is far, and the others are compared up to there.
            Err(InputError::Unfinished { clock, .. }) => lines.push(format!("unfinished at {clock}")),
            Err(error) => lines.push(error.to_string()),
        }
    }
    lines.extend(engine.finish().iter().map(|it| it.to_json()));
    lines
}
