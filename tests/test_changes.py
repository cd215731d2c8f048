"""What changed since the last month that was sent: addresses, residents, domains."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from elite_lib import batch as batches
from elite_lib import reports, selection
from elite_lib.batch import marks
from elite_lib.labels import describe_change
from elite_lib.models import Change, ChangeKind, Period, ReturnClass, SetAside
from elite_lib.transports.fake import FakeTransport
from tests.support import offices, workbooks
from tests.support.command import elite
from tests.support.workbooks import Row, contact, invoice, line

_K = ChangeKind
NOVEMBER = Period.parse("2026-11")
DECEMBER = Period.parse("2026-12")


def bill(n: int, month: int = 11, **other: object) -> Row:
    """A later month's invoice of resident ``n``."""
    first = dt.date(2026, month, 1)
    dates = {"Date": first, "Échéance": first, "Début période": first, "Fin période": first}
    return invoice(f"F2026-{month}-{n:05}", offices.code(n), **(dates | other))


@pytest.fixture
def sent(tmp_path: Path) -> Path:
    """A home of four residents whose October left."""
    root = offices.make_home(tmp_path / "home", 4)
    with offices.open_office(root) as office:
        prepared = batches.prepare(office, offices.OCTOBER)
        offices.run(office, prepared.batch, FakeTransport())
    return root


def november(
    root: Path, *people: Row, billed: tuple[int, ...] = (1, 2, 3, 4), month: int = 11
) -> list[Change]:
    """Rewrite the workbook: the contacts as given, and a later month's invoices."""
    numbers = range(1, 5)
    bills = [bill(n, month) for n in billed]
    workbooks.workbook(
        root / "factures.xlsx",
        residents=[workbooks.resident(offices.code(n), Nom=f"Dupont{n}") for n in numbers],
        contacts=list(people),
        factures=bills,
        lignes=[line(str(row["N° facture"]), amount=2000.0) for row in bills],
    )
    with offices.open_office(root) as office:
        period = NOVEMBER if month == 11 else DECEMBER
        return list(batches.changes_since_last_month(office, period))


def people(**addresses: str) -> list[Row]:
    """The contacts of October, some with another address: ``r2="x@example.com"``."""
    return [
        contact(offices.code(n), **{"E-mail": addresses.get(f"r{n}", offices.address(n))})
        for n in range(1, 5)
    ]


def brief(changes: list[Change]) -> list[tuple[ChangeKind, str, str]]:
    return [(change.kind, change.resident, change.address) for change in changes]


def test_an_unchanged_month_says_nothing(sent: Path) -> None:
    assert november(sent, *people()) == []


def test_the_case_of_an_address_is_no_change(sent: Path) -> None:
    assert november(sent, *people(r2="Famille2@Example.com")) == []


def test_a_changed_address_is_told_with_the_one_before(sent: Path) -> None:
    (change,) = november(sent, *people(r2="nouvelle@example.com"))
    assert (change.kind, change.resident, change.line) == (_K.CHANGED, "R00002", "F2026-11-00002")
    assert (change.before, change.address, change.month) == (
        "famille2@example.com",
        "nouvelle@example.com",
        "2026-10",
    )


def test_a_second_contact_is_new_and_one_who_is_gone_has_vanished(sent: Path) -> None:
    both = [*people(), contact(offices.code(1), 2, **{"E-mail": "fils@example.com"})]
    assert brief(november(sent, *both)) == [(_K.NEW, "R00001", "fils@example.com")]
    others = [row for row in people() if row["Code résident"] != "R00003"]
    (change,) = november(sent, *others)
    assert (change.kind, change.address, change.line) == (
        _K.VANISHED,
        "famille3@example.com",
        "F2026-11-00003",
    )


def test_an_address_that_was_set_aside_has_not_vanished(sent: Path) -> None:
    november(sent, *people())
    with offices.open_office(sent) as office:
        tables = batches.load_tables(office)
        aside = SetAside(
            address=offices.address(2),
            score=1.0,
            since=dt.datetime(2026, 11, 2, tzinfo=dt.UTC),
            cls=ReturnClass.HARD,
        )
        plan = selection.select(tables, NOVEMBER, set_aside={offices.address(2): aside})
        assert batches.changes_since_last_month(office, NOVEMBER, plan, tables=tables) == ()


def test_a_resident_who_was_never_written_to(sent: Path) -> None:
    rows = [*people(), contact("R00005", **{"E-mail": "neuf@example.com"})]
    bills = [bill(n) for n in range(1, 6)]
    workbooks.workbook(
        sent / "factures.xlsx",
        residents=[workbooks.resident(offices.code(n), Nom=f"Dupont{n}") for n in range(1, 6)],
        contacts=rows,
        factures=bills,
        lignes=[line(str(row["N° facture"]), amount=2000.0) for row in bills],
    )
    with offices.open_office(sent) as office:
        changes = list(batches.changes_since_last_month(office, NOVEMBER))
    assert brief(changes) == [(_K.FIRST, "R00005", "neuf@example.com")]


