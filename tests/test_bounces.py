"""What a message that came back says: our own corpus is the specification, the shared one the measure."""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Callable, Sequence
from email import message_from_bytes
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from elite_lib import bounces
from elite_lib.bounces import charsets, evidence, markup, recipients
from elite_lib.bounces.classes import mailboxes, providers, refusals, sending
from elite_lib.bounces.classes.rows import compiled
from elite_lib.bounces.dialects.rows import Dialect, expression
from elite_lib.bounces.dialects.servers import SERVERS
from elite_lib.bounces.dialects.services import SERVICES
from elite_lib.cli.returns import as_record
from elite_lib.models import MailReport, ReturnClass, ReturnKind
from tests.support.scoring import load_scorer, shared_bounces

CORPUS = Path(__file__).parent / "data" / "bounces"
EXPECTED = json.loads((CORPUS / "expected.json").read_text(encoding="utf-8"))
SAMPLES = sorted(EXPECTED)
LARGE = 10_000_000


def read(name: str) -> bytes:
    return (CORPUS / name).read_bytes()


@pytest.mark.parametrize("name", SAMPLES)
def test_own_corpus(name: str) -> None:
    wanted = EXPECTED[name]
    report = bounces.classify(read(name))
    assert report.kind == wanted["kind"]
    for field in ("message_id", "envid", "token", "disposition", "recipient"):
        assert getattr(report, field) == wanted.get(field, ""), field
    assert (report.date.isoformat() if report.date else "") == wanted.get("date", "")
    assert [
        {
            "recipient": found.recipient,
            "class": found.cls.value,
            "aliases": list(found.aliases),
            "status": found.status,
            "reply_code": found.reply_code,
            "ours_to_fix": found.ours_to_fix,
            "final": found.final,
        }
        for found in report.reports
    ] == [{"aliases": [], "status": "", "reply_code": "", "final": True, **row} for row in wanted["reports"]]


def test_the_corpus_is_whole() -> None:
    kinds = [wanted["kind"] for wanted in EXPECTED.values()]
    classes = {row["class"] for wanted in EXPECTED.values() for row in wanted["reports"]}
    assert set(SAMPLES) == {file.name for file in CORPUS.glob("*.eml")}
    assert set(kinds) == {kind.value for kind in ReturnKind}
    assert classes == {cls.value for cls in ReturnClass}
    assert kinds.count("none") >= 40


def test_every_finding_names_its_rule_and_its_words_are_one_line() -> None:
    for name in SAMPLES:
        for found in bounces.classify(read(name)).reports:
            assert found.rule, name
            assert found.reason == " ".join(found.reason.split()), name


# ------------------------------------------------------------------ properties


@pytest.mark.parametrize("name", SAMPLES)
def test_line_ends_make_no_difference(name: str) -> None:
    lf = read(name).replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    answer = bounces.classify(lf)
    assert bounces.classify(lf.replace(b"\n", b"\r\n")) == answer
    assert bounces.classify(lf.replace(b"\n", b"\r")) == answer


@settings(max_examples=300, deadline=None)
@given(name=st.sampled_from(SAMPLES), share=st.floats(0, 1))
def test_a_truncated_message_gets_an_answer(name: str, share: float) -> None:
    content = read(name)
    report = bounces.classify(content[: int(len(content) * share)])
    if EXPECTED[name]["kind"] in ("none", "auto_reply", "mdn", "complaint", "challenge"):
        assert report.kind is not ReturnKind.BOUNCE  # cut short, a person's message is still a person's


def test_a_report_passed_on_as_text_is_read_when_a_mail_system_passes_it_on() -> None:
    report = read("layout-report-as-text.eml")
    bare = report.replace(b"Content-Type: multipart/report", b"Content-Type: multipart/mixed")
    assert bounces.classify(report).detector == "dsn"
    assert bounces.classify(bare).detector != "dsn"
    person = report.replace(b"From: MAILER-DAEMON@relais", b"From: helene@famille", 1).replace(
        b"<>", b"<h@b>", 1
    )
    person = person.replace(b"Subject: Undelivered Mail", b"Subject: Fwd: Undelivered Mail", 1)
    assert bounces.classify(person).kind is ReturnKind.NONE


