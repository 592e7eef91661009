//! Tagwarden: an embeddable rule engine for customer tags and block lists.

mod decision;
mod diagnostic;
mod event;
mod limits;
mod schema;
mod source;
mod value;

mod check;
mod syntax;

pub use decision::{Change, Decision, EndCause, Evidence, KeywordHit, ProposedAction, Reason, RuleRef};
pub use diagnostic::{Code, CompileError, Diagnostic, Label, Severity};
pub use event::{Event, Input, InputError, Reader, TimeUnit};
pub use limits::Limits;
pub use schema::{EntityId, EventId, EventType, FieldId, FieldKind, FieldType, Schema};
pub use source::{Position, Source, Sources, Span};
pub use syntax::format_text as format;
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
}