def test_mailed_last_month_and_no_invoice_this_month(sent: Path) -> None:
    (change,) = november(sent, *people(), billed=(1, 2, 4))
    assert (change.kind, change.resident, change.line) == (_K.NO_INVOICE, "R00003", "")


def test_a_draft_is_no_invoice(sent: Path) -> None:
    changes = november(sent, *people(), billed=(1, 2, 3))
    assert [change.resident for change in changes] == ["R00004"]
    bills = [bill(n) for n in (1, 2, 3)] + [bill(4, Statut="brouillon")]
    workbooks.workbook(
        sent / "factures.xlsx",
        residents=[workbooks.resident(offices.code(n), Nom=f"Dupont{n}") for n in range(1, 5)],
        contacts=people(),
        factures=bills,
        lignes=[line(str(row["N° facture"]), amount=2000.0) for row in bills],
    )
    with offices.open_office(sent) as office:
        assert brief(list(batches.changes_since_last_month(office, NOVEMBER))) == brief(changes)


def test_a_held_line_has_not_lost_its_addresses(sent: Path) -> None:
    rows = [
        row | ({"Destinataire facture": "?"} if row["Code résident"] == "R00002" else {}) for row in people()
    ]
    assert november(sent, *rows) == []


def test_a_domain_that_looks_misspelt_is_told_each_month(sent: Path) -> None:
    first = november(sent, *people(r1="famille1@gmial.com"))
    assert [(c.kind, c.meant, c.known) for c in first] == [
        (_K.MISSPELT, "gmail.com", False),
        (_K.CHANGED, "", False),
    ]
    with offices.open_office(sent) as office:
        offices.run(office, batches.prepare(office, NOVEMBER).batch, FakeTransport())
    (again,) = november(sent, *people(r1="famille1@gmial.com"), month=12)
    assert (again.kind, again.known, again.month) == (_K.MISSPELT, True, "2026-11")


def test_an_address_of_two_residents_is_told_of_both(sent: Path) -> None:
    shared = [c for c in november(sent, *people(r2="famille1@example.com")) if c.kind is _K.SHARED]
    assert [(c.resident, c.others, c.line) for c in shared] == [
        ("R00001", ("Mme Geneviève DUPONT2",), "F2026-11-00001"),
        ("R00002", ("Mme Geneviève DUPONT1",), "F2026-11-00002"),
    ]


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        ("tuteur", "tuteur", False),
        ("organisme", "organisme", False),
        ("organisme", "tuteur", False),
        ("famille", "tuteur", True),
        ("curateur", "curateur", True),
    ],
)
def test_guardians_and_organisations_rightly_have_many(
    sent: Path, first: str, second: str, told: bool
) -> None:
    rows = people(r1="mjpm@example.com", r2="mjpm@example.com")
    rows[0], rows[1] = rows[0] | {"Qualité": first}, rows[1] | {"Qualité": second}
    assert any(c.kind is _K.SHARED for c in november(sent, *rows)) is told


def test_a_month_that_was_skipped_is_looked_over(sent: Path) -> None:
    (change,) = november(sent, *people(r4="autre@example.com"), month=12)
    assert (change.kind, change.month) == (_K.CHANGED, "2026-10")


def test_without_a_month_before_there_is_nothing_to_compare(tmp_path: Path) -> None:
    root = offices.make_home(tmp_path / "home", 2)
    with offices.open_office(root) as office:
        assert batches.changes_since_last_month(office, offices.OCTOBER) == ()


def test_rows_are_marked_with_what_is_new(sent: Path) -> None:
    changes = november(sent, *people(r2="nouvelle@example.com"), billed=(1, 2, 4))
    assert {line: [c.kind for c in mine] for line, mine in marks(changes).items()} == {
        "F2026-11-00002": [_K.CHANGED]
    }


def test_the_table_and_the_command_say_it(sent: Path) -> None:
    changes = november(sent, *people(r2="nouvelle@example.com"), billed=(1, 2, 3))
    with offices.open_office(sent) as office:
        table = reports.changes_table(office, NOVEMBER)
    assert table["kind"].tolist() == [_K.CHANGED, _K.NO_INVOICE]
    assert table["todo"].tolist() == [describe_change(change) for change in changes]
    said = elite("check", "2026-11", home=sent)
    assert "famille2@example.com" in said.out
    kinds = [change["kind"] for change in elite("check", "2026-11", "--json", home=sent).json["changes"]]
    assert kinds == ["changed", "no_invoice"]
