"""Exports of other programs: what is proposed, what stays unsure, what is written to elite.toml."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

import openpyxl
import pytest

from elite_lib import config, selection, sources
from elite_lib.batch.loading import load_tables
from elite_lib.exceptions import ConfigError
from elite_lib.labels import explain
from elite_lib.models import Disposition, Period
from elite_lib.sources import Certainty, Proposal
from tests.support import offices
from tests.support.command import elite
from tests.support.workbooks import workbook

OCTOBER = Period.parse("2026-10")
TITLES = (
    *("Réf. doc", "Émis le", "Dossier", "Usager", "Famille destinataire", "Courriel de la famille"),
    *("À payer", "Observations"),
)


def export(path: Path, titles: tuple[str, ...] = TITLES, count: int = 6, *, extra: int = 0) -> Path:
    """Write what another program exports: a title above, then a row per invoice under titles of its own."""
    rows: list[list[object]] = [["Journal des factures – octobre 2026"], [], list(titles)]
    for n in range(count):
        cells: list[object] = [
            *(f"FA{n:05}", dt.date(2026, 10, 28 + n % 3), f"D{n // 2:03}", f"Dupont{chr(97 + n // 2)}"),
            *(f"Lefèvre {chr(97 + n // 2)}", f"famille{n // 2}@example.com", 1234.56 + n, "vu"),
        ]
        rows.append(cells + [100.25 + n] * extra)
    if path.suffix == ".csv":
        with path.open("w", encoding="cp1252", newline="") as file:
            csv.writer(file, delimiter=";").writerows([[french(cell) for cell in row] for row in rows])
        return path
    book = openpyxl.Workbook()
    book.worksheets[0].title = "Journal"
    for row in rows:
        book.worksheets[0].append(row)
    book.create_sheet("Notes").append(["Export du", dt.date(2026, 11, 2)])
    book.save(path)
    return path


def french(cell: object) -> str:
    return (
        f"{cell:%d/%m/%Y}"
        if isinstance(cell, dt.date)
        else str(cell).replace(".", ",")
        if isinstance(cell, float)
        else str(cell)
    )


def known(proposal: Proposal) -> dict[str, tuple[str, Certainty]]:
    (sheet,) = proposal.sheets
    return {c.title: (c.ours, c.certainty) for c in sheet.columns if c.ours}


@pytest.mark.parametrize("suffix", [".xlsx", ".csv"])
def test_an_export_is_understood_from_what_its_columns_hold(tmp_path: Path, suffix: str) -> None:
    proposal = sources.propose(export(tmp_path / f"journal{suffix}"))
    (sheet,) = proposal.sheets
    assert (sheet.header, proposal.complete) == (3, False)  # two columns of names: whose is which?
    assert known(proposal) == {
        "Réf. doc": ("N° facture", Certainty.LIKELY),
        "Émis le": ("Date", Certainty.LIKELY),
        "Dossier": ("Code résident", Certainty.LIKELY),
        "Courriel de la famille": ("E-mail", Certainty.LIKELY),
        "À payer": ("Net à payer", Certainty.LIKELY),
        "Usager": ("Nom", Certainty.UNSURE),
        "Famille destinataire": ("Nom", Certainty.UNSURE),
        "Observations": ("Nom", Certainty.UNSURE),
    }


def test_a_persons_word_settles_what_is_unsure(tmp_path: Path) -> None:
    path = export(tmp_path / "journal.xlsx")
    proposal = sources.propose(path).told({"Usager": "Nom"})
    assert proposal.complete
    assert known(proposal)["Usager"] == ("Nom", Certainty.LIKELY)
    assert "Famille destinataire" not in known(proposal)
    tables = sources.load(path, layout=proposal.layout, papers=True)
    assert tables.problems == ()
    lines = selection.select(tables, OCTOBER).lines
    assert [line.disposition for line in lines] == [Disposition.MAIL] * 6
    assert lines[2].parcels[0].recipients[0].address == "famille1@example.com"


@pytest.mark.parametrize("word", [{"Usagère": "Nom"}, {"Usager": "Surnom"}])
def test_a_word_about_what_is_not_there_is_refused(tmp_path: Path, word: dict[str, str]) -> None:
    with pytest.raises(KeyError):
        sources.propose(export(tmp_path / "journal.xlsx")).told(word)


def test_two_columns_of_amounts_are_never_guessed(tmp_path: Path) -> None:
    path = export(tmp_path / "journal.xlsx", (*TITLES, "Reliquat"), extra=1)
    proposal = sources.propose(path)
    amounts = {title: known(proposal)[title] for title in ("À payer", "Reliquat")}
    assert amounts == dict.fromkeys(amounts, ("Net à payer", Certainty.UNSURE))
    assert "Net à payer" not in proposal.layout.aliases["Tableau"].values()


def test_our_own_workbook_needs_no_names(tmp_path: Path) -> None:
    proposal = sources.propose(workbook(tmp_path / "factures.xlsx"))
    assert [sheet.sheet.title for sheet in proposal.sheets] == ["Résidents", "Contacts", "Factures", "Lignes"]
    assert proposal.complete
    assert proposal.layout == sources.Layout()


def test_tabs_and_columns_of_other_names_are_found_by_their_titles(tmp_path: Path) -> None:
    path = workbook(tmp_path / "factures.xlsx")
    book = openpyxl.load_workbook(path)
    for ours, theirs in (("Résidents", "Fiches"), ("Contacts", "Proches"), ("Factures", "Pièces")):
        book[ours].title = theirs
    book["Pièces"]["A1"] = "Référence unique de la pièce"
    book.save(path)
    proposal = sources.propose(path)
    assert proposal.complete
    assert proposal.layout.sheets == {"Fiches": "Résidents", "Proches": "Contacts", "Pièces": "Factures"}
    assert proposal.layout.aliases == {"Factures": {"Référence unique de la pièce": "N° facture"}}
    assert sources.load(path, layout=proposal.layout).problems == ()


def test_what_a_file_lacks_is_said(tmp_path: Path) -> None:
    path = workbook(tmp_path / "factures.xlsx", contacts=None)
    proposal = sources.propose(path)
    assert (proposal.complete, proposal.missing) == (False, ("Contacts",))


# --- elite map ---------------------------------------------------------------------------------------


def test_elite_map_writes_what_it_knows_and_keeps_the_comments(tmp_path: Path) -> None:
    home = config.create_home(tmp_path / "home", name="Les Tilleuls", establishment="tilleuls")
    path = export(home.root / "journal.xlsx")
    before = home.toml.read_text(encoding="utf-8")
    shown = elite("map", str(path), "--home", str(home.root))
    assert (shown.code, home.toml.read_text(encoding="utf-8")) == (3, before)
    assert all(word in shown.out for word in ("Usager", "Famille destinataire", "FA00000"))

    written = elite("map", str(path), "--home", str(home.root), "--column", "Usager=Nom", "--write")
    assert written.code == 0, written.err
    settings = config.load(home)
    assert settings.data.source == path
    assert settings.data.table == "Journal"
    assert settings.data.aliases["Tableau"]["Usager"] == "Nom"
    comments = [line for line in before.splitlines() if line.startswith("#")]
    assert [
        line for line in home.toml.read_text(encoding="utf-8").splitlines() if line.startswith("#")
    ] == comments

    config.save(home, {"documents": {"folder": "pdf"}})
    with offices.open_office(home.root) as office:
        tables = load_tables(office)
    assert (tables.problems, len(tables.invoices)) == ((), 6)


def test_elite_map_says_what_is_not_a_column(tmp_path: Path) -> None:
    path = export(tmp_path / "journal.xlsx")
    said = elite("map", path, "--column", "Usagère=Nom")
    assert (said.code, "Usagère" in said.err) == (1, True)
    assert elite("map", path, "--column", "Usager").code == 2
    assert elite("map", path, "--write", home=tmp_path).code == 1  # no home here


# --- elite.toml ----------------------------------------------------------------------------------------


def settings(tmp_path: Path, text: str) -> config.Settings:
    home = config.Home(root=tmp_path)
    return config.parse(f'[home]\nname = "A"\nestablishment = "a"\n{text}', home=home)


def test_names_of_tabs_a_table_and_a_folder_of_pdfs_are_settings(tmp_path: Path) -> None:
    found = settings(
        tmp_path,
        '[data]\ntable = "Journal"\n[data.sheets]\n"Fiches" = "résidents"\n"Token" = "Famille"\n'
        '[data.aliases.Tableau]\n"À payer" = "Net à payer"\n[documents]\nfolder = "pdf"\n',
    ).data
    assert (found.table, found.papers) == ("Journal", tmp_path / "pdf")
    assert found.sheets == {"Fiches": "Résidents", "Token": "Contacts"}
    assert found.aliases == {"Tableau": {"À payer": "Net à payer"}}
    empty = settings(tmp_path, "").data
    assert (empty.table, empty.papers, empty.sheets) == ("", None, {})


@pytest.mark.parametrize(
    "text", ['[data.sheets]\n"A" = "Resident"\n', '[data.sheets]\n"A" = 3\n', "[data]\nsheets = 3\n"]
)
def test_a_tab_that_is_given_no_sheet_of_ours_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError) as refusal:
        settings(tmp_path, text)
    assert refusal.value.code == "value_invalid"
    assert "data.sheets" in str(refusal.value.fields["key"])
    assert "…" not in explain(refusal.value)
