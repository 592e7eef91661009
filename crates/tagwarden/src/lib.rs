//! Tagwarden: an embeddable rule engine for customer tags and block lists.
//!
//! A rulebook says in a small language who gets which tag and who goes on which list. An engine takes events and gives
//! decisions, each with its reason, at the exact time, also when something ends by itself.
//!
//! ```
//! use tagwarden::{Engine, Reader, Rulebook, TimeUnit};
//!
//! let rulebook = Rulebook::compile("
//!     entity customer
//!     event order(customer) { amount: number }
//!     rule gold { while sum(order.amount) over 365d >= 1000 then tag gold }
//! ")?;
//! let reader = Reader::new(rulebook.schema(), TimeUnit::Millis);
//! let mut engine = Engine::new(&rulebook);
//! let order = br#"{"type":"order","time":"2026-01-01T00:00:00Z","customer":"c1","amount":1200}"#;
//! assert_eq!(engine.apply(&reader.json(order)?)?[0].kind(), "tagged");
//! assert_eq!(engine.advance_to("2027-01-01T00:00:00Z".parse()?)?[0].kind(), "untagged");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The [`guide`] has the language, what happens when, and how to embed the engine.
//!
//! # Features
//! All on by default but `rayon`. The last column is what each adds to a module for the browser, compressed by gzip; there,
//! regular expressions leave out their faster searches, and messages are not drawn.
//!
//! | feature | what it brings | in wasm |
//! | --- | --- | --- |
//! | `render` | messages about rulebooks drawn as text, like rustc's | left out |
//! | `zones` | `timezone "Area/City"`; without it there is `UTC` alone | 20 kB |
//! | `regex` | `matches /re/`; without it such a condition is an error of the rulebook | 165 kB |
//! | `lookalikes` | `ignoring lookalikes` in keywords | 5 kB |
//! | `sound` | `ignoring sound` in keywords | 29 kB |
//! | `quick` | the usual event is read from JSON in half the time | 5 kB |
//! | `rayon` | `ShardedEngine`: many subjects on many threads | left out |

#![cfg_attr(
    not(feature = "machinery"),
    allow(dead_code, unused_imports, unreachable_pub, reason = "the project's own tests read them")
)]

mod decision;
mod diagnostic;
mod event;
mod limits;
mod overview;
mod schema;
mod small;
mod source;
mod value;

mod check;
mod editor;
mod engine;
mod grants;
mod plan;
mod rulebook;
mod state;
mod syntax;
mod testing;
mod text;
mod window;

pub use decision::{
    About, By, Change, Decision, DecisionRef, EndCause, Evidence, Keep, Kept, KeywordHit, Lifted,
    ProposedAction, Reason, Refusal, ReviewOutcome, RuleRef, Shown, Spared, Verb,
};
pub use diagnostic::{
    Code, CompileError, Diagnostic, DiagnosticRecord, Label, LabelRecord, Offsets, PlaceRecord, Severity,
};
pub use editor::{Completion, CompletionKind, Completions, Editor, Hover};
#[cfg(feature = "rayon")]
pub use engine::ShardedEngine;
pub use engine::{
    AppealStatus, Engine, EngineOptions, EntryStatus, ExemptionStatus, MarkStatus, Orphans, Permit,
    PlannedStatus, ProposalStatus, ReloadReport, RuleFate, ScoreStatus, Status, StatusError, SuspendedStatus,
    TagStatus, Viewer, WhyNot, WhyNotPart, WindowFate,
};
pub use event::{Columns, Command, CommandKind, Event, Input, InputError, Reader, Term, TimeUnit};
pub use limits::Limits;
pub use overview::{KeywordInfo, RuleInfo};
pub use rulebook::{Compiler, Rulebook};
pub use schema::{EntityId, EventId, EventType, FieldId, FieldKind, FieldType, Schema};
pub use source::{Position, Source, Sources, Span};
pub use state::snapshot::SnapshotError;
pub use syntax::format_text as format;
pub use testing::{TestCheck, TestReport, run_tests};
pub use text::{ListFault, ListFinding, lint_list};
pub use value::{
    Decimal, DecimalError, Duration, DurationError, Period, Schedule, ScheduleDays, TimeError, Timestamp,
    Value, Zone,
};

pub mod guide;

/// The front page of the project, whose examples run as tests.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;

/// Internals for the project's own tests: no promise of stability.
#[cfg(feature = "machinery")]
#[doc(hidden)]
pub mod machinery {
    pub use crate::check::tree;
    pub use crate::plan::Shortcuts;
    pub use crate::syntax::{
        ast, format, parse, print_expr, print_expr_as_written, print_rule, print_selector,
    };
    pub use crate::text::{
        Hit, KeywordPattern, KeywordSet, Keywords, KeywordsId, Place, Regex, Report, Scanner, Switches,
        TextError, read_list,
    };
}