def test_a_report_that_could_not_be_delivered_is_not_passed_on() -> None:
    named = b"suivi+42@relais.example\n    mailbox is full\n\n-----------------"
    report = read("layout-report-as-text.eml").replace(b"-----------------", named, 1)
    assert [found.recipient for found in bounces.classify(report).reports] == ["suivi+42@relais.example"]


def test_dma_writes_the_failed_recipient_into_x_original_to() -> None:
    local = read("server-dma-unknown.eml").replace(b"\nTo: inconnu@famille.example", b"\nTo: famille")
    local = local.replace(b"DragonFly Mail Agent", b"mail agent")  # its like, whose name nobody knows
    assert [found.recipient for found in bounces.classify(local).reports] == ["inconnu@famille.example"]


@pytest.mark.parametrize("length", [316, 324])
def test_our_own_address_cut_short_is_still_ours(length: int) -> None:
    assert bounces.classify(read("none-phishing-own-name.eml")[:length]).kind is ReturnKind.NONE


@settings(max_examples=300, deadline=None)
@given(content=st.binary(max_size=2_000))
@example(b"\x00")
@example(b"Content-Type: multipart/report; boundary=\n\n--\n")
@example(b"From: \xe9 <MAILER-DAEMON@\xe9>\nContent-Type: text/plain; charset=\xff\n\n\xff")
@example(b"Content-Type: message/rfc822\n\n" * 400)
@example(b'From: MAILER-DAEMON@x.example\nContent-Type: text/plain; charset="a\x00b"\n\n\xff')
@example(
    b"From: MAILER-DAEMON@x.example\nContent-Type: multipart/mixed; boundary=b\n\n"
    b'--b\nContent-Type: text/rfc822-headers; charset="a\x00b"\n\n\xff\n--b--\n'
)
@example(b"From: MAILER-DAEMON@x.example\n" + b"Content-Type: multipart/mixed; boundary=b\n\n--b\n" * 300)
def test_no_bytes_raise(content: bytes) -> None:
    assert isinstance(bounces.classify(content), MailReport)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    name=st.sampled_from(SAMPLES),
    edits=st.lists(st.tuples(st.floats(0, 1), st.binary(max_size=6)), min_size=1, max_size=8),
)
def test_no_damage_raises(name: str, edits: Sequence[tuple[float, bytes]]) -> None:
    content = bytearray(read(name))
    for share, new in edits:
        at = int(share * len(content))
        content[at : at + len(new)] = new
    assert isinstance(bounces.classify(bytes(content)), MailReport)


@settings(max_examples=200, deadline=None)
@given(
    body=st.text(max_size=400), subject=st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=60)
)
def test_a_person_s_message_is_never_a_failure(body: str, subject: str) -> None:
    head = f"From: Paul <paul@famille.example>\nTo: compta@tilleuls.example\nSubject: {subject}\n\n"
    quoted = read("real-postfix-lmtp-unknown.eml").decode("utf-8", "replace")
    for text in (body, f"{body}\n{quoted}"):
        assert bounces.classify((head + text).encode("utf-8", "replace")).kind is not ReturnKind.BOUNCE


