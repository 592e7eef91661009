//! The guide: the language, what happens when, and how to embed the engine.
//!
//! | | |
//! | --- | --- |
//! | [`language`] | every construct, with examples |
//! | [`semantics`] | what happens when: instants, windows, grants, reasons |
//! | [`commands`] | what people do: commands, refusals, roles |
//! | [`keywords`] | what counts as a hit in a text |
//! | [`embedding`] | how a service uses the library |
//! | [`errors`] | messages about rulebooks, and all their codes |
//! | [`design`] | why it is as it is |

/// The rule language.
pub mod language {
    #![doc = include_str!("language.md")]
}

/// What happens when.
pub mod semantics {
    #![doc = include_str!("semantics.md")]
}

/// What people do.
pub mod commands {
    #![doc = include_str!("commands.md")]
}

/// How keywords are matched.
pub mod keywords {
    #![doc = include_str!("keywords.md")]
}

/// How to embed the engine.
pub mod embedding {
    #![doc = include_str!("embedding.md")]
}

/// Why it is as it is.
pub mod design {
    #![doc = include_str!("design.md")]
}

/// Messages about rulebooks.
pub mod errors {
    #![doc = include_str!("errors.md")]
}

#[cfg(test)]
mod tests {
    use crate::{Code, Rulebook, run_tests};

    const LANGUAGE: &str = include_str!("language.md");

    /// The rulebooks of a page, in the order in which they stand there.
    fn rulebooks(page: &str) -> Vec<&str> {
        let blocks = page.split("```tagwarden\n").skip(1);
        blocks.filter_map(|rest| rest.split_once("```").map(|(block, _)| block)).collect()
    }

    #[test]
    fn the_examples_of_the_language_page_compile_and_their_tests_pass() {
        let blocks = rulebooks(LANGUAGE);
        let declarations = blocks[1];
        for (at, block) in blocks.iter().enumerate() {
            let text = if at < 2 { (*block).to_owned() } else { format!("{declarations}{block}") };
            let compiler = Rulebook::compiler().source("language.md", text);
            let rulebook = compiler
                .resolver(|_| Some("scam".to_owned()))
                .compile()
                .unwrap_or_else(|error| panic!("{error}"));
            assert!(run_tests(&rulebook).iter().all(crate::TestReport::passed), "{block}");
        }
    }

    #[test]
    fn the_language_page_begins_with_the_sample_rulebook() {
        assert_eq!(rulebooks(LANGUAGE)[0], include_str!("../../../../examples/rules/glance.tw"));
    }

    #[test]
    fn the_page_on_messages_has_every_code() {
        let page = include_str!("errors.md");
        for code in Code::ALL {
            let row = format!("| `{code}` | {} |", code.title());
            assert!(page.contains(&row), "write into errors.md: {row}");
        }
    }
}
