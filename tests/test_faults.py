"""What an office, a disk and a mail server do wrong: each is named and leaves nothing half done."""

from __future__ import annotations

import datetime as dt
import shutil
import sqlite3
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import openpyxl
import pytest
import trustme

from elite_lib import batch as batches
from elite_lib import config, secrets
from elite_lib.batch import Run
from elite_lib.cli import views
from elite_lib.cli.month import exit_code
from elite_lib.exceptions import EliteError
from elite_lib.journal import lock_account, open_journal
from elite_lib.models import Box, EntryKind, ProblemCode, StopReason
from elite_lib.notices import stop_sentence
from elite_lib.transports.fake import FakeTransport
from tests.support import offices, workbooks
from tests.support.command import Said, boxes, elite
from tests.support.disks import on_small_disk
from tests.support.offices import OCTOBER, address, code, invoice_number
from tests.support.smtp_server import SmtpServer

Break = Callable[[Path], None]


@dataclass(frozen=True, kw_only=True)
class Fault:
    """Something wrong with a home; ``says`` are words that the message must hold."""

    name: str
    cause: Break
    says: tuple[str, ...] = ()
    code: int = 1
    also_check: bool = True  # seen by commands that make nothing, too


def _book(**sheets: object) -> Break:
    def cause(root: Path) -> None:
        offices.write_workbook(root / "factures.xlsx", 3, **sheets)

    return cause


def _without(sheet: str, *titles: str) -> Break:
    """Leave columns out of a sheet."""

    def cause(root: Path) -> None:
        path = root / "factures.xlsx"
        book = openpyxl.load_workbook(path)
        tab = book[sheet]
        for title in titles:
            (place,) = [cell.column for cell in tab[1] if cell.value == title]
            tab.delete_cols(place)
        book.save(path)

    return cause


def _file(name: str, content: bytes) -> Break:
    def cause(root: Path) -> None:
        (root / name).write_bytes(content)

    return cause


def _setting(table: str, **values: object) -> Break:
    def cause(root: Path) -> None:
        config.save(root, {table: values})

    return cause


def _toml(old: str, new: str) -> Break:
    def cause(root: Path) -> None:
        path = root / "elite.toml"
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    return cause


def _open_secret(root: Path) -> None:
    config.save(root, {"mail": {"login": "compta"}})
    secrets.store("mail", "mot de passe", home=config.Home(root=root))
    (root / "secrets" / "mail").chmod(0o644)


def _gone(root: Path) -> None:
    (root / "factures.xlsx").unlink()


OLE = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(4096)
FAULTS = [
    Fault(name="workbook missing", cause=_gone, says=("factures.xlsx",)),
    Fault(name="workbook unreadable", cause=_file("factures.xlsx", b"PK\3\4 torn"), says=("factures.xlsx",)),
    Fault(name="workbook empty", cause=_file("factures.xlsx", b""), says=("factures.xlsx",)),
    Fault(name="workbook protected", cause=_file("factures.xlsx", OLE), says=("factures.xlsx",)),
    Fault(name="sheet missing", cause=_book(factures=None), says=("factures.xlsx", "Factures")),
    Fault(
        name="columns missing",
        cause=_without("Factures", "Net à payer", "Date"),
        says=("Factures", "Net à payer", "Date"),
    ),
    Fault(name="toml syntax", cause=_toml("[pace]", "[pace"), says=("elite.toml",)),
    Fault(name="unknown key", cause=_toml("between =", "betwen ="), says=("betwen", "between")),
    Fault(name="wrong value", cause=_toml('security = "plain"', 'security = "tsl"'), says=("tsl",)),
    Fault(name="password in the file", cause=_toml("[pace]", 'password = "z"\n[pace]'), says=("password",)),
    Fault(
        name="unknown placeholder",
        cause=_setting("message", subject="Facture {{ numerp }}"),
        says=("numerp", "numero"),
        also_check=False,
    ),
    Fault(
        name="template syntax",
        cause=_setting("message", text="Bonjour {{ numero\n"),
        also_check=False,
    ),
    Fault(
        name="mail not filled in",
        cause=_setting("mail", sender="", host=""),
        says=("[mail]",),
        also_check=False,
    ),
    Fault(
        name="logo unreadable",
        cause=_setting("letterhead", logo="logo.png"),
        says=("logo.png",),
        also_check=False,
    ),
]  # fmt: skip


