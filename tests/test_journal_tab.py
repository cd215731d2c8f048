"""The tab *Journal d'envoi*: every invoice with its sign, its history, and one invoice sent at a time."""

from __future__ import annotations

import asyncio
import csv
import email
import email.policy
import io
import json
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from playwright.sync_api import Browser, Locator, expect

from elite_lib import batch as batches
from elite_lib import demo, reports
from elite_lib.batch import Office
from elite_lib.demo import deliveries
from elite_lib.handover.eml import EmlFile
from elite_lib.labels import _, use_language, word
from elite_lib.models import EntryKind, Resolution, Way
from elite_lib.serving import serving
from elite_lib.serving.configuring import ADDRESS_VARIABLE, proxied
from elite_lib.ui.journal import exports, ways
from elite_lib.ui.journal.invoice import InvoicePanel
from elite_lib.ui.journal.leaving import Done, sent
from elite_lib.ui.journal.replacing import named
from elite_lib.ui.journal.rows import build
from elite_lib.ui.journal.sending import Family, SendPanel, looks
from elite_lib.ui.journal.ways import Workstation
from tests.support import browser as browsing
from tests.support import offices, workbooks
from tests.support.campaigns import Campaign, campaign
from tests.support.offices import OCTOBER, code, invoice_number
from tests.support.pages import Accountant, open_dashboard
from tests.support.processes import account_holder, child
from tests.support.returning import Mailbag
from tests.support.thunderbird import ThunderbirdScreen, on_path
from tests.test_single import Recording

MOTHER, SON, AUNT = "mere@example.com", "fils@example.com", "tante@example.com"
HOSTILE = "<script>document.title=1</script>"
COUNT = 9
F1, F2, F3, F4, F5 = map(invoice_number, range(1, 6))


@pytest.fixture(autouse=True)
def _french() -> Iterator[None]:
    use_language("fr")
    yield
    use_language("fr")


def sheets() -> dict[str, Any]:
    """Residents with one contact each; the first has three, the second a hostile name."""
    residents = [workbooks.resident(code(n), Nom=f"Dupont{n}") for n in range(1, COUNT + 1)]
    residents[1] = workbooks.resident(code(2), Nom="Été", Prénom=HOSTILE)
    contacts = [
        workbooks.contact(code(1), 1, Prénom="Anne", **{"E-mail": MOTHER}),
        workbooks.contact(code(1), 2, Prénom="Luc", **{"E-mail": SON, "Destinataire débours": "N"}),
        workbooks.contact(code(1), 3, Prénom="Zoé", **{"E-mail": AUNT, "Destinataire facture": "N"}),
        *(workbooks.contact(code(n), **{"E-mail": offices.address(n)}) for n in range(2, COUNT + 1)),
    ]
    return {"residents": residents, "contacts": contacts}


# -- without a browser -----------------------------------------------------------------------------


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with offices.open_office(offices.make_home(tmp_path / "home", COUNT, **sheets())) as opened:
        yield opened


def test_the_export_masks_addresses_and_holds_no_formula(office: Office) -> None:
    batches.hand_over(office, batches.write_single(office, F1, to=[MOTHER]), EmlFile())
    journal = reports.invoice_journal(office, OCTOBER)
    journal.loc[1, "name"] = "=HYPERLINK(1)"
    text = exports.as_csv(journal, clear=False).decode("utf-8-sig")
    first, second = list(csv.reader(io.StringIO(text), delimiter=";"))[1:3]
    assert (first[1], first[5], first[7]) == (F1, "2000,00", "m•••@example.com")
    assert second[3] == "'=HYPERLINK(1)"
    assert MOTHER in exports.as_csv(journal, clear=True).decode()
    sheet = openpyxl.load_workbook(io.BytesIO(exports.xlsx(journal, clear=False))).active
    assert sheet is not None
    assert [sheet["H2"].value, sheet["D3"].value] == ["m•••@example.com", "'=HYPERLINK(1)"]


