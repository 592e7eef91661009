"""Ledgers: an engine whose inputs, decisions and audit log are kept in one file."""

from __future__ import annotations

from ._acts import Acts
from ._native import LedgerFile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime, timedelta
    from os import PathLike
    from pathlib import Path
    from types import TracebackType
    from typing import Any, Literal

    from typing_extensions import Self

    from ._native import Decision, Rulebook
    from ._people import (
        Answer,
        Appealing,
        AuditReport,
        Exported,
        ImportReport,
        Listed,
        Opening,
        Stats,
        Waiting,
    )
    from ._types import Permit, Status

    _Time = datetime | int | str
    _Input = Mapping[str, Any] | str | bytes
    _Unit = Literal["s", "ms", "us"]
    _Format = Literal["csv", "excel"]


class Ledger(Acts):
    """An engine and the file in which everything that it takes and decides is kept.

    Every call that changes something is one transaction: it is done wholly or not at all, also if the process is killed meanwhile.
    Other programs can read the tables of the file, which is SQLite, at any time. Threads may share a ledger, and several processes may
    open the same file; while it works, the interpreter is free for other threads. As a context manager it is closed at the end.

    >>> import tagwarden, tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> rulebook = tagwarden.Rulebook.compile('''
    ...     entity customer
    ...     event login(customer) {}
    ...     rule busy { when count(login) over 1h >= 2 then tag busy for 1d }
    ... ''')
    >>> login = {"type": "login", "time": "2026-01-01T00:00:00Z", "customer": "c1"}
    >>> with tagwarden.Ledger(f"{folder.name}/crm.ledger", rulebook, key=b"an example's key") as ledger:
    ...     first = ledger.apply(login, keys=["a"])
    ...     second = ledger.apply(login, keys=["b"])
    >>> [decision.kind for answer in first + second for decision in answer.decisions]
    ['tagged']

    The process is killed and comes back; the host does not know whether its last call was done, and sends it again.

    >>> with tagwarden.Ledger.open(f"{folder.name}/crm.ledger", key=b"an example's key") as ledger:
    ...     again = ledger.apply(login, keys=["b"])
    >>> again[0].repeated, again[0].decisions == second[0].decisions
    (True, True)

    :param rulebook: must be the one that the ledger ran last, unless ``reload`` says what to do.
    :param key: 16 bytes, the key of every hash in the ledger, and of what is sealed in it. Keep it secret, apart from the file, and for
        as long as the file: without it the ledger cannot be opened. ``secrets.token_bytes(16)`` makes one; in a key file of the command
        line it stands as 32 digits, which ``bytes.fromhex`` reads.
    :param create: whether a file that is not there is made.
    :param reload: go on with another rulebook than the one that ran last, and what becomes of a tag or entry whose rule is gone: it
        ends, or is kept until its own end.
    :param name: goes into the audit log's first link, so that the logs of two ledgers with one key differ.
    :param lateness: how much older than the newest an event may be.
    :param dedup: for how long the ``id`` of an event is a duplicate when it comes again with other content.
    :param pseudonyms: whether keyed hashes stand for the subjects' keys everywhere in the file and in the decisions.
    :param keep: how long things are kept, such as ``["decisions 3y", "views 1y"]``: inputs, commands, decisions, views. For these it
        counts, whatever ``keep`` in the rulebook says.
    :param limits: what the state may grow to, such as ``{"subjects": 1_000_000}``.
    :param snapshot_every: after how many inputs a snapshot is taken, so that opening need not apply more than these again.
    :param power_safe: whether every transaction waits until the disk has it. Without, a power cut may lose the last ones.
    :param encryption: the key of an encrypted file. Needs a build with the feature ``encryption``.
    :param time_unit: what times count that are whole numbers.
    :raises LedgerError: there is no ledger there, it is damaged, or was made with another key, setting or rulebook.
    """

    def __init__(
        self,
        path: str | PathLike[str],
        rulebook: Rulebook,
        *,
        key: bytes,
        create: bool = True,
        reload: Literal["end", "keep"] | None = None,
        name: str = "",
        lateness: timedelta | None = None,
        dedup: timedelta | None = None,
        pseudonyms: bool = False,
        keep: Iterable[str] = (),
        limits: Mapping[str, int] | None = None,
        snapshot_every: int = 50_000,
        power_safe: bool = True,
        encryption: str | None = None,
        time_unit: _Unit = "ms",
    ) -> None:
        self._file = LedgerFile.open(
            path,
            rulebook,
            key,
            create=create,
            fresh=False,
            kept=False,
            name=name,
            lateness=lateness,
            dedup=dedup,
            pseudonyms=pseudonyms,
            keep=[*keep],
            limits=limits,
            snapshot_every=snapshot_every,
            power_safe=power_safe,
            reload=reload,
            encryption=encryption,
            time_unit=time_unit,
        )

    @classmethod
    def _of(cls, file: LedgerFile) -> Self:
        self = cls.__new__(cls)
        self._file = file
        return self

    @classmethod
    def init(
        cls,
        path: str | PathLike[str],
        rulebook: Rulebook,
        *,
        key: bytes,
        name: str = "",
        lateness: timedelta | None = None,
        dedup: timedelta | None = None,
        pseudonyms: bool = False,
        keep: Iterable[str] = (),
        limits: Mapping[str, int] | None = None,
        snapshot_every: int = 50_000,
        power_safe: bool = True,
        encryption: str | None = None,
        time_unit: _Unit = "ms",
    ) -> Self:
        """Make a ledger where there is none. The arguments are those of :class:`Ledger`.

        :raises LedgerError: there is a file already.
        """
        file = LedgerFile.open(
            path,
            rulebook,
            key,
            create=True,
            fresh=True,
            kept=False,
            name=name,
            lateness=lateness,
            dedup=dedup,
            pseudonyms=pseudonyms,
            keep=[*keep],
            limits=limits,
            snapshot_every=snapshot_every,
            power_safe=power_safe,
            reload=None,
            encryption=encryption,
            time_unit=time_unit,
        )
        return cls._of(file)

    @classmethod
    def open(
        cls,
        path: str | PathLike[str],
        *,
        key: bytes,
        rulebook: Rulebook | None = None,
        reload: Literal["end", "keep"] = "end",
        limits: Mapping[str, int] | None = None,
        snapshot_every: int = 50_000,
        power_safe: bool = True,
        encryption: str | None = None,
        time_unit: _Unit = "ms",
    ) -> Self:
        """Open a ledger that is there, with the settings that it was made with.

        :param rulebook: go on with this one from now on; by default with the one that it ran last.
        :raises LedgerError: there is none, it is damaged, or its key is another.
        """
        file = LedgerFile.open(
            path,
            rulebook,
            key,
            create=False,
            fresh=False,
            kept=True,
            name="",
            lateness=None,
            dedup=None,
            pseudonyms=False,
            keep=[],
            limits=limits,
            snapshot_every=snapshot_every,
            power_safe=power_safe,
            reload=reload,
            encryption=encryption,
            time_unit=time_unit,
        )
        return cls._of(file)

    def close(self) -> None:
        """Close the file. What was answered is kept already; closing twice does no harm."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Ledger({str(self.path)!r})"

    @property
    def path(self) -> Path:
        """The file."""
        return self._file.path

    @property
    def opening(self) -> Opening:
        """What opening it found."""
        return self._file.opening

    @property
    def rulebook(self) -> Rulebook:
        """The rulebook that it runs."""
        return self._file.rulebook

    @property
    def clock(self) -> datetime | None:
        """The time of the last input applied."""
        return self._file.clock

    @property
    def inputs(self) -> int:
        """How many inputs it holds, refused ones included."""
        return self._file.inputs

    @property
    def audit_head(self) -> str:
        """The hash of the last record of the audit log. Noted elsewhere now and then, it proves that the log was not written anew."""
        return self._file.audit_head

    def apply(
        self, inputs: _Input | Iterable[_Input], *, keys: Sequence[str | None] | None = None
    ) -> tuple[Answer, ...]:
        """Apply one input, or many in their order, in one transaction. When it returns, all of them are kept with their answers.

        An input is an event, a command or ``{"tick": time}``, as a mapping or as JSON. Its ``id`` is its idempotency key: one that was
        applied before changes nothing, and is answered as the first time. Inputs that the engine refuses are answered and kept so, and
        the others go on.

        :param keys: other idempotency keys, one for each input.
        :raises EventError: an input cannot be read; none was applied.
        :raises LedgerError: the file can't be written; none was applied.
        """
        return self._file.apply(inputs, None if keys is None else [*keys])

    def status(
        self, entity: str, key: str, *, actor: str, role: str | None = None, time: _Time | None = None
    ) -> Status:
        """What holds of a subject, for a person to see. The audit log notes who looked.

        :param time: by default now, or just after the ledger's clock if that is later.
        :raises RefusedError: the rulebook's roles do not allow it.
        :raises StatusError: no such entity, or a time before the clock.
        """
        return self._file.view(entity, key, actor, role, time)

    def note_view(
        self, *, actor: str, role: str | None = None, time: _Time | None = None, **what: str
    ) -> None:
        """Note in the audit log that somebody saw something that the host has put together itself: a queue, a report."""
        self._file.note_view(actor, role, what, time)

    def may(self, role: str | None, verb: str, list: str | None = None) -> bool:
        """Whether the rulebook lets a role do something, such as ``view`` or ``export``; for ``list``, with which list."""
        return self._file.may(role, verb, list)

    def permits(self, entity: str, key: str, channel: str, time: _Time | None = None) -> Permit:
        """The gate question: whether a message may go out to a subject over a channel. A machine asks it, so it is not noted.

        :raises StatusError: no such entity, or a time before the clock.
        """
        return self._file.permits(entity, key, channel, time)

    def record_contact(self, entity: str, key: str, time: _Time | None = None) -> None:
        """Note that a message went out to a subject, for the allowances of limited levels."""
        self._file.record_contact(entity, key, time)

    def list(self, list: str | None = None) -> tuple[Listed, ...]:
        """The entries that hold now, of one list or of all, in the order of their subjects."""
        return self._file.entries(list)

    def reviews_due(self, by: _Time | None = None) -> tuple[Listed, ...]:
        """The entries whose review is due by a time, by default now; the oldest first."""
        return self._file.reviews_due(by)

    def proposals(self) -> tuple[Waiting, ...]:
        """The proposals that wait for somebody, the oldest first."""
        return self._file.proposals()

    def appeals(self) -> tuple[Appealing, ...]:
        """The appeals that wait for somebody, the oldest first."""
        return self._file.appeals()

    def history(self, entity: str, key: str) -> tuple[Decision, ...]:
        """Every decision about a subject that is still kept, in order."""
        return self._file.history(entity, key)

    def stats(self) -> Stats:
        """How much there is of everything."""
        return self._file.stats()

    def import_table(
        self,
        table: bytes | str | PathLike[str],
        *,
        actor: str,
        role: str | None = None,
        entity: str | None = None,
        list: str | None = None,
        tag: str | None = None,
        reason: str | None = None,
        columns: Mapping[str, str] | None = None,
        row_by_row: bool = False,
        dry_run: bool = False,
        batch: str | None = None,
        format: _Format | None = None,
        time: _Time | None = None,
    ) -> ImportReport:
        """Import list entries and tags from a table, a command a row, in one transaction.

        Its columns are identifier, list or tag, level, category, reason, from, until, review, actor; all but the first may be left out.

        :param table: the path of a CSV or Excel file, or the bytes of one.
        :param entity: the kind of subject that the identifiers name; by default the rulebook's first.
        :param list: the list of rows that name none; likewise ``tag`` and ``reason``.
        :param columns: columns that have another name in the table: ``{"identifier": "Customer No"}``.
        :param row_by_row: import the rows that fit although others do not; by default it is all or nothing.
        :param dry_run: do everything and undo it, for the report.
        :param batch: a name of the table: a second import under it changes nothing.
        :param format: by default what the file's name says, and for bytes CSV.
        :raises LedgerError: the table can't be read, or its header does not fit.
        """
        return self._file.import_table(
            table,
            format,
            entity,
            list,
            tag,
            actor,
            role,
            reason,
            {} if columns is None else columns,
            row_by_row,
            dry_run,
            batch,
            time,
        )

    def export_table(
        self,
        *,
        actor: str,
        role: str | None = None,
        list: str | None = None,
        tag: str | None = None,
        format: _Format = "csv",
        time: _Time | None = None,
    ) -> bytes:
        """The entries and tags that hold now, or those of one list or tag, as a table that :meth:`import_table` reads again.

        Nothing in it is run when a spreadsheet opens it. The audit log says who exported.

        :raises LedgerError: the role may not export.
        """
        table, _ = self._file.export_table(format, list, tag, actor, role, time)
        return table

    def export_audit(self, path: str | PathLike[str]) -> Exported:
        """Write the audit log to a file that :func:`verify_audit` reads without the ledger."""
        return self._file.export_audit(path)

    def verify_audit(self) -> AuditReport:
        """Hold the audit log of the ledger to its chain.

        :raises LedgerError: with the first record that does not hold.
        """
        return self._file.verify_audit()

    def pseudonym(self, entity: str, key: str) -> str:
        """What stands for a subject's key in the file and in decisions: the key itself, unless the ledger has pseudonyms."""
        return self._file.pseudonym(entity, key)

    def forgotten(self, entity: str, key: str) -> datetime | None:
        """Since when a subject has been forgotten."""
        return self._file.forgotten(entity, key)

    def checkpoint(self) -> None:
        """Take a snapshot now, so that the next opening has nothing to apply again."""
        self._file.checkpoint()

    def scrub(self) -> None:
        """Write the file anew, so that nothing of what was deleted is left in its unused places. Forgetting ends with it."""
        self._file.scrub()

    def change_encryption_key(self, key: str) -> None:
        """Encrypt the whole file anew with another key.

        :raises LedgerError: the ledger is not encrypted.
        """
        self._file.change_encryption_key(key)
