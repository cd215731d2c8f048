"""What is told when nobody watched: the notice, its sheet, the heartbeat, the page's banner."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import openpyxl
import pytest

from elite_lib import batch as batches
from elite_lib import config, notices
from elite_lib.batch import Office, Run, Stop
from elite_lib.exceptions import AuthenticationError, ConfigError, ServerUnavailableError, SourceError
from elite_lib.journal import lock_account
from elite_lib.labels import _, explain, use_language, word
from elite_lib.models import Box, Entry, EntryKind, Period, Reply, Slip, Stage, StopReason
from elite_lib.notices import Beat, News, Standing, compose_notice, due_period, send_notice
from elite_lib.notices.composing import months
from elite_lib.notices.sheet import neutral, remaining
from elite_lib.transports.fake import Answers, FakeTransport
from elite_lib.ui.banner import sentences
from elite_lib.ui.dashboard import Dashboard
from tests.support import offices, workbooks
from tests.support.command import boxes, elite
from tests.support.offices import OCTOBER, address, code, invoice_number
from tests.support.smtp_server import Say, SmtpServer

TO = "direction@tilleuls.example"
NOW = dt.datetime(2026, 11, 6, 9, 0, tzinfo=dt.UTC)
NO = Reply(code=550, text="5.1.1 =cmd|' /C calc'!A0")


@pytest.fixture(autouse=True)
def _french() -> Iterator[None]:
    use_language("fr")
    yield
    use_language("fr")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return offices.make_home(tmp_path / "home", 3, settings={"notice": {"to": TO}})


@pytest.fixture
def office(root: Path) -> Iterator[Office]:
    with offices.open_office(root) as opened:
        yield opened


def sent(office: Office, transport: FakeTransport | None = None) -> tuple[Run, Slip]:
    """Send October over a pretended server; give how it ended and what remains."""
    run = offices.run(office, batches.prepare(office, OCTOBER).batch, transport)
    return run, batches.survey(office, OCTOBER).slip


def refused_one(office: Office) -> tuple[Run, Slip]:
    return sent(office, FakeTransport({address(1): Answers(rcpt=NO)}))


def written(office: Office, news: News) -> EmailMessage:
    content = compose_notice(
        news, establishment=office.settings.establishment, account=office.account, to=TO, now=NOW
    )
    message = message_from_bytes(content, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def tell(office: Office, news: News, transport: FakeTransport | None = None) -> Entry | None:
    return send_notice(
        office.settings, news, journal=office.journal, operator="cron", transport=transport or FakeTransport()
    )


def body(message: EmailMessage, kind: str = "plain") -> str:
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content())


def sheet_of(message: EmailMessage) -> list[tuple[object, ...]]:
    (attached,) = message.iter_attachments()
    assert attached.get_content_type().endswith("spreadsheetml.sheet")
    book = openpyxl.load_workbook(io.BytesIO(attached.get_content()))
    assert not [cell for row in book.active for cell in row if cell.data_type == "f"]
    return list(book.active.values)


def noticed(office: Office) -> list[Entry]:
    return office.journal.entries(kinds=[EntryKind.NOTICED])


# -- the message ---------------------------------------------------------------------------------------


def test_nothing_remains(office: Office) -> None:
    run, slip = sent(office)
    message = written(office, News(period=OCTOBER, slip=slip, run=run))
    assert message["To"] == TO
    assert message["Subject"] == _("{home} – {month}: everything left").format(
        home="Les Tilleuls", month="octobre 2026"
    )
    assert message["Auto-Submitted"] == "auto-generated"
    assert list(message.iter_attachments()) == []
    assert "6\u00a0000,00\u00a0€" in body(message)
    assert "6\u00a0000,00\u00a0€" in body(message, "html")


def test_what_remains_is_in_text_html_and_sheet(office: Office) -> None:
    run, slip = refused_one(office)
    news = News(period=OCTOBER, slip=slip, run=run)
    message = written(office, news)
    assert news.standing is Standing.REMAINS
    assert "octobre 2026" in message["Subject"]
    assert "1" in message["Subject"]
    for part in (body(message), body(message, "html")):
        assert invoice_number(1) in part
        assert word(Box.REFUSED) in part
        assert "5.1.1" in part
        assert invoice_number(2) not in part
    _titles, row = sheet_of(message)
    assert row[:4] == (invoice_number(1), slip.lines[0].name, 2000, word(Box.REFUSED))
    assert address(1) in str(row[4])
    assert row[6] == f"550 {NO.text}"


def test_the_same_news_at_the_same_instant_have_the_same_message_id(office: Office) -> None:
    news = News(period=OCTOBER, slip=batches.survey(office, OCTOBER).slip)
    assert written(office, news)["Message-ID"] == written(office, news)["Message-ID"]


@pytest.mark.parametrize("text", ["=1+1", "+33", "-2", "@SUM(A1)", " =1", "\t=1", "\r=1", "\n=1", "＝1"])
def test_a_cell_is_never_a_formula(text: str) -> None:
    assert neutral(text).startswith("'")


def test_a_cell_is_what_it_was_otherwise() -> None:
    assert [neutral(text) for text in ("Bœuf", "a=b", "")] == ["Bœuf", "a=b", ""]
    assert neutral("a\x00b\x1b\ud800") == "ab"


def test_names_that_are_formulas_are_read_back_as_texts(tmp_path: Path) -> None:
    residents = [workbooks.resident(code(1), Nom="@SUM(A1)", Civilité="", Prénom="")]
    root = offices.make_home(tmp_path / "home", 1, residents=residents)
    with offices.open_office(root) as office:
        slip = batches.survey(office, OCTOBER).slip
        _titles, row = sheet_of(written(office, News(period=OCTOBER, slip=slip)))
    assert str(row[1]).startswith("'@")


def test_an_html_notice_runs_nothing_that_a_server_says(office: Office) -> None:
    reply = Reply(code=550, text="<script>alert(1)</script>")
    run, slip = sent(office, FakeTransport({address(1): Answers(rcpt=reply)}))
    assert "<script>" not in body(written(office, News(period=OCTOBER, slip=slip, run=run)), "html")


def test_a_run_that_did_not_start_says_why(office: Office) -> None:
    error = SourceError("file_missing", file="factures.xlsx")
    news = News(period=OCTOBER, error=error)
    message = written(office, news)
    assert news.standing is Standing.NOT_LEFT
    assert message["Subject"] == _("{home} – {month}: the batch did not leave").format(
        home="Les Tilleuls", month="octobre 2026"
    )
    assert " ".join(explain(error).split()) in " ".join(body(message).split())
    assert list(message.iter_attachments()) == []


def test_a_month_without_invoices_did_not_leave(office: Office) -> None:
    september = Period.parse("2026-09")
    news = News(period=september, slip=batches.survey(office, september).slip, run=Run(id="r"))
    assert news.standing is Standing.NOT_LEFT
    assert _("The workbook has no invoice of this month.") in body(written(office, news))


def test_a_run_that_stopped_before_anything_left_and_in_the_middle(office: Office) -> None:
    stopped = Run(id="r", stopped=Stop(reason=StopReason.SERVER, detail="421 closing"))
    before = News(period=OCTOBER, slip=batches.survey(office, OCTOBER).slip, run=stopped)
    assert before.standing is Standing.NOT_LEFT
    assert "421 closing" in before.sentence
    _run, slip = refused_one(office)
    after = News(period=OCTOBER, slip=slip, run=stopped)
    assert after.standing is Standing.REMAINS
    assert "421 closing" in body(written(office, after))


def test_a_long_remainder_is_cut_in_the_text_and_whole_in_the_sheet(tmp_path: Path) -> None:
    root = offices.make_home(tmp_path / "home", 50)
    with offices.open_office(root) as office:
        slip = batches.survey(office, OCTOBER).slip
        message = written(office, News(period=OCTOBER, slip=slip))
    assert body(message).count("F2026-10-") == 40
    assert _("… and {n} more: see the attached sheet.").format(n=10) in body(message)
    assert len(sheet_of(message)) == 51
    assert len(remaining(slip)) == 50


def test_a_period_is_named_by_both_its_ends() -> None:
    assert months(Period.parse("2026-09..2026-10")) == "septembre 2026 – octobre 2026"


# -- sending it ----------------------------------------------------------------------------------------


def test_a_notice_is_sent_once_to_its_address_and_journalled(office: Office) -> None:
    run, slip = refused_one(office)
    transport = FakeTransport()
    tell(office, News(period=OCTOBER, slip=slip, run=run), transport)
    (call,) = transport.calls
    assert (call.envelope.recipients, call.envelope.archive) == ((TO,), "")
    assert not transport.is_open
    (entry,) = noticed(office)
    assert (entry.data["ok"], entry.data["to"], entry.month, entry.run) == (True, TO, "2026-10", run.id)
    assert str(entry.data["subject"]).startswith("Les Tilleuls")
    assert batches.survey(office, OCTOBER).slip == slip, "a notice is no family's message"


@pytest.mark.parametrize(
    "transport",
    [
        FakeTransport(on_open=ServerUnavailableError("refused", host="smtp.example", port=587, detail="")),
        FakeTransport(on_open=AuthenticationError("refused", host="smtp.example", reply_code=535, text="no")),
        FakeTransport([Answers(mail=Reply(code=451, text="later"))]),
        FakeTransport([Answers(rcpt=Reply(code=550, text="no such user"))]),
        FakeTransport([Answers(final=Reply(code=554, text="spam"))]),
        FakeTransport([Answers(cut=Stage.DOT)]),
        FakeTransport([Answers(cut=Stage.DATA)]),
    ],
)
def test_a_notice_that_fails_is_journalled_with_its_reason_and_raises_nothing(
    office: Office, transport: FakeTransport
) -> None:
    run, slip = sent(office)
    tell(office, News(period=OCTOBER, slip=slip, run=run), transport)
    (entry,) = noticed(office)
    assert entry.data["ok"] is False
    assert entry.data["detail"]
    assert len(transport.calls) <= 1, "tried once"
    assert batches.survey(office, OCTOBER).slip == slip


def test_a_refused_login_is_not_tried_again(office: Office) -> None:
    run = Run(id="r", stopped=Stop(reason=StopReason.AUTHENTICATION, detail="535 no"))
    transport = FakeTransport()
    tell(office, News(period=OCTOBER, slip=batches.survey(office, OCTOBER).slip, run=run), transport)
    assert transport.opened == 0
    (entry,) = noticed(office)
    assert entry.data["ok"] is False


def test_a_password_that_is_nowhere_is_a_reason(tmp_path: Path) -> None:
    settings = {"notice": {"to": TO}, "mail": _account(9) | {"login": "compta"}}
    with offices.open_office(offices.make_home(tmp_path / "home", 1, settings=settings)) as office:
        news = News(period=OCTOBER, error=ConfigError("secret_missing", name="mail"))
        entry = send_notice(office.settings, news, journal=office.journal, operator="cron", environ={})
        assert entry is not None
        assert entry.data["ok"] is False


@pytest.mark.parametrize("when", ["always", "remainder"])
def test_only_a_remainder_is_told_of_if_so_wished(tmp_path: Path, when: str) -> None:
    root = offices.make_home(tmp_path / "home", 3, settings={"notice": {"to": TO, "when": when}})
    with offices.open_office(root) as office:
        run, slip = sent(office)
        transport = FakeTransport()
        tell(office, News(period=OCTOBER, slip=slip, run=run), transport)
        assert len(transport.calls) == len(noticed(office)) == (1 if when == "always" else 0)
        tell(office, News(period=OCTOBER, error=SourceError("file_missing")), transport)
        assert len(transport.calls) == (2 if when == "always" else 1)


def test_without_an_address_a_trouble_is_kept_for_the_page_and_success_is_not(tmp_path: Path) -> None:
    with offices.open_office(offices.make_home(tmp_path / "home", 3)) as office:
        transport = FakeTransport()
        run, slip = sent(office)
        assert tell(office, News(period=OCTOBER, slip=slip, run=run), transport) is None
        entry = tell(office, News(period=OCTOBER, error=SourceError("file_missing")), transport)
        assert transport.calls == []
        assert entry is not None
        assert entry.data["ok"] is None
        assert entry.data["trouble"]


def test_without_an_account_or_a_journal_nothing_is_raised(tmp_path: Path) -> None:
    settings = {"notice": {"to": TO}, "mail": {"sender": "", "host": ""}}
    with offices.open_office(offices.make_home(tmp_path / "home", 1, settings=settings)) as office:
        news = News(period=OCTOBER, error=ConfigError("mail_missing", file="elite.toml"))
        entry = send_notice(office.settings, news, journal=None, operator="cron")
        assert entry is not None
        assert (entry.id, entry.data["ok"]) == (0, False)


# -- the heartbeat ---------------------------------------------------------------------------------------


def beat(office: Office, period: Period = OCTOBER) -> Beat:
    found = notices.heartbeat(office, batches.survey(office, period).slip)
    assert notices.beat_sentence(found)
    return found.beat


def test_a_month_that_did_not_leave_is_missed(office: Office) -> None:
    assert beat(office) is Beat.NEVER
    assert beat(office, Period.parse("2026-09")) is Beat.EMPTY
    batches.prepare(office, OCTOBER)
    assert beat(office) is Beat.NEVER, "a batch that is only prepared has not left"
    sent(office)
    assert beat(office) is Beat.DONE


def test_what_a_person_must_settle_does_not_undo_the_run(office: Office) -> None:
    refused_one(office)
    assert beat(office) is Beat.DONE


def test_a_run_that_stopped_or_left_something_is_no_run(office: Office) -> None:
    batch = batches.prepare(office, OCTOBER).batch
    busy = FakeTransport([Answers(mail=Reply(code=550, text="5.7.1 sender"))])
    offices.run(office, batch, busy)
    assert beat(office) is Beat.STOPPED
    later = Reply(code=451, text="4.2.1 later")
    offices.run(office, batch, FakeTransport({address(1): Answers(rcpt=later)}))
    assert beat(office) is Beat.UNFINISHED
    offices.run(office, batch)
    assert beat(office) is Beat.DONE


def test_a_run_that_never_ended_is_under_way_or_was_cut(office: Office) -> None:
    account = office.account.key
    office.journal.append(Entry(kind=EntryKind.RUN_STARTED, account=account, month="2026-10", run="r1"))
    assert beat(office) is Beat.CUT
    with lock_account(office.settings.home.locks, account, wait=0, run="r1", operator="cron"):
        assert beat(office) is Beat.UNDER_WAY


@pytest.mark.parametrize(
    ("today", "day", "month"),
    [
        ("2026-11-05", 5, "2026-10"),
        ("2026-11-04", 5, "2026-09"),
        ("2027-01-31", 5, "2026-12"),
        ("2027-01-01", 5, "2026-11"),
        ("2026-11-05", 0, None),
    ],
)
def test_a_month_is_due_on_a_day_of_the_next(today: str, day: int, month: str | None) -> None:
    due = due_period(dt.date.fromisoformat(today), day)
    assert (due.key if due else None) == month


# -- the page -------------------------------------------------------------------------------------------


def banner(office: Office, now: dt.datetime = NOW) -> str:
    return "\n".join(sentences(office, batches.load_tables(office), now=now))


def test_the_page_says_that_a_month_did_not_leave_once_it_is_due(office: Office) -> None:
    assert banner(office, NOW.replace(day=4)) == ""
    assert banner(office).startswith("Octobre 2026")
    sent(office)
    assert banner(office) == ""


def test_no_day_no_banner(tmp_path: Path) -> None:
    root = offices.make_home(tmp_path / "home", 1, settings={"notice": {"due_day": 0}})
    with offices.open_office(root) as office:
        assert banner(office) == ""


def test_the_page_says_why_a_scheduled_run_did_not_start_until_the_month_has_left(office: Office) -> None:
    now = dt.datetime.now(dt.UTC)
    tell(office, News(period=OCTOBER, error=SourceError("file_missing", file="factures.xlsx")))
    assert "factures.xlsx" in banner(office, now)
    sent(office)
    assert "factures.xlsx" not in banner(office, now)


def test_the_page_says_that_nobody_could_be_told(office: Office) -> None:
    run, slip = sent(office)
    now = dt.datetime.now(dt.UTC)
    refusal = FakeTransport([Answers(rcpt=Reply(code=550, text="no such user"))])
    tell(office, News(period=OCTOBER, slip=slip, run=run), refusal)
    assert TO in banner(office, now)
    assert "no such user" in banner(office, now)
    tell(office, News(period=OCTOBER, slip=slip, run=run))
    assert TO not in banner(office, now)


def test_the_newest_run_that_stopped_is_told_of_unless_a_person_stopped_it(tmp_path: Path) -> None:
    root = offices.make_home(tmp_path / "home", 3, settings={"notice": {"due_day": 0}})
    with offices.open_office(root) as office:
        batch, now = batches.prepare(office, OCTOBER).batch, dt.datetime.now(dt.UTC)
        offices.run(office, batch, should_stop=lambda: True)
        assert banner(office, now) == ""
        offices.run(office, batch, FakeTransport([Answers(mail=Reply(code=550, text="5.7.1 sender"))]))
        assert "5.7.1 sender" in banner(office, now)


def test_the_banner_is_on_the_page_when_it_opens(tmp_path: Path) -> None:
    never_due = {"notice": {"to": TO, "due_day": 0}}  # what is due depends on the day of the test
    with offices.open_office(offices.make_home(tmp_path / "home", 3, settings=never_due)) as office:
        assert Dashboard(office).dispatch.banner.widget.value == ""
        tell(office, News(period=OCTOBER, error=SourceError("file_missing", file="factures.xlsx")))
        tab = Dashboard(office).dispatch
        assert "factures.xlsx" in tab.banner.widget.value
        assert tab.banner.widget in tab.widget.children


# -- the command -----------------------------------------------------------------------------------------


def _account(port: int) -> dict[str, object]:
    return {"sender": "compta@tilleuls.example", "host": "127.0.0.1", "port": port, "security": "plain"}


def home_for(server: SmtpServer, path: Path, **mail: object) -> Path:
    account = _account(server.port) | mail
    return offices.make_home(path, 3, settings={"notice": {"to": TO}, "mail": account})


def to_office(server: SmtpServer) -> list[EmailMessage]:
    found = [
        message_from_bytes(one.content, policy=policy.default)
        for one in server.stored
        if one.recipients == [TO]
    ]
    return [message for message in found if isinstance(message, EmailMessage)]


def test_a_scheduled_run_ends_with_one_notice(tmp_path: Path) -> None:
    with SmtpServer({}) as server:
        root = home_for(server, tmp_path / "home")
        said = elite("send", "2026-10", "--yes", "--notify", "--json", home=root)
        watched = elite("watch", "2026-10", "--notify", home=root)
    assert (said.code, said.json["sent"]) == (0, 3)
    assert TO in said.err
    assert watched.code == 0
    (notice,) = to_office(server)
    assert "octobre 2026" in notice["Subject"]
    assert len(server.stored) == 4
    assert boxes(root) == {"accepted": 3}
    status = elite("status", "2026-10", "--json", home=root)
    assert status.json["heartbeat"]["code"] == "done"


def test_a_login_that_is_refused_is_4_and_is_tried_once(tmp_path: Path) -> None:
    with SmtpServer({}, users={"compta": "juste"}) as server:
        root = home_for(server, tmp_path / "home", login="compta")
        config.Home(root=root).secrets.joinpath("mail").touch(mode=0o600)
        config.Home(root=root).secrets.joinpath("mail").write_text("faux")
        said = elite("send", "2026-10", "--yes", "--notify", home=root)
    assert said.code == 4
    assert sum(command.startswith("AUTH") for command in server.commands) == 1
    with offices.open_office(root) as office:
        (entry,) = noticed(office)
        assert entry.data["ok"] is False
        assert banner(office, dt.datetime.now(dt.UTC))


def test_a_workbook_that_cannot_be_read_is_1_and_told_of(tmp_path: Path) -> None:
    with SmtpServer({}) as server:
        root = home_for(server, tmp_path / "home")
        (root / "factures.xlsx").write_bytes(b"no workbook")
        quiet = elite("send", "2026-10", "--yes", home=root)
        said = elite("send", "2026-10", "--yes", "--notify", home=root)
    assert (quiet.code, said.code) == (1, 1)
    assert len(server.stored) == 1
    (notice,) = to_office(server)
    assert "factures.xlsx" in body(notice)
    with offices.open_office(root) as office:
        assert len(noticed(office)) == 1


def test_a_journal_that_is_gone_is_4_and_told_of(tmp_path: Path) -> None:
    with SmtpServer({}) as server:
        root = home_for(server, tmp_path / "home")
        assert elite("prepare", "2026-10", home=root).code == 0
        for file in root.glob("journal.sqlite*"):
            file.unlink()
        said = elite("send", "2026-10", "--yes", "--notify", home=root)
    assert said.code == 4
    assert len(to_office(server)) == 1
    assert not (root / "journal.sqlite").exists()


def test_a_server_that_refuses_the_notice_changes_no_exit_code(tmp_path: Path) -> None:
    with SmtpServer({f"rcpt:{TO}": Say("550 5.1.1 nobody")}) as server:
        root = home_for(server, tmp_path / "home")
        (root / "factures.xlsx").write_bytes(b"no workbook")
        assert elite("send", "2026-10", "--yes", "--notify", home=root).code == 1
    assert server.stored == []


def test_a_rehearsal_tells_nobody(root: Path) -> None:
    assert elite("send", "2026-10", "--notify", home=root).code == 2


def test_watch_is_3_and_tells_when_the_month_did_not_leave(tmp_path: Path) -> None:
    with SmtpServer({}) as server:
        root = home_for(server, tmp_path / "home")
        quiet = elite("watch", "2026-10", "--json", home=root)
        said = elite("watch", "2026-10", "--notify", home=root)
    assert (quiet.code, said.code) == (3, 3)
    assert (quiet.json["code"], quiet.json["waiting"], quiet.json["month"]) == ("never", 3, "2026-10")
    assert "Octobre 2026" in said.out
    (notice,) = to_office(server)
    assert "octobre 2026" in notice["Subject"]
    assert "Octobre 2026" in elite("status", "2026-10", home=root).out
