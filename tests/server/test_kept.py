"""What is costly is worked out beside the pages: a page gets the last value, but never somebody who is
gone."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

import pytest

from server.core.problem import Refused, Unavailable
from server.store import kept
from server.store.kept import Kept


@dataclass
class Maker:
    """Counts how often it was asked; `gone` and `state` are what the world says."""

    gone: int = 0
    state: int = 0
    made: list[str] = field(default_factory=list)
    hurdle: threading.Event = field(default_factory=threading.Event)
    fault: Exception | None = None

    def kept(self) -> Kept[str, int]:
        return Kept(self._make, lambda: self.gone, lambda: self.state, lambda: f"moment {len(self.made)}")

    def _make(self, key: str) -> int:
        self.hurdle.wait(10)
        self.made.append(key)
        if self.fault:
            raise self.fault
        return self.state


@pytest.fixture
def maker() -> Maker:
    made = Maker()
    made.hurdle.set()
    return made


def test_what_is_cheap_is_always_new(maker: Maker) -> None:
    values = maker.kept()
    assert [values.get("a").value, values.get("a").value] == [0, 0]
    maker.state = 1
    assert (values.get("a").value, maker.made) == (1, ["a", "a"])


def test_what_is_costly_is_served_old_with_its_moment_until_it_is_renewed(
    maker: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "CHEAP", 0.0)
    monkeypatch.setattr(kept, "RESTS", 0)
    values = maker.kept()
    values.get("a")
    maker.state = 1
    assert (values.get("a").value, values.get("a").at) == (0, "moment 1")
    values.renew()
    values.renew()
    assert (values.get("a").value, values.get("a").at, len(maker.made)) == (1, "moment 2", 2)


def test_after_a_withdrawal_nothing_old_is_served(maker: Maker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "CHEAP", 0.0)
    values = maker.kept()
    values.get("a")
    maker.state, maker.gone = 1, 1
    assert values.get("a").value == 1


def test_a_reader_does_not_wait_for_ever_and_the_work_is_done_once(
    maker: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "PATIENCE", 0.0)
    maker.hurdle.clear()
    values = maker.kept()
    for _ in range(3):
        with pytest.raises(Unavailable):
            values.get("a")
    monkeypatch.setattr(kept, "PATIENCE", 10.0)
    maker.hurdle.set()
    assert (values.get("a").value, maker.made) == (0, ["a"])


def test_a_fault_is_told_and_tried_again(maker: Maker) -> None:
    values = maker.kept()
    maker.fault = Refused("not_allowed")
    with pytest.raises(Refused):
        values.get("a")
    maker.fault = None
    assert values.get("a").value == 0


def test_only_so_many_are_kept(maker: Maker) -> None:
    values = maker.kept()
    for number in range(kept.MOST + 1):
        values.get(str(number))
    made = len(maker.made)
    values.get(str(kept.MOST))
    assert len(maker.made) == made
    values.get("0")
    assert len(maker.made) == made + 1
