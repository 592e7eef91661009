"""The examples in the documents run."""

from __future__ import annotations

import doctest
import os
import re
from pathlib import Path

import pytest
from conftest import ROOT, needed

import tagwarden

DOCUMENTS = ["README.md", "docs/python.md", "bindings/python/README.md"]


def run(blocks: list[str], name: str) -> None:
    events = needed("TAGWARDEN_EVENTS")
    known: dict[str, object] = {}
    before = Path.cwd()
    os.chdir(ROOT)
    try:
        for at, block in enumerate(blocks):
            block = block.replace("out/demo/events.jsonl", events)
            exec(compile(block, f"{name}, block {at + 1}", "exec"), known)
    finally:
        os.chdir(before)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_examples(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    assert blocks
    run(blocks, name)


def test_the_notebook() -> None:
    pytest.importorskip("matplotlib")
    import json

    notebook = json.loads((ROOT / "examples/python/backtest.ipynb").read_text(encoding="utf-8"))
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert all(cell["outputs"] for cell in cells[1:]), "run `cargo xtask python notebook`"
    run(["".join(cell["source"]) for cell in cells], "backtest.ipynb")


def test_the_docstring_of_the_module() -> None:
    failed, tried = doctest.testmod(tagwarden)
    assert tried > 0 and failed == 0


def test_everything_public_is_documented() -> None:
    missing = []
    for name in tagwarden.__all__:
        thing = getattr(tagwarden, name)
        if name.startswith("__"):
            continue
        if not (thing.__doc__ or "").strip():
            missing.append(name)
        if isinstance(thing, type):
            own = {key: value for key, value in vars(thing).items() if not key.startswith("_") and (callable(value) or isinstance(value, property))}
            missing += [f"{name}.{key}" for key, value in own.items() if not (getattr(value, "__doc__", None) or "").strip()]
    assert missing == []