def test_a_row_is_in_the_filters_that_concern_it(office: Office) -> None:
    batches.hand_over(office, batches.write_single(office, F1, to=[MOTHER]), EmlFile())
    batches.settle(office, OCTOBER, F2, resolution=Resolution.POSTED)
    batches.print_one(office, F3)
    rows = {row["key"]: row for row in build(reports.invoice_journal(office, OCTOBER))}
    assert [rows[key]["groups"] for key in (F1, F2, F3, F4)] == [
        ["handed"],
        ["printed"],
        ["printed", "unsent"],
        ["none", "unsent"],
    ]


def test_one_invoice_is_printed_and_noted(office: Office) -> None:
    made = batches.print_one(office, F1)
    assert made.content.startswith(b"%PDF-")
    (entry,) = office.journal.entries(kinds=[EntryKind.PRINTED])
    assert (entry.line, entry.operator) == (F1, "Claire")


def test_a_decision_is_about_the_addresses_in_doubt_alone(office: Office) -> None:
    """What was accepted for another recipient is not released: it would leave twice."""
    batches.hand_over(office, batches.write_single(office, F1, to=[MOTHER]), EmlFile())
    batches.settle(office, OCTOBER, F1, resolution=Resolution.ACCEPTED, to=[MOTHER])
    batches.hand_over(office, batches.write_single(office, F1, to=[SON]), EmlFile())
    panel = InvoicePanel(office, on_change=lambda: None, on_write=lambda _key: None, on_close=lambda: None)
    row = next(row for row in build(reports.invoice_journal(office, OCTOBER)) if row["key"] == F1)
    panel.show(row)
    assert panel.doubts.layout.display == ""
    panel._settle(Resolution.RESEND)
    resolved = office.journal.entries(kinds=[EntryKind.RESOLVED])[-1]
    assert [outcome.address for outcome in resolved.recipients] == [SON]


def test_what_was_agreed_to_is_told_from_what_changed(office: Office) -> None:
    first = batches.write_single(office, F1, to=[MOTHER])
    assert looks(first) == looks(batches.write_single(office, F1, to=[MOTHER]))
    assert looks(first) != looks(batches.write_single(office, F1, to=[SON]))
    batches.hand_over(office, first, EmlFile())
    assert looks(first) != looks(batches.write_single(office, F1, to=[MOTHER]))


def station(tmp_path: Path, *, here: bool = True, screen: bool = True) -> Workstation:
    return Workstation(here=here, screen=screen, file=tmp_path / "poste" / "workstation.json")


@pytest.mark.parametrize(
    ("address", "here"),
    [("127.0.0.1", True), ("::1", True), ("::ffff:127.0.0.1", True), ("192.0.2.7", False), ("", False)],
)
def test_only_a_browser_on_this_machine_sees_its_windows(address: str, here: bool) -> None:
    assert Workstation.of({ADDRESS_VARIABLE: address}).here is here


def test_behind_a_proxy_that_nobody_announced_the_address_is_not_the_browsers() -> None:
    assert not proxied(["Host", "Cookie", "X-Elite-User"])
    assert proxied(["Host", "X-Forwarded-For"])
    assert proxied(["forwarded"])


def test_a_way_that_opens_windows_elsewhere_is_not_offered(office: Office, tmp_path: Path) -> None:
    far = {one.way: one.why_not for one in ways.offered(office, station(tmp_path, here=False))}
    assert {way for way in Way if not far[way]} == {Way.INTERNAL, Way.EML, Way.MAILTO}
    assert "pas sur la vôtre" in far[Way.THUNDERBIRD]
    near = {one.way: one.why_not for one in ways.offered(office, station(tmp_path))}
    assert "IMAP" in near[Way.DRAFT]
    assert "pas sur la vôtre" not in near[Way.OUTLOOK]
    assert near[Way.OUTLOOK]