def untouched(root: Path) -> bool:
    """Tell whether no batch was begun, in the outbox, the journal or the documents."""
    with sqlite3.connect(root / "journal.sqlite") as connection:
        entries = connection.execute("SELECT COUNT(*) FROM entry").fetchone()[0]
    connection.close()
    made = [*(root / "outbox").glob("2*"), *(root / "outbox").glob(".new*"), *(root / "runs").iterdir()]
    return entries == 0 and made == [] and list((root / "documents").rglob("*.pdf")) == []


def said_plainly(said: Said, fault: Fault) -> None:
    assert said.code == fault.code, said.err
    assert said.out == ""
    assert "Traceback" not in said.err
    assert "…" not in said.err.split("Connus")[0]  # no field was missing from a sentence
    assert [words for words in fault.says if words not in said.err] == [], said.err


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_bad_input_stops_before_anything_is_made(tmp_path: Path, fault: Fault) -> None:
    root = offices.make_home(tmp_path / "home", 3)
    assert elite("check", "2026-10", home=root).code == 0  # makes the journal as well
    fault.cause(root)
    commands = [("prepare", "2026-10"), ("send", "2026-10"), ("send", "2026-10", "--yes", "--json")]
    if fault.also_check:
        commands += [("check", "2026-10"), ("status", "2026-10", "--json")]
    for command in commands:
        said_plainly(elite(*command, home=root), fault)
    assert untouched(root)


@pytest.mark.parametrize("month", ["2026-13", "octobre", "2026-10..2026-09", "", "007"])
def test_a_month_that_is_none(tmp_path: Path, month: str) -> None:
    root = offices.make_home(tmp_path / "home", 1)
    for command in ("check", "prepare", "send", "status"):
        assert elite(command, month, home=root).code == 1


def test_a_password_that_is_nowhere_stops_before_anything_is_frozen(tmp_path: Path) -> None:
    root = offices.make_home(tmp_path / "home", 1)
    config.save(root, {"mail": {"login": "compta"}})
    elite("check", "2026-10", home=root)
    said = elite("send", "2026-10", "--yes", home=root)
    assert said.code == 1
    assert "ELITE_MAIL_PASSWORD" in said.err
    assert untouched(root)


def test_a_password_that_others_can_read_is_not_used(tmp_path: Path) -> None:
    root = offices.make_home(tmp_path / "home", 1)
    elite("check", "2026-10", home=root)
    _open_secret(root)
    said = elite("send", "2026-10", "--yes", home=root)
    assert said.code == 1
    assert "0644" in said.err
    assert untouched(root)


# -- what holds its own line only ------------------------------------------------------------------------


def _second(**changes: object) -> Break:
    """Change the second invoice."""
    number = str(changes.pop("number", invoice_number(2)))
    owner = str(changes.pop("owner", code(2)))
    rows = [workbooks.invoice(invoice_number(n), code(n)) for n in (1, 3)]
    return _book(factures=[rows[0], workbooks.invoice(number, owner, **changes), rows[1]])


def _foreign_pdf(root: Path) -> None:
    """Give the second invoice the first one's PDF."""
    with offices.open_office(root) as office:
        batches.prepare(office, OCTOBER, only=[invoice_number(1)])
    (made,) = (root / "documents").rglob("*.pdf")
    shutil.copy(made, root / "autre.pdf")
    _second(PDF="autre.pdf")(root)


def _enclosure(content: bytes, name: str) -> Break:
    def cause(root: Path) -> None:
        folder = root / "attachments" / invoice_number(2)
        folder.mkdir()
        (folder / name).write_bytes(content)

    return cause


HOLDS: list[tuple[str, Break, ProblemCode]] = [
    ("unknown resident", _second(owner="R99999"), ProblemCode.RESIDENT_UNKNOWN),
    ("sum of the lines", _book(lignes=[
        workbooks.line(invoice_number(n), amount=1.0 if n == 2 else 2000.0) for n in (1, 2, 3)
    ]), ProblemCode.LINES_SUM),
    ("total", _second(**{"Total TTC": 2100.0}), ProblemCode.TOTAL_SUM),
    ("net", _second(**{"Net à payer": 1.0}), ProblemCode.NET_SUM),
    ("no date", _second(Échéance="bientôt"), ProblemCode.DATE_INVALID),
    ("unknown payer", _second(Destinataire=7), ProblemCode.PAYER_UNKNOWN),
    ("unknown status", _second(Statut="peut-être"), ProblemCode.VALUE_UNKNOWN),
    ("no PDF", _second(PDF="nulle-part.pdf"), ProblemCode.PDF_MISSING),
    ("another one's PDF", _foreign_pdf, ProblemCode.PDF_NOT_PROVED),
    ("a Word file", _enclosure(b"PK\3\4", "menu.docx"), ProblemCode.ATTACHMENT_FORMAT),
    ("no PDF at all", _enclosure(b"<html>", "menu.pdf"), ProblemCode.ATTACHMENT_FORMAT),
]  # fmt: skip


