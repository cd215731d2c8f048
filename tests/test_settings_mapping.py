"""Another program's file on the tab of the settings: proposed, changed by a person, saved, checked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from playwright.sync_api import Browser, expect

from elite_lib import config
from elite_lib.batch import Office
from elite_lib.batch.loading import load_tables
from elite_lib.labels import _
from elite_lib.serving import Server
from elite_lib.ui.settings import SettingsTab
from tests.support import libreoffice, offices
from tests.support.forms import Page
from tests.support.pages import PATIENCE, Accountant, open_dashboard
from tests.support.workbooks import workbook
from tests.test_mapping import export


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    root = offices.make_home(tmp_path / "home", 2)
    with offices.open_office(root) as opened:
        yield opened


@pytest.fixture
def page(office: Office) -> Page:
    tab = SettingsTab(office, on_saved=lambda: None, environ={})
    tab.opened()
    return Page(tab.form)


def text_of(office: Office) -> str:
    return office.settings.home.toml.read_text(encoding="utf-8")


def shown(page: Page) -> dict[str, tuple[dict[str, Any], list[Any]]]:
    """Give the choice and the further cells of every row, by its title."""
    tables = [block for block in page.form.blocks["mapping"] if block["kind"] == "table"]
    return {row[0]: (row[1], row[2:]) for table in tables for row in table["rows"]}


def save(page: Page, **changed: str) -> None:
    """Press the button that saves, as the page does: with every choice that is shown, or changed."""
    choices = {
        cell["name"]: changed.get(title, cell["value"]) for title, (cell, _more) in shown(page).items()
    }
    page.press("map_save", choices=choices)


def test_a_foreign_file_is_proposed_with_reasons_and_nothing_is_written(page: Page, office: Office) -> None:
    export(office.settings.home.root / "journal.xlsx")
    before = text_of(office)
    page.press("map", data__source="journal.xlsx")
    rows = shown(page)
    assert rows["Journal"][0]["value"] == "Tableau"
    assert rows["Notes"][0]["value"] == ""
    number, (why, sure, examples) = rows["Réf. doc"]
    assert number["value"] == "N° facture"
    assert (why, sure["text"], examples.split(" · ")[0]) == (_("by what it holds"), _("probable"), "FA00000")
    name, (why, sure, examples) = rows["Usager"]
    assert name["value"] == "", "one of several: nobody guesses"
    assert "Nom" in why
    assert sure["text"] == _("TO BE SAID")
    assert examples == "D••• · D••• · D•••"
    assert rows["Courriel de la famille"][1][2].startswith("f•••@example.com")
    everything = str(page.form.blocks["mapping"])
    assert "Dupont" not in everything
    assert "famille0@" not in everything
    assert text_of(office) == before
    assert page.sent[-1]["type"] == "done"


def test_what_a_person_says_is_saved_with_every_comment_and_the_file_is_checked(
    page: Page, office: Office
) -> None:
    home = office.settings.home
    path = export(home.root / "journal.xlsx")
    comments = [line for line in text_of(office).splitlines() if line.startswith("#")]
    page.press("save", documents__folder="pdf")
    page.press("map", data__source="journal.xlsx")
    save(page, Usager="Nom")
    settings = config.load(home)
    assert (settings.data.source, settings.data.table) == (path, "Journal")
    assert settings.data.aliases["Tableau"]["Usager"] == "Nom"
    assert "Famille destinataire" not in settings.data.aliases["Tableau"]
    assert [line for line in text_of(office).splitlines() if line.startswith("#")] == comments
    assert _("Saved in {file}.").format(file="elite.toml") in page.told("mapping")
    assert _("{file}: nothing to correct.").format(file="journal.xlsx") in page.told("mapping")
    with offices.open_office(home.root) as opened:
        assert len(load_tables(opened).invoices) == 6
    (typed,) = [one["values"] for one in page.sent if one["type"] == "set"]
    assert typed["data.source"] == "journal.xlsx", "it no longer waits to be saved"

    page.press("map")
    choice, (why, sure, _examples) = shown(page)["Usager"]
    assert (choice["value"], why, sure["text"]) == ("Nom", _("by the settings"), _("sure"))
    save(page, Usager="", **{"Famille destinataire": "Nom"})
    aliases = config.load(home).data.aliases["Tableau"]
    assert "Usager" not in aliases, "taken back"
    assert aliases["Famille destinataire"] == "Nom"


def test_two_columns_that_cannot_be_the_same_are_told_and_nothing_is_written(
    page: Page, office: Office
) -> None:
    export(office.settings.home.root / "journal.xlsx")
    before = text_of(office)
    page.press("map", data__source="journal.xlsx")
    save(page, Usager="Nom", **{"Famille destinataire": "Nom"})
    assert text_of(office) == before
    assert all(title in page.told("mapping_said") for title in ("Usager", "Famille destinataire"))
    assert page.form.blocks["mapping_said"][0]["tone"] == "error"


def test_a_sheet_is_what_a_person_says_that_it_is(page: Page, office: Office) -> None:
    """A tab of another name is said to be the contacts; what it holds is proposed anew."""
    path = workbook(office.settings.home.root / "autre.xlsx")
    book = openpyxl.load_workbook(path)
    book["Contacts"].title = "Proches"
    book["Factures"]["A1"] = "Référence unique de la pièce"
    del book["Contacts" if "Contacts" in book.sheetnames else "Lignes"]
    book.create_sheet("Carnet").append(["x", "y"])
    book.save(path)
    page.press("map", data__source="autre.xlsx")
    rows = shown(page)
    assert rows["Résidents"][1][0] == _("by its name")
    assert rows["Proches"][0]["value"] == "Contacts"
    assert "" not in [one["value"] for one in rows["Résidents"][0]["choices"]], "its name says it"
    choices = {cell["name"]: cell["value"] for cell, _more in rows.values()}
    carnet = rows["Carnet"][0]["name"]
    page.press("map_again", choices=choices | {carnet: "Contacts"})
    assert "Contacts" in page.told("mapping_said"), "two cannot be one"
    page.press("map_again", choices=choices | {carnet: "Contacts", rows["Proches"][0]["name"]: ""})
    assert shown(page)["Carnet"][0]["value"] == "Contacts"
    assert _("the column “{name}” is missing").format(name="E-mail") in page.told("mapping")
    page.press("map_again", choices=choices)
    save(page)
    data = config.load(office.settings.home).data
    assert data.sheets == {"Proches": "Contacts"}
    assert data.aliases == {"Factures": {"Référence unique de la pièce": "N° facture"}}
    assert data.table == ""


def test_our_own_workbook_needs_no_names(page: Page, office: Office) -> None:
    before = text_of(office)
    page.press("map")
    assert all(cell["value"] for cell, _more in shown(page).values())
    save(page)
    assert text_of(office) == before


def test_a_foreign_file_that_is_chosen_is_proposed_at_once(page: Page, tmp_path: Path) -> None:
    content = export(tmp_path / "journal.csv").read_bytes()
    page.choose("data.source", "journal.csv", content)
    assert "Réf. doc" in shown(page)
    save(page, Usager="Nom")
    assert page.form.blocks["mapping"][0]["tone"] == "good"


@pytest.mark.parametrize("name", ["absent.xlsx", "elite.toml"])
def test_a_file_that_cannot_be_read_is_said(page: Page, office: Office, name: str) -> None:
    before = text_of(office)
    page.press("map", data__source=name)
    assert page.form.blocks["mapping"][0]["tone"] == "error"
    page.press("map_save", choices={})
    page.press("map_again", choices={})
    assert text_of(office) == before


def test_titles_of_a_table_are_shown_as_rows_of_the_table(page: Page, office: Office) -> None:
    """Else saving another row would give them to the residents."""
    config.save(office.settings.home, {("data", "aliases", "Tableau"): {"À payer": "Net à payer"}})
    items = [item for part in page.form.sections for item in part["items"]]
    (spec,) = [item for item in items if item.get("key") == "data.aliases"]
    assert "Tableau" in [one["value"] for one in spec["columns"][0]["choices"]]


# -- in the browser ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = offices.make_home(tmp_path_factory.mktemp("mapping") / "home", 2)
    config.save(config.Home(root=root), {"documents": {"folder": "pdf"}})
    return root


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Another program's file: an invoice journal that LibreOffice wrote."""
    folder = tmp_path_factory.mktemp("foreign")
    made = export(folder / "journal.xlsx")
    libreoffice.convert([made], "ods", folder, profile=folder / "profile")
    return folder / "journal.ods"


