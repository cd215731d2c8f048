"""One invoice through a mail program, from the page's button to the proof, with real servers.

A real Thunderbird on a screen of its own, a real Postfix and Dovecot; the page in Chromium.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from elite_lib import batch as batches
from elite_lib import config
from elite_lib.batch.evidence import mailboxes_of
from elite_lib.labels import _, use_language
from elite_lib.models import Way
from elite_lib.serving import serving
from tests.support import browser as browsing
from tests.support import mailrig, offices, workbooks
from tests.support.mailrig import MailRig
from tests.support.offices import invoice_number
from tests.support.pages import PATIENCE, Accountant, open_dashboard
from tests.support.thunderbird import ThunderbirdScreen, on_path
from tests.test_journal_tab import choose_way, form, line, parsed, send_button

SENDER, HELENE, PAUL = "compta@maison.test", "helene@famille.test", "paul@famille.test"
F1, F2, F3 = map(invoice_number, (1, 2, 3))
ACCENTED = "Élégie d’octobre – 1 234,56 € : œuvre"


@dataclass(frozen=True)
class Place:
    root: Path
    url: str
    rig: MailRig
    screen: ThunderbirdScreen
    other: ThunderbirdScreen  # without a session bus (D-Bus) a second start does not reach the first

    def drafts(self) -> list[EmailMessage]:
        """Read the drafts of the mailbox, by IMAP."""
        with batches.open_home(self.root, operator="Essai") as office:
            mailboxes = mailboxes_of(office)
            assert mailboxes is not None
            try:
                folder = mailboxes.own.special()["\\Drafts"]
                return [parsed(found.content) for found in mailboxes.own.fetch(folder)]
            finally:
                mailboxes.close()


def home(root: Path, rig: MailRig) -> Path:
    """Make a home whose mailbox is the rig's; the first resident has two contacts."""
    emails = {1: [HELENE, PAUL], 2: ["marie@famille.test"], 3: ["jean@famille.test"]}
    contacts = [
        workbooks.contact(offices.code(n), rank, **{"E-mail": email})
        for n, found in emails.items()
        for rank, email in enumerate(found, start=1)
    ]
    mail = {
        "sender": SENDER,
        "host": "127.0.0.1",
        "port": rig.submission,
        "security": "starttls",
        "login": SENDER,
        "ca_file": str(rig.ca_pem),
        "tag_returns": True,
    }
    imap = {"host": "127.0.0.1", "port": rig.imap, "security": "plain"}
    offices.make_home(root, 3, settings={"mail": mail, "imap": imap}, contacts=contacts)
    secret = config.Home(root=root).secrets / "mail"
    secret.parent.mkdir(exist_ok=True)
    secret.write_text(mailrig.PASSWORD)
    secret.chmod(0o600)
    return root


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    mailrig.installed()
    folder = tmp_path_factory.mktemp("programs")
    use_language("fr")
    with (
        MailRig([HELENE, PAUL]) as rig,
        ThunderbirdScreen(folder / "screen", sender=SENDER, port=rig.trusted) as screen,
        ThunderbirdScreen(folder / "other", sender=SENDER) as other,
        on_path(folder / "programs", screen) as environ,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv("XDG_CONFIG_HOME", str(folder / "config"))
        patch.setenv("PATH", f"{folder / 'programs'}{os.pathsep}{os.environ['PATH']}")
        for name, value in environ.items():
            patch.setenv(name, value)
        root = home(folder / "home", rig)
        with serving(root, password_hash=browsing.HASH, port=browsing.free_port()) as server:
            yield Place(root=root, url=server.url, rig=rig, screen=screen, other=other)


@pytest.fixture
def at(chromium: Browser, place: Place) -> Iterator[Accountant]:
    at = open_dashboard(chromium, place.url)
    at.page.get_by_role("tab", name=_("Journal")).click()
    expect(line(at, F1)).to_be_visible(timeout=PATIENCE)
    yield at
    at.leave()


def composed(screen: ThunderbirdScreen, title: str, subject: str) -> EmailMessage:
    """Save what the compose window of this title holds, and read it."""

    def saved() -> list[EmailMessage]:
        return [mail for mail in map(_parsed, screen.folder_of("Drafts")) if mail["Subject"] == subject]

    found: list[EmailMessage] = screen.press(title, "ctrl+s", until=saved)
    return found[-1]


def _parsed(mail: object) -> EmailMessage:
    return parsed(mail.as_bytes())  # type: ignore[attr-defined]


def test_sent_from_thunderbird_it_counts_when_its_blind_copy_arrives(at: Accountant, place: Place) -> None:
    page, panel = at.page, at.page.locator(".elite-invoice")
    line(at, F1).locator(".cl-resident").dblclick()
    expect(form(at).get_by_role("listbox").get_by_role("option", selected=True)).to_have_count(2)
    form(at).get_by_label(_("Subject"), exact=True).fill(ACCENTED)
    expect(form(at).locator(".elite-facts")).to_contain_text(ACCENTED)
    choose_way(at, Way.THUNDERBIRD)
    send_button(at).click()
    expect(form(at)).to_contain_text("Thunderbird ouvre le message", timeout=PATIENCE)
    mail = composed(place.screen, "Write: Élégie", ACCENTED)
    if folder := os.environ.get("ELITE_TEST_PICTURES"):
        place.screen.screenshot(Path(folder) / "thunderbird.png")
    assert [one.addr_spec for one in mail["To"].addresses] == [HELENE, PAUL]
    assert mail["Bcc"].addresses[0].addr_spec.startswith("compta+")
    body = mail.get_body(preferencelist=("plain",))
    assert body is not None
    assert "Veuillez trouver ci-joint" in body.get_content()
    ((name, content),) = [(part.get_filename(), part.get_content()) for part in mail.iter_attachments()]
    assert (name, content[:5]) == (f"Facture_{F1}_Dupont1.pdf", b"%PDF-")

    expect(line(at, F1)).to_have_attribute("data-envelope", "handed")
    prove = panel.get_by_role("button", name=_("Look for the proof"))
    prove.click()
    expect(panel).to_contain_text("Aucune preuve n’a été trouvée", timeout=PATIENCE)
    expect(line(at, F1)).to_have_attribute("data-envelope", "handed")
    place.screen.press("Write: Élégie", "ctrl+Return", until=lambda: place.rig.received(SENDER))
    (arrived,) = place.rig.received(HELENE)
    assert "Bcc" not in arrived
    prove.click()
    expect(line(at, F1)).to_have_attribute("data-envelope", "sent", timeout=PATIENCE)
    expect(panel.locator(".elite-history")).to_contain_text(HELENE)
    expect(prove).to_be_hidden()
    at.is_accessible()
    page.get_by_role("button", name=_("Close")).first.click()


def test_a_draft_lies_in_the_mailbox_and_a_second_one_asks(at: Accountant, place: Place) -> None:
    line(at, F2).locator(".cl-resident").dblclick()
    choose_way(at, Way.DRAFT)
    send_button(at).click()
    expect(form(at)).to_contain_text("Le brouillon est dans la boîte", timeout=PATIENCE)
    (mail,) = place.drafts()
    assert [one.addr_spec for one in mail["To"].addresses] == ["marie@famille.test"]
    assert next(mail.iter_attachments()).get_content().startswith(b"%PDF-")
    expect(line(at, F2)).to_have_attribute("data-envelope", "handed")
    at.button(_("Send by e-mail…")).click()
    expect(form(at)).to_contain_text("a déjà été confiée à la messagerie", timeout=PATIENCE)
    expect(send_button(at)).to_be_disabled()
    assert len(place.drafts()) == 1


def test_the_file_that_the_page_gives_opens_in_thunderbird(
    at: Accountant, place: Place, tmp_path: Path
) -> None:
    subject = f"Fichier {F3} – été"
    line(at, F3).locator(".cl-resident").dblclick()
    form(at).get_by_label(_("Subject"), exact=True).fill(subject)
    expect(form(at).locator(".elite-facts")).to_contain_text(subject)
    choose_way(at, Way.EML)
    with at.page.expect_download() as download:
        send_button(at).click()
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    place.other.start([place.other.program, str(file)])
    mail = composed(place.other, "Write: Fichier", subject)
    assert [one.addr_spec for one in mail["To"].addresses] == ["jean@famille.test"]
    body = mail.get_body(preferencelist=("plain", "html"))
    assert body is not None
    assert "Veuillez trouver ci-joint" in body.get_content()
    ((name, content),) = [(part.get_filename(), part.get_content()) for part in mail.iter_attachments()]
    assert (name, content[:5]) == (f"Facture_{F3}_Dupont3.pdf", b"%PDF-")