@pytest.mark.parametrize(("cause", "reason"), [h[1:] for h in HOLDS], ids=[h[0] for h in HOLDS])
def test_one_wrong_invoice_is_held_and_the_others_go(
    tmp_path: Path, cause: Break, reason: ProblemCode
) -> None:
    root = offices.make_home(tmp_path / "home", 3)
    cause(root)
    said = elite("prepare", "2026-10", "--json", home=root)
    assert (said.code, said.json["held"]) == (3, [invoice_number(2)])
    transport = FakeTransport()
    with offices.open_office(root) as office:
        prepared = batches.prepare(office, OCTOBER)
        assert batches.send(office, prepared.batch.id, transport=transport).sent == 2
    assert reason in {problem.code for line in prepared.held for problem in line.reasons}
    assert offices.recipients(transport) == [address(1), address(3)]
    assert boxes(root) == {"held": 1, "accepted": 2}


def test_both_rows_of_a_duplicate_number_are_held(tmp_path: Path) -> None:
    root = offices.make_home(tmp_path / "home", 3)
    _second(number=invoice_number(1))(root)
    said = elite("prepare", "2026-10", "--json", home=root)
    assert (said.code, said.json["messages"]) == (3, 1)
    assert said.json["held"] == [f"{invoice_number(1)}@2", f"{invoice_number(1)}@3"]


def test_an_attachment_for_everybody_that_is_missing_holds_everybody(tmp_path: Path) -> None:
    root = offices.make_home(tmp_path / "home", 2, settings={"message": {"attachments": ["menu.pdf"]}})
    said = elite("prepare", "2026-10", "--json", home=root)
    assert (said.code, said.json["messages"], len(said.json["held"])) == (3, 0, 2)


def test_an_unusable_address_goes_to_the_print_pile(tmp_path: Path) -> None:
    contacts = [workbooks.contact(code(n), **{"E-mail": "héo@é" if n == 2 else address(n)}) for n in (1, 2)]
    root = offices.make_home(tmp_path / "home", 2, contacts=contacts)
    assert elite("prepare", "2026-10", "--json", home=root).json["messages"] == 1
    assert boxes(root) == {"pending": 1, "to_print": 1}


# -- journal, outbox, other runs -------------------------------------------------------------------------


def _restored(root: Path) -> None:
    """Put an old copy of the journal back after a month left."""
    copy = root / "copy.sqlite"
    with sqlite3.connect(root / "journal.sqlite") as one, sqlite3.connect(copy) as other:
        one.backup(other)
    one.close()
    other.close()
    with offices.open_office(root) as office:
        offices.run(office, batches.prepare(office, OCTOBER).batch)
    _no_journal(root)
    copy.rename(root / "journal.sqlite")


def _no_journal(root: Path) -> None:
    for file in root.glob("journal.sqlite*"):
        file.unlink()


def _another_journal(root: Path) -> None:
    _no_journal(root)
    open_journal(root / "journal.sqlite", establishment="tilleuls", create=True).close()


@pytest.mark.parametrize("accident", [_restored, _no_journal, _another_journal])
def test_a_wrong_journal_stops_everything_until_a_person_adopts_it(tmp_path: Path, accident: Break) -> None:
    root = offices.make_home(tmp_path / "home", 2)
    assert elite("prepare", "2026-10", home=root).code == 0
    accident(root)
    for command in (("status",), ("check",), ("prepare",), ("send",), ("send", "--yes")):
        said = elite(command[0], "2026-10", *command[1:], home=root)
        assert said.code == 4
        assert "adopt-journal" in said.err
    assert elite("adopt-journal", home=root).code == 2
    assert elite("adopt-journal", "--yes", "--operator", "Claire", home=root).code == 0
    assert boxes(root) == {"uncertain": 2}
    with offices.open_office(root) as office:
        (entry,) = office.journal.entries(kinds=[EntryKind.JOURNAL_ADOPTED])
        assert entry.operator == "Claire"
        transport = FakeTransport()
        offices.run(office, batches.prepare(office, OCTOBER).batch, transport)
    assert transport.calls == []
    # Once settled, the month goes on.
    assert elite("settle", "2026-10", invoice_number(1), "--accepted", home=root).code == 0
    assert elite("settle", "2026-10", invoice_number(2), "--resend", home=root).code == 0
    assert boxes(root) == {"accepted": 1, "pending": 1}


