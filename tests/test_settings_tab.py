"""The tab of the settings: what is saved, what is refused and where it is said, what is never shown again."""

from __future__ import annotations

import io
import re
import stat
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, expect

from elite_lib import config, secrets
from elite_lib.batch import Office
from elite_lib.config import Home
from elite_lib.config.keys import KEYS
from elite_lib.config.presets import PRESETS
from elite_lib.documents import template
from elite_lib.labels import _
from elite_lib.models import Entry, EntryKind
from elite_lib.serving import Server, Users, serving
from elite_lib.ui.settings import SettingsTab, fields, layout, passwords, providers, uploads, words
from tests.support import browser as browsing
from tests.support import offices
from tests.support.dns_server import DnsServer
from tests.support.forms import Page
from tests.support.pages import PATIENCE, Accountant
from tests.support.smtp_server import SmtpServer


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    root = offices.make_home(tmp_path / "home", 2)
    with offices.open_office(root) as opened:
        yield opened


@pytest.fixture
def saved() -> list[str]:
    return []


@pytest.fixture
def tab(office: Office, saved: list[str]) -> SettingsTab:
    tab = SettingsTab(office, on_saved=lambda: saved.append("saved"), environ={})
    tab.opened()
    return tab


@pytest.fixture
def page(tab: SettingsTab) -> Page:
    return Page(tab.form)


def text_of(office: Office) -> str:
    return office.settings.home.toml.read_text(encoding="utf-8")


# -- what is there -------------------------------------------------------------------------------------


def test_every_setting_is_reachable_and_named(tab: SettingsTab) -> None:
    items = [item for part in tab.form.sections for item in part["items"]]
    placed = [item["key"] for item in items if "key" in item and item["kind"] != "file"]
    wanted = {f"{table}.{key}" for table, keys in KEYS.items() for key in keys} | set(fields.ROWS)
    assert wanted <= set(placed)
    assert len(placed) == len(set(placed)), "a setting stands in one place"
    assert wanted - set(fields.ROWS) <= words.LABELS.keys(), "each has a name in words"
    values = tab.form.values
    assert wanted <= values.keys()
    assert all(item["label"] for item in items if "label" in item)


def test_the_examples_comments_explain_the_fields() -> None:
    assert fields.known()["pace.between"].spec()["help"] == "Secondes entre deux messages."
    listed = fields.known()["returns.sources"].spec()["help"]
    assert "pop3://" in listed
    assert "\n" not in listed, "its lines are one text again"
    assert "Un envoi trop rapide" in fields.intro("pace")


def test_a_key_of_no_kind_that_is_known_is_a_plain_field() -> None:
    kinds = {field.kind for field in fields.known().values()}
    assert kinds == {"line", "text", "lines", "number", "flag", "choice", "colour"}
    assert fields.known()["mail.security"].words == ("", "starttls", "tls", "plain")
    assert fields.known()["mail.auth"].words == ("password", "microsoft", "google")


@pytest.mark.parametrize(
    ("typed", "raw"),
    [("2", 2.0), ("2,5", 2.5), ("2.5", 2.5), (" 1 000 ", 1000.0), ("1\u202f000,5", 1000.5), ("-1", -1.0),
     ("", ""), ("abc", "abc"), ("1e3", "1e3"), ("nan", "nan"), ("0x10", "0x10"), ("1,2,3", "1,2,3")],
)  # fmt: skip
def test_numbers_are_read_as_the_french_write_them_and_nothing_is_guessed(typed: str, raw: object) -> None:
    assert fields.known()["pace.between"].raw(typed) == raw


# -- saving --------------------------------------------------------------------------------------------


def test_saving_changes_the_values_alone_and_keeps_every_comment(
    page: Page, office: Office, saved: list[str]
) -> None:
    before = text_of(office).splitlines()
    page.press(
        "save",
        pace__between="2,5",
        letterhead__address="12 rue des Tilleuls\n69000 LYON\n",
        message__receipt=True,
        mail__security="tls",
        mail__port="465",
    )
    after = text_of(office).splitlines()
    assert [line for line in after if line.startswith("#")] == [ln for ln in before if ln.startswith("#")]
    settings = config.load(office.settings.home)
    assert settings.pace.between == 2.5
    assert settings.establishment.address == ("12 rue des Tilleuls", "69000 LYON")
    assert settings.wording.receipt
    assert settings.mail is not None
    assert (settings.mail.security, settings.mail.port) == ("tls", 465)
    assert saved == ["saved"]
    assert page.sent[-1]["type"] == "show"
    assert page.form.values["pace.between"] == "2,5"


