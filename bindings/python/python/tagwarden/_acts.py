"""What people do to a subject of a ledger, a method each.

Each is one input like any other: kept, decided, and answered. What a role may not do, or what does not fit, is refused by a decision.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime, timedelta
    from typing import Any, Literal

    from ._native import LedgerFile
    from ._people import Answer

    _Time = datetime | int | str
    _Length = timedelta | str
    _By = dict[str, Any]


class Acts:
    """What people do. In every method:

    - ``entity`` and ``key`` are the subject, ``actor`` is who does it, ``role`` in which role, ``reason`` why;
    - ``time`` is when: by default now, or just after the ledger's clock if that is later;
    - ``id`` is an idempotency key: a second command with it changes nothing, and is answered as the first time;
    - ``for_`` is how long something holds, a ``timedelta`` or a text such as ``"1h"``, ``"7d"``, ``"3mo"``;
    - the :class:`Answer` is true unless the command was refused.

    :raises EventError: no such command in this rulebook: an unknown entity, a field missing, a time that is none.
    :raises LedgerError: the file can't be written.
    """

    _file: LedgerFile

    def _do(self, command: str, entity: str, key: str, by: _By, **fields: Any) -> Answer:
        given = {"command": command, "entity": entity, "subject": key, **by, **fields}
        return self._file.command({name: value for name, value in given.items() if value is not None})

    def tag(
        self,
        entity: str,
        key: str,
        tag: str,
        *,
        actor: str,
        reason: str,
        role: str | None = None,
        start: _Time | None = None,
        for_: _Length | None = None,
        until: _Time | Literal["never"] | None = None,
        time: _Time | None = None,
        id: str | None = None,
    ) -> Answer:
        """Tag a subject."""
        by = _by(actor, role, reason, time, id)
        return self._do("tag", entity, key, by, tag=tag, start=start, until=until, **{"for": for_})

    def untag(
        self,
        entity: str,
        key: str,
        tag: str,
        *,
        actor: str,
        reason: str,
        role: str | None = None,
        time: _Time | None = None,
        id: str | None = None,
    ) -> Answer:
        """End a tag, whoever gave it."""
        return self._do("untag", entity, key, _by(actor, role, reason, time, id), tag=tag)

    def add(
        self,
        entity: str,
        key: str,
        list: str,
        *,
        actor: str,
        reason: str,
        role: str | None = None,
        level: int | None = None,
        category: str | None = None,
        start: _Time | None = None,
        for_: _Length | None = None,
        until: _Time | Literal["never"] | None = None,
        review: _Length | None = None,
        time: _Time | None = None,
        id: str | None = None,
    ) -> Answer:
        """Add a subject to a list. The command is called ``list``.

        :param level: needed where the list has several.
        :param review: how often it is to be reviewed; as the list says where absent.
        """
        by = _by(actor, role, reason, time, id)
        fields = {"for": for_, "level": level, "category": category, "start": start, "until": until}
        return self._do("list", entity, key, by, list=list, review=review, **fields)

    def release(
        self,
        entity: str,
        key: str,
        list: str,
        *,
        actor: str,
        reason: str,
        role: str | None = None,
        time: _Time | None = None,
        id: str | None = None,
    ) -> Answer:
        """End an entry, whoever made it."""
        return self._do("release", entity, key, _by(actor, role, reason, time, id), list=list)

    def level(
        self,
        entity: str,
        key: str,
        list: str,
        level: int,
        *,
        actor: str,
        reason: str,
        role: str | None = None,
        time: _Time | None = None,
        id: str | None = None,
    ) -> Answer:
        """Change the level of an entry."""
        return self._do("level", entity, key, _by(actor, role, reason, time, id), list=list, level=level)

    def suspend(
        self,
        entity: str,
        key: str,
        list: str,
        *,
        actor: str,
        reason: str,
        role: str | None = None,
        for_: _Length | None = None,
        until: _Time | None = None,
        session: str | None = None,
        time: _Time | None = None,
        id: str | None = None,
    ) -> Answer:
        """Have an entry not count for a while. It comes back by itself, to the second.

        :param session: for a session: :meth:`resume` with it brings the entry back.
        """
        by = _by(actor, role, reason, time, id)
        return self._do("suspend", entity, key, by, list=list, until=until, session=session, **{"for": for_})

    def resume(
        self,
        entity: str,
        key: str,
        list: str,
        *,
        actor: str,
        reason: str,
        role: str | None = None,
        session: str | None = None,
        time: _Time | None = None,
        id: str | None = None,
    ) -> Answer:
        """Have a suspended entry count again."""
        by = _by(actor, role, reason, time, id)
        return self._do("resume", entity, key, by, list=list, session=session)

    def approve(
        self,
        entity: str,
        key: str,
        proposal: int,
        *,
        actor: str,
        reason: str,
        role: str | None = None,
        time: _Time | None = None,
        id: str | None = None,
    ) -> Answer:
        """Have a proposal carried out, by its number."""
        return self._do("approve", entity, key, _by(actor, role, reason, time, id), proposal=proposal)

    def reject(
        self,
        entity: str,
        key: str,
        proposal: int,
        *,
        actor: str,
        reason: str,
        role: str | None = None,
        time: _Time | None = None,
        id: str | None = None,
    ) -> Answer:
        """Refuse a proposal, by its number."""
        return self._do("reject", entity, key, _by(actor, role, reason, time, id), proposal=proposal)

    def lapse(
        self,
        entity: str,
        key: str,
        proposal: int,
        *,
        actor: str,
        reason: str,
        role: str | None = None,
        time: _Time | None = None,
        id: str | None = None,
    ) -> Answer:
        """Close a proposal that nobody has decided in time, by its number."""
        return self._do("lapse", entity, key, _by(actor, role, reason, time, id), proposal=proposal)

    def review(
        self,
        entity: str,
        key: str,
        list: str,
        outcome: Literal["keep", "change", "release"],
        *,
        actor: str,
        reason: str,
        role: str | None = None,
        level: int | None = None,
        next: _Time | None = None,
        review: _Length | None = None,
        time: _Time | None = None,
        id: str | None = None,
    ) -> Answer:
        """Record a review of an entry; :meth:`reviews_due` says which wait for one.

        :param level: the level that it has from now on, for ``change``.
        :param next: when the next review falls due.
        :param review: how often it is to be reviewed from now on.
        """
        by = _by(actor, role, reason, time, id)
        fields = {"level": level, "next": next, "review": review}
        return self._do("review", entity, key, by, list=list, outcome=outcome, **fields)

    def appeal(
        self,
        entity: str,
        key: str,
        *,
        actor: str,
        reason: str,
        role: str | None = None,
        tag: str | None = None,
        list: str | None = None,
        time: _Time | None = None,
        id: str | None = None,
    ) -> Answer:
        """Record that a subject appeals against a tag, or an entry on a list."""
        return self._do("appeal", entity, key, _by(actor, role, reason, time, id), tag=tag, list=list)

    def settle(
        self,
        entity: str,
        key: str,
        outcome: Literal["granted", "rejected"],
        *,
        actor: str,
        reason: str,
        role: str | None = None,
        tag: str | None = None,
        list: str | None = None,
        time: _Time | None = None,
        id: str | None = None,
    ) -> Answer:
        """Decide an appeal. One that is granted ends the tag or entry."""
        by = _by(actor, role, reason, time, id)
        return self._do("settle", entity, key, by, tag=tag, list=list, outcome=outcome)

    def wrong(
        self,
        entity: str,
        key: str,
        rule: str,
        *,
        actor: str,
        reason: str,
        role: str | None = None,
        tag: str | None = None,
        list: str | None = None,
        time: _Time | None = None,
        id: str | None = None,
    ) -> Answer:
        """Mark what a rule has set as wrong: it ends, and the rule may not set it again on this subject until that is lifted."""
        by = _by(actor, role, reason, time, id)
        return self._do("wrong", entity, key, by, rule=rule, tag=tag, list=list)

    def exempt(
        self,
        entity: str,
        key: str,
        *,
        actor: str,
        reason: str,
        role: str | None = None,
        rule: str | None = None,
        tag: str | None = None,
        list: str | None = None,
        for_: _Length | None = None,
        until: _Time | Literal["never"] | None = None,
        time: _Time | None = None,
        id: str | None = None,
    ) -> Answer:
        """Spare a subject a rule, a tag or a list."""
        by = _by(actor, role, reason, time, id)
        return self._do("exempt", entity, key, by, rule=rule, tag=tag, list=list, until=until, **{"for": for_})

    def lift(
        self,
        entity: str,
        key: str,
        *,
        actor: str,
        reason: str,
        role: str | None = None,
        rule: str | None = None,
        tag: str | None = None,
        list: str | None = None,
        time: _Time | None = None,
        id: str | None = None,
    ) -> Answer:
        """End an exemption; with a rule and a tag or list, take back a mark."""
        by = _by(actor, role, reason, time, id)
        return self._do("lift", entity, key, by, rule=rule, tag=tag, list=list)

    def merge(
        self,
        entity: str,
        key: str,
        into: str,
        *,
        actor: str,
        reason: str,
        role: str | None = None,
        time: _Time | None = None,
        id: str | None = None,
    ) -> Answer:
        """Have a subject known as another from now on, because they turned out to be one."""
        return self._do("merge", entity, key, _by(actor, role, reason, time, id), into=into)

    def forget(
        self,
        entity: str,
        key: str,
        *,
        actor: str,
        reason: str,
        role: str | None = None,
        time: _Time | None = None,
        id: str | None = None,
    ) -> Answer:
        """Remove every trace of a subject. A tombstone remains, a keyed hash, and in the audit log who had it done."""
        return self._do("forget", entity, key, _by(actor, role, reason, time, id))


def _by(actor: str, role: str | None, reason: str, time: _Time | None, id: str | None) -> _By:
    return {"actor": actor, "role": role, "reason": reason, "time": time, "id": id}