def test_adopting_the_right_journal_doubts_nothing_that_it_knows(tmp_path: Path) -> None:
    root = offices.make_home(tmp_path / "home", 3)
    with offices.open_office(root) as office:
        offices.run(office, batches.prepare(office, OCTOBER).batch)
    assert elite("adopt-journal", "--yes", home=root).code == 0
    assert boxes(root) == {"accepted": 3}


def test_a_damaged_journal_is_named(tmp_path: Path) -> None:
    root = offices.make_home(tmp_path / "home", 1)
    elite("check", "2026-10", home=root)
    (root / "journal.sqlite").write_bytes(b"not a database" * 100)
    said = elite("send", "2026-10", "--yes", home=root)
    assert said.code == 4
    assert "journal.sqlite" in said.err


def test_an_altered_batch_is_named_and_not_sent(tmp_path: Path) -> None:
    root = offices.make_home(tmp_path / "home", 1)
    batch = elite("prepare", "2026-10", "--json", home=root).json["batch"]
    message = root / "outbox" / batch / "00001.eml"
    message.write_bytes(message.read_bytes() + b" ")
    said = elite("send", "2026-10", "--yes", home=root)
    assert said.code == 4
    assert batch in said.err


def test_another_run_under_way_is_waited_for_and_named(tmp_path: Path) -> None:
    root = offices.make_home(tmp_path / "home", 1)
    elite("check", "2026-10", home=root)
    with offices.open_office(root) as office:
        account = office.account.key
        with lock_account(root / "locks", account, wait=0, run="r1", operator="Paul"):
            batches.prepare(
                office, OCTOBER, freeze=False
            )  # a rehearsal disturbs nobody, and waits for nobody
            said = elite("send", "2026-10", "--yes", home=root)
    assert said.code == 4
    assert "Paul" in said.err
    assert list((root / "outbox").glob("2*")) == []


# -- the disk --------------------------------------------------------------------------------------------


def test_a_disk_that_is_full_while_preparing_leaves_nothing_half_done(tmp_path: Path) -> None:
    script = """
        from tests.support import offices
        from tests.support.command import elite

        root = offices.make_home(disk / "home", 8)
        assert elite("check", "2026-10", home=root).code == 0
        for spare in (200_000, 600_000):
            fill(spare)
            said = elite("prepare", "2026-10", home=root)
            print(said.code, "Traceback" in said.err, "disk" in said.err or "disque" in said.err)
            print([p.name for p in (root / "outbox").iterdir() if p.is_dir()])
            empty()
        with offices.open_office(root) as office:
            print(len(office.journal.entries()))
        print(elite("prepare", "2026-10", home=root).code)
        fill()
        said = elite("send", "2026-10", home=root)
        print(said.code, "Traceback" in said.err)
    """
    assert on_small_disk(tmp_path / "disk", script, size="4m") == [
        "4 False True",
        "[]",
        "4 False True",
        "[]",
        "0",
        "0",
        "4 False",
    ]


def test_a_journal_that_cannot_grow_stops_the_run_before_the_next_dot(tmp_path: Path) -> None:
    script = """
        from elite_lib import batch as batches
        from elite_lib.transports.fake import FakeTransport
        from tests.support import offices
        from tests.support.command import boxes

        root = offices.make_home(disk / "home", 4)
        transport = FakeTransport()
        with offices.open_office(root) as office:
            batch = batches.prepare(office, offices.OCTOBER).batch
            def full(entry):
                if entry.kind == "verdict" and not (disk / "filler").exists():
                    fill()
            ended = batches.send(office, batch.id, transport=transport, on_entry=full)
            print(ended.stopped.reason, ended.stopped.error.code, len(transport.stored))
        empty()
        with offices.open_office(root) as office:
            ended = batches.send(office, batch.id, transport=transport)
            received = offices.recipients(transport)
            print(ended.stopped, len(received) == len(set(received)))
        print(boxes(root))
    """
    first, second, third = on_small_disk(tmp_path / "disk", script, size="8m")
    reason, error, stored = first.split()
    assert reason == "journal"
    assert error in ("journal_full", "disk_full")
    assert second == "None True"
    assert int(stored) in (1, 2)
    assert eval(third).get("uncertain", 0) <= 1