def test_one_wrong_value_saves_nothing_and_every_wrong_field_says_so(
    page: Page, office: Office, saved: list[str]
) -> None:
    before = text_of(office)
    page.press(
        "save",
        {"secret:mail": "secret"},
        pace__every="11",
        mail__port="http",
        letterhead__siret="123",
        home__name="",
        letterhead__colour="rouge",
    )
    assert text_of(office) == before
    assert page.errors.keys() == {"mail.port", "letterhead.siret", "home.name", "letterhead.colour"}
    assert "65535" in page.errors["mail.port"]
    assert not (office.settings.home.secrets / "mail").exists()
    assert saved == []


def test_a_word_that_is_not_known_is_said_under_the_text_that_has_it(page: Page) -> None:
    page.press("save", message__signature="{{ signatrice }}")
    assert "signatrice" in page.errors["message.signature"]


HOSTILE = [
    "<script>alert(1)</script>",
    '"; [mail]\nhost = "evil.example"',
    "a\r\nBcc: tous@example.com",
    "\x00",
    "\u202egnp.exe",
    "'''\"\"\"\\",
    "x" * 20_000,
    "{{ ''.__class__ }}",
    "\ud800",
]


@pytest.mark.parametrize("value", HOSTILE)
def test_hostile_values_are_kept_as_they_are_or_refused_never_obeyed(
    page: Page, office: Office, value: str
) -> None:
    for key in ("mail.name", "letterhead.mentions", "message.subject", "home.operator", "data.source"):
        before, kept = text_of(office), tomllib.loads(text_of(office))
        page.press("save", **{key.replace(".", "__"): value})
        table, name = key.split(".")
        after = tomllib.loads(text_of(office))
        if after[table].pop(name) == kept[table].pop(name):
            assert key in page.errors, "refused, and said where"
            assert text_of(office) == before
        assert after == kept, "no other setting changed"


# -- somebody else's hand ------------------------------------------------------------------------------


def by_hand(office: Office, old: str, new: str) -> None:
    text = text_of(office)
    assert old in text
    office.settings.home.toml.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_what_was_changed_by_hand_meanwhile_stays(page: Page, office: Office) -> None:
    by_hand(office, "every = 0", "every = 7  # depuis le 3 mai")
    page.press("save", pace__per_hour="100")
    assert "every = 7  # depuis le 3 mai" in text_of(office)
    assert config.load(office.settings.home).pace.per_hour == 100
    assert page.form.values["pace.every"] == "7", "the page shows it"


def test_what_both_changed_is_asked_about_before_it_is_replaced(page: Page, office: Office) -> None:
    by_hand(office, "per_hour = 0", "per_hour = 50")
    page.press("save", pace__per_hour="100", pace__per_day="900", mail__port="abc")
    assert "50" in page.errors["pace.per_hour"]
    assert page.errors.keys() == {"pace.per_hour", "mail.port"}, "all at once"
    assert config.load(office.settings.home).pace.per_hour == 50
    assert config.load(office.settings.home).pace.per_day == 0, "nothing by halves"
    page.press("save", pace__per_hour="100", pace__per_day="900")
    assert config.load(office.settings.home).pace.per_hour == 100


def test_a_file_broken_by_hand_is_said_and_left(page: Page, office: Office) -> None:
    office.settings.home.toml.write_text("ceci n'est pas du TOML", encoding="utf-8")
    page.press("save", pace__per_hour="100")
    assert "elite.toml" in page.told("bar")
    assert text_of(office) == "ceci n'est pas du TOML"


def test_opened_again_the_page_shows_the_file_as_it_is(tab: SettingsTab, office: Office) -> None:
    by_hand(office, "every = 0", "every = 7")
    tab.opened()
    assert tab.form.values["pace.every"] == "7"


