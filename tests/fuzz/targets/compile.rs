//! Rulebooks.

use tagwarden::{CompileError, Engine, EngineOptions, Rulebook};

/// Any text is compiled or refused, drawn, and formatted so that it means and looks the same ever after.
pub fn target(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let compile = |text: &str| {
        Rulebook::compiler().source("main.tw", text).resolver(|_| Some("scam\tfraud\n".to_owned())).compile()
    };
    let compiled = compile(&text);
    if let Err(error) = &compiled {
        assert!(!error.diagnostics.is_empty());
        refused(error);
    }
    let Ok(formatted) = tagwarden::format(&text) else {
        assert!(compiled.is_err(), "what compiles has no syntax error");
        return;
    };
    assert_eq!(tagwarden::format(&formatted).as_deref().ok(), Some(&*formatted), "formatted twice");
    match (&compiled, compile(&formatted)) {
        (Ok(before), Ok(after)) => {
            let versions =
                |book: &Rulebook| book.rules().into_iter().map(|rule| rule.version).collect::<Vec<_>>();
            assert_eq!(versions(before), versions(&after), "formatting keeps every rule");
            let engine = Engine::new(before);
            Engine::restore(before, EngineOptions::default(), &engine.snapshot()).expect("its own snapshot");
        }
        (Err(_), Err(_)) => {}
        (before, after) => panic!("only one of the two compiles: {before:?} {after:?}"),
    }
}

fn refused(error: &CompileError) {
    assert!(!error.to_string().is_empty());
    for record in error.records() {
        assert!(record.place.line >= 1 && record.place.column >= 1);
    }
}
