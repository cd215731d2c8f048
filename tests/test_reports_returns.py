"""The analyst's tables, from entries whose outcome is known."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

import elite_lib as el
from elite_lib import batch as batches
from elite_lib import formats
from elite_lib.batch import Office
from elite_lib.exceptions import ConfigError
from elite_lib.labels import explain, use_language
from elite_lib.models import Period, Reply, ReturnClass, ReturnKind
from elite_lib.reports import shown
from elite_lib.transports.fake import Answers, FakeTransport
from tests.support import databases, offices, workbooks
from tests.support.clocks import ManualClock
from tests.support.offices import OCTOBER, address, code, invoice_number
from tests.support.returning import Mailbag

C, K = ReturnClass, ReturnKind


@pytest.fixture(autouse=True)
def _french() -> Iterator[None]:
    use_language("fr")
    yield
    use_language("fr")


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    contacts = [
        workbooks.contact(code(n), **{"E-mail": address(n), "Téléphone": f"01 99 00 00 {n:02}"})
        for n in range(1, 7)
    ]
    root = offices.make_home(tmp_path / "home", 6, contacts=contacts)
    with offices.open_office(root) as opened:
        yield opened


@pytest.fixture
def bag(office: Office) -> Mailbag:
    bag = Mailbag(office)
    bag.send()
    return bag


def only(table: pd.DataFrame) -> dict[str, object]:
    (row,) = table.to_dict("records")
    return {str(name): value for name, value in row.items()}


# -- each finding --------------------------------------------------------------------------------------


def test_a_month_without_returns_gives_empty_tables_with_their_columns(office: Office) -> None:
    tables = [
        el.bounce_table(office), el.bounce_table(office, OCTOBER), el.bounce_rates(office, by="class"),
        el.bounce_rates(office), el.bounce_rates(office, by="month"), el.bounce_delays(office),
        el.deferral_table(office), el.receipt_table(office), el.worst_addresses(office),
        el.suggested_pace(office),
    ]  # fmt: skip
    for table in tables:
        assert table.empty
        assert len(table.columns) >= 4
        assert shown(table).to_html()


def test_a_finding_says_when_whose_and_what_to_do(office: Office, bag: Mailbag) -> None:
    bag.back(address(2), after=7200)
    row = only(el.bounce_table(office, OCTOBER, tables=batches.load_tables(office)))
    assert row["hours"] == pytest.approx(2)
    assert (row["month"], row["line"], row["resident"]) == ("2026-10", invoice_number(2), code(2))
    assert (row["contact"], row["phone"]) == ("M. Hélène LEFÈVRE", "01 99 00 00 02")
    assert (row["address"], row["provider"]) == (address(2), "example.com")
    assert (row["kind"], row["class"], row["final"], row["ours"]) == ("bounce", "hard", True, False)
    assert (row["status"], row["code"], row["tied"]) == ("5.1.1", "550", "message_id")
    assert "n’existe pas" in str(row["happened"])
    assert "Appelez la famille" in str(row["todo"])
    assert isinstance(row["sent"], dt.datetime)
    assert isinstance(row["received"], dt.datetime)


def test_a_masked_table_tells_neither_names_nor_addresses(office: Office, bag: Mailbag) -> None:
    bag.back(address(2), reason=f"<{address(2)}>: no such user")
    tables = batches.load_tables(office)
    for table in (
        el.bounce_table(office, tables=tables, masked=True),
        el.worst_addresses(office, tables=tables, masked=True),
        el.receipt_table(office, tables=tables, masked=True),
    ):
        text = table.to_csv()
        assert "f•••@example.com" in text
        assert "famille2" not in text
        assert "LEFÈVRE" not in text
        assert "01 99" not in text


@pytest.mark.parametrize(
    ("address", "masked"),
    [("claire@example.com", "c•••@example.com"), ("@example.com", "•••@example.com"), ("", ""), ("x", "•••")],
)
def test_an_address_is_masked_and_keeps_its_domain(address: str, masked: str) -> None:
    assert formats.masked(address) == masked


def test_what_is_tied_to_nothing_belongs_to_the_month_whose_sending_it_followed(
    office: Office, bag: Mailbag
) -> None:
    bag.back("someone@example.org")
    far = dt.datetime.now(dt.UTC) + dt.timedelta(days=20)
    bag.back("late@example.org", received=far.isoformat())
    row = only(el.bounce_table(office, OCTOBER))
    assert (row["address"], row["line"], row["month"], row["tied"], row["hours"]) == (
        "someone@example.org", "", "", None, None,
    )  # fmt: skip
    assert el.bounce_table(office, Period.parse("2026-09")).empty
    assert len(el.bounce_table(office)) == 2
    assert el.worst_addresses(office).empty, "who is named by a report about nothing of ours is not blamed"


def test_months_over_the_turn_of_a_year_are_one_period(tmp_path: Path) -> None:
    dates = {1: "2026-11", 2: "2026-12", 3: "2027-01", 4: "2027-02"}
    rows = [
        workbooks.invoice(
            invoice_number(n),
            code(n),
            **{
                "Date": dt.date.fromisoformat(f"{month}-28"),
                "Échéance": dt.date.fromisoformat(f"{month}-28"),
                "Début période": dt.date.fromisoformat(f"{month}-01"),
                "Fin période": dt.date.fromisoformat(f"{month}-28"),
            },
        )
        for n, month in dates.items()
    ]
    with offices.open_office(offices.make_home(tmp_path / "home", 4, factures=rows)) as office:
        bag = Mailbag(office)
        bag.send(Period.parse("2026-11..2027-02"))
        for n in dates:
            bag.back(address(n))
        turn = Period.parse("2026-12..2027-01")
        assert set(el.bounce_table(office, turn)["month"]) == {"2026-12", "2027-01"}
        by_month = el.bounce_rates(office, by="month")
        assert list(by_month["month"]) == list(dates.values())
        assert list(by_month["returned"]) == [1, 1, 1, 1]
        assert len(el.bounce_rates(office, turn, by="month")) == 2


def test_the_tables_are_the_same_on_postgresql(tmp_path: Path) -> None:
    root = offices.make_home(tmp_path / "home", 3, settings={"journal": {"url": databases.new_database()}})
    with offices.open_office(root) as office:
        bag = Mailbag(office)
        bag.send()
        bag.back(address(1))
        bag.back(address(2), C.MAILBOX_FULL, final=False)
        bag.back(address(3), None, kind=K.MDN)
        bag.back("x@example.org")
        assert list(el.bounce_table(office, OCTOBER)["class"]) == ["hard", "mailbox_full", None, "hard"]
        first = el.bounce_rates(office, OCTOBER).to_dict("records")[0]
        assert (first["accepted"], first["returned"], first["delayed"]) == (3, 1, 1)
        assert el.receipt_table(office, OCTOBER)["received"].notna().sum() == 1


# -- rates ---------------------------------------------------------------------------------------------


def test_a_recipient_counts_once_of_all_that_were_accepted(office: Office, bag: Mailbag) -> None:
    bag.back(address(1), C.SOFT, final=False)
    bag.back(address(1))
    bag.back(address(1), reason="once more")
    bag.back(address(2), C.MAILBOX_FULL)
    bag.back(address(3), C.BLOCK, final=False)
    bag.back(address(4), C.AUTO_REPLY, kind=K.AUTO_REPLY)
    bag.back("x@example.org")
    rates = el.bounce_rates(office, OCTOBER).set_index("provider").to_dict("index")
    assert rates["example.com"] == {
        "accepted": 6, "returned": 2, "rate": pytest.approx(2 / 6), "hard": 1, "mailbox_full": 1,
        "blocked": 0, "other": 0, "delayed": 1, "untied": 0,
    }  # fmt: skip
    assert rates["example.org"]["untied"] == 1
    assert (rates["example.org"]["accepted"], rates["example.org"]["returned"]) == (0, 0)
    by_class = el.bounce_rates(office, OCTOBER, by="class").set_index("class").to_dict("index")
    assert by_class[C.HARD]["returned"] == by_class[C.MAILBOX_FULL]["returned"] == 1
    assert by_class[C.HARD]["rate"] == pytest.approx(1 / 6)
    assert by_class[C.BLOCK] == {"returned": 0, "rate": 0.0, "delayed": 1}


def test_what_our_server_did_not_take_is_no_share_of_anything(office: Office) -> None:
    refused = Answers(rcpt=Reply(code=550, text="no"))
    bag = Mailbag(office)
    bag.send(transport=FakeTransport({address(1): refused}))
    bag.back(address(2))
    assert only(el.bounce_rates(office))["accepted"] == 5


def test_a_message_in_doubt_that_came_back_had_left(office: Office) -> None:
    from elite_lib.models import Stage  # noqa: PLC0415

    bag = Mailbag(office)
    bag.send(transport=FakeTransport({address(1): Answers(cut=Stage.DOT)}))
    bag.back(address(1))
    row = only(el.bounce_rates(office))
    assert (row["accepted"], row["returned"]) == (6, 1)


def test_delays_are_said_in_hours_by_provider(office: Office, bag: Mailbag) -> None:
    for n, hours in enumerate((0.5, 1, 2, 50), start=1):
        bag.back(address(n), after=hours * 3600)
    bag.back(address(5), C.SOFT, final=False, after=900_000)
    row = only(el.bounce_delays(office))
    assert (row["count"], row["soonest"], row["median"], row["longest"]) == (
        4, pytest.approx(0.5), pytest.approx(1.5), pytest.approx(50),
    )  # fmt: skip
    assert row["most"] == pytest.approx(2 + 0.7 * 48)


# -- pace ----------------------------------------------------------------------------------------------


def test_a_provider_that_finds_us_too_fast_is_given_half_of_what_it_saw(tmp_path: Path) -> None:
    root = offices.make_home(tmp_path / "home", 30)
    with offices.open_office(root) as office:
        slow = Answers(rcpt=Reply(code=421, text="4.7.28 example.com: too many messages"))
        batch = batches.prepare(office, OCTOBER).batch
        order = [message.recipients[0].address for message in batch.messages]
        clock = ManualClock()
        offices.run(office, batch, FakeTransport({order[20]: slow}), clock=clock)
        row = only(el.suggested_pace(office, OCTOBER))
        assert row["advice"] == "slow"
        assert row["setting"] == f'[lanes."example.com"] per_minute = {row["per_minute"]}'
        assert int(str(row["per_minute"])) >= 1
        assert str(row["per_minute"]) in str(row["why"])
        deferred = only(el.deferral_table(office, OCTOBER))
        assert (deferred["provider"], deferred["code"]) == ("example.com", 421)
        assert int(str(deferred["deferred"])) >= 1
        assert "too many" in str(deferred["reason"])


def test_a_full_mailbox_says_nothing_of_the_pace(office: Office) -> None:
    full = Answers(rcpt=Reply(code=452, text="4.2.2 example.com mailbox full"))
    bag = Mailbag(office)
    bag.send(transport=FakeTransport({address(1): full}))
    bag.back(address(2), C.SOFT, final=False)
    row = only(el.suggested_pace(office))
    assert (row["advice"], row["per_minute"], row["setting"]) == ("keep", None, "")
    assert int(str(row["deferred"])) >= 1
    assert row["reports"] == 1
    assert "Trop peu" in str(row["why"])


def test_a_report_that_we_are_too_fast_counts_for_the_run_that_sent(office: Office, bag: Mailbag) -> None:
    bag.back(address(3), C.RATE_LIMITED, final=False, ours=True)
    assert only(el.suggested_pace(office))["advice"] == "slow"
    assert only(el.deferral_table(office))["reports"] == 1


# -- receipts ------------------------------------------------------------------------------------------


def test_a_receipt_is_a_day_or_no_information_never_not_read(tmp_path: Path) -> None:
    root = offices.make_home(tmp_path / "home", 3, settings={"message": {"receipt": True}})
    with offices.open_office(root) as office:
        bag = Mailbag(office)
        bag.send()
        bag.back(address(1), None, kind=K.MDN, disposition="displayed")
        bag.back(address(2), C.DELIVERED, kind=K.DELIVERED)
        rows = el.receipt_table(office, OCTOBER).set_index("address").to_dict("index")
        assert all(row["asked"] is True for row in rows.values())
        day = formats.date(rows[address(1)]["received"].astimezone().date())
        assert rows[address(1)]["receipt"] == f"reçu le {day}"
        assert rows[address(2)]["receipt"] == rows[address(3)]["receipt"] == "pas d’information"
        assert rows[address(2)]["delivered"] is not None
        assert rows[address(3)]["delivered"] is None
        assert "lu" not in " ".join(str(row["receipt"]) for row in rows.values()).split()


def test_who_was_not_asked_is_told_apart_and_what_is_put_away_is_not_known(
    office: Office, bag: Mailbag
) -> None:
    assert set(el.receipt_table(office)["asked"]) == {False}
    for folder in office.outbox.folder.iterdir():
        for message in folder.glob("*.eml"):
            message.unlink()
    assert set(el.receipt_table(office)["asked"]) == {None}


# -- addresses and messages ----------------------------------------------------------------------------


def test_the_worst_address_comes_first_and_our_own_fault_counts_against_none(
    office: Office, bag: Mailbag
) -> None:
    bag.back(address(1), C.SOFT)
    bag.back(address(2))
    bag.back(address(2))
    bag.back(address(3), C.BLOCK, ours=True)
    worst = el.worst_addresses(office).to_dict("records")
    assert [row["address"] for row in worst] == [address(2), address(1)]
    assert (worst[0]["returned"], worst[0]["set_aside"]) == (2, True)
    assert (worst[1]["returned"], worst[1]["set_aside"]) == (1, False)
    assert len(el.worst_addresses(office, most=1)) == 1


RAW = (
    b"From: =?utf-8?q?Facteur_=C3=A9lectronique?= <MAILER-DAEMON@mx.example.com>\r\n"
    b"Subject: Undeliverable\r\nDate: Sat, 31 Oct 2026 10:00:00 +0100\r\n"
    b"Content-Type: text/html; charset=utf-8\r\n\r\n"
    b"<p>Sorry\x00\x07</p><script>alert(1)</script><p>550 no such user</p>\r\n"
)


def test_a_message_is_read_as_text_whatever_is_in_it(office: Office, bag: Mailbag) -> None:
    bag.back(address(1), raw=RAW)
    digest = str(only(el.bounce_table(office))["digest"])
    message = el.returned_message(office, digest)
    assert message.sender == "Facteur électronique <MAILER-DAEMON@mx.example.com>"
    assert "550 no such user" in message.text
    assert "<script" not in message.text
    assert "\x07" not in message.text
    assert message.size == len(RAW)


@pytest.mark.parametrize("digest", ["0" * 64, "../secret", "", "0" * 63])
def test_a_message_that_is_not_kept_is_said_so_and_no_other_file_is_read(office: Office, digest: str) -> None:
    home = office.settings.home
    home.returns.mkdir(exist_ok=True)
    (home.root / "secret.eml").write_bytes(RAW)
    with pytest.raises(ConfigError) as raised:
        el.returned_message(office, digest)
    assert raised.value.code == "return_missing"
    assert "n’est pas conservé" in explain(raised.value)


# -- how it is shown -----------------------------------------------------------------------------------


def test_a_table_is_shown_with_french_titles_words_and_no_markup_of_others(
    office: Office, bag: Mailbag
) -> None:
    bag.back(address(1), reason="<b>no</b> & never", after=3600)
    html = shown(el.bounce_table(office)).to_html()
    assert "Réponse du serveur" in html
    assert "adresse qui ne marche pas" in html
    assert "octobre 2026" in html
    assert "1\u00a0h\u00a000" in html
    assert "&lt;b&gt;no&lt;/b&gt; &amp; never" in html
    assert ">oui<" in html
    rates = shown(el.bounce_rates(office)).to_html()
    assert "16,7\u00a0%" in rates


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(8, "8 s"), (125, "2 min"), (3 * 3600 + 300, "3 h 05"), (52 * 3600, "2 j 4 h"), (86400, "1 j")],
)
def test_a_length_of_time_is_said_by_its_two_largest_units(seconds: float, text: str) -> None:
    assert formats.duration(seconds).replace("\u00a0", " ") == text