def test_the_key_of_a_journal_that_is_used_cannot_be_changed(office: Office, saved: list[str]) -> None:
    office.journal.append(Entry(kind=EntryKind.STOP, operator="x", account=office.account.key))
    tab = SettingsTab(office, on_saved=lambda: saved.append(""), environ={})
    tab.opened()
    (item,) = [
        item
        for part in tab.form.sections
        for item in part["items"]
        if item.get("key") == "home.establishment"
    ]
    assert item["disabled"]
    page = Page(tab.form)
    page.press("save", home__establishment="autre")  # the page is not trusted with it
    assert page.errors.keys() == {"home.establishment"}
    assert config.load(office.settings.home).establishment.key == "tilleuls"


# -- rows ----------------------------------------------------------------------------------------------


def test_providers_and_other_titles_are_rows(page: Page, office: Office) -> None:
    page.press(
        "save",
        lanes=[
            {"name": "orange", "domains": "", "between": "5", "per_hour": "100"},
            {"name": "tutelle.example", "per_minute": "2"},
            {"name": "", "domains": ""},
        ],
        data__aliases=[{"sheet": "Factures", "theirs": "Total dû", "ours": "Net à payer"}],
        data__sheets=[{"theirs": "Fiches", "ours": "Résidents"}],
    )
    assert page.errors == {}
    settings = config.load(office.settings.home)
    assert [(lane.name, lane.pace.between, lane.pace.per_hour) for lane in settings.lanes] == [
        ("orange", 5.0, 100),
        ("tutelle.example", 0, 0),
    ]
    assert settings.data.aliases == {"Factures": {"Total dû": "Net à payer"}}
    assert settings.data.sheets == {"Fiches": "Résidents"}
    page.press("save", lanes=[{"name": "orange", "between": "9"}], data__aliases=[], data__sheets=[])
    settings = config.load(office.settings.home)
    assert [(lane.name, lane.pace.between, lane.pace.per_hour) for lane in settings.lanes] == [
        ("orange", 9.0, 0)
    ]
    assert (dict(settings.data.aliases), dict(settings.data.sheets)) == ({}, {})


@pytest.mark.parametrize(
    ("key", "rows"),
    [
        ("lanes", [{"name": "orange"}, {"name": "orange"}]),
        ("lanes", [{"name": "", "per_hour": "3"}]),
        ("lanes", [{"name": "orange", "per_hour": "beaucoup"}]),
        ("lanes", [{"name": "inventé"}]),
        ("data__aliases", [{"sheet": "Factures", "theirs": "Total", "ours": ""}]),
        ("data__aliases", [{"sheet": "Factures", "theirs": "Total", "ours": "Inconnu"}]),
    ],
)
def test_a_wrong_row_is_said_at_its_table(
    page: Page, office: Office, key: str, rows: list[dict[str, str]]
) -> None:
    before = text_of(office)
    page.press("save", **{key: rows})
    assert page.errors.keys() == {key.replace("__", ".")}
    assert text_of(office) == before


# -- passwords -----------------------------------------------------------------------------------------


def test_a_password_is_kept_and_never_shown_again(page: Page, tab: SettingsTab, office: Office) -> None:
    home = office.settings.home
    page.press("save", {"secret:mail": "très secret"})
    assert secrets.find("mail", home=home, environ={}) == "très secret"
    assert stat.S_IMODE((home.secrets / "mail").stat().st_mode) == 0o600
    assert "secrets/mail" in page.told(passwords.key("mail"))
    tab.opened()
    assert "très secret" not in page.everything
    assert "très secret" not in text_of(office)
    again = SettingsTab(office, on_saved=lambda: None, environ={})
    again.opened()
    assert "très secret" not in Page(again.form).everything


def test_a_password_that_another_place_comes_before_is_said(office: Office) -> None:
    environ = {"ELITE_MAIL_PASSWORD": "de la variable"}
    tab = SettingsTab(office, on_saved=lambda: None, environ=environ)
    tab.opened()
    page = Page(tab.form)
    page.press("save", {"secret:mail": "tapé"})
    assert "ELITE_MAIL_PASSWORD" in page.told("bar")
    assert "de la variable" not in page.everything


# -- the provider, the connection ----------------------------------------------------------------------


