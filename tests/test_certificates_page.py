"""A year's tax certificates at the page: chosen like a month, sent on the same path, balanced apart."""

from __future__ import annotations

import datetime as dt
import email
import re
from collections.abc import Iterator
from email import policy
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from elite_lib import batch as batches
from elite_lib import config
from elite_lib.batch import Office
from elite_lib.labels import _
from elite_lib.models import Box, Period
from elite_lib.serving import serving
from elite_lib.ui import figures, reading, slip
from elite_lib.ui.message import MessagePanel
from elite_lib.ui.month import Month
from elite_lib.ui.period import PeriodPanel, years_over
from tests.support import browser as browsing
from tests.support import offices, workbooks
from tests.support.pages import open_dashboard
from tests.support.smtp_server import SmtpServer

YEAR = Period.parse("ATT-2025")


def home(root: Path, *, port: int = 9) -> Path:
    """Three residents who were billed in October 2025; the third family has no address."""
    factures = [
        workbooks.invoice(
            offices.invoice_number(n),
            offices.code(n),
            Date=dt.date(2025, 10, 31),
            Échéance=dt.date(2025, 11, 15),
            **{"Début période": dt.date(2025, 10, 1), "Fin période": dt.date(2025, 10, 31)},
        )
        for n in (1, 2, 3)
    ]
    contacts = [
        workbooks.contact(offices.code(n), **{"E-mail": "" if n == 3 else offices.address(n)})
        for n in (1, 2, 3)
    ]
    offices.make_home(root, 3, factures=factures, contacts=contacts)
    config.save(config.Home(root=root), {"mail": {"port": port}})
    return root


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with offices.open_office(home(tmp_path / "home")) as opened:
        yield opened


def test_only_years_that_are_over_are_offered() -> None:
    months = ["2024-12", "2025-01", "2025-10", "2026-01"]
    assert years_over(months, today=dt.date(2026, 11, 24)) == ("2024", "2025")
    assert years_over(months, today=dt.date(2027, 1, 1)) == ("2024", "2025", "2026")
    assert years_over([], today=dt.date(2026, 1, 1)) == ()


def test_a_year_is_chosen_after_the_months_and_is_no_end_of_theirs() -> None:
    chosen: list[Period] = []
    panel = PeriodPanel(chosen.append)
    panel.fill(["2025-09", "2025-10"], chosen="2025-10", years=["2025"])
    assert [value for _label, value in panel.first.options] == ["2025-10", "2025-09", "ATT-2025"]
    panel.first.value = "ATT-2025"
    assert chosen == [YEAR]
    assert panel.last.layout.display == "none"
    panel.first.value = "2025-09"
    assert chosen[-1] == Period.parse("2025-09")
    assert "ATT-2025" not in [value for _label, value in panel.last.options]


def test_reading_again_stays_on_the_year(office: Office) -> None:
    read = reading.read(office, shown=None)
    assert (read.years, read.chosen) == (("2025",), "2025-10")
    again = reading.read(office, shown=YEAR)
    assert (again.chosen, again.month.period) == ("", YEAR)


def test_what_is_shown_and_confirmed_counts_certificates(office: Office) -> None:
    month = Month(office, batches.load_tables(office), YEAR)
    rows = {row.key: row for row in month.rows()}
    assert rows["ATT-2025-R00001"].tickable
    assert rows["ATT-2025-R00003"].state == "to_print"
    assert {row.attachments for row in rows.values()} == {("attestation fiscale",)}
    intent = month.intent(["ATT-2025-R00001", "ATT-2025-R00002"], ())
    assert (intent.invoices, intent.messages, intent.year) == (2, 2, "2025")
    assert intent.euros == 4000
    shown = slip.facts(month.slip)
    assert shown["head"][1] == _("Certificates")
    assert _("Certified for the year") in figures.figures(month.slip)


def test_the_certificates_have_words_of_their_own_and_what_is_typed_stays(office: Office) -> None:
    panel = MessagePanel(office.settings, on_change=lambda: None)
    usual = panel.wording
    panel.editor.text = "Le texte du mois"
    panel.show_period(YEAR)
    assert panel.editor.subject == office.settings.wording.certificate_subject
    panel.editor.text = "Votre attestation"
    assert panel.wording.text == panel.wording.certificate_text == "Votre attestation"
    assert panel.wording.of_certificates == panel.wording, "as what is prepared takes it"
    panel._save()
    panel.show_period(Period.parse("2025-10"))
    assert (panel.wording.text, panel.wording.subject) == ("Le texte du mois", usual.subject)
    saved = config.load(office.settings.home).wording
    assert (saved.certificate_text, saved.text) == ("Votre attestation", usual.text)
    panel.show_period(YEAR)
    assert panel.editor.text == "Votre attestation"


@pytest.mark.slow
def test_a_year_is_sent_from_the_page(chromium: Browser, tmp_path: Path) -> None:
    with SmtpServer() as mail:
        root = home(tmp_path / "home", port=mail.port)
        with serving(root, password_hash=browsing.HASH, port=browsing.free_port()) as server:
            at = open_dashboard(chromium, server.url)
            page = at.page
            shown = page.locator(".elite-panel-0").get_by_label(_("Month"), exact=True)
            shown.select_option(label=_("tax certificates {year}").format(year="2025"))
            expect(at.row("ATT-2025-R00001")).to_be_visible()
            expect(page.get_by_label(_("Subject"), exact=True)).to_have_value(re.compile("attestation"))
            at.row("ATT-2025-R00001").locator(".cl-resident").click()
            expect(page.locator(".elite-preview")).to_contain_text("Attestation_ATT-2025-R00001")
            at.is_accessible()
            page.get_by_label(_("Text"), exact=True).fill("Bonjour,\n\nVoici votre attestation.")
            question = at.ask()
            expect(question).to_contain_text(_("Tax certificates"))
            expect(question).to_contain_text("4\u00a0000,00\u00a0€")
            at.confirm()
            at.sees(re.compile(re.escape(_("Finished."))))
            at.sees(_("The boxes add up to the billing."))
            at.leave()
    letters = [email.message_from_bytes(one.content, policy=policy.default) for one in mail.stored]
    to = [str(letter["To"]) for letter in letters]
    assert all(offices.address(n) in " ".join(to) for n in (1, 2))
    assert len(to) == 2
    for letter in letters:
        (pdf,) = letter.iter_attachments()
        assert str(pdf.get_filename()).startswith("Attestation_ATT-2025-")
        body = letter.get_body(("plain",))
        assert body is not None
        assert "Voici votre attestation." in body.get_content()
    with offices.open_office(root) as office:
        year = batches.survey(office, YEAR).slip
        october = batches.survey(office, Period.parse("2025-10")).slip
    assert year.balanced
    assert (year.boxes[Box.ACCEPTED].count, year.boxes[Box.TO_PRINT].count) == (2, 1)
    assert october.boxes[Box.PENDING].count == 2, "the month is untouched"
