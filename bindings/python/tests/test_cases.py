"""The corpus in `tests/cases`, which every way into the engine must give exactly."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT

import tagwarden

CORPUS = ROOT / "tests" / "cases"
CASES = sorted(CORPUS.rglob("*.case"))
AT_LEAST = 150

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


class Case:
    """A case as its file has it."""

    def __init__(self, path: Path) -> None:
        self.sections: dict[str, str] = {}
        title = None
        for line in path.read_text(encoding="utf-8").splitlines(keepends=True):
            if line.startswith("--- "):
                title = line[4:].rstrip()
                self.sections[title] = ""
            elif title is not None:
                self.sections[title] += line
        self.engine: dict[str, Any] = {}
        self.limits: dict[str, int] = {}
        for line in self.sections.get("options", "").splitlines():
            name, value = line.split(" ")
            if name in ("lateness", "dedup"):
                self.engine[name] = timedelta(seconds=int(value[:-1]) * UNITS[value[-1]])
            else:
                self.limits[name] = int(value)

    def compile(self) -> tagwarden.Rulebook:
        def file(name: str) -> str | None:
            return self.sections.get(f"file {name}")

        return tagwarden.Rulebook.from_files({"main.tw": self.sections["rulebook"]}, file, limits=self.limits)


def messages(case: Case) -> str:
    try:
        diagnostics = case.compile().warnings
    except tagwarden.RuleError as error:
        diagnostics = error.diagnostics
    lines = []
    for found in diagnostics:
        file = "" if found.file == "main.tw" else f"{found.file}:"
        lines.append(f"{found.code} {file}{found.line}:{found.column} {found.message}\n")
        text = case.sections["rulebook" if found.file == "main.tw" else f"file {found.file}"]
        start = found.span[0]
        assert text[:start].count("\n") + 1 == found.line
        assert start - (text.rfind("\n", 0, start) + 1) + 1 == found.column
    return "".join(lines)


def decide(case: Case) -> str:
    engine = tagwarden.Engine(case.compile(), limits=case.limits, **case.engine)
    lines = []
    for at, line in enumerate(case.sections["inputs"].splitlines(), 1):
        try:
            decisions = engine.command(line) if '"command"' in line else engine.process(line)
        except tagwarden.EventError as error:
            decisions = error.decisions
            lines.append(f'{{"refused":"{error.kind}","input":{at}}}\n')
        lines.extend(decision.to_json() + "\n" for decision in decisions)
    lines.extend(decision.to_json() + "\n" for decision in engine.finish())
    return "".join(lines)


def test_the_corpus_is_there() -> None:
    assert len(CASES) >= AT_LEAST


@pytest.mark.parametrize("path", CASES, ids=lambda path: str(path.relative_to(CORPUS).with_suffix("")))
def test_case(path: Path) -> None:
    case = Case(path)
    if "diagnostics" in case.sections:
        assert messages(case) == case.sections["diagnostics"]
    else:
        given = decide(case)
        assert given == case.sections["decisions"]
        for line in given.splitlines():
            if not line.startswith('{"refused"'):
                decision = tagwarden.Decision.from_json(line)
                assert decision.to_json() == line
                # Whatever the JSON form says, an attribute says too.
                assert all(has(decision, key) for key in decision.to_dict())


def has(decision: tagwarden.Decision, key: str) -> bool:
    names = ("from_level", "spared") if key == "from" else (key,)
    return any(getattr(decision, name) is not None for name in names)