def test_choosing_a_provider_fills_in_what_it_publishes_and_says_what_it_does_not() -> None:
    filled = providers.fills()
    assert (
        filled.keys()
        == PRESETS.keys()
        == providers.SOURCES.keys()
        == words.CHOICES["mail.preset"].keys() - {""}
    )
    assert filled["microsoft365"]["values"] == {
        "mail.host": "smtp.office365.com", "mail.port": "587", "mail.security": "starttls",
        "pace.per_minute": "30", "pace.per_hour": "0", "pace.per_day": "10000",
    }  # fmt: skip
    assert "learn.microsoft.com" in filled["microsoft365"]["said"]
    assert "10\u202f000" in filled["microsoft365"]["said"]
    assert filled["orange"]["said"].count("inconnu ") == 3, "its caps"
    assert "Source : inconnue".replace(" :", "\u00a0:") in filled["orange"]["said"]
    assert filled["own"]["values"] == {}


def test_the_connection_is_tested_as_it_stands_on_the_page_step_by_step(
    office: Office, saved: list[str]
) -> None:
    with (
        SmtpServer(users={"compta": "le bon"}) as server,
        DnsServer({"tilleuls.example": {"TXT": ['"v=spf1 -all"']}}) as names,
    ):
        tab = SettingsTab(office, on_saved=lambda: saved.append(""), resolver=names.resolver(), environ={})
        tab.opened()
        page = Page(tab.form)
        account = {"mail__port": str(server.port), "mail__login": "compta"}
        page.press("test", {"secret:mail": "le bon"}, **account)
        steps = [block for block in page.form.blocks["test"] if block["kind"] == "step"]
        told = {block["where"]: block["verdict"] for block in steps}
        shown = [one for one in page.sent if one["type"] == "show" and one["append"]]
        assert len(shown) >= len(steps), "each is told by itself"
        assert len({(one["verdict"], one["mark"]) for one in steps}) == len({one["verdict"] for one in steps})
        assert "ok" in told.values()
        assert {"warning", "failed"} & set(told.values()), "-all: nobody may send for this domain"
        assert page.sent[-1] == {"type": "done", "name": "test"}
        page.press("test", {"secret:mail": "le mauvais"}, **account)
        assert any(block.get("verdict") == "failed" for block in page.form.blocks["test"])
        assert "le bon" not in page.everything
    assert saved == []
    assert "compta" not in tomllib.loads(text_of(office))["mail"]["login"], "a test saves nothing"


def test_without_sender_or_server_there_is_nothing_to_test(page: Page) -> None:
    page.press("test", mail__sender="", mail__host="")
    assert page.errors.keys() == {"mail.sender"}


def test_an_authorisation_without_oauth_says_what_to_choose(page: Page) -> None:
    page.press("authorise")
    assert "Microsoft 365" in page.told("authorise")
    page.press("test_imap")
    assert page.told("test_imap")


# -- files ---------------------------------------------------------------------------------------------


def png(size: tuple[int, int] = (300, 100)) -> bytes:
    kept = io.BytesIO()
    Image.new("RGB", size, "#1f5673").save(kept, "PNG")
    return kept.getvalue()


def test_a_logo_is_looked_at_kept_and_shown(page: Page, office: Office) -> None:
    page.choose("letterhead.logo", "../../mon logo.gif.png", png((3000, 1000)))
    (typed,) = [one["values"] for one in page.sent if one["type"] == "set"]
    name = typed["letterhead.logo"]
    assert re.fullmatch(r"logo-[0-9a-f]{8}\.png", name)
    assert (office.settings.home.root / name).is_file()
    with Image.open(io.BytesIO(page.pictures[-1])) as shown:
        assert shown.format == "PNG"
        assert max(shown.size) <= 640
    page.press("save", letterhead__logo=name)
    assert config.load(office.settings.home).establishment.logo == name


@pytest.mark.parametrize("content", [b"", b"<html></html>", b"\x89PNG\r\n\x1a\nfaux", b"%PDF-1.7", b"<svg"])
def test_what_is_no_logo_is_said_and_not_kept(page: Page, office: Office, content: bytes) -> None:
    before = sorted(office.settings.home.root.iterdir())
    page.choose("letterhead.logo", "logo.png", content)
    assert page.form.blocks["logo"][0]["tone"] == "error"
    assert sorted(office.settings.home.root.iterdir()) == before
    assert not any(one["type"] == "set" for one in page.sent)


