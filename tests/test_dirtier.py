"""Dirtied workbooks: a short run of the fuzz, and the proof that its judge would see what is wrong."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from elite_lib.demo import build
from elite_lib.demo.dirtying import Dirt, Dirtier, complaints
from elite_lib.demo.dirtying.cells import CELL_TRAPS
from elite_lib.demo.dirtying.drafts import Cell, Medium, Named, Row
from elite_lib.demo.dirtying.files import FILE_TRAPS
from elite_lib.demo.dirtying.layout import FATAL_TRAPS
from elite_lib.models import ProblemCode

SEEDS = 150  # benchmarks/bench_dirtier.py reads thousands


@pytest.fixture(scope="module")
def dirtier(tmp_path_factory: pytest.TempPathFactory) -> Dirtier:
    folder = tmp_path_factory.mktemp("clean")
    book, _facts = build(folder / "classeur.xlsx", residents=8, months=("2026-10",))
    return Dirtier(book, folder)


def test_every_problem_is_named_and_no_wrong_value_accepted(dirtier: Dirtier, tmp_path: Path) -> None:
    wrong = {}
    set_ = set()
    for seed in range(SEEDS):
        folder = tmp_path / str(seed)
        folder.mkdir()
        dirtied = dirtier.dirtied(folder, seed)
        set_ |= {one.trap for one in dirtied.dirt}
        if found := complaints(dirtier, dirtied):
            wrong[seed] = found
    assert wrong == {}
    assert {trap.name for trap in CELL_TRAPS} <= set_ | {"postcode without its zero"}  # few have one


def test_the_same_seed_makes_the_same_file(dirtier: Dirtier, tmp_path: Path) -> None:
    made = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        made.append(dirtier.dirtied(tmp_path / name, 7))
    assert made[0].dirt == made[1].dirt
    assert made[0].draft.pages == made[1].draft.pages


@pytest.mark.parametrize("trap", FATAL_TRAPS, ids=lambda trap: trap.__name__)
@pytest.mark.parametrize("medium", ["xlsx", "csv"])
def test_what_makes_a_file_unusable_is_named(
    dirtier: Dirtier, tmp_path: Path, trap: Callable[..., Dirt | None], medium: Medium
) -> None:
    dirtied = dirtier.clean(tmp_path, medium)
    dirt = trap(dirtied.draft, random.Random(1), dirtier.value)
    assert dirt is not None
    dirtied.draft.write(tmp_path)
    if medium == "csv":
        for file in (tmp_path / "csv").iterdir():
            if file.stem not in {page.title for page in dirtied.draft.pages.values()}:
                file.unlink()
    assert complaints(dirtier, replace(dirtied, dirt=(dirt,))) == []


@pytest.mark.parametrize("trap", FILE_TRAPS, ids=lambda trap: trap.__name__)
@pytest.mark.parametrize("medium", ["xlsx", "csv"])
def test_what_is_wrong_with_the_file_itself_is_named(
    dirtier: Dirtier, tmp_path: Path, trap: Callable[..., Dirt | None], medium: Medium
) -> None:
    dirtied = dirtier.clean(tmp_path, medium)
    dirt = trap(dirtied.path, random.Random(1))
    assert (dirt is None) == ((medium == "csv") is (trap.__name__ not in ("field_too_many", "open_quote")))
    assert complaints(dirtier, replace(dirtied, dirt=(dirt,) if dirt else ())) == []


# --- the judge ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("medium", ["xlsx", "csv"])
def test_a_clean_file_is_nothing_to_complain_of(dirtier: Dirtier, tmp_path: Path, medium: Medium) -> None:
    assert complaints(dirtier, dirtier.clean(tmp_path, medium)) == []


def test_a_wrong_value_that_was_accepted_is_seen(dirtier: Dirtier, tmp_path: Path) -> None:
    dirtied = dirtier.clean(tmp_path, "xlsx")
    cells = dirtied.draft.pages["lines"].rows[3].cells
    cells["amount"] = Cell(value=Decimal("999.99"))
    dirtied.draft.write(tmp_path)
    assert any("Decimal('999.99') is not" in said for said in complaints(dirtier, dirtied))


def test_an_address_that_is_another_familys_is_seen(dirtier: Dirtier, tmp_path: Path) -> None:
    dirtied = dirtier.clean(tmp_path, "xlsx")
    rows = dirtied.draft.pages["contacts"].rows
    for row in rows:
        row.cells["email"] = Cell(value="etrangere@example.com")
    dirtied.draft.write(tmp_path)
    assert any("mailed to" in said for said in complaints(dirtier, dirtied))


def test_a_row_too_many_and_a_row_too_few_are_seen(dirtier: Dirtier, tmp_path: Path) -> None:
    dirtied = dirtier.clean(tmp_path, "xlsx")
    rows = dirtied.draft.pages["provisions"].rows
    rows.append(Row(origin=None, cells=dict(rows[0].cells)))
    dirtied.draft.write(tmp_path)
    assert any("no row, and read as one" in said for said in complaints(dirtier, dirtied))
    rows[-1].origin = len(rows) - 1
    rows[-1].cells = {}
    dirtied.draft.write(tmp_path)
    assert any("not read" in said for said in complaints(dirtier, dirtied))


def test_a_problem_that_nobody_named_is_seen(dirtier: Dirtier, tmp_path: Path) -> None:
    dirtied = dirtier.clean(tmp_path, "xlsx")
    dirt = Dirt(trap="one", named=(Named(code=ProblemCode.NET_SUM, sheet="invoices", row=1, column="net"),))
    assert complaints(dirtier, replace(dirtied, dirt=(dirt,)))
    fatal = Dirt(trap="two", named=(Named(code=ProblemCode.SHEET_MISSING),), fatal=True)
    assert complaints(dirtier, replace(dirtied, dirt=(fatal,)))
