"""Tagwarden: rules over events, in Python.

A rulebook says in a small language who gets which tag and who goes on which list. An engine takes events and gives decisions, each
with its reason, at the exact time. A backtest says what a rulebook would have done with a table of last year's events.

>>> import tagwarden
>>> rulebook = tagwarden.Rulebook.compile('''
...     entity customer
...     event order(customer) { amount: number }
...     rule gold { while sum(order.amount) over 365d >= 1000 then tag gold }
... ''')
>>> engine = tagwarden.Engine(rulebook)
>>> engine.process({"type": "order", "time": "2026-01-01T00:00:00Z", "customer": "c1", "amount": 1200})
[Decision(time='2026-01-01T00:00:00Z', kind='tagged', entity='customer', subject='c1', rule='gold', tag='gold')]
"""

from ._backtest import BacktestResult, Comparison, backtest
from ._errors import (
    AuditError,
    EventError,
    LedgerError,
    RefusedError,
    RuleError,
    SnapshotError,
    StatusError,
    TableError,
)
from ._ledger import Ledger
from ._native import Decision, Engine, Rulebook, Table, __version__, format, verify_audit
from ._people import (
    Answer,
    Appealing,
    AppealStatus,
    AuditReport,
    ExemptionStatus,
    Exported,
    ImportReport,
    Listed,
    MarkStatus,
    Opening,
    PlannedStatus,
    RowReport,
    Spared,
    Stats,
    SuspendedStatus,
    Waiting,
)
from ._types import (
    Action,
    ArrowStream,
    BatchResult,
    By,
    Diagnostic,
    EntryStatus,
    Evidence,
    KeywordHit,
    Label,
    Permit,
    ProposalStatus,
    Reason,
    ReloadReport,
    RuleInfo,
    ScoreStatus,
    Status,
    TagStatus,
    TestCheck,
    TestReport,
    WhyNot,
    WhyNotPart,
    WindowFate,
)

__all__ = [
    "Action",
    "Answer",
    "AppealStatus",
    "Appealing",
    "ArrowStream",
    "AuditError",
    "AuditReport",
    "BacktestResult",
    "BatchResult",
    "By",
    "Comparison",
    "Decision",
    "Diagnostic",
    "Engine",
    "EntryStatus",
    "EventError",
    "Evidence",
    "ExemptionStatus",
    "Exported",
    "ImportReport",
    "KeywordHit",
    "Label",
    "Ledger",
    "LedgerError",
    "Listed",
    "MarkStatus",
    "Opening",
    "Permit",
    "PlannedStatus",
    "ProposalStatus",
    "Reason",
    "RefusedError",
    "ReloadReport",
    "RowReport",
    "RuleError",
    "RuleInfo",
    "Rulebook",
    "ScoreStatus",
    "SnapshotError",
    "Spared",
    "Stats",
    "Status",
    "StatusError",
    "SuspendedStatus",
    "Table",
    "TableError",
    "TagStatus",
    "TestCheck",
    "TestReport",
    "Waiting",
    "WhyNot",
    "WhyNotPart",
    "WindowFate",
    "__version__",
    "backtest",
    "format",
    "verify_audit",
]