def test_a_workbook_is_kept_beside_the_old_one_and_its_problems_are_listed(
    page: Page, office: Office, tmp_path: Path
) -> None:
    root = office.settings.home.root
    old = (root / "factures.xlsx").read_bytes()
    new = offices.write_workbook(tmp_path / "neuf.xlsx", 3).read_bytes()
    page.choose("data.source", r"C:\Bureau\factures.xlsx", new)
    assert (root / "factures.xlsx").read_bytes() == new
    (aside,) = root.glob("factures-*.xlsx")
    assert aside.read_bytes() == old
    assert "factures.xlsx" in page.told("workbook")
    page.choose("data.source", "factures.xlsx", b"PK pas un classeur")
    assert page.form.blocks["workbook"][0]["tone"] == "error"


@pytest.mark.parametrize(
    ("given", "kept"),
    [("a/b/c.xlsx", "c.xlsx"), ("..\\..\\c.xlsx", "c.xlsx"), ("..", "classeur"), (".xlsx", "classeur"),
     ("a\x00b\n.ods", "ab.ods"), ("Été 2026.xlsx", "Été 2026.xlsx"), ("a:b*.xlsx", "ab.xlsx"),
     ("\u202egnp.xlsx", "gnp.xlsx"), ("x" * 300 + ".xlsx", "x" * 100 + ".xlsx")],
)  # fmt: skip
def test_a_name_from_elsewhere_stays_in_the_folder(given: str, kept: str) -> None:
    assert uploads.safe_name(given) == kept


@pytest.mark.parametrize("name", ["elite.toml", "journal.sqlite", "secrets/mail", "a.exe", "classeur"])
def test_only_workbooks_are_kept(page: Page, office: Office, name: str) -> None:
    before = text_of(office)
    page.choose("data.source", name, b"x")
    assert page.form.blocks["workbook"][0]["tone"] == "error"
    assert text_of(office) == before
    assert not (office.settings.home.root / "classeur").exists()


# -- the documents' words ------------------------------------------------------------------------------


def test_the_documents_words_are_checked_kept_and_shown(page: Page, office: Office) -> None:
    file = office.settings.home.root / template.FILE
    text = page.form.values[layout.DOCUMENTS]
    assert text == template.default_text()
    page.press("save", **{layout.DOCUMENTS: text.replace('title = "Facture"', "titre = 1", 1)})
    assert "titre" in page.errors[layout.DOCUMENTS]
    assert not file.exists()
    changed = text.replace('title = "Facture"', 'title = "Facture de séjour"', 1)
    page.press("preview", **{layout.DOCUMENTS: changed})
    assert not file.exists(), "a preview stores nothing"
    with Image.open(io.BytesIO(page.pictures[-1])) as shown:
        assert shown.size[0] >= 800
    page.press("save", **{layout.DOCUMENTS: changed})
    assert file.read_text(encoding="utf-8") == changed
    page.press("save", **{layout.DOCUMENTS: ""})
    assert not file.exists(), "as delivered"


# -- in the browser ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    root = offices.make_home(tmp_path_factory.mktemp("settings") / "home", 3)
    users = Users(Home(root=root))
    users.add("Mme Martin", "le mot de Martin")
    users.add("M. Benoît", "le mot de Benoît")
    return Home(root=root)


@pytest.fixture(scope="module")
def server(home: Home) -> Iterator[Server]:
    with serving(home.root, port=browsing.free_port()) as running:
        yield running


def logged_in(chromium: Browser, url: str, name: str, password: str) -> Accountant:
    page = browsing.open_page(chromium)
    page.set_default_timeout(60_000)
    page.goto(url)
    page.get_by_label(_("Your name")).fill(name)
    page.get_by_label(_("Password")).fill(password)
    page.keyboard.press("Enter")
    expect(page.locator(".elite-checklist table")).to_be_visible(timeout=60_000)
    return Accountant(page)


@pytest.mark.slow
def test_the_wrong_password_is_said_and_waiting_is_announced(chromium: Browser, server: Server) -> None:
    page = browsing.open_page(chromium)
    page.goto(server.url)
    person = Accountant(page)
    person.is_accessible()
    for number in range(4):
        page.get_by_label(_("Your name")).fill("Mme Martin")
        page.get_by_label(_("Password")).fill(f"faux {number}")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_role("alert")).to_contain_text(re.compile(r"\d"))
    expect(page.get_by_label(_("Your name"))).to_have_value("Mme Martin")
    person.is_accessible()
    page.reload()
    page.get_by_label(_("Password")).fill("le mot de Martin")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()  # a reload does not shorten the wait
    page.close()