def opened(chromium: Browser, url: str, **options: Any) -> Accountant:
    person = open_dashboard(chromium, url, **options)
    person.page.get_by_role("tab", name=_("Settings")).click()
    expect(person.button(_("Propose which column is which"))).to_be_visible(timeout=PATIENCE)
    return person


@pytest.mark.slow
def test_a_file_of_libreoffice_is_chosen_by_mouse_then_told_and_saved_by_keyboard(
    chromium: Browser, server: Server, root: Path, journal: Path
) -> None:
    person = opened(chromium, server.url)
    page = person.page
    chosen = page.get_by_label(_("Bring a workbook into the home's folder"))
    chosen.set_input_files(journal)
    usager = page.get_by_label(_("What the column “{name}” is").format(name="Usager"))
    expect(usager).to_be_visible(timeout=PATIENCE)
    expect(usager).to_have_value("")
    person.is_accessible()
    usager.focus()
    for _press in range(40):  # not by its letters: a busy machine takes them for several words
        if usager.input_value() == "Nom":
            break
        person.press("ArrowDown")
    expect(usager).to_have_value("Nom")
    person.tab_to(_("Save these names"))
    person.press("Enter")
    person.sees(_("{file}: nothing to correct.").format(file="journal.ods"))
    person.is_accessible()
    data = config.load(config.Home(root=root)).data
    assert (data.source, data.table) == (root / "journal.ods", "Journal")
    assert data.aliases["Tableau"]["Usager"] == "Nom"
    expect(page.locator(".sf-count")).to_have_text(_("Nothing changed"))
    dirty = "!dispatchEvent(new Event('beforeunload', { cancelable: true }))"
    assert not page.evaluate(dirty), "the browser does not ask whether something is lost"
    person.leave()
