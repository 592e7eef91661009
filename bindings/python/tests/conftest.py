"""What several tests need."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]

SHOP = """
entity customer
event order(customer) { amount: number, channel: "app" | "web", note: string?, gift: bool?, paid: time? }
event login(customer) {}
tag gold
list blacklist { level 1 "none" denies all  level 2 "some" limits 2 per 1d  category "spam" }
score risk { between 0 and 100 }
rule gold { while sum(order.amount) over 1d >= 100  because "{sum(order.amount) over 1d} in a day"  then tag gold }
rule busy { when count(login) over 1h >= 3 then add to blacklist level 2 category "spam" for 7d }
rule big { on order where amount >= 1000 then emit big_order { amount: amount, channel: channel } then risk += 5.5 }
rule ask { on order where amount >= 5000 then propose add to blacklist level 1 }
"""


@pytest.fixture
def shop() -> str:
    """A small rulebook."""
    return SHOP


def needed(name: str) -> str:
    """What the task that runs the tests has prepared."""
    value = os.environ.get(name)
    if value is None:
        pytest.skip(f"{name} is not set: run `cargo xtask python test`, which prepares it")
    return value
