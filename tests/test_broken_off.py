"""A preparation at the page that breaks off is told at the next opening; nothing left of it."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from elite_lib import batch as batches
from elite_lib.batch import Office
from elite_lib.config import Home
from elite_lib.exceptions import ConfigError
from elite_lib.ui import broken_off
from elite_lib.ui.banner import Banner
from elite_lib.ui.month import Month
from elite_lib.ui.rows import due
from tests.support import offices

OCTOBER = offices.OCTOBER
linux = pytest.mark.skipif(not hasattr(os, "fork"), reason="kills a process")


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with offices.open_office(offices.make_home(tmp_path / "home", 2)) as opened:
        yield opened


def _prepare(root: Path, begun: object) -> None:
    with broken_off.marked(Home(root=root), OCTOBER, operator="Mme Martin"):
        begun.set()  # type: ignore[attr-defined]
        signal.pause()


def break_off(office: Office) -> None:
    """Begin a preparation in another process, and kill it in the middle, as a closed tab does."""
    context = multiprocessing.get_context("spawn")
    begun = context.Event()
    process = context.Process(target=_prepare, args=(office.settings.home.root, begun))
    process.start()
    assert begun.wait(60)
    assert broken_off.sentences(office) == [], "it is still at it"
    process.kill()
    process.join()


def marks(office: Office) -> list[Path]:
    return list(office.settings.home.locks.glob("preparing-*"))


@linux
def test_what_broke_off_is_told_until_somebody_is_at_it_again(office: Office) -> None:
    break_off(office)
    (said,) = broken_off.sentences(office)
    assert "Mme Martin" in said
    assert "octobre 2026" in said
    tables = batches.load_tables(office)
    banner = Banner(office)
    banner.look(tables)
    assert "Mme Martin" in banner.widget.value
    month = Month(office, tables, OCTOBER)
    rows = month.rows()
    order = month.order(due(rows), rows, wording=office.settings.wording, leave_out=False)
    order.freeze()
    assert broken_off.sentences(office) == []
    assert marks(office) == []


@linux
def test_what_was_prepared_elsewhere_since_is_not_told(office: Office) -> None:
    break_off(office)
    batches.prepare(office, OCTOBER)
    assert broken_off.sentences(office) == []


def test_a_preparation_that_ends_or_fails_leaves_no_mark(office: Office) -> None:
    home = office.settings.home
    with broken_off.marked(home, OCTOBER, operator="Claire"):
        assert len(marks(office)) == 2
        assert broken_off.sentences(office) == []
    with pytest.raises(ConfigError), broken_off.marked(home, OCTOBER, operator="Claire"):
        raise ConfigError("no_invoice", file="x")
    assert marks(office) == []


def test_two_at_once_do_not_wait_for_each_other(office: Office) -> None:
    home = office.settings.home
    with (
        broken_off.marked(home, OCTOBER, operator="Claire"),
        broken_off.marked(home, OCTOBER, operator="Mme Martin"),
    ):
        assert len(marks(office)) == 4
        assert broken_off.sentences(office) == []


@pytest.mark.parametrize("text", ["", "{}", '{"period": "x", "operator": "", "at": ""}', "[1]"])
def test_a_mark_that_says_nothing_is_no_trouble(office: Office, text: str) -> None:
    (office.settings.home.locks / "preparing-0.json").write_text(text, encoding="utf-8")
    assert broken_off.sentences(office) == []
    with broken_off.marked(office.settings.home, OCTOBER, operator="Claire"):
        pass
    assert marks(office) == []