# -- the mail server ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Certificates:
    authority: str
    right: ssl.SSLContext
    expired: ssl.SSLContext
    misnamed: ssl.SSLContext


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    def served(certificate: trustme.LeafCert) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(context)
        return context

    authority, place = trustme.CA(), tmp_path_factory.mktemp("tls") / "ca.pem"
    authority.cert_pem.write_to_path(place)
    past = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    soon = past + dt.timedelta(days=30)
    return Certificates(
        authority=str(place),
        right=served(authority.issue_cert("127.0.0.1")),
        expired=served(authority.issue_cert("127.0.0.1", not_before=past, not_after=soon)),
        misnamed=served(authority.issue_cert("smtp.ailleurs.example")),
    )


def by_smtp(root: Path, port: int, authority: str = "", password: str = "") -> Run:
    """Send the month by a real dialogue with the server at ``port``."""
    account: dict[str, object] = {"port": port, "timeout": 10.0}
    if authority:
        account |= {"security": "starttls", "ca_file": authority}
    if password:
        account |= {"login": "compta"}
        secrets.store("mail", password, home=config.Home(root=root))
    config.save(root, {"mail": account})
    with offices.open_office(root) as office:
        return batches.send(office, batches.prepare(office, OCTOBER).batch.id)


def stopped_for(root: Path, run: Run, reason: StopReason, error: str) -> str:
    """It says why, in words, by its exit code and in the journal; nothing left, and the slip balances."""
    assert run.stopped is not None
    assert run.stopped.reason is reason
    assert isinstance(run.stopped.error, EliteError)
    assert run.stopped.error.code == error
    said = views.stop_json(run)
    assert said is not None
    assert said["code"] == reason.value
    assert said["message"]
    assert "…" not in said["message"]
    with offices.open_office(root) as office:
        (ended,) = office.journal.entries(kinds=[EntryKind.RUN_ENDED])
        slip = batches.survey(office, OCTOBER).slip
    assert views.stop_json(batches.run_of(ended)) == said
    assert exit_code(run, slip) == 4
    assert slip.balanced
    assert slip.boxes[Box.PENDING].count == 2
    return said["message"]


@pytest.mark.parametrize(("served", "error"), [("expired", "tls_expired"), ("misnamed", "tls_name")])
def test_a_wrong_certificate(tmp_path: Path, certificates: Certificates, served: str, error: str) -> None:
    root = offices.make_home(tmp_path / "home", 2)
    with SmtpServer(tls=getattr(certificates, served), users={"compta": "juste"}) as server:
        run = by_smtp(root, server.port, certificates.authority, password="juste")
    assert server.stored == []
    stopped_for(root, run, StopReason.SERVER, error)


def test_a_wrong_password_is_tried_once(tmp_path: Path, certificates: Certificates) -> None:
    root = offices.make_home(tmp_path / "home", 2)
    with SmtpServer(tls=certificates.right, users={"compta": "juste"}) as server:
        run = by_smtp(root, server.port, certificates.authority, password="faux")
    assert (server.stored, server.sessions) == ([], 1)
    stopped_for(root, run, StopReason.AUTHENTICATION, "refused")
    assert "faux" not in stop_sentence(run)


def test_a_server_that_does_not_answer(tmp_path: Path) -> None:
    root = offices.make_home(tmp_path / "home", 2)
    with SmtpServer() as server:
        port = server.port
    stopped_for(root, by_smtp(root, port), StopReason.SERVER, "refused")


def test_no_encryption_where_it_is_asked_for(tmp_path: Path, certificates: Certificates) -> None:
    root = offices.make_home(tmp_path / "home", 2)
    with SmtpServer(users={"compta": "juste"}) as server:
        run = by_smtp(root, server.port, certificates.authority, password="juste")
    assert server.stored == []
    stopped_for(root, run, StopReason.SERVER, "starttls_missing")


def test_a_month_by_a_real_dialogue(tmp_path: Path, certificates: Certificates) -> None:
    root = offices.make_home(tmp_path / "home", 2)
    with SmtpServer(tls=certificates.right, users={"compta": "juste"}) as server:
        run = by_smtp(root, server.port, certificates.authority, password="juste")
        again = by_smtp(root, server.port, certificates.authority, password="juste")
    assert (run.sent, run.stopped, again.sent) == (2, None, 0)
    assert sorted(r for message in server.stored for r in message.recipients) == [address(1), address(2)]
    assert boxes(root) == {"accepted": 2}
