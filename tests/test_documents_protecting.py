"""PDFs with a password: proved before, opened by nobody else, and a batch that is still the same twice."""

from __future__ import annotations

import datetime as dt
import email
import io
from email import policy
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from elite_lib import batch as batches
from elite_lib import config
from elite_lib.documents import prove
from elite_lib.documents.protecting import identity, protect
from elite_lib.exceptions import ConfigError, DocumentError
from elite_lib.models import ProblemCode
from elite_lib.transports.fake import FakeTransport
from tests.support import offices, workbooks
from tests.support.command import boxes
from tests.support.offices import OCTOBER, code
from tests.support.printed import invoice, text_of

BORN = {"Date de naissance": dt.date(1934, 5, 17)}


def home(root: Path, rule: str, *facts: dict[str, object]) -> Path:
    residents = [
        workbooks.resident(code(n), Nom=f"Dupont{n}", **more)
        for n, more in enumerate(facts or (BORN,), start=1)
    ]
    return offices.make_home(
        root, len(residents), residents=residents, settings={"message": {"protect": rule}}
    )


def sent(transport: FakeTransport) -> list[bytes]:
    letters = [email.message_from_bytes(one.content, policy=policy.default) for one in transport.stored]
    return [part.get_content() for letter in letters for part in letter.iter_attachments()]


def opened(content: bytes, password: str) -> str:
    with pikepdf.Pdf.open(io.BytesIO(content), password=password) as document:
        assert document.encryption.bits == 256
        assert document.encryption.R == 6
        file = io.BytesIO()
        document.save(file)
    return text_of(file.getvalue())


def test_a_protected_pdf_opens_with_its_password_only() -> None:
    content = protect(invoice(), "17051934")
    assert "F2026-10-00042" in opened(content, "17051934")
    for wrong in ("", "17051935", "1705193"):
        with pytest.raises(pikepdf.PasswordError):
            opened(content, wrong)
    assert prove(content, number="F2026-10-00042", name="Bœuf") == "encrypted"
    assert b"F2026-10-00042" not in content  # title and metadata are encrypted too


def test_an_empty_password_protects_nothing_and_is_refused() -> None:
    with pytest.raises(ValueError, match="no password"):
        protect(invoice(), "")
    with pytest.raises(DocumentError):
        protect(b"no PDF", "17051934")


def test_the_bytes_never_come_twice_and_the_identity_does() -> None:
    content = invoice()
    assert protect(content, "a") != protect(content, "a")
    assert identity(content, "a") == identity(content, "a")
    assert len({identity(content, "a"), identity(content, "b"), identity(content + b" ", "a")}) == 3


@pytest.mark.parametrize(("rule", "password"), [("birth_date", "17051934"), ("resident_code", "R00001")])
def test_what_leaves_is_protected_and_what_stays_is_not(rule: str, password: str, tmp_path: Path) -> None:
    root = home(tmp_path / "home", rule)
    transport = FakeTransport()
    with offices.open_office(root) as office:
        offices.run(office, batches.prepare(office, OCTOBER).batch, transport)
    (content,) = sent(transport)
    assert "F2026-10-00001" in opened(content, password)
    (kept,) = (root / "documents" / "2026-10").iterdir()
    assert "F2026-10-00001" in text_of(kept.read_bytes())


def test_by_default_nothing_is_protected(tmp_path: Path) -> None:
    transport = FakeTransport()
    with offices.open_office(offices.make_home(tmp_path / "home", 1)) as office:
        offices.run(office, batches.prepare(office, OCTOBER).batch, transport)
    (content,) = sent(transport)
    assert "F2026-10-00001" in text_of(content)


def test_preparing_again_gives_the_same_batch(tmp_path: Path) -> None:
    root = home(tmp_path / "home", "birth_date", BORN, BORN)
    with offices.open_office(root) as office:
        first = batches.prepare(office, OCTOBER).batch
        again = batches.prepare(office, OCTOBER).batch
        assert again.id == first.id
        assert [m.sha256 for m in again.messages] == [m.sha256 for m in first.messages]  # frozen once
        assert batches.prepare(office, OCTOBER, freeze=False).batch.id == first.id
        offices.run(office, first)
        assert batches.prepare(office, OCTOBER).held == ()
    assert boxes(root) == {"accepted": 2}


def test_a_corrected_birth_date_is_another_document(tmp_path: Path) -> None:
    root = home(tmp_path / "home", "birth_date")
    with offices.open_office(root) as office:
        offices.run(office, batches.prepare(office, OCTOBER).batch)
    corrected: list[Any] = [
        workbooks.resident(code(1), Nom="Dupont1", **{"Date de naissance": dt.date(1934, 5, 18)})
    ]
    offices.write_workbook(root / "factures.xlsx", 1, residents=corrected)
    with offices.open_office(root) as office:
        (line,) = batches.prepare(office, OCTOBER).held
    assert [problem.code for problem in line.reasons] == [ProblemCode.CHANGED_AFTER_ACCEPTANCE]


def test_without_a_birth_date_nothing_leaves_unprotected(tmp_path: Path) -> None:
    root = home(tmp_path / "home", "birth_date", {}, BORN)
    transport = FakeTransport()
    with offices.open_office(root) as office:
        prepared = batches.prepare(office, OCTOBER)
        offices.run(office, prepared.batch, transport)
    assert [(line.key, line.reasons[0].code) for line in prepared.held] == [
        ("F2026-10-00001", ProblemCode.PDF_NOT_PROTECTED)
    ]
    assert len(transport.stored) == 1
    assert boxes(root) == {"held": 1, "accepted": 1}


def test_a_rule_that_is_none_is_refused(tmp_path: Path) -> None:
    made = config.create_home(tmp_path / "home", name="Les Tilleuls")
    config.save(made, {"message": {"protect": ""}})
    text = made.toml.read_text(encoding="utf-8").replace('protect = ""', 'protect = "secret123"')
    with pytest.raises(ConfigError) as raised:
        config.parse(text, home=made)
    assert raised.value.fields["key"] == "message.protect"