@pytest.mark.slow
def test_two_users_at_once_each_under_their_name_and_neither_over_the_other(
    chromium: Browser, server: Server, home: Home
) -> None:
    martin = logged_in(chromium, server.url, "m. benoît", "le mot de Benoît")  # M. Benoît's own browser
    martin.page.get_by_role("tab", name=_("Settings")).click()
    form = martin.page.locator(".elite-settings")
    expect(form.get_by_label(_("At most an hour"), exact=True).first).to_be_visible(timeout=60_000)
    martin.is_accessible()
    other = logged_in(chromium, server.url, "M. Benoît", "le mot de Benoît")
    other.page.get_by_role("tab", name=_("Settings")).click()
    save = other.page.get_by_role("button", name=_("Save the settings"))
    hour = other.page.locator("[data-key='pace.per_hour'] input")
    expect(save).to_be_disabled(timeout=60_000)
    hour.fill("60")
    save.click()
    other.sees(_("Saved in {file}.").format(file="elite.toml"))
    assert config.load(home).pace.per_hour == 60

    port = martin.page.locator("[data-key='mail.port'] input")
    martin.page.locator("[data-key='pace.per_hour'] input").fill("90")
    port.fill("abc")
    martin.page.get_by_role("button", name=_("Save the settings")).click()
    error = martin.page.locator("[data-key='mail.port'] .sf-error")
    expect(error).to_be_visible(timeout=PATIENCE)
    expect(port).to_be_focused()
    expect(port).to_have_attribute("aria-invalid", "true")
    martin.is_accessible()
    expect(martin.page.locator("[data-key='pace.per_hour'] .sf-error")).to_contain_text(
        "60", timeout=PATIENCE
    )
    assert config.load(home).pace.per_hour == 60
    martin.page.get_by_role("button", name=_("Undo the changes")).click()
    expect(martin.page.locator("[data-key='pace.per_hour'] input")).to_have_value("60", timeout=PATIENCE)
    martin.leave()
    other.leave()


@pytest.mark.slow
def test_the_form_by_keyboard_a_provider_a_logo_a_password(
    chromium: Browser, server: Server, home: Home
) -> None:
    person = logged_in(chromium, server.url, "M. Benoît", "le mot de Benoît")
    page = person.page
    page.get_by_role("tab", name=_("Settings")).click()
    expect(page.locator("[data-key='mail.host'] input")).to_have_value("127.0.0.1", timeout=60_000)
    person.tab_to(_("The mail account"))
    person.press("Enter")
    person.tab_to(_("Mail provider"))
    page.keyboard.type("OVH")
    expect(page.locator("[data-key='mail.host'] input")).to_have_value("ssl0.ovh.net")
    expect(page.locator("[data-key='mail.port'] input")).to_have_value("465")
    person.sees(re.compile("github.com/ovh/docs"))
    page.locator("[data-key='secret:mail'] input").fill("secret de poste")
    page.locator("[data-key='lanes']").get_by_role("button", name=_("Add a provider")).press("Enter")
    page.keyboard.type("orange")
    assert "orange" in page.locator("[data-key='lanes'] input").first.input_value()
    page.locator(".elite-settings input[type=file]").first.set_input_files(
        {"name": "logo.png", "mimeType": "image/png", "buffer": png()}
    )
    expect(page.get_by_role("img", name=_("The logo"))).to_be_visible(timeout=PATIENCE)
    assert page.evaluate("document.querySelector('.sf-place img').naturalWidth") == 300
    person.press("Escape")
    page.locator("[data-key='mail.name'] input").press("Enter")  # Enter in a field saves
    person.sees(_("Saved in {file}.").format(file="elite.toml"))
    expect(page.locator("[data-key='secret:mail'] input")).to_have_value("", timeout=PATIENCE)
    assert "secret de poste" not in page.content()
    person.is_accessible()
    person.leave()
    settings = config.load(home)
    assert settings.mail is not None
    assert (settings.mail.host, settings.mail.port) == ("ssl0.ovh.net", 465)
    assert [lane.name for lane in settings.lanes] == ["orange"]
    assert settings.establishment.logo.startswith("logo-")
    assert secrets.find("mail", home=home, environ={}) == "secret de poste"
