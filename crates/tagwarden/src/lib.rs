//! Tagwarden: an embeddable rule engine for customer tags and block lists.

mod decision;
mod diagnostic;
mod event;
mod limits;
mod overview;
mod schema;
mod source;
mod value;

mod check;
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
    Change, Decision, EndCause, Evidence, KeywordHit, ProposedAction, Reason, RuleRef, Shown,
};
pub use diagnostic::{
    Code, CompileError, Diagnostic, DiagnosticRecord, Label, LabelRecord, Offsets, PlaceRecord, Severity,
};
pub use engine::{
    Engine, EngineOptions, EntryStatus, Orphans, Permit, ProposalStatus, ReloadReport, RuleFate, ScoreStatus,
    Status, StatusError, TagStatus, WhyNot, WhyNotPart, WindowFate,
};
pub use event::{Columns, Event, Input, InputError, Reader, TimeUnit};
pub use limits::Limits;
pub use overview::RuleInfo;
pub use rulebook::{Compiler, Rulebook};
pub use schema::{EntityId, EventId, EventType, FieldId, FieldKind, FieldType, Schema};
pub use source::{Position, Source, Sources, Span};
pub use state::snapshot::SnapshotError;
pub use syntax::format_text as format;
pub use testing::{TestCheck, TestReport, run_tests};
pub use value::{
    Decimal, DecimalError, Duration, Period, Schedule, ScheduleDays, TimeError, Timestamp, Value, Zone,
};

/// Internals for the project's own tests: no promise of stability.
#[cfg(feature = "machinery")]
#[doc(hidden)]
pub mod machinery {
    pub use crate::check::tree;
    pub use crate::syntax::{
        ast, format, parse, print_expr, print_expr_as_written, print_rule, print_selector,
    };
    pub use crate::text::{Fold, Hit, Keywords, Place, Regex, TextError};
}
