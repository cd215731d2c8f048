"""Files beside the invoices: who gets them, what is refused, and that no name leads to another's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from elite_lib import batch as batches
from elite_lib.batch import Office
from elite_lib.batch.enclosing import enclose, enclosed, encoded, take_out
from elite_lib.batch.enclosures import line_folder, month_folder
from elite_lib.batch.previewing import Previewer
from elite_lib.exceptions import ConfigError
from elite_lib.labels import explain
from elite_lib.models import Attachment, ProblemCode
from elite_lib.outcomes import fold
from tests.support import offices
from tests.support.offices import OCTOBER

PDF = b"%PDF-1.4\n%%EOF\n"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with offices.open_office(offices.make_home(tmp_path / "home")) as opened:
        yield opened


def names(office: Office, number: int, *, month: str = "2026-10") -> tuple[str, ...]:
    """Name what the message about an invoice would carry."""
    batch = batches.prepare(office, OCTOBER, freeze=False).batch
    (message,) = [m for m in batch.messages if m.line == offices.invoice_number(number)]
    assert message.month == month
    return message.attachments[1:]


def test_everybody_of_the_month_gets_it_and_no_other_month(office: Office) -> None:
    enclose(month_folder(office.settings, "2026-10"), "menu.pdf", PDF)
    enclose(month_folder(office.settings, "2026-09"), "ancien.pdf", PDF)
    assert [names(office, n) for n in (1, 2, 3)] == [("menu.pdf",)] * 3


def test_one_line_alone_gets_its_own(office: Office) -> None:
    enclose(line_folder(office.settings, offices.invoice_number(2)), "mot.txt", b"bonjour")
    assert [names(office, n) for n in (1, 2, 3)] == [(), ("mot.txt",), ()]


def test_what_is_taken_out_does_not_leave(office: Office) -> None:
    folder = month_folder(office.settings, "2026-10")
    enclose(folder, "menu.pdf", PDF)
    take_out(folder, "../menu.pdf")
    assert [one.name for one in enclosed(folder)] == ["menu.pdf"]
    take_out(folder, "menu.pdf")
    assert enclosed(folder) == ()
    assert names(office, 1) == ()


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("lettre.docx", b"PK\x03\x04", "attachment_format"),
        ("lettre.pages", b"PK\x03\x04", "attachment_format"),
        ("programme.exe", b"MZ", "attachment_format"),
        ("sans extension", PDF, "attachment_format"),
        ("photo.HEIC", b"\0\0\0 ftypheic", "attachment_photo"),
        ("faux.pdf", b"GIF89a", "attachment_content"),
        ("faux.txt", b"\x7fELF\0\0", "attachment_content"),
        ("vide.pdf", b"", "attachment_empty"),
    ],
)
def test_what_families_cannot_open_is_refused_with_a_hint(
    office: Office, name: str, content: bytes, code: str
) -> None:
    folder = month_folder(office.settings, "2026-10")
    with pytest.raises(ConfigError) as refused:
        enclose(folder, name, content)
    assert refused.value.code == code
    assert name in explain(refused.value)
    assert enclosed(folder) == ()


@pytest.mark.parametrize("name", ["../../elite.toml.pdf", "C:\\Users\\x\\menu.pdf", "a/b/menu.pdf"])
def test_a_name_leads_nowhere_else(office: Office, name: str) -> None:
    folder = month_folder(office.settings, "2026-10")
    enclose(folder, name, PDF)
    (one,) = folder.iterdir()
    assert one.parent == folder
    assert one.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "number", ["..", "../secrets", "tous", "TOUS", "tous/2026-10", ".", "2026/10/001", "F 1.", "a:b"]
)
def test_no_number_leads_to_anothers_files(office: Office, number: str) -> None:
    settings = office.settings
    folder = line_folder(settings, number)
    assert folder.parent == settings.home.attachments
    assert folder.name.lower() != "tous"
    assert folder != line_folder(settings, number + "x")
    assert folder.resolve() == folder


def test_an_invoice_numbered_like_a_month_is_not_everybody(office: Office) -> None:
    assert line_folder(office.settings, "2026-10") != month_folder(office.settings, "2026-10")


def test_the_weight_foreseen_is_the_weight_of_the_frozen_message(office: Office) -> None:
    content = PDF + b"0" * 100_000
    before = weight(office, 1)
    enclose(line_folder(office.settings, offices.invoice_number(1)), "lourd.pdf", content)
    after = weight(office, 1)
    batch = batches.prepare(office, OCTOBER).batch
    (message,) = [m for m in batch.messages if m.line == offices.invoice_number(1)]
    assert after == message.size
    assert abs(after - before - encoded(len(content))) < 300


def weight(office: Office, number: int) -> int:
    plan, entries = batches.read_plan(office, OCTOBER)
    writer = Previewer(office, plan, wording=office.settings.wording, states=fold(entries))
    (line,) = [line for line in plan.lines if line.key == offices.invoice_number(number)]
    return writer.line(line).size


def test_a_preview_says_what_would_hold_the_line(office: Office) -> None:
    folder = line_folder(office.settings, offices.invoice_number(1))
    folder.mkdir(parents=True)
    (folder / "lettre.docx").write_bytes(b"PK")
    plan, entries = batches.read_plan(office, OCTOBER)
    writer = Previewer(office, plan, wording=office.settings.wording, states=fold(entries))
    first, second, _third = plan.lines
    written = writer.line(first)
    assert [problem.code for problem in written.problems] == [ProblemCode.ATTACHMENT_FORMAT]
    assert (written.drafts, written.size) == ((), 0)
    assert [item.name for item in writer.line(second).drafts[0].attachments] == [
        f"Facture_{offices.invoice_number(2)}_Dupont2.pdf"
    ]
    assert all(isinstance(item, Attachment) for item in writer.line(second).drafts[0].attachments)
