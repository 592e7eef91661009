"""The service over HTTP, on a free port."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import crm
import httpx
import pytest
import uvicorn

import tagwarden

KEY = bytes([3]) * 16
MIA = {"x-actor": "mia", "x-role": "manager"}
JOE = {"x-actor": "joe", "x-role": "agent"}


def opened(folder: Path) -> tagwarden.Ledger:
    return tagwarden.Ledger(folder / "crm.ledger", tagwarden.Rulebook.from_file(crm.RULES), key=KEY)


@pytest.fixture
def http(tmp_path: Path) -> Iterator[httpx.Client]:
    server = uvicorn.Server(uvicorn.Config(crm.create(opened(tmp_path)), port=0, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        until = time.monotonic() + 60
        while not server.started:
            assert thread.is_alive() and time.monotonic() < until
            time.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
            yield client
    finally:
        server.should_exit = True
        thread.join()


def permit(http: httpx.Client, channel: str, at: str, customer: str = "c1") -> str:
    answer = http.get("/may-contact", params={"customer": customer, "channel": channel, "at": at})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["permit"])


def complaint(day: int, number: str) -> str:
    time = f"2026-01-{day:02}T09:00:00Z"
    return f'{{"type":"complaint","time":"{time}","customer":"c1","id":"{number}","text":"a scam"}}'


def test_from_the_webhook_to_the_gate_and_the_desk(http: httpx.Client, tmp_path: Path) -> None:
    assert permit(http, "sms", "2026-01-05T08:00:00Z") == "allowed"

    # A complaint comes in, twice: the sender was not sure that it had arrived.
    first = http.post("/events", content=complaint(5, "e-1")).json()
    assert first["answers"][0]["decisions"][0]["kind"] == "listed"
    again = http.post("/events", content=complaint(5, "e-1")).json()
    assert again["answers"][0]["repeated"] and again["answers"][0]["decisions"] == first["answers"][0]["decisions"]

    # The gate lets only e-mail through.
    assert permit(http, "sms", "2026-01-05T09:00:01Z") == "denied"
    assert permit(http, "email", "2026-01-05T09:00:01Z") == "allowed"

    # The fifth one makes a proposal, which an agent may not approve and a manager may.
    http.post("/events", content="\n".join(complaint(day, f"e-{day}") for day in range(6, 10)))
    queue = http.get("/queue", headers=JOE).json()
    (proposal,) = queue["proposals"]
    assert proposal["subject"] == "c1" and proposal["action"]["level"] == 1
    approve: dict[str, Any] = {
        "command": "approve",
        "customer": "c1",
        "proposal": proposal["proposal"],
        "reason": "enough",
        "time": "2026-01-10T09:00:00Z",
    }
    assert http.post("/commands", json=approve, headers=JOE).status_code == 403
    approved = http.post("/commands", json=approve, headers=MIA)
    assert approved.status_code == 200 and approved.json()["decisions"][0]["kind"] == "approved"
    assert permit(http, "email", "2026-01-10T09:00:01Z") == "denied"

    # A release for an hour, that ends to the second.
    suspend = {"command": "suspend", "customer": "c1", "list": "blacklist", "for": "1h", "reason": "a call"}
    assert http.post("/commands", json={**suspend, "time": "2026-01-11T10:00:00Z"}, headers=MIA).status_code == 200
    assert permit(http, "sms", "2026-01-11T10:59:59.999999Z") == "allowed"
    assert permit(http, "sms", "2026-01-11T11:00:00Z") == "denied"

    # Who looks is on record, and nobody looks without a name, or in a role that may not.
    assert http.get("/customers/c1").status_code == 401
    assert http.get("/customers/c1", headers={"x-actor": "eve"}).status_code == 403
    assert http.get("/queue", headers={"x-actor": "eve"}).status_code == 403
    status = http.get("/customers/c1", headers=MIA)
    assert status.status_code == 200 and status.json()["entries"][0]["list"] == "blacklist"

    # Another process opens the file: everything is there, and the audit log is whole.
    with opened(tmp_path) as ledger:
        ledger.export_audit(tmp_path / "log.jsonl")
    tagwarden.verify_audit(tmp_path / "log.jsonl")
    log = (tmp_path / "log.jsonl").read_text("utf-8")
    assert '"kind":"view"' in log and '"actor":"mia"' in log
    assert "a scam" not in log, "private"


def test_messages_that_went_out_are_counted(http: httpx.Client) -> None:
    add = {"command": "list", "customer": "c2", "list": "blacklist", "level": 3, "reason": "asked for less mail"}
    added = http.post("/commands", json={**add, "time": "2026-01-05T08:00:00Z"}, headers=MIA)
    assert added.status_code == 200, added.text
    for hour, left in ((9, 2), (10, 1)):
        at = f"2026-01-05T{hour:02}:00:00Z"
        answer = http.get("/may-contact", params={"customer": "c2", "channel": "sms", "at": at}).json()
        assert answer == {"permit": "limited", "left": left, "list": "blacklist"}
        sent = http.post("/contacted", params={"customer": "c2", "channel": "sms", "at": at})
        assert sent.status_code == 200 and sent.json() == {"noted": "sms"}
    assert permit(http, "sms", "2026-01-05T11:00:00Z", "c2") == "denied"
    assert permit(http, "sms", "2026-01-06T09:00:00Z", "c2") == "limited"


def test_what_is_wrong_is_said(http: httpx.Client) -> None:
    answer = http.post("/events", content='{"type":"mesage"}')
    assert answer.status_code == 400 and "message" in answer.json()["error"]
    assert http.post("/events", content="{").status_code == 400
    command = {"command": "forget", "time": 0, "actor": "me", "reason": "x", "customer": "c1"}
    assert http.post("/events", json=command).status_code == 400
    assert http.post("/commands", json=command).status_code == 401
    assert http.get("/may-contact", params={"customer": "c1", "channel": "sms", "at": "soon"}).status_code == 400
