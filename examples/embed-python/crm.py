"""A small CRM back end with a ledger inside: events come in by a webhook, the mailer asks whether a message may go out, and the support
desk works through what waits for a person."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import Annotated, Any

from fastapi import Body, Depends, FastAPI, Header, HTTPException, Request
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse

import tagwarden

RULES = Path(__file__).resolve().parent.parent / "embed" / "rules.tw"

Json = dict[str, Any]


def now(ledger: tagwarden.Ledger) -> datetime:
    """Now, but never before what the ledger has seen."""
    wall, clock = datetime.now(timezone.utc), ledger.clock
    return wall if clock is None else max(wall, clock)


def who(x_actor: Annotated[str | None, Header()] = None, x_role: Annotated[str | None, Header()] = None) -> Json:
    """Who asks. A real service takes this from its login, never from a header."""
    if not x_actor:
        raise HTTPException(401, "who are you?")
    return {"actor": x_actor, "role": x_role}


async def raw(request: Request) -> bytes:
    """The body as it came."""
    return await request.body()


Who = Annotated[Json, Depends(who)]
Raw = Annotated[bytes, Depends(raw)]


def shown(answer: tagwarden.Answer) -> Json:
    """An answer as the caller sees it."""
    decisions = [decision.to_dict() for decision in answer.decisions]
    return {"repeated": answer.repeated, "refused": answer.refused, "decisions": decisions}


def create(ledger: tagwarden.Ledger, *, ticking: bool = False) -> FastAPI:
    """The service. `ticking`: what falls due without an event happens within a second."""

    async def clock() -> None:
        while True:
            await asyncio.sleep(1)
            await asyncio.to_thread(lambda: ledger.apply({"tick": now(ledger)}))

    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        task = asyncio.create_task(clock()) if ticking else None
        yield
        if task is not None:
            task.cancel()
        ledger.close()

    app = FastAPI(title="A small CRM", lifespan=life)
    fail(app)

    # Plain functions run on threads of their own, and the ledger leaves the interpreter free while it works: nobody is held up.

    @app.post("/events")
    def events(body: Raw) -> Json:
        """The webhook: one event, or one a line. With an `id` each is applied once, however often it is sent."""
        lines = [line for line in body.splitlines() if line.strip()]
        if any(is_command(line) for line in lines):
            raise HTTPException(400, "commands go to /commands")
        return {"answers": [shown(answer) for answer in ledger.apply(lines)]}

    @app.post("/commands")
    def commands(who: Who, command: Annotated[Json, Body()]) -> Json:
        """What a person does. Who it is and when are not theirs to say."""
        timed = {"time": now(ledger).isoformat(), **command, **who}
        (answer,) = ledger.apply(json.dumps(timed))
        if any(decision.kind == "refused" for decision in answer.decisions):
            raise HTTPException(403, shown(answer))
        return shown(answer)

    @app.get("/may-contact")
    def may_contact(customer: str, channel: str, at: str | None = None) -> Json:
        """The gate question, before each message."""
        permit = ledger.permits("customer", customer, channel, at or now(ledger))
        if permit.entry is None:
            return {"permit": permit.kind}
        if permit.kind == "limited":
            return {"permit": permit.kind, "left": permit.left, "list": permit.entry.list}
        entry = permit.entry
        return {"permit": permit.kind, "list": entry.list, "level": entry.level, "why": str(entry.reason)}

    @app.post("/contacted")
    def contacted(customer: str, channel: str, at: str | None = None) -> Json:
        """A message went out: it counts against what a limited customer may get."""
        ledger.record_contact("customer", customer, at or now(ledger))
        return {"noted": channel}

    @app.get("/queue")
    def queue(who: Who) -> Any:
        """What waits for a person. The audit log says who looked."""
        if not ledger.may(who["role"], "view"):
            raise HTTPException(403, "your role may not view")
        ledger.note_view(**who, what="queue", time=now(ledger))
        waiting = {"reviews": ledger.reviews_due(), "proposals": ledger.proposals(), "appeals": ledger.appeals()}
        return jsonable_encoder({name: [row.to_dict() for row in rows] for name, rows in waiting.items()})

    @app.get("/customers/{key}")
    def customer(key: str, who: Who) -> Any:
        """What holds of a customer, and since when, until when, why."""
        status = ledger.status("customer", key, **who, time=now(ledger))
        return jsonable_encoder({"tags": [tag.to_dict() for tag in status.tags], "entries": [entry.to_dict() for entry in status.entries]})

    return app


def is_command(line: bytes) -> bool:
    try:
        return "command" in json.loads(line)
    except (TypeError, ValueError):
        return False  # the ledger says what is wrong with it


def fail(app: FastAPI) -> None:
    """What goes wrong, as the caller sees it."""

    def answer(code: int, error: object) -> JSONResponse:
        return JSONResponse({"error": error}, code)

    def http(_: Request, error: Exception) -> JSONResponse:
        return answer(error.status_code, error.detail) if isinstance(error, HTTPException) else answer(500, str(error))

    def asked(_: Request, error: Exception) -> JSONResponse:
        return answer(400, str(error))

    def refused(_: Request, error: Exception) -> JSONResponse:
        return answer(403, error.decision.to_dict() if isinstance(error, tagwarden.RefusedError) else str(error))

    def ledger(_: Request, error: Exception) -> JSONResponse:
        wrong = isinstance(error, tagwarden.LedgerError) and error.kind == "refused"
        return answer(400 if wrong else 500, str(error))

    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(ValueError, asked)  # also an event or a question that does not fit
    app.add_exception_handler(tagwarden.RefusedError, refused)
    app.add_exception_handler(tagwarden.LedgerError, ledger)


if __name__ == "__main__":
    import uvicorn

    rulebook = tagwarden.Rulebook.from_file(RULES)
    opened = tagwarden.Ledger("crm.ledger", rulebook, key=b"keep me a secret", reload="end")
    uvicorn.run(create(opened, ticking=True), port=8080)
