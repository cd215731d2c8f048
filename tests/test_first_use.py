"""The first use: three steps from nothing to the month, by keyboard alone; closed in between, it goes on."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from elite_lib import config, secrets
from elite_lib.config import Home
from elite_lib.exceptions import ConfigError
from elite_lib.labels import _
from elite_lib.models import EntryKind
from elite_lib.serving import Entrance, Users, serving
from elite_lib.ui.settings import first_use
from elite_lib.ui.settings.first_use import FirstUse
from tests.support import browser as browsing
from tests.support import offices
from tests.support.dns_server import DnsServer
from tests.support.forms import Page
from tests.support.pages import PATIENCE, Accountant
from tests.support.smtp_server import SmtpServer
from tests.test_mapping import export

PASSWORD = "un mot de passe"


@pytest.fixture
def done() -> list[Path]:
    return []


@pytest.fixture
def steps(tmp_path: Path, done: list[Path]) -> FirstUse:
    return FirstUse(tmp_path / "maison", on_done=done.append, environ={})


def title(page: Page) -> str:
    return str(page.form.sections[0]["title"])


# -- the steps -----------------------------------------------------------------------------------------


def test_a_home_is_made_once_what_was_typed_can_stand_in_it(steps: FirstUse) -> None:
    page = Page(steps.form)
    page.press("next", home__name="", letterhead__email="pas une adresse")
    assert page.errors.keys() == {"home.name", "letterhead.email"}
    assert not steps.home.root.exists(), "nothing is made by halves"
    page.press("next", home__name="Résidence L’Œillet", letterhead__address="1 rue X\n69000 LYON")
    settings = config.load(steps.home)
    assert settings.establishment.name == "Résidence L’Œillet"
    assert settings.establishment.key == "residence-loeillet"
    assert settings.establishment.address == ("1 rue X", "69000 LYON")
    assert steps.step == 2


def test_the_account_is_saved_tested_and_left_when_it_works(steps: FirstUse, tmp_path: Path) -> None:
    page = Page(steps.form)
    page.press("next", home__name="Les Tilleuls")
    page.press("next", mail__sender="", mail__host="")
    assert page.errors.keys() == {"mail.sender"}
    with (
        SmtpServer(users={"compta": "le bon"}) as server,
        DnsServer({"tilleuls.example": {"MX": ["10 mx.tilleuls.example."]}}) as names,
    ):
        steps._resolver = names.resolver()
        account = {
            "mail__sender": "compta@tilleuls.example", "mail__host": "127.0.0.1", "mail__security": "plain",
            "mail__port": str(server.port), "mail__login": "compta",
        }  # fmt: skip
        page.press("next", {"secret:mail": "le mauvais"}, **account)
        assert steps.step == 2, "it does not work yet"
        assert "anyway" in {action["name"] for action in page.form.actions}
        assert any(block.get("verdict") == "failed" for block in page.form.blocks["test"])
        page.press("next", {"secret:mail": "le bon"}, **account)
    assert steps.step == 3
    assert secrets.find("mail", home=steps.home, environ={}) == "le bon"
    assert "le bon" not in page.everything


def test_the_workbook_is_brought_looked_at_and_the_month_shown(
    steps: FirstUse, done: list[Path], tmp_path: Path
) -> None:
    page = Page(steps.form)
    page.press("next", home__name="Les Tilleuls")
    page.press("later")
    assert steps.step == 3
    page.press("next", data__source="absent.xlsx")
    assert page.form.blocks["workbook"][0]["tone"] == "error"
    assert done == []
    content = offices.write_workbook(tmp_path / "mois.xlsx", 2).read_bytes()
    page.choose("data.source", "mois.xlsx", content)
    assert "mois.xlsx" in page.told("workbook")
    page.press("next", data__source="mois.xlsx")
    assert done == [steps.home.root]
    assert config.load(steps.home).data.source.read_bytes() == content


def test_another_programs_file_is_told_and_then_read(
    steps: FirstUse, done: list[Path], tmp_path: Path
) -> None:
    page = Page(steps.form)
    page.press("next", home__name="Les Tilleuls")
    page.press("later")
    config.save(steps.home, {"documents": {"folder": "pdf"}})
    page.choose("data.source", "journal.xlsx", export(tmp_path / "journal.xlsx").read_bytes())
    (_tabs, columns) = [block for block in page.form.blocks["mapping"] if block["kind"] == "table"]
    choices = {row[1]["name"]: row[1]["value"] for row in columns["rows"]}
    (name,) = [row[1]["name"] for row in columns["rows"] if row[0] == "Usager"]
    page.press("map_save", choices=choices | {name: "Nom"})
    assert _("{file}: nothing to correct.").format(file="journal.xlsx") in page.told("mapping")
    page.press("next")
    assert done == [steps.home.root]
    assert config.load(steps.home).data.table == "Journal"


def test_closed_in_between_it_goes_on_and_all_can_be_put_off(tmp_path: Path, done: list[Path]) -> None:
    root = tmp_path / "maison"
    Page(FirstUse(root, on_done=done.append, environ={}).form).press("next", home__name="Les Tilleuls")
    with offices.open_office(root) as office:
        assert first_use.unfinished(office)
    again = FirstUse(root, on_done=done.append, environ={})
    assert again.step == 2
    page = Page(again.form)
    page.press("later")
    page.press("later")
    assert done == [root]
    offices.write_workbook(root / "factures.xlsx", 1)
    with offices.open_office(root) as office:
        assert not first_use.unfinished(office), "a workbook is there: the month can be shown"


def test_only_a_missing_home_is_a_first_use(tmp_path: Path) -> None:
    for source in ("argument", "environment"):
        missing = ConfigError("home_missing", path=str(tmp_path), source=source)
        assert first_use.place(missing) == tmp_path
    searched = ConfigError("home_missing", path=str(tmp_path), source="search")
    assert first_use.place(searched) == config.usual_home()
    assert first_use.place(ConfigError("toml_syntax", file="elite.toml")) is None


def test_a_name_that_is_code_is_a_name(steps: FirstUse) -> None:
    page = Page(steps.form)
    name = '<img src=x onerror=alert(1)>"\\'
    page.press("next", home__name=name)
    assert config.load(steps.home).establishment.name == name


# -- in the browser ------------------------------------------------------------------------------------


def make_oneself_known(person: Accountant, url: str) -> None:
    page = person.page
    page.goto(url)
    person.is_accessible()
    page.keyboard.type("Mme Martin")
    for _field in range(2):
        person.press("Tab")
        page.keyboard.type(PASSWORD)
    person.press("Enter")


def name_the_home(person: Accountant, name: str) -> None:
    page = person.page
    person.tab_to(_("Name of the home"))
    person.press("Enter")
    expect(page.locator("[data-key='home.name'] .sf-error")).to_be_visible(timeout=PATIENCE)
    assert person.focused().startswith(_("Name of the home"))
    page.keyboard.type(name)
    person.press("Enter")


def fill_in_the_account(person: Accountant, port: int) -> None:
    page = person.page
    person.tab_to(_("Mail provider"))
    page.keyboard.type("IONOS")
    person.sees(re.compile("ionos.com/help"))
    for label, text in (
        (_("Sender's address"), "compta@tilleuls.example"),
        (_("Outgoing server (SMTP)"), "127.0.0.1"),
        (_("Port"), str(port)),
    ):
        person.tab_to(label)
        person.press("Control+a")
        page.keyboard.type(text)
    person.tab_to(_("Security"))
    page.keyboard.type(_("no encryption (internal network, no login)")[:4])
    person.tab_to(_("Password of the mail account"))
    page.keyboard.type("le bon")
    person.tab_to(_("Save, test and continue"))
    person.press("Enter")


@pytest.mark.slow
def test_from_nothing_to_the_month_by_keyboard_alone(chromium: Browser, tmp_path: Path) -> None:
    root, workbook = tmp_path / "maison", offices.write_workbook(tmp_path / "mois.xlsx", 3)
    entrance = Entrance(welcome="jeton")
    with (
        SmtpServer(users={"compta@tilleuls.example": "le bon"}) as smtp,
        serving(root, port=browsing.free_port(), entrance=entrance) as server,
    ):
        page = browsing.open_page(chromium)
        page.set_default_timeout(60_000)
        person = Accountant(page)
        make_oneself_known(person, f"{server.url}welcome?token=jeton")
        heading = page.locator(".elite-settings h2").first
        expect(heading).to_contain_text("1", timeout=60_000)
        person.is_accessible()
        name_the_home(person, "Résidence <Les Tilleuls>")
        expect(heading).to_contain_text("2", timeout=PATIENCE)
        expect(heading).to_be_focused()
        person.is_accessible()
        fill_in_the_account(person, smtp.port)
        anyway = page.get_by_role("button", name=_("Continue all the same"))
        third = page.get_by_label(_("Bring a workbook into the home's folder"))
        expect(anyway.or_(third)).to_be_visible(timeout=60_000)
        if anyway.is_visible():  # where no DNS answers
            person.is_accessible()
            anyway.press("Enter")
        expect(heading).to_contain_text("3", timeout=PATIENCE)
        person.is_accessible()
        third.set_input_files(str(workbook))
        expect(page.locator(".sf-place .elite-notice")).to_contain_text("mois.xlsx", timeout=PATIENCE)
        expect(page.locator("[data-key='data.source'] input")).to_have_value("mois.xlsx", timeout=PATIENCE)
        person.tab_to(_("Show the month"))
        person.press("Enter")
        expect(page.locator(".elite-checklist table")).to_be_visible(timeout=60_000)
        person.sees("F2026-10-00001")
        person.ask()
        person.confirm()
        person.sees(_("Finished."))
        person.leave()
    assert len(smtp.stored) == 3
    with offices.open_office(root) as office:
        entries = office.journal.entries()
        assert {entry.operator for entry in entries} == {"Mme Martin"}, "who logged in is par qui"
        assert {EntryKind.BATCH_PREPARED, EntryKind.VERDICT} <= {entry.kind for entry in entries}
    settings = config.load(Home(root=root))
    assert settings.establishment.name == "Résidence <Les Tilleuls>"
    assert settings.mail is not None
    assert (settings.mail.host, settings.mail.port) == ("127.0.0.1", smtp.port)
    assert settings.pace.per_hour == 500, "the provider's cap, which has no field here"
    assert [user.name for user in Users(Home(root=root)).all()] == ["Mme Martin"]
