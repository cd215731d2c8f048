"""The sheet of returns: who is to be called first, what is ours to mend, and every form that it takes."""

from __future__ import annotations

import datetime as dt
import io
import subprocess
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import openpyxl
import pytest

from elite_lib import batch as batches
from elite_lib import notices
from elite_lib.batch import Office
from elite_lib.labels import use_language
from elite_lib.models import EntryKind, Period, Resolution, ReturnClass, ReturnKind
from elite_lib.notices import Part, ReturnSheet, return_sheet, send_returns_notice
from elite_lib.notices.calls_pdf import sheet_pdf
from elite_lib.transports.fake import FakeTransport
from elite_lib.ui.banner import sentences
from tests.support import needs, offices, workbooks
from tests.support.command import elite
from tests.support.offices import OCTOBER, address, code, invoice_number
from tests.support.returning import Mailbag
from tests.support.smtp_server import SmtpServer

C, K = ReturnClass, ReturnKind
TO = "direction@tilleuls.example"
NOW = dt.datetime(2026, 11, 6, 9, 0, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _french() -> Iterator[None]:
    use_language("fr")
    yield
    use_language("fr")


def contacts(count: int) -> list[workbooks.Row]:
    return [
        workbooks.contact(code(n), **{"E-mail": address(n), "Téléphone": f"01 99 00 00 {n:02}"})
        for n in range(1, count + 1)
    ]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return offices.make_home(tmp_path / "home", 9, settings={"notice": {"to": TO}}, contacts=contacts(9))


@pytest.fixture
def office(root: Path) -> Iterator[Office]:
    with offices.open_office(root) as opened:
        yield opened


@pytest.fixture
def bag(office: Office) -> Mailbag:
    bag = Mailbag(office)
    bag.send()
    return bag


def drawn(office: Office) -> ReturnSheet:
    return return_sheet(office, OCTOBER, tables=batches.load_tables(office))


def addresses(sheet: ReturnSheet, part: Part) -> list[str]:
    return [call.address for call in sheet.of(part)]


def everything(bag: Mailbag) -> None:
    """Let one of each come back, the least urgent first."""
    bag.back(address(1), C.AUTO_REPLY, kind=K.AUTO_REPLY)
    bag.back(address(2), C.SOFT, final=False)
    bag.back(address(3), C.SOFT)
    bag.back(address(4), C.MAILBOX_FULL, rule="full")
    bag.back(address(5), C.COMPLAINT, kind=K.COMPLAINT)
    bag.back(address(6), C.HARD)
    bag.back(address(7), C.BLOCK, ours=True, rule="authentication", reason="550 5.7.26 unauthenticated")
    bag.back(address(8), None, kind=K.MDN)
    bag.back(address(9), C.DELIVERED, kind=K.DELIVERED)
    bag.back("x@example.org", reason="=cmd|' /C calc'!A0")


# -- what is on it -------------------------------------------------------------------------------------


def test_families_are_called_by_urgency_and_good_news_is_left_out(office: Office, bag: Mailbag) -> None:
    everything(bag)
    sheet = drawn(office)
    assert addresses(sheet, Part.CALL) == [address(6), address(5), address(4), address(3)]
    assert addresses(sheet, Part.AGAIN) == [address(7)]
    assert addresses(sheet, Part.WATCH) == [address(2), address(1)]
    assert addresses(sheet, Part.UNTIED) == ["x@example.org"]
    first = sheet.of(Part.CALL)[0]
    assert (first.name, first.phone, first.lines) == (
        "M. Hélène LEFÈVRE",
        "01 99 00 00 06",
        (invoice_number(6),),
    )
    assert "DUPONT6" in first.resident


def test_our_own_fault_is_on_top_and_blames_nobody(office: Office, bag: Mailbag) -> None:
    for n in (1, 2):
        bag.back(address(n), C.BLOCK, ours=True, rule="authentication")
    sheet = drawn(office)
    (fault,) = sheet.faults
    assert fault.addresses == 2
    assert "SPF" in fault.sentence
    assert "2 adresses concernées (example.com)" in fault.sentence
    assert addresses(sheet, Part.CALL) == []
    assert addresses(sheet, Part.AGAIN) == [address(1), address(2)]
    assert batches.addresses_set_aside(office) == {}


def test_a_provider_that_blocks_three_addresses_speaks_of_us(office: Office, bag: Mailbag) -> None:
    for n in (1, 2):
        bag.back(address(n), C.BLOCK, rule="policy")
    assert drawn(office).faults == ()
    assert len(addresses(drawn(office), Part.CALL)) == 2
    bag.back(address(3), C.BLOCK, rule="policy")
    sheet = drawn(office)
    assert [fault.addresses for fault in sheet.faults] == [3]
    assert addresses(sheet, Part.CALL) == []
    assert not any("Appelez" in call.todo for call in sheet.calls)


def test_a_pace_that_mends_itself_is_no_fault(office: Office, bag: Mailbag) -> None:
    bag.back(address(1), C.RATE_LIMITED, final=False, ours=True)
    sheet = drawn(office)
    assert sheet.faults == ()
    assert addresses(sheet, Part.WATCH) == [address(1)]


def test_what_was_sent_again_or_posted_needs_nobody(office: Office, bag: Mailbag) -> None:
    bag.back(address(1))
    bag.back(address(2))
    batches.settle(office, OCTOBER, invoice_number(1), resolution=Resolution.POSTED)
    sheet = drawn(office)
    assert addresses(sheet, Part.CALL) == [address(2)]
    assert sheet.settled == 1


def test_a_delay_that_failed_or_arrived_in_the_end_is_told_once(office: Office, bag: Mailbag) -> None:
    bag.back(address(1), C.SOFT, final=False)
    bag.back(address(1), C.SOFT)
    bag.back(address(2), C.SOFT, final=False)
    bag.back(address(2), C.DELIVERED, kind=K.DELIVERED)
    sheet = drawn(office)
    assert [(call.part, call.address) for call in sheet.calls] == [(Part.CALL, address(1))]


def test_a_later_delay_does_not_take_a_failure_back(office: Office, bag: Mailbag) -> None:
    bag.back(address(1), C.SOFT)
    bag.back(address(1), C.SOFT, final=False)
    bag.back(address(1), C.AUTO_REPLY, kind=K.AUTO_REPLY)
    assert Part.CALL in {call.part for call in drawn(office).calls}


# -- on a page, in a workbook, on paper ----------------------------------------------------------------


def test_the_page_escapes_what_servers_say_and_has_a_table_for_each_part(
    office: Office, bag: Mailbag
) -> None:
    bag.back(address(1), reason="<script>alert(1)</script>")
    bag.back(address(2), C.BLOCK, ours=True)
    html = notices.sheet_html(drawn(office))
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    assert html.count("<caption>") == 2
    assert 'role="alert"' in html
    assert 'scope="col"' in html
    assert "Rien n’est revenu" in notices.sheet_html(ReturnSheet(period=OCTOBER))


def test_no_cell_of_the_workbook_is_a_formula(office: Office, bag: Mailbag) -> None:
    everything(bag)
    for start in "=+-@":
        bag.back(f"{start}y@example.org", reason=f"{start}1+1")
    page = openpyxl.load_workbook(io.BytesIO(notices.sheet_xlsx(drawn(office)))).active
    assert page is not None
    cells = [cell for row in page.iter_rows() for cell in row if cell.value is not None]
    assert len(cells) > 60
    assert not [cell.value for cell in cells if cell.data_type == "f"]
    assert not [cell.value for cell in cells if str(cell.value).startswith(tuple("=+-@"))]
    assert "SPF" in str(page["A1"].value)
    values = {cell.value for cell in cells}
    assert {"Rubrique", "Familles à appeler", "01 99 00 00 06", "'=y@example.org"} <= values


def text_of(content: bytes, tmp_path: Path) -> str:
    (tmp_path / "sheet.pdf").write_bytes(content)
    shown = subprocess.run(
        [needs.program("pdftotext"), "-layout", tmp_path / "sheet.pdf", "-"],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    return shown.stdout


def test_the_paper_is_landscape_and_says_everything_on_each_page(
    office: Office, bag: Mailbag, tmp_path: Path
) -> None:
    everything(bag)
    content = sheet_pdf(drawn(office), establishment=office.settings.establishment, now=NOW)
    assert content == sheet_pdf(drawn(office), establishment=office.settings.establishment, now=NOW)
    pages = text_of(content, tmp_path).split("\f")[:-1]
    assert len(pages) >= 2
    for number, page in enumerate(pages, start=1):
        assert "Feuille des retours — octobre 2026" in page
        assert f"— {number}/{len(pages)}" in page
    whole = " ".join("\n".join(pages).split())
    for word in ("DUPONT6", "01 99 00 00 06", "famille6@example.com", "Familles à appeler (4)", "SPF, DKIM"):
        assert word in whole
    import pikepdf  # noqa: PLC0415

    with pikepdf.open(io.BytesIO(content)) as pdf:
        for page_box in pdf.pages:
            _left, _low, width, height = map(float, page_box.mediabox)
            assert (round(width), round(height)) == (842, 595)


def test_a_long_part_goes_on_with_its_title_on_the_next_page(tmp_path: Path) -> None:
    root = offices.make_home(tmp_path / "home", 40, contacts=contacts(40))
    with offices.open_office(root) as office:
        bag = Mailbag(office)
        bag.send()
        for n in range(1, 41):
            bag.back(address(n), C.HARD if n % 2 else C.MAILBOX_FULL)
        content = sheet_pdf(drawn(office), establishment=office.settings.establishment, now=NOW)
    pages = text_of(content, tmp_path).split("\f")[:-1]
    assert len(pages) >= 3
    assert all("Familles à appeler (40)" in page for page in pages)
    assert sum(page.count("F2026-10-") for page in pages) == 40


def test_an_empty_sheet_is_a_page_that_says_so(office: Office, tmp_path: Path) -> None:
    content = sheet_pdf(ReturnSheet(period=OCTOBER), establishment=office.settings.establishment, now=NOW)
    assert "Rien n’est revenu" in text_of(content, tmp_path)


# -- by e-mail -----------------------------------------------------------------------------------------


def test_the_notice_of_a_run_brings_the_sheet(root: Path) -> None:
    with SmtpServer({}) as server:
        account = {"sender": "compta@tilleuls.example", "host": "127.0.0.1", "port": server.port}
        from elite_lib import config  # noqa: PLC0415

        config.save(config.Home(root=root), {"mail": account | {"security": "plain"}})
        assert elite("send", "2026-10", "--yes", home=root).code == 0
        with offices.open_office(root) as office:
            everything(Mailbag(office))
        said = elite("send", "2026-10", "--yes", "--notify", home=root)
        assert said.code == 3
        (notice,) = [
            message_from_bytes(one.content, policy=policy.default)
            for one in server.stored
            if one.recipients == [TO]
        ]
    assert isinstance(notice, EmailMessage)
    names = [part.get_filename() for part in notice.iter_attachments()]
    assert names == ["remainder_2026-10.xlsx", "returns_2026-10.xlsx"]
    body = notice.get_body(("plain",))
    assert body is not None
    text = str(body.get_content())
    assert "Ce qui est revenu" in text
    assert "Familles à appeler (4)" in text
    assert "SPF" in text


def told(office: Office, after: int = 0, transport: FakeTransport | None = None) -> FakeTransport:
    transport = transport or FakeTransport()
    send_returns_notice(office, after=after, transport=transport)
    return transport


def test_what_came_since_is_told_once_with_its_sheet(office: Office, bag: Mailbag) -> None:
    bag.back(address(6))
    seen = office.journal.mark().entry
    assert told(office, after=seen).calls == [], "nothing new, nobody is told"
    bag.back(address(4), C.MAILBOX_FULL)
    transport = told(office, after=seen)
    (call,) = transport.calls
    assert call.envelope.recipients == (TO,)
    message = message_from_bytes(call.content, policy=policy.default)
    assert isinstance(message, EmailMessage)
    assert "1 famille à appeler" in message["Subject"]
    body = message.get_body(("plain",))
    assert body is not None
    assert address(4) in str(body.get_content())
    assert address(6) not in str(body.get_content())
    (attached,) = message.iter_attachments()
    assert attached.get_filename() == "returns_2026-10.xlsx"
    (noted,) = office.journal.entries(kinds=[EntryKind.NOTICED])
    assert (noted.data["ok"], noted.data["to"], noted.month) == (True, TO, "2026-10")


def test_nobody_is_told_twice_and_what_could_not_be_told_is_told_the_next_time(
    office: Office, bag: Mailbag
) -> None:
    from elite_lib.exceptions import ServerUnavailableError  # noqa: PLC0415

    def tell(transport: FakeTransport) -> int:
        send_returns_notice(office, transport=transport)
        return len(transport.calls)

    bag.back(address(6))
    away = ServerUnavailableError("refused", host="smtp.example", port=587, detail="")
    assert tell(FakeTransport(on_open=away)) == 0
    assert tell(FakeTransport()) == 1
    assert tell(FakeTransport()) == 0
    bag.back(address(4), C.MAILBOX_FULL)
    assert tell(FakeTransport()) == 1


def test_good_news_or_nobody_to_tell_is_no_message(office: Office, bag: Mailbag, tmp_path: Path) -> None:
    bag.back(address(8), None, kind=K.MDN)
    bag.back(address(9), C.DELIVERED, kind=K.DELIVERED)
    assert told(office).calls == []
    with offices.open_office(offices.make_home(tmp_path / "other", 1)) as other:
        there = Mailbag(other)
        there.send()
        there.back(address(1))
        assert told(other).calls == []


def test_a_notice_of_returns_that_fails_is_journalled_and_raises_nothing(
    office: Office, bag: Mailbag
) -> None:
    from elite_lib.exceptions import ServerUnavailableError  # noqa: PLC0415

    bag.back("x@example.org")
    away = ServerUnavailableError("refused", host="smtp.example", port=587, detail="")
    told(office, transport=FakeTransport(on_open=away))
    (noted,) = office.journal.entries(kinds=[EntryKind.NOTICED])
    assert noted.data["ok"] is False
    assert Period.parse(noted.month)
    assert any(
        TO in said for said in sentences(office, batches.load_tables(office), now=dt.datetime.now(dt.UTC))
    )


def test_news_of_returns_does_not_hide_that_a_run_did_not_start(office: Office, bag: Mailbag) -> None:
    from elite_lib.exceptions import SourceError  # noqa: PLC0415

    news = notices.News(period=OCTOBER, error=SourceError("file_missing", file="factures.xlsx"))
    notices.send_notice(
        office.settings, news, journal=office.journal, operator="cron", transport=FakeTransport()
    )
    bag.back(address(1))
    told(office)
    trouble = notices.last_trouble(office, dt.datetime.now(dt.UTC))
    assert trouble is not None
    assert "factures.xlsx" in str(trouble.data["trouble"])


def test_the_page_opens_with_our_own_faults(office: Office, bag: Mailbag) -> None:
    tables, now = batches.load_tables(office), dt.datetime.now(dt.UTC)
    assert sentences(office, tables, now=now) == []
    bag.back(address(1))
    assert sentences(office, tables, now=now) == [], "a wrong address is the family's"
    bag.back(address(2), C.BLOCK, ours=True, rule="authentication")
    (said,) = sentences(office, tables, now=now)
    assert "SPF" in said


# -- the command ---------------------------------------------------------------------------------------


def test_the_command_shows_and_writes_the_sheet(
    office: Office, bag: Mailbag, root: Path, tmp_path: Path
) -> None:
    everything(bag)
    shown = elite("bounces", "sheet", "2026-10", home=root)
    assert shown.code == 0
    assert "Familles à appeler (4)" in shown.out
    assert "01 99 00 00 06" in shown.out
    as_json = elite("bounces", "sheet", "2026-10", "--json", home=root).json
    assert [call["part"] for call in as_json["calls"]].count("call") == 4
    assert as_json["faults"][0]["addresses"] == 1
    for name, start in (("s.xlsx", b"PK"), ("s.pdf", b"%PDF"), ("s.html", b"<!DOCTYPE")):
        said = elite("bounces", "sheet", "2026-10", "-o", tmp_path / name, home=root)
        assert said.code == 0, said.err
        assert (tmp_path / name).read_bytes().startswith(start)
        assert (tmp_path / name).stat().st_mode & 0o077 == 0
    assert elite("bounces", "sheet", "2026-10", "-o", tmp_path / "s.docx", home=root).code == 2
    assert elite("bounces", "sheet", "octobre", home=root).code == 1


def test_without_its_workbook_the_sheet_has_codes_and_addresses(
    office: Office, bag: Mailbag, root: Path
) -> None:
    bag.back(address(6))
    (root / "factures.xlsx").unlink()
    said = elite("bounces", "sheet", "2026-10", home=root)
    assert said.code == 0
    assert "factures.xlsx" in said.err
    assert code(6) in said.out
    assert address(6) in said.out
