"""The whole month at the page, as the accountant does it: by mouse, and by keyboard alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from elite_lib import batch as batches
from elite_lib import demo, formats
from elite_lib.demo import DemoHome, deliveries
from elite_lib.labels import _, ngettext, word
from elite_lib.models import Box, EntryKind, Period, StopReason
from elite_lib.serving import serving
from tests.support import browser as browsing
from tests.support.pages import PATIENCE, Accountant, open_dashboard

RESIDENTS = 24
PDF = b"%PDF-1.4\n%%EOF\n"
pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Served:
    """A home whose page and catcher run."""

    made: DemoHome
    url: str
    mailbox: Path

    def received(self) -> list[tuple[str, str]]:
        """List what the catcher has: recipient and Message-ID."""
        return [
            (one.recipient, str(message_from_bytes(one.content)["Message-ID"]))
            for one in deliveries(self.mailbox)
        ]


@pytest.fixture(scope="module")
def served(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    made = demo.make_home(tmp_path_factory.mktemp("page") / "home", residents=RESIDENTS)
    with (
        demo.catcher_for(made, delay=0.15) as mailbox,
        serving(made.root, password_hash=browsing.HASH, port=browsing.free_port()) as server,
    ):
        yield Served(made=made, url=server.url, mailbox=mailbox)


def test_a_month_by_mouse(chromium: Browser, served: Served) -> None:
    facts = served.made.facts.month("2026-10")
    at = open_dashboard(chromium, served.url)
    page = at.page
    expect(page.locator(".elite-checklist tbody tr").first).to_be_visible()
    fits = "document.documentElement.scrollWidth <= innerWidth"
    assert page.evaluate(fits), "1280 × 800 shows everything without scrolling sideways"
    expect(at.send).to_be_in_viewport()
    at.is_accessible()

    left_out, sent_with_file = prepare(at, served.made)
    try_out(at, served, sent_with_file)
    started = send_and_stop(at, served, facts.messages)

    # the tab is closed in the middle; the pages opened then see the one run, none can start another
    left = facts.messages - 1 - started
    resume = ngettext("Resume ({n} message left)", "Resume ({n} messages left)", left).format(n=left)
    at.button(resume).click()
    at.sees_it_going()
    at.button(_("Pause")).click()
    at.sees(_("Paused. Nothing leaves until you go on."))
    at.leave()
    other, second = open_dashboard(chromium, served.url), open_dashboard(chromium, served.url)
    for page_of_two in (other, second):
        page_of_two.sees_it_going()
        page_of_two.sees(_("Paused. Nothing leaves until you go on."))
        expect(page_of_two.send).to_be_hidden()
    count = len(served.received())
    second.leave()
    other.is_accessible()
    assert len(served.received()) == count < facts.recipients
    other.button(_("Go on")).click()
    other.sees(re.compile(re.escape(_("Finished."))))
    settle(other, served)
    other.is_accessible()
    other.leave()
    check_what_left(served, left_out, sent_with_file)


def prepare(at: Accountant, made: DemoHome) -> tuple[str, str]:
    """Untick one line, attach, write, look at the preview."""
    page = at.page
    odd = {made.facts.refused, made.facts.deferred}
    mailed = [line for line in made.facts.lines if line.month == "2026-10" and line.messages]
    keys = [line.key for line in mailed if line.key.startswith("F") and not odd & set(line.addresses)]
    at.row(keys[0]).get_by_role("checkbox").click()
    expect(at.row(keys[0]).get_by_role("checkbox")).not_to_be_checked()
    at.row(keys[1]).locator(".cl-resident").click()
    at.attach(1, ("Mot pour la famille.txt", "À bientôt".encode()))
    expect(at.row(keys[1])).to_contain_text("Mot_pour_la_famille.txt")
    at.attach(
        0,
        ("menu.pdf", PDF),
        ("lettre.docx", b"PK\x03\x04"),
        ("faux.pdf", b"GIF89a"),
        ("lourd.pdf", b"%PDF-" + b"0" * 15_500_000),
    )
    section = at.section(_("Attachments"))
    expect(section.get_by_role("listitem").filter(has_text="menu.pdf")).to_be_visible()
    for refused in ("lettre.docx", "faux.pdf", "lourd.pdf"):
        expect(section.get_by_role("alert").filter(has_text=refused)).to_be_visible()
        expect(section.get_by_role("listitem").filter(has_text=refused)).to_have_count(0)

    subject = page.get_by_label(_("Subject"), exact=True)
    subject.fill("Facture {{ residant }}")
    expect(page.locator(".ed-place mark")).to_have_text("{{ residant }}")
    expect(at.send).to_be_disabled()
    subject.fill("Facture {{ numero }} – ")
    page.get_by_label(_("Words that are filled in for each message")).select_option("resident")
    at.button(_("Insert")).click()
    expect(at.send).to_be_enabled()
    preview = page.locator(".elite-preview")
    name = at.row(keys[1]).locator(".cl-resident").inner_text()
    expect(preview).to_contain_text(f"Facture {keys[1]} – {name}")
    expect(preview.frame_locator("iframe").locator("body")).to_contain_text("Mot_pour_la_famille.txt")
    shown = preview.get_by_label(_("Show"))
    shown.select_option(index=2)  # the message, the text alone, the invoice
    expect(preview.get_by_role("img", name=re.compile("^(Facture|Releve)_")).first).to_be_visible()
    return keys[0], keys[1]


def try_out(at: Accountant, served: Served, with_file: str) -> None:
    """A test to oneself, and a simulation: no family receives anything."""
    at.button(_("Send me a test")).click()
    at.sees(re.compile(r"essai accepté"))
    own = {recipient for recipient, _id in served.received()}
    assert own == {"accueil@les-tilleuls.example"}
    (test,) = deliveries(served.mailbox)
    message = message_from_bytes(test.content, policy=policy.default)
    assert str(message["Subject"]).startswith(f"[TEST] Facture {with_file}")
    at.button(_("Simulate")).click()
    at.sees(_("Simulation ended. Nothing left, nothing was stored."))
    expect(at.page.get_by_role("region", name=_("What would leave")).get_by_role("row")).not_to_have_count(1)
    assert len(served.received()) == 1


def send_and_stop(at: Accountant, served: Served, messages: int) -> int:
    """Confirm, stop in the middle; give how many messages were done."""
    between = at.page.get_by_label(_("Seconds between two messages"))
    between.fill("deux")
    expect(at.send).to_be_disabled()
    between.fill("0,1")
    question = at.ask()
    expect(question.get_by_role("heading")).to_contain_text(str(messages - 1))
    for fact in ("facturation@les-tilleuls.example", "menu.pdf", _("changed; saved in the settings")):
        expect(question).to_contain_text(fact)
    at.is_accessible()
    expect(question.get_by_role("radio").first).to_be_checked()
    at.confirm()
    at.sees_it_going()
    at.button(_("Stop")).click()
    at.sees(re.compile(re.escape(word(StopReason.REQUESTED))))
    with batches.open_home(served.made.root) as office:
        assert office.settings.pace.between == 0.1, "what was typed bound the run"
        verdicts = [
            entry
            for entry in office.journal.entries(period=Period.parse("2026-10"))
            if entry.kind is EntryKind.VERDICT
        ]
    done = len(
        {entry.message for entry in verdicts if "deferred" not in {o.status for o in entry.recipients}}
    )
    assert 0 < done < messages - 1
    return done


def settle(at: Accountant, served: Served) -> None:
    """The slip balances; a refused line is settled by post; what remains is printed and exported."""
    at.sees(_("The boxes add up to the billing."))
    assert served.made.facts.refused
    at.box("refused").get_by_role("button").click()
    at.page.get_by_role("button", name=re.compile(_("Sent by post"))).first.click()
    expect(at.box("posted")).to_contain_text("1")
    with at.page.expect_download() as export:
        at.button(_("Export (.xlsx)")).click()
    assert export.value.suggested_filename.endswith("2026-10.xlsx")
    with at.page.expect_download(timeout=PATIENCE) as pile:
        at.button(_("Print pile (PDF)")).click()
    assert pile.value.path().read_bytes().startswith(b"%PDF-")
    # a line that left asks before it is ticked again
    sent = at.page.locator("tr[data-state=accepted]").first
    sent.get_by_role("checkbox").click()
    expect(at.button(_("Yes, send once more"))).to_be_focused()
    at.is_accessible()
    at.button(_("No")).click()
    expect(sent.get_by_role("checkbox")).to_be_focused()
    expect(sent.get_by_role("checkbox")).not_to_be_checked()


def check_what_left(served: Served, left_out: str, with_file: str) -> None:
    received = served.received()
    assert len(set(received)) == len(received), "nothing went twice"
    families = [one for one in deliveries(served.mailbox) if one.recipient != "accueil@les-tilleuls.example"]
    for one in families:
        message = message_from_bytes(one.content, policy=policy.default)
        names = [str(part.get_filename()) for part in message.iter_attachments()]
        assert "menu.pdf" in names
        mine = f"_{with_file}" in names[0]
        assert ("Mot_pour_la_famille.txt" in names) == mine
    with batches.open_home(served.made.root) as office:
        result = batches.survey(office, Period.parse("2026-10")).slip
        assert result.balanced
        assert result.boxes[Box.PENDING].count == 0
        assert [entry.line for entry in office.journal.entries(kinds=[EntryKind.UNTICKED])] == [left_out]
        tests = [entry for entry in office.journal.entries() if entry.data.get("test")]
        assert {entry.month for entry in tests} == {"0001-01"}


def test_a_month_by_keyboard_alone(chromium: Browser, served: Served) -> None:
    facts = served.made.facts.month("2026-09")
    before = len(served.received())
    at = open_dashboard(chromium, served.url)
    at.tab_to(_("Month"))
    at.page.keyboard.type(formats.month("2026-09"))
    expect(at.status).to_contain_text(formats.amount(facts.euros * 0)[-1])
    expect(at.page.locator(".elite-slip caption")).to_contain_text(formats.month("2026-09"))
    at.tab_to(_("Search"))
    at.tab_to(_("Tick none"))
    at.press("Enter")
    expect(at.page.locator("tbody input:checked")).to_have_count(0)
    expect(at.send).to_be_disabled()
    at.tab_to(_("Tick what is not sent yet"))
    at.press("Enter")
    expect(at.send).to_be_enabled()
    ticked = at.page.locator("tbody input:checked")
    count = ticked.count()
    at.tab_to("2026-09-")  # the first line
    at.press("Home", "ArrowDown", "ArrowUp", "End", "Home")
    while not at.page.evaluate("document.activeElement.checked"):
        at.press("ArrowDown")
    at.press("Space")
    expect(ticked).to_have_count(count - 1)
    at.press("Space")
    expect(ticked).to_have_count(count)
    at.tab_to(_("Send…"))
    at.press("Enter")
    expect(at.button(_("Confirm the sending"))).to_be_focused()
    at.press("Enter")
    at.sees_it_going()
    at.tab_to(_("Pause"), most=3, exactly=True)
    at.press("Enter")
    expect(at.button(_("Go on"))).to_be_visible(timeout=PATIENCE)
    at.tab_to(_("Go on"))
    at.press("Enter")
    at.sees(re.compile(re.escape(_("Finished."))))
    at.tab_to(word(Box.ACCEPTED).capitalize())
    at.press("Enter")
    expect(at.page.locator(".sl-lines li").first).to_be_visible()
    at.leave()
    assert len(served.received()) - before == facts.recipients - facts_refused(served)


def facts_refused(served: Served) -> int:
    """Count the recipients of September whose address the catcher refuses."""
    lines = [line for line in served.made.facts.lines if line.month == "2026-09"]
    return sum(line.addresses.count(served.made.facts.refused) for line in lines)


def test_narrow_dark_and_magnified(chromium: Browser, served: Served) -> None:
    """A tablet, a dark screen, 200 % zoom of 1280 × 800: nothing is cut off, contrasts hold."""
    for options in ({"color_scheme": "dark"}, {"viewport": {"width": 640, "height": 400}}):
        at = open_dashboard(chromium, served.url, **options)
        expect(at.page.locator(".elite-checklist tbody tr").first).to_be_visible()
        assert at.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), options
        at.is_accessible()
        for tab in at.page.get_by_role("tab").all()[1:]:
            tab.click()
            expect(tab).to_have_attribute("aria-selected", "true")
            expect(at.page.get_by_role("tabpanel")).to_contain_text(re.compile(r"\w"))
            assert at.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), options
            at.is_accessible()
        at.leave()
