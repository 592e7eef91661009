//! What an editor asks while somebody writes.

use tagwarden::Rulebook;

/// Every place of any text has an answer, and what is to be replaced lies around the place.
///
/// The first byte says where the questions begin, so that not every place of a long text is asked each time.
pub fn target(data: &[u8]) {
    let Some((first, rest)) = data.split_first() else { return };
    let text = String::from_utf8_lossy(rest);
    let resolver = |_: &str| Some("scam\tfraud\n".to_owned());
    let editor = Rulebook::compiler().source("main.tw", &*text).resolver(resolver).editor();
    let step = 1 + text.len() / 32;
    for at in (usize::from(*first) % step..=text.len() + 1).step_by(step) {
        let found = editor.complete(at);
        assert!(text.get(found.from..found.to).is_some(), "{at}: {} to {}", found.from, found.to);
        assert!(found.from <= at);
        for item in found.items {
            assert!(!item.label.is_empty());
        }
        if let Some(hover) = editor.hover(at) {
            assert!(text.get(hover.from..hover.to).is_some(), "{at}: {} to {}", hover.from, hover.to);
            assert!(hover.from <= at && !hover.title.is_empty());
        }
    }
}