def test_the_way_is_remembered_on_this_machine_alone(tmp_path: Path) -> None:
    near, far = station(tmp_path), station(tmp_path, here=False)
    assert near.preferred() is Way.INTERNAL
    far.prefer(Way.EML)
    assert far.preferred() is Way.EML, "as long as the page is open"
    assert not near.file.exists()
    near.prefer(Way.EML)
    again = station(tmp_path)
    assert (again.preferred(), station(tmp_path, here=False).preferred()) == (Way.EML, Way.INTERNAL)
    again.file.write_text("[1]")
    assert again.preferred() is Way.INTERNAL


# -- in the browser --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Served:
    root: Path
    url: str
    mailbox: Path
    screen: ThunderbirdScreen
    config: Path

    def received(self) -> list[str]:
        return [one.recipient for one in deliveries(self.mailbox)]


@pytest.fixture(scope="module")
def served(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("journal")
    made = demo.make_home(folder / "home", residents=1)
    workbook = next(made.root.glob("*.xlsx"))
    offices.write_workbook(workbook, COUNT, **sheets())
    with (
        ThunderbirdScreen(folder / "screen", sender="compta@maison.test") as screen,
        on_path(folder / "programs", screen) as environ,
        demo.catcher_for(made) as mailbox,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv("PATH", f"{folder / 'programs'}{os.pathsep}{os.environ['PATH']}")
        patch.setenv("XDG_CONFIG_HOME", str(folder / "config"))
        for name, value in environ.items():
            patch.setenv(name, value)
        with serving(made.root, password_hash=browsing.HASH, port=browsing.free_port()) as server:
            yield Served(
                root=made.root, url=server.url, mailbox=mailbox, screen=screen, config=folder / "config"
            )


@pytest.fixture
def at(chromium: Browser, served: Served) -> Iterator[Accountant]:
    at = open_dashboard(chromium, served.url)
    at.page.get_by_role("tab", name=_("Journal")).click()
    expect(line(at, F1)).to_be_visible()
    yield at
    at.leave()


def line(at: Accountant, key: str) -> Locator:
    return at.page.locator(f".elite-journal-table tr[data-key='{key}']")


def form(at: Accountant) -> Locator:
    return at.page.locator(".elite-single")


def send_button(at: Accountant) -> Locator:
    return form(at).get_by_role("button", name=_("Send this invoice"))


def choose_way(at: Accountant, way: Way) -> None:
    form(at).get_by_label(word(way), exact=True).check()


def accepted(at: Accountant, address: str) -> None:
    expect(form(at).get_by_role("status").filter(has_text=address)).to_contain_text("accepté par le serveur")


def parsed(content: bytes) -> EmailMessage:
    return email.message_from_bytes(content, policy=email.policy.default)  # type: ignore[return-value]


def test_the_journal_is_searched_filtered_sorted_and_exported(at: Accountant) -> None:
    page, rows = at.page, at.page.locator(".elite-journal-table tbody tr")
    at.is_accessible()
    expect(rows).to_have_count(COUNT)
    expect(line(at, F2)).to_contain_text(HOSTILE)
    page.get_by_label(_("Search")).locator("visible=true").fill("ete")
    expect(rows).to_have_count(1)
    page.get_by_label(_("Search")).locator("visible=true").fill("")
    page.locator(".elite-journal-table .jt-number button").click()
    page.locator(".elite-journal-table .jt-number button").click()
    expect(rows.first).to_have_attribute("data-key", invoice_number(COUNT))
    shown = page.locator(".elite-journal-table select")
    shown.select_option("uncertain")
    expect(rows).to_have_count(0)
    expect(page.locator(".elite-journal-table .cl-empty")).to_be_visible()
    shown.select_option("unsent")
    expect(rows).to_have_count(COUNT)
    with page.expect_download() as download:
        at.button(_("Export (.csv)")).click()
    text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    assert download.value.suggested_filename == "factures-et-envois_2026-10.csv"
    assert HOSTILE in text
    page.get_by_label(_("Resident")).locator("visible=true").select_option(
        label=f"DUPONT3 Geneviève ({code(3)})"
    )
    expect(rows).to_have_count(1)
    expect(line(at, F3)).to_be_visible()


def test_one_is_sent_by_mouse_and_a_second_one_asks(at: Accountant, served: Served) -> None:
    page = at.page
    line(at, F1).locator(".cl-resident").dblclick()
    family = form(at).get_by_role("listbox")
    expect(family).to_be_focused()
    options = family.get_by_role("option")
    expect(options).to_have_count(3)
    chosen = family.get_by_role("option", selected=True)
    expect(chosen).to_have_count(2)
    options.nth(2).click()
    options.nth(0).click(modifiers=["Control"])
    expect(chosen).to_have_text([MOTHER_LINE, AUNT_LINE])
    for number in (2, 1):
        options.nth(number).click(modifiers=["Control"])
    expect(chosen).to_have_count(2)
    other = form(at).get_by_label(_("Another address"))
    other.fill("voisin")
    other.blur()
    expect(form(at).get_by_role("alert")).to_contain_text("voisin")
    expect(send_button(at)).to_be_disabled()
    other.fill("voisin@gmial.com")
    other.blur()
    expect(form(at)).to_contain_text("vouliez-vous dire gmail.com")
    other.fill("")
    other.blur()
    form(at).get_by_label(_("Subject"), exact=True).fill("Pour vous : {{ numero }}")
    extra = {"name": "mot.txt", "mimeType": "text/plain", "buffer": "À bientôt".encode()}
    form(at).locator(".dz-file").set_input_files(extra)  # type: ignore[arg-type]
    expect(form(at)).to_contain_text(f"Pour vous : {F1}")
    expect(form(at).frame_locator("iframe").locator("body")).to_contain_text("mot.txt")
    expect(send_button(at)).to_be_enabled()
    at.is_accessible()
    choose_way(at, Way.INTERNAL)
    send_button(at).click()
    accepted(at, MOTHER)
    assert sorted(served.received()) == [SON, MOTHER]
    expect(line(at, F1)).to_have_attribute("data-envelope", "sent")
    expect(line(at, F1)).to_contain_text(SON)

    at.button(_("Send by e-mail…")).click()
    expect(form(at)).to_contain_text("l’a déjà")
    expect(send_button(at)).to_be_disabled()
    form(at).get_by_label("Je confirme : cela remplace l’envoi précédent").check()
    expect(send_button(at)).to_be_enabled()
    options.nth(2).click()  # somebody who has nothing yet is not asked about
    expect(form(at).get_by_label("Je confirme")).to_be_hidden()
    assert len(served.received()) == 2
    sees_history(at, page.locator(".elite-invoice"))


MOTHER_LINE = f"M. Anne LEFÈVRE {MOTHER} facture · relevé de débours "
AUNT_LINE = f"M. Zoé LEFÈVRE {AUNT} relevé de débours "


def sees_history(at: Accountant, panel: Locator) -> None:
    """See who was written to, the message itself, the page of its PDF; save the PDF."""
    expect(panel.locator(".elite-history")).to_contain_text(f"{MOTHER} : accepté par le serveur d’envoi")
    expect(panel).to_contain_text(f"Pour vous : {F1}")
    expect(panel.frame_locator("iframe").locator("body")).to_contain_text("mot.txt")
    panel.get_by_label(_("Show")).select_option(label=f"Facture_{F1}_Dupont1.pdf")
    expect(panel.get_by_role("img").first).to_be_visible()
    with at.page.expect_download() as download:
        at.button(_("Save this file")).click()
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF-")


def test_one_is_sent_by_keyboard_alone(at: Accountant, served: Served) -> None:
    before = served.received()
    at.tab_to(f"Ouvrir {F1}")
    at.press("ArrowDown", "Space")
    expect(at.button(_("Send by e-mail…"))).to_be_focused()
    at.tab_to(_("Close"), exactly=True)
    at.press("Enter")
    expect(line(at, F3).get_by_role("button")).to_be_focused()
    at.press("Enter")
    expect(form(at).get_by_role("listbox")).to_be_focused()
    expect(form(at)).to_contain_text(F3)
    at.press("Space")
    expect(send_button(at)).to_be_disabled()
    at.press("Space")
    expect(send_button(at)).to_be_enabled()
    at.tab_to(_("Send this invoice"))
    at.press("Enter")
    accepted(at, offices.address(3))
    assert served.received()[len(before) :] == [offices.address(3)]
    assert at.focused() == _("Close")


@pytest.mark.parametrize(
    "options",
    [{"color_scheme": "dark"}, {"viewport": {"width": 390, "height": 844}}],
    ids=["dark", "narrow"],
)
def test_the_history_and_the_form_are_readable(
    chromium: Browser, served: Served, options: dict[str, Any]
) -> None:
    at = open_dashboard(chromium, served.url, **options)
    at.page.get_by_role("tab", name=_("Journal")).click()
    sixth = line(at, invoice_number(6))
    sixth.locator(".cl-resident").dblclick()
    expect(form(at).frame_locator("iframe").locator("body")).to_contain_text("Bonjour")
    expect(at.page.locator(".elite-invoice")).to_be_visible()
    assert at.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    at.is_accessible()
    at.leave()


def test_a_file_to_open_is_saved_and_settled_by_a_person(at: Accountant, served: Served) -> None:
    line(at, F4).get_by_role("button").click()
    at.button(_("Send by e-mail…")).click()
    choose_way(at, Way.EML)
    with at.page.expect_download() as download:
        send_button(at).click()
    mail = parsed(Path(download.value.path()).read_bytes())
    assert (mail["X-Unsent"], mail["To"].addresses[0].addr_spec) == ("1", offices.address(4))
    assert [part.get_filename() for part in mail.iter_attachments()] == [f"Facture_{F4}_Dupont4.pdf"]
    expect(line(at, F4)).to_have_attribute("data-envelope", "handed")
    chosen = json.loads(next(served.config.rglob("workstation.json")).read_text())
    assert chosen == {"way": "eml"}
    panel = at.page.locator(".elite-invoice")
    expect(panel).to_contain_text("Confié à la messagerie")
    panel.get_by_role("button", name=_("Checked: it left")).click()
    expect(line(at, F4)).to_have_attribute("data-envelope", "sent")
    with at.page.expect_download() as printed:
        panel.get_by_role("button", name=_("Print (PDF)")).click()
    assert Path(printed.value.path()).read_bytes().startswith(b"%PDF-")
    expect(panel.locator(".elite-history")).to_contain_text("Imprimé par")


def test_thunderbird_opens_the_message_from_the_page(at: Accountant, served: Served) -> None:
    line(at, F5).locator(".cl-resident").dblclick()
    choose_way(at, Way.THUNDERBIRD)
    send_button(at).click()
    expect(form(at)).to_contain_text("Thunderbird ouvre le message")
    screen = served.screen
    complete = screen.press(
        "Write: Résidence",
        "ctrl+s",
        until=lambda: [m for m in screen.folder_of("Drafts") if m.is_multipart()],
    )
    mail = parsed(complete[0].as_bytes())
    assert [one.addr_spec for one in mail["To"].addresses] == [offices.address(5)]
    assert mail["Subject"] == "Résidence Les Tilleuls – documents d’octobre 2026 – Mme Geneviève DUPONT5"
    body = mail.get_body(preferencelist=("plain",))
    assert body is not None
    assert "Veuillez trouver ci-joint" in body.get_content()
    ((name, content),) = [(part.get_filename(), part.get_content()) for part in mail.iter_attachments()]
    assert name == f"Facture_{F5}_Dupont5.pdf"
    assert content.startswith(b"%PDF-")
    expect(line(at, F5)).to_have_attribute("data-envelope", "handed")


def test_a_corrected_address_names_what_it_replaces(office: Office) -> None:
    bag = Mailbag(office)
    bag.send(OCTOBER)
    bag.back(offices.address(3))
    single = batches.write_single(office, F3, to=["corrigee@example.com"])
    (message,) = single.messages
    entries = office.journal.entries(lines=[F3])
    assert message.replaces
    assert named(message.replaces, entries).endswith(f"à {offices.address(3)}.")
    assert not single.already, "it did not arrive: nobody is asked"
    batches.hand_over(office, single, EmlFile())
    panel = InvoicePanel(office, on_change=lambda: None, on_write=lambda _key: None, on_close=lambda: None)
    panel.show(next(row for row in build(reports.invoice_journal(office, OCTOBER)) if row["key"] == F3))
    assert panel.history.value.count("Remplace le message du") == 1
    other = batches.write_single(office, F4, to=["autre@example.com"])  # what arrived is not replaced
    assert [one.replaces for one in other.messages] == [""]


def test_a_run_that_holds_the_account_is_said(tmp_path: Path) -> None:
    """The invoice waits in the queue; here the run ends without it, and it leaves by itself."""
    told: list[str] = []
    with campaign(tmp_path / "home", 1) as month:
        done = in_a_thread(lambda: send_beside_a_run(month, told))
        assert ["entre deux messages" in text for text in told] == [True]
        assert (done.kind, month.received()) == ("good", 1), done.sentence


def send_beside_a_run(month: Campaign, told: list[str]) -> Done:
    with offices.open_office(month.root) as office:
        place = str(month.root / "journal.sqlite")
        with child(account_holder, place, office.account.key) as run:
            assert run.pipe.recv() == "held"

            def tell(text: str) -> None:
                told.append(text)
                run.pipe.send("end")

            single = batches.write_single(office, F1)
            return asyncio.run(sent(office, single, Way.INTERNAL, confirmed=False, tell=tell))


def test_a_choice_that_reaches_us_after_the_click_sends_nothing(tmp_path: Path) -> None:
    """A slow page tells of the click first: who was taken out meanwhile gets nothing."""
    root = offices.make_home(tmp_path / "home", COUNT, **sheets())
    done = in_a_thread(lambda: click_then_choose(root))
    assert (done.kind, done.sentence) == ("warn", "")


def click_then_choose(root: Path) -> Done:
    async def act(office: Office) -> Done:
        tables = batches.load_tables(office)
        people = batches.addressees(office, F1, tables=tables)
        station = Workstation(here=False, screen=False, file=root / "none.json")
        panel = SendPanel(
            office,
            F1,
            Family(tables=tables, people=people, deceased=False),
            title="",
            station=station,
            on_change=lambda: None,
            on_close=lambda: None,
        )
        await settled(lambda: panel.single is not None)
        panel._send()
        panel.whom.family.selected = panel.whom.family.selected[:1]
        await settled(lambda: not panel._sending)
        assert office.journal.entries(kinds=[EntryKind.ATTEMPTING]) == []
        assert office.outbox.batches() == ()
        return Done(sentence="", kind="warn" if "elite-warn" in panel.outcome.value else "error")

    with offices.open_office(root) as office:
        return asyncio.run(act(office))


async def settled(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not holds():
            await asyncio.sleep(0.02)


def in_a_thread(act: Callable[[], Done]) -> Done:
    """Act where no loop runs: the browser's own runs in this thread."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(act).result()


def test_a_program_that_does_not_open_leaves_it_to_be_sent(office: Office) -> None:
    """The page's own words come from the journal: nothing was handed over."""
    with pytest.raises(Exception, match="program_failed"):
        batches.hand_over(office, batches.write_single(office, F1), Recording(fails=True))
    (row,) = [row for row in build(reports.invoice_journal(office, OCTOBER)) if row["key"] == F1]
    assert row["envelope"] == "none"
