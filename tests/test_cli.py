"""The ``elite`` command: exit codes, the promised JSON, what each command leaves behind."""

from __future__ import annotations

import re
import stat
from decimal import Decimal
from pathlib import Path

import pypdfium2
import pytest

from elite_lib import batch as batches
from elite_lib.batch import Run, Stop
from elite_lib.cli.month import exit_code
from elite_lib.models import (
    Box,
    BoxTotal,
    EntryKind,
    LineKind,
    Reply,
    Slip,
    SlipLine,
    Stage,
    Status,
    StopReason,
)
from elite_lib.transports.fake import Answers, FakeTransport
from tests.support import offices, workbooks
from tests.support.command import boxes, elite
from tests.support.offices import OCTOBER, address, code, invoice_number

AMOUNT = re.compile(r"-?[0-9]+\.[0-9]{2}")
BOXES = {box.value for box in Box}


# -- usage --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("sned",),
        ("send",),
        ("send", "2026-10", "--bogus"),
        ("send", "2026-10", "2026-11"),
        ("settle", "2026-10", "F1"),
        ("settle", "2026-10", "F1", "--accepted", "--posted"),
        ("untick", "2026-10"),
        ("print", "2026-10"),
        ("print", "2026-10", "-o", "x.pdf", "--all", "--unmailed"),
        ("adopt-journal",),
        ("demo", "--residents", "3"),
        ("init",),
    ],
)
def test_misuse_is_2_and_says_so_on_standard_error(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    home = offices.make_home(tmp_path / "home", 1) if arguments and arguments[0] == "adopt-journal" else None
    said = elite(*arguments, home=home)
    assert said.code == 2
    assert "Traceback" not in said.err
    assert said.err if arguments else said.out + said.err


@pytest.mark.parametrize("arguments", [("--help",), ("send", "--help"), ("settle", "--help")])
def test_help_is_0(arguments: tuple[str, ...]) -> None:
    said = elite(*arguments)
    assert said.code == 0
    assert "--help" in said.out


# -- exit codes of a run --------------------------------------------------------------------------------


def slip(box: Box, *, balanced: bool = True) -> Slip:
    one = BoxTotal(count=1, euros=Decimal(10))
    return Slip(
        period=OCTOBER,
        invoices=1 if balanced else 2,
        euros=Decimal(10),
        boxes={b: one if b is box else BoxTotal() for b in Box},
        statements={b: BoxTotal() for b in Box},
        recipients=dict.fromkeys(Status, 0),
        lines=(
            SlipLine(
                key="F1", kind=LineKind.INVOICE, month="2026-10", box=box, amount=Decimal(10),
                resident="", name="",
            ),
        ),
    )  # fmt: skip


def test_exit_codes_of_a_run() -> None:
    done = Run(id="r")
    assert {box: exit_code(done, slip(box)) for box in Box} == {box: 3 if box.remainder else 0 for box in Box}
    for reason in StopReason:
        stopped = Run(id="r", stopped=Stop(reason=reason))
        code = {StopReason.REQUESTED: 130, StopReason.QUOTA: 3}.get(reason, 4)
        assert exit_code(stopped, slip(Box.PENDING)) == code
    assert exit_code(done, slip(Box.ACCEPTED, balanced=False)) == 70
    assert exit_code(70, slip(Box.ACCEPTED)) == 70


# -- init, check, prepare, status -----------------------------------------------------------------------


def test_init_makes_a_private_home_once(tmp_path: Path) -> None:
    root = tmp_path / "maison"
    assert elite("init", root).code == 0
    assert (root / "elite.toml").is_file()
    assert stat.S_IMODE(root.stat().st_mode) == 0o700
    before = (root / "elite.toml").read_bytes()
    again = elite("init", root)
    assert again.code == 1
    assert str(root) in again.err
    assert (root / "elite.toml").read_bytes() == before


def test_check_lists_every_problem_with_its_place_and_what_it_holds(tmp_path: Path) -> None:
    root = offices.make_home(
        tmp_path / "home",
        3,
        factures=[
            workbooks.invoice(invoice_number(1), code(1)),
            workbooks.invoice(invoice_number(2), "R99999"),
            workbooks.invoice(invoice_number(3), code(3), **{"Net à payer": 1.0}),
        ],
        contacts=[
            workbooks.contact(code(1), **{"E-mail": "orange,fr"}), workbooks.contact(code(3)),
        ],
    )  # fmt: skip
    said = elite("check", "2026-10", "--json", home=root)
    assert said.code == 3
    assert set(said.json) == {"month", "problems", "changes", "unplaced"}
    assert said.json["month"] == "2026-10"
    promised = {"file", "sheet", "row", "column", "value", "code", "message", "held"}
    assert all(promised <= set(problem) for problem in said.json["problems"])
    found = {p["code"]: (p["sheet"], p["row"], p["column"], p["held"]) for p in said.json["problems"]}
    assert found["resident_unknown"] == ("Factures", 3, "Code résident", [invoice_number(2)])
    assert found["net_sum"] == ("Factures", 4, "Net à payer", [invoice_number(3)])
    assert found["email_invalid"] == ("Contacts", 2, "E-mail", [])
    assert all(problem["message"] for problem in said.json["problems"])
    people = elite("check", "2026-10", home=root)
    assert people.code == 3
    assert invoice_number(2) in people.out


def test_a_warning_alone_is_no_remainder_for_check(tmp_path: Path) -> None:
    contacts = [workbooks.contact(code(1), **{"E-mail": ""})]
    root = offices.make_home(tmp_path / "home", 1, contacts=contacts)
    said = elite("check", "2026-10", "--json", home=root)
    assert said.code == 0
    assert [problem["code"] for problem in said.json["problems"]] == ["no_address"]


def test_prepare_freezes_once_and_says_what_it_holds(tmp_path: Path) -> None:
    root = offices.make_home(
        tmp_path / "home", 2, factures=[
            workbooks.invoice(invoice_number(1), code(1)),
            workbooks.invoice(invoice_number(2), code(2), Statut="inconnu"),
        ]
    )  # fmt: skip
    first = elite("prepare", "2026-10", "--json", home=root)
    assert first.code == 3
    assert set(first.json) == {"batch", "messages", "bytes", "held"}
    assert (first.json["messages"], first.json["held"]) == (1, [invoice_number(2)])
    folder = root / "outbox" / first.json["batch"]
    assert sum(file.stat().st_size for file in folder.glob("*.eml")) == first.json["bytes"]
    assert elite("prepare", "2026-10", "--json", home=root).json == first.json
    with offices.open_office(root) as office:
        assert len(office.journal.entries(kinds=[EntryKind.BATCH_PREPARED])) == 1


def test_status_has_every_box_and_amounts_as_text(tmp_path: Path) -> None:
    root = offices.make_home(tmp_path / "home", 3)
    said = elite("status", "2026-10", "--json", home=root)
    assert said.code == 3
    view = said.json
    assert {"month", "invoices", "euros", "balanced", "boxes", "recipients"} <= set(view)
    assert (view["month"], view["invoices"], view["euros"], view["balanced"]) == (
        "2026-10",
        3,
        "6000.00",
        True,
    )
    assert set(view["boxes"]) == BOXES
    assert view["boxes"]["pending"] == {"count": 3, "euros": "6000.00"}
    assert all(AMOUNT.fullmatch(total["euros"]) for total in view["boxes"].values())
    assert set(view["recipients"]) == {status.value for status in Status}
    assert view["recipients"]["pending"] == 3


def test_status_of_a_period_and_of_a_month_without_invoices(tmp_path: Path) -> None:
    root = offices.make_home(tmp_path / "home", 2)
    both = elite("status", "2026-09..2026-10", "--json", home=root)
    assert (both.code, both.json["month"], both.json["invoices"]) == (3, "2026-09..2026-10", 2)
    none = elite("status", "2026-09", "--json", home=root)
    assert (none.code, none.json["invoices"], none.json["euros"]) == (0, 0, "0.00")


def test_the_slip_shows_what_remains_and_why(tmp_path: Path) -> None:
    root = offices.make_home(tmp_path / "home", 3)
    with offices.open_office(root) as office:
        gone = Reply(code=550, text="5.1.1 user unknown")
        script = {address(1): Answers(rcpt=gone), address(2): Answers(cut=Stage.DOT)}
        offices.run(office, batches.prepare(office, OCTOBER).batch, FakeTransport(script))
    said = elite("status", "2026-10", home=root)
    assert said.code == 3
    assert "5.1.1 user unknown" in said.out
    assert invoice_number(2) in said.out
    assert boxes(root) == {"refused": 1, "uncertain": 1, "accepted": 1}


def test_status_and_check_change_nothing(tmp_path: Path) -> None:
    root = offices.make_home(tmp_path / "home", 2)
    elite("status", "2026-10", home=root)
    elite("check", "2026-10", home=root)
    with offices.open_office(root) as office:
        assert office.journal.entries() == []
    assert list((root / "outbox").iterdir()) == []
    assert list((root / "runs").iterdir()) == []


# -- print ---------------------------------------------------------------------------------------------


def test_print_takes_what_cannot_be_mailed_or_everything_once(tmp_path: Path) -> None:
    contacts = [workbooks.contact(code(n), **{"E-mail": "" if n == 2 else address(n)}) for n in (1, 2, 3)]
    factures = [workbooks.invoice(invoice_number(n), code(n)) for n in (1, 2, 3)]
    factures.append(workbooks.invoice(invoice_number(4), code(1), Statut="brouillon"))
    lignes = [workbooks.line(invoice_number(n), amount=2000.0) for n in (1, 2, 3, 4)]
    root = offices.make_home(tmp_path / "home", 3, contacts=contacts, factures=factures, lignes=lignes)
    pile = tmp_path / "pile.pdf"
    assert elite("print", "2026-10", "--unmailed", "-o", pile, "--operator", "Paul", home=root).code == 0
    assert stat.S_IMODE(pile.stat().st_mode) == 0o600
    assert _numbers(pile) == [invoice_number(2)]
    with offices.open_office(root) as office:
        (entry,) = office.journal.entries(kinds=[EntryKind.PRINTED])
        assert (entry.line, entry.operator) == (invoice_number(2), "Paul")
    assert elite("print", "2026-10", "--all", "-o", pile, home=root).code == 0
    assert _numbers(pile) == [invoice_number(n) for n in (1, 2, 3)]


def _numbers(pile: Path) -> list[str]:
    document = pypdfium2.PdfDocument(pile)
    try:
        text = "".join(page.get_textpage().get_text_range() for page in document)
    finally:
        document.close()
    return list(dict.fromkeys(re.findall(r"F2026-10-[0-9]{5}", text)))


def test_nothing_to_print_writes_nothing(tmp_path: Path) -> None:
    root = offices.make_home(tmp_path / "home", 1)
    pile = tmp_path / "pile.pdf"
    said = elite("print", "2026-10", "-o", pile, home=root)
    assert (said.code, pile.exists()) == (1, False)
    missing = elite("print", "2026-10", "--all", "-o", tmp_path / "nulle" / "part.pdf", home=root)
    assert missing.code == 4
    with offices.open_office(root) as office:
        assert office.journal.entries(kinds=[EntryKind.PRINTED]) == []


# -- words ---------------------------------------------------------------------------------------------


def test_the_homes_language_is_used(tmp_path: Path) -> None:
    root = offices.make_home(tmp_path / "home", 1, settings={"home": {"language": "en"}})
    assert "Dispatch slip" in elite("status", "2026-10", home=root).out
    assert "Dispatch slip" in elite("status", "2026-10", f"--home={root}").out


def test_a_missing_home_is_named(tmp_path: Path) -> None:
    said = elite("status", "2026-10", home=tmp_path / "nulle-part")
    assert said.code == 1
    assert "nulle-part" in said.err
    assert said.out == ""