HOSTILE = {
    "one line": b"x" * LARGE,
    "rulers": b"-" * LARGE,
    "addresses": b"a@b.example " * (LARGE // 12),
    "at signs": b"a@" * (LARGE // 2),
    "quotes": b"> x\n" * (LARGE // 4),
    "headers": b"To: x\n" * (LARGE // 6),
    "brackets": b"<" * LARGE,
    "fields": b"Final-Recipient: rfc822; a@b.example\nAction: failed\n\n" * (LARGE // 54),
    "json": b'notificationType {"a":' * (LARGE // 22),
    "shift states": b"\x1b$B" * (LARGE // 3),
}


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_ten_megabytes_cost_no_more_than_parsing_them(name: str) -> None:
    """A ratio, not a time: the bare parse of all the bytes, or of a hundred corpora where that is quick."""
    content = b"From: MAILER-DAEMON@x.example\nSubject: Undeliverable\n\n" + HOSTILE[name]
    floor = max(_seconds(message_from_bytes, content), 100 * _bare_parse())
    assert _seconds(bounces.classify, content) < floor


# ------------------------------------------------------------------ tables and small parts


def test_tables_are_sound() -> None:
    rows = (
        *sending.SENDING,
        *mailboxes.MAILBOX,
        *mailboxes.HOST,
        mailboxes.UNKNOWN_USER,
        mailboxes.ADDRESS_REFUSED,
        *refusals.ORDER,
        refusals.VAGUE,
    )
    for row in rows:
        phrases = row.phrases.split("|")
        assert row.source and all(len(p.strip()) > (2 if p.isascii() else 1) for p in phrases), row.rule
        assert len(phrases) == len(set(phrases)), row.rule
        assert charsets.fold(row.phrases) == " ".join(row.phrases.split()), row.rule  # as texts are compared
    assert len({row.rule for row in rows}) == len(rows)
    for code in providers.CODES:
        assert code.source and compiled(code.text) and all(code.needle.split("|")), code.rule
    for dialect in (*SERVERS, *SERVICES):
        assert dialect.source and expression(dialect.anchor).groups >= 1, dialect.name
        assert charsets.fold(dialect.known).strip() == dialect.known.strip(), dialect.name


@pytest.mark.parametrize(
    ("text", "status", "code", "command"),
    [
        ("550 5.1.1 unknown (in reply to RCPT TO command)", "5.1.1", "550", "RCPT"),
        ("550-5.7.26 one\n550 5.7.26 two (in reply to end of DATA command)", "5.7.26", "550", "DATA"),
        ("SMTP error from remote mail server after MAIL FROM:<a@b.example>: 501 no", "", "501", "MAIL"),
        ("host mx refused to talk to me: 421 4.7.0 busy", "4.7.0", "421", "CONN"),
        ("Remote host said: 550 no (#5.2.1)", "5.2.1", "550", ""),
        ("from 192.0.2.4.5.1.1 version 5.2.1.3", "", "", ""),
        ("550 messages, 5 of 500", "", "550", ""),
        ("unknown user (state 14).", "", "", "RCPT"),
        ("550 5.0.0 then 5.1.1 said", "5.1.1", "550", ""),
        ("for RCPT TO command, host: mx.b.example reason: 550 no", "", "550", "RCPT"),
        ("no mailbox for mail of that kind", "", "", ""),
    ],
)
def test_codes_are_told_from_other_numbers(text: str, status: str, code: str, command: str) -> None:
    assert evidence.status_in(text) == status
    assert evidence.code_in(text) == code
    assert evidence.command_in(text) == command


@pytest.mark.parametrize(
    ("field", "address"),
    [
        ("rfc822; <a@b.example>", "a@b.example"),
        ("rfc822;a+tag@b.example (A. B.)", "a+tag@b.example"),
        ("@relais.example:a@b.example", "a@b.example"),
        ("utf-8; \\x{E9}lise@b.example", "élise@b.example"),
        ("rfc822; a+2Btag@b.example", "a+tag@b.example"),
        ("X400; /G=A/S=B/", ""),
        ("rfc822; undisclosed", ""),
    ],
)
def test_addresses_are_cleaned(field: str, address: str) -> None:
    assert recipients.clean(field) == address


def test_an_alias_is_no_recipient_of_its_own() -> None:
    report = bounces.classify(read("first-look/exim-local-quota.eml"))
    assert [(found.recipient, found.aliases) for found in report.reports] == [
        ("contact@coiffeur.example", ("info@coiffeur.example",))
    ]


def test_markup_becomes_what_is_read() -> None:
    page = "<style>p{}</style><p>Bo&icirc;te <b>pleine</b><br>&lt;a@b.example&gt;</p><!-- <p>non</p> -->"
    lines = [line.strip() for line in markup.plain_text(page).splitlines()]
    assert list(filter(None, lines)) == ["Boîte pleine", "<a@b.example>"]


def test_a_record_names_no_empty_recipient() -> None:
    report = bounces.classify(read("complaint-redacted.eml"))
    assert [found.recipient for found in report.reports] == [""]
    assert as_record("x.eml", report)["reports"] == []


# ------------------------------------------------------------------ measures


@pytest.fixture(scope="module")
def scored() -> dict[str, float]:
    folder = shared_bounces()
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    answers = {
        file.name: as_record(file.name, bounces.classify(file.read_bytes()))
        for file in sorted((folder / "mail").glob("*.eml"))
    }
    figures, _ = load_scorer(folder).score(truth, answers)
    return dict(figures)


@pytest.mark.parametrize(
    ("figure", "least"),
    [
        ("recipient_recall", 0.985),
        ("recipient_precision", 0.995),
        ("class_accuracy", 0.94),
        ("kind_accuracy", 0.99),
        ("status_exact", 0.97),
        ("reply_code_exact", 0.97),
    ],
)
def test_shared_corpus(scored: dict[str, float], figure: str, least: float) -> None:
    assert scored[figure] >= least


def test_shared_corpus_condemns_few_good_addresses(scored: dict[str, float]) -> None:
    assert scored["false_hard"] <= 0.015
    assert scored["missed_hard"] <= 0.06
    assert scored["errors"] == 0


def _seconds(function: Callable[[bytes], object], content: bytes) -> float:
    start = time.process_time()
    function(content)
    return time.process_time() - start


def _bare_parse() -> float:
    return _best(message_from_bytes, [read(name) for name in SAMPLES])


def _best(function: Callable[[bytes], object], contents: Sequence[bytes]) -> float:
    return min(sum(_seconds(function, content) for content in contents) for _ in range(5))


def test_classifying_costs_at_most_nine_bare_parses() -> None:
    contents = [read(name) for name in SAMPLES]
    assert _best(bounces.classify, contents) < 9 * _best(message_from_bytes, contents)


def test_the_same_bytes_give_the_same_frozen_answer() -> None:
    report = bounces.classify(read("dsn-envid.eml"))
    assert report == bounces.classify(read("dsn-envid.eml"))
    with pytest.raises(dataclasses.FrozenInstanceError):
        report.kind = ReturnKind.NONE  # type: ignore[misc]


@pytest.mark.parametrize(
    "subject", ["Statistiques d'octobre", "3 messages en quarantaine", "Vol 2, numéro 7"]
)
def test_a_subject_of_ours_that_a_failure_quotes_makes_it_no_news(subject: str) -> None:
    mail = (
        f"From: postmaster@mx.example\nTo: compta@tilleuls.example\nSubject: Undeliverable: {subject}\n\n"
        "Delivery has failed to these recipients:\n\ngilles@famille.example\nUser unknown\n"
    )
    report = bounces.classify(mail.encode())
    assert report.kind is ReturnKind.BOUNCE
    assert bounces.classify(mail.replace("Undeliverable: ", "").encode()).kind is ReturnKind.NONE


def test_a_failure_under_the_title_of_an_answer_stays_a_failure() -> None:
    said = "Ihre Nachricht an <gilles@famille.example> konnte nicht zugestellt werden: Unbekannter Empfänger."
    mail = (
        "Return-Path: <>\nFrom: info@mx.example\nTo: compta@tilleuls.example\n"
        "Subject: Automatische Nachricht: Zustellung fehlgeschlagen\n"
        f"Content-Type: text/plain; charset=utf-8\n\n{said} Nicht zugestellt.\n"
    )
    report = bounces.classify(mail.encode())
    assert report.kind is ReturnKind.BOUNCE
    assert [found.recipient for found in report.reports] == ["gilles@famille.example"]
    absent = mail.replace(said + " Nicht zugestellt.", "Ich bin im Urlaub.")
    assert bounces.classify(absent.encode()).kind is ReturnKind.AUTO_REPLY


@pytest.mark.parametrize("dialect", [*SERVERS, *SERVICES], ids=lambda dialect: dialect.name)
def test_an_anchor_finds_an_address_whole_or_not_at_all(dialect: Dialect) -> None:
    """``boutique@marche`` was found in ``boutique@marche-ex.example, ERROR CODE``."""
    whole = "boutique.a-b@marche-ex.grand-pin.example"
    ends = (
        "",
        ",",
        ":",
        ";",
        " - x",
        "-",
        "...",
        "... User unknown",
        "> x",
        ")",
        ", ERROR CODE :550",
        " (x)",
    )
    starts = (
        "",
        "<",
        "  ",
        "rcpt to:<",
        "error-for: ",
        "550 <",
        "delivered to: ",
        "*** ",
        "undeliverable to ",
    )
    for text in (f"{start}{whole}{end}\n" for start in starts for end in ends):
        for match in expression(dialect.anchor).finditer(text):
            found = {recipients.clean(group) for group in match.groups() if group and "@" in group}
            assert found <= {whole}, text
