from __future__ import annotations

import os
import stat
import tomllib
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from elite_lib import composition, config
from elite_lib.config.keys import KEYS
from elite_lib.exceptions import ConfigError
from elite_lib.models import Establishment, MailAccount, Pace, Security, Wording
from tests.support.disks import on_small_disk

MINIMAL = """
[home]
name = "Résidence Les Tilleuls"
establishment = "tilleuls"
"""

FILLED = (
    MINIMAL
    + """
[mail]
sender = "compta@example.com"
host = "smtp.example.com"
"""
)


@pytest.fixture
def home(tmp_path: Path) -> config.Home:
    return config.create_home(tmp_path / "home", name="Résidence Les Tilleuls", establishment="tilleuls")


def read(content: str, root: Path = Path("/home")) -> config.Settings:
    return config.parse(content, home=config.Home(root=root))


def refused(content: str) -> list[tuple[str, str]]:
    """Return (code, key) of everything that is wrong with an elite.toml."""
    with pytest.raises(ConfigError) as raised:
        read(content)
    return [(e.code, str(e.fields.get("key", ""))) for e in errors_of(raised.value)]


def errors_of(error: ConfigError) -> Iterator[ConfigError]:
    yield error
    others = error.fields.get("others", ())
    assert isinstance(others, tuple)
    yield from others


# -- the example ---------------------------------------------------------------------------------------


def test_example_holds_every_setting_and_no_other() -> None:
    example = tomllib.loads(config.example())
    assert {name: set(table) for name, table in example.items()} == {
        name: set(table) for name, table in KEYS.items()
    }


def test_every_field_of_the_models_can_be_set() -> None:
    assert set(KEYS["letterhead"]) == {f.name for f in fields(Establishment)} - {"key", "name"}
    assert set(KEYS["mail"]) == {f.name for f in fields(MailAccount)} | {"preset"}
    assert set(KEYS["pace"]) == {f.name for f in fields(Pace)}
    assert set(KEYS["message"]) == {f.name for f in fields(Wording)} | {"logo", "attachments", "protect"}


def test_example_s_values_are_the_models_defaults() -> None:
    found = read(MINIMAL)
    assert found.pace == Pace()
    assert found.establishment == Establishment(key="tilleuls", name="Résidence Les Tilleuls")
    assert found.mail is None
    assert (found.language, found.operator, found.batch_lifetime_days) == ("fr", "", 15)
    account = read(FILLED).mail
    assert account == MailAccount(sender="compta@example.com", host="smtp.example.com", port=587)


def test_default_wording_can_be_rendered() -> None:
    composition.check(read(MINIMAL).wording)


def test_example_explains_every_placeholder_that_the_brief_of_the_office_promises() -> None:
    promised = (
        "resident", "mois", "de_mois", "montant", "echeance", "destinataire", "etablissement", "numero",
        "pieces",
    )  # fmt: skip
    assert all(f"{{{{ {name} }}}}" in config.example() for name in promised)


# -- reading -------------------------------------------------------------------------------------------


def test_values_are_read() -> None:
    found = read(
        MINIMAL
        + """
[letterhead]
address = ["12 rue des Tilleuls", "69000 LYON"]
iban = "FR76 3000 6000 0112 3456 7890 189"
[data]
source = "mois/octobre.xlsx"
[data.aliases.Factures]
"Total dû" = "NET A PAYER"
[data.aliases.Famille]
"Mél" = "E-mail"
[mail]
sender = "Compta@Éhpad.example"
host = "SMTP.example.com"
security = "tls"
ca_file = "ca.pem"
[pace]
between = 3
per_day = 500
reserve = 100
[message]
receipt = true
attachments = ["menu.pdf"]
[batch]
lifetime_days = 30
"""
    )
    assert found.establishment.address == ("12 rue des Tilleuls", "69000 LYON")
    assert found.establishment.iban == "FR7630006000011234567890189"
    assert found.data.source == Path("/home/mois/octobre.xlsx")
    assert found.data.aliases == {
        "Factures": {"Total dû": "Net à payer"},
        "Contacts": {"Mél": "E-mail"},
    }
    assert found.mail is not None
    assert found.mail.sender == "Compta@xn--hpad-9oa.example"
    assert (found.mail.host, found.mail.port, found.mail.security) == ("smtp.example.com", 465, Security.TLS)
    assert found.mail.ca_file == "/home/ca.pem"
    assert found.pace == Pace(between=3.0, per_day=500, reserve=100)
    assert found.wording.receipt is True
    assert found.attachments == ("menu.pdf",)
    assert found.batch_lifetime_days == 30


@pytest.mark.parametrize(("security", "port"), [("starttls", 587), ("tls", 465), ("plain", 25)])
def test_port_follows_security(security: str, port: int) -> None:
    account = read(FILLED + f'security = "{security}"\n').mail
    assert account is not None
    assert account.port == port
    account = read(FILLED + f'security = "{security}"\nport = 2525\n').mail
    assert account is not None
    assert account.port == 2525


def test_source_may_be_absolute() -> None:
    assert read(MINIMAL + '[data]\nsource = "/srv/factures.ods"\n').data.source == Path("/srv/factures.ods")


def test_byte_order_mark_of_windows_editors_is_no_error(home: config.Home) -> None:
    home.toml.write_bytes(b"\xef\xbb\xbf" + FILLED.replace("\n", "\r\n").encode())
    assert config.load(home.root).establishment.key == "tilleuls"


def test_file_in_another_encoding_is_an_error(home: config.Home) -> None:
    home.toml.write_bytes(MINIMAL.encode("cp1252"))
    with pytest.raises(ConfigError) as raised:
        config.load(home.root)
    assert raised.value.code == "toml_unreadable"


def test_missing_file_is_a_missing_home(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as raised:
        config.load(tmp_path)
    assert raised.value.code == "home_missing"


def test_syntax_error_says_where() -> None:
    with pytest.raises(ConfigError) as raised:
        read('[home]\nname = "Les Tilleuls\n')
    assert raised.value.code == "toml_syntax"
    assert raised.value.fields["line"] == 2
    assert isinstance(raised.value.fields["column"], int)


# -- what is wrong -------------------------------------------------------------------------------------

WRONG = [
    ("home", 'language = "de"', "choice:fr,en"),
    ("home", "operator = 3", "line"),
    ("home", 'operator = """a\nb"""', "line"),
    ("letterhead", 'address = "12 rue des Tilleuls"', "lines"),
    ("letterhead", "mentions = [1]", "lines"),
    ("letterhead", 'email = "accueil"', "email"),
    ("letterhead", 'siret = "73282932000075"', "siret"),
    ("letterhead", 'finess = "12"', "finess"),
    ("letterhead", 'vat_number = "FR00404833048"', "vat_number"),
    ("letterhead", 'ape = "87"', "ape"),
    ("letterhead", 'iban = "FR7630006000011234567890188"', "iban"),
    ("letterhead", 'bic = "AGRI"', "bic"),
    ("letterhead", 'creditor_id = "FR73ZZZ123456"', "creditor_id"),
    ("letterhead", 'colour = "bleu"', "colour"),
    ("mail", 'sender = "marie-hélène@example.com"', "email"),
    ("mail", 'reply_to = "a@example.com, b@example.com"', "email"),
    ("mail", 'archive = "archive@example.com\\r\\nBcc: x@example.com"', "line"),
    ("mail", 'name = "Compta\\nBcc: x@example.com"', "line"),
    ("mail", 'host = "smtp.example.com:587"', "host"),
    ("mail", 'host = "https://smtp.example.com"', "host"),
    ("mail", "port = 65536", "whole:0..65535"),
    ("mail", 'port = "587"', "whole:0..65535"),
    ("mail", "port = true", "whole:0..65535"),
    ("mail", 'security = "ssl"', "choice:starttls,tls,plain"),
    ("mail", "timeout = 0", "seconds:1..3600"),
    ("pace", "between = -1", "seconds:0..3600"),
    ("pace", "between = inf", "seconds:0..3600"),
    ("pace", "pause = nan", "seconds:0..86400"),
    ("pace", "every = -1", "whole:0"),
    ("pace", "every = 2.5", "whole:0"),
    ("pace", "per_hour = -1", "whole:0"),
    ("message", 'receipt = "oui"', "flag"),
    ("message", 'text = "a\\u0000b"', "text"),
    ("message", 'attachments = "menu.pdf"', "lines"),
    ("batch", "lifetime_days = 0", "whole:1..366"),
    ("journal", 'url = "mysql://db.example.com/elite"', "journal_url"),
    ("journal", 'url = "postgresql://db.example.com"', "journal_url"),
    ("backup", "keep = -1", "whole:0..1000"),
]


@pytest.mark.parametrize(("table", "written", "expected"), WRONG, ids=[w[1][:40] for w in WRONG])
def test_wrong_value_is_named_with_what_was_expected(table: str, written: str, expected: str) -> None:
    with pytest.raises(ConfigError) as raised:
        read((MINIMAL if table == "home" else MINIMAL + f"[{table}]\n") + written)
    error = raised.value
    assert (error.code, error.fields["expected"]) == ("value_invalid", expected)
    assert error.fields["key"] == f"{table}.{written.partition(' ')[0]}"
    assert error.fields["file"] == "/home/elite.toml"
    assert "value" in error.fields


def test_everything_wrong_is_told_at_once() -> None:
    found = refused(MINIMAL + "[mail]\nport = -1\ntimeout = 0\n[pace]\nevery = -1\n[messages]\n")
    assert found == [
        ("value_invalid", "mail.port"),
        ("value_invalid", "mail.timeout"),
        ("value_invalid", "pace.every"),
        ("key_unknown", "messages"),
    ]


@pytest.mark.parametrize(
    ("written", "key", "nearest"),
    [
        ("[mails]", "mails", "mail"),
        ("[Message]", "Message", "message"),
        ("[mail]\nsendr = 'a@example.com'", "mail.sendr", "mail.sender"),
        ("[mail]\nreply-to = 'a@example.com'", "mail.reply-to", "mail.reply_to"),
        ("[pace]\nhost = 'smtp.example.com'", "pace.host", "mail.host"),
        ("[mail]\nzzz = 1", "mail.zzz", ""),
        ("[data.aliases.Facture]\n'A' = 'Date'", "data.aliases.Facture", "data.aliases.Factures"),
    ],
)
def test_unknown_key_is_an_error_with_the_nearest_known_one(written: str, key: str, nearest: str) -> None:
    with pytest.raises(ConfigError) as raised:
        read(MINIMAL + written)
    assert (raised.value.code, raised.value.fields["key"]) == ("key_unknown", key)
    assert raised.value.fields["nearest"] == nearest


@pytest.mark.parametrize(
    "written",
    [
        'password = "s3cret"',
        'smtp_password = "s3cret"',
        '"Mot de passe" = "s3cret"',
        "mdp = 's3cret'",
        "token = 's3cret'",
        "secret = 's3cret'",
    ],
)
@pytest.mark.parametrize("table", ["mail", "dashboard"])
def test_password_in_the_file_is_refused_and_not_repeated(table: str, written: str) -> None:
    with pytest.raises(ConfigError) as raised:
        read(MINIMAL + f"[{table}]\n{written}\n")
    assert raised.value.code == "secret_in_file"
    assert str(raised.value.fields["key"]).startswith(f"{table}.")
    assert "s3cret" not in str(raised.value)
    assert all("s3cret" not in str(error) for error in errors_of(raised.value))


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://elite:s3cret@db.example.com/elite",
        "postgresql://db.example.com/elite?password=s3cret",
        "mysql://elite:s3cret@db.example.com/elite",
    ],
)
def test_password_in_the_address_of_the_journal_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(ConfigError) as raised:
        read(MINIMAL + f'[journal]\nurl = "{url}"\n')
    assert (raised.value.code, raised.value.fields["key"]) == ("secret_in_file", "journal.url")
    assert all("s3cret" not in str(error) for error in errors_of(raised.value))


def test_journal_and_backups_as_the_file_says() -> None:
    assert (read(MINIMAL).journal_url, read(MINIMAL).backups_kept) == ("", 10)
    url = "postgresql+psycopg://elite@db.example.com:5433/elite?sslmode=verify-full"
    found = read(MINIMAL + f'[journal]\nurl = "{url}"\n[backup]\nkeep = 3\n')
    assert (found.journal_url, found.backups_kept) == (url, 3)


def test_password_at_the_top_is_refused_and_not_repeated() -> None:
    with pytest.raises(ConfigError) as raised:
        read("password = 's3cret'\n" + MINIMAL)
    assert raised.value.code == "secret_in_file"
    assert all("s3cret" not in str(error) for error in errors_of(raised.value))


def test_column_titled_password_is_the_office_s_business() -> None:
    found = read(MINIMAL + "[data.aliases.Factures]\n'Token' = 'PDF'\n")
    assert found.data.aliases == {"Factures": {"Token": "PDF"}}


@pytest.mark.parametrize(
    ("content", "key"),
    [
        ("[home]\nestablishment = 'tilleuls'\n", "home.name"),
        ("[home]\nname = ' '\nestablishment = 'tilleuls'\n", "home.name"),
        ("[home]\nname = 'Les Tilleuls'\n", "home.establishment"),
        (MINIMAL + "[mail]\nsender = 'a@example.com'\n", "mail.host"),
        (MINIMAL + "[mail]\nhost = 'smtp.example.com'\n", "mail.sender"),
        (MINIMAL + "[data]\nsource = ''\n", "data.source"),
        (MINIMAL + "[message]\nsubject = ''\n", "message.subject"),
    ],
)
def test_missing_value_is_named(content: str, key: str) -> None:
    assert refused(content) == [("value_missing", key)]


def test_password_never_crosses_a_network_in_clear() -> None:
    clear = 'security = "plain"\nlogin = "compta"\n'
    assert refused(FILLED + clear) == [("value_invalid", "mail.security")]
    for host in ("localhost", "127.0.0.1", "::1"):
        assert read(FILLED.replace("smtp.example.com", host) + clear).mail is not None


def test_reserve_that_leaves_nothing_is_refused() -> None:
    assert refused(MINIMAL + "[pace]\nper_day = 50\nreserve = 50\n") == [("value_invalid", "pace.reserve")]


@pytest.mark.parametrize(
    ("written", "key", "expected"),
    [
        ("mail = 3\n" + MINIMAL, "mail", "table"),
        (MINIMAL + "[data]\naliases = 3\n", "data.aliases", "table"),
        (MINIMAL + "[data.aliases]\nFactures = 3\n", "data.aliases.Factures", "table"),
        (
            MINIMAL + "[data.aliases.Factures]\n'A' = 'Net payer'\n",
            "data.aliases.Factures.A",
            "column:Net à payer",
        ),
    ],
)
def test_wrong_shape_is_named(written: str, key: str, expected: str) -> None:
    with pytest.raises(ConfigError) as raised:
        read(written)
    assert (raised.value.fields["key"], raised.value.fields["expected"]) == (key, expected)


# -- finding -------------------------------------------------------------------------------------------


def test_home_is_found_by_argument_then_environment_then_upwards(home: config.Home, tmp_path: Path) -> None:
    other = config.create_home(tmp_path / "other")
    inner = home.documents / "2026-10"
    inner.mkdir()
    environ = {"ELITE_HOME": str(other.root)}
    assert config.find_home(home.root, environ=environ, cwd=tmp_path) == home.root
    assert config.find_home(home.toml, environ={}, cwd=tmp_path) == home.root
    assert config.find_home(Path("home"), environ=environ, cwd=tmp_path) == home.root
    assert config.find_home(None, environ=environ, cwd=inner) == other.root
    assert config.find_home(None, environ={"ELITE_HOME": ""}, cwd=inner) == home.root


def test_named_home_that_is_none_is_never_replaced_by_another(home: config.Home, tmp_path: Path) -> None:
    for given_path, environ, source in (
        (tmp_path, {"ELITE_HOME": str(home.root)}, "argument"),
        (None, {"ELITE_HOME": str(tmp_path)}, "environment"),
    ):
        with pytest.raises(ConfigError) as raised:
            config.find_home(given_path, environ=environ, cwd=home.root)
        assert (raised.value.code, raised.value.fields["source"]) == ("home_missing", source)


def test_no_home_anywhere(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as raised:
        config.find_home(None, environ={}, cwd=tmp_path)
    assert (raised.value.code, raised.value.fields["source"]) == ("home_missing", "search")


# -- making --------------------------------------------------------------------------------------------


def test_new_home_can_be_loaded_and_is_private(tmp_path: Path) -> None:
    folder = tmp_path / "Résidence du Cœur"
    folder.mkdir(mode=0o755)
    home = config.create_home(folder, source_name="sortie.xlsx")
    found = config.load(home.root)
    assert (found.establishment.name, found.establishment.key) == ("Résidence du Cœur", "residence-du-coeur")
    assert found.data.source == home.root / "sortie.xlsx"
    folders = (home.root, home.outbox, home.documents, home.runs, home.secrets, home.locks, home.attachments)
    if os.name != "nt":
        assert {stat.S_IMODE(path.stat().st_mode) for path in folders} == {0o700}
        assert stat.S_IMODE(home.toml.stat().st_mode) == 0o600


def test_new_home_keeps_the_explanations(home: config.Home) -> None:
    comments = [line for line in config.example().splitlines() if line.startswith("#")]
    assert [line for line in home.toml.read_text().splitlines() if line.startswith("#")] == comments


def test_home_is_never_made_over_another(home: config.Home) -> None:
    before = home.toml.read_bytes()
    with pytest.raises(ConfigError) as raised:
        config.create_home(home.root, name="Autre")
    assert raised.value.code == "home_exists"
    assert home.toml.read_bytes() == before


# -- saving --------------------------------------------------------------------------------------------


def test_saving_changes_the_value_and_nothing_else(home: config.Home) -> None:
    before = home.toml.read_text().splitlines()
    found = config.save(home, {"mail": {"sender": "a@example.com", "host": "smtp.example.com", "port": 465}})
    assert found.mail is not None
    assert found == config.load(home.root)
    after = home.toml.read_text().splitlines()
    changed = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
    assert changed == [
        ('sender = ""', 'sender = "a@example.com"'),
        ('host = ""', 'host = "smtp.example.com"'),
        ("port = 0", "port = 465"),
    ]
    assert stat.S_IMODE(home.toml.stat().st_mode) == 0o600


def test_comment_behind_a_value_stays(home: config.Home) -> None:
    home.toml.write_text(MINIMAL + "[pace]\nbetween = 2.0  # demandé par le fournisseur\n")
    config.save(home.root, {"pace": {"between": 4}})
    assert "between = 4  # demandé par le fournisseur" in home.toml.read_text()


def test_saving_makes_tables_that_are_missing(home: config.Home) -> None:
    home.toml.write_text(MINIMAL)
    for _ in range(2):
        found = config.save(
            home,
            {
                "message": {"text": "Bonjour,\n\n{{ pieces }}\n", "attachments": ["a.pdf", "b.pdf"]},
                "data.aliases.Résidents": {"Matricule": "Code résident"},
                "mail": {"security": Security.TLS},
            },
        )
    assert found.wording.text == "Bonjour,\n\n{{ pieces }}"
    assert found.attachments == ("a.pdf", "b.pdf")
    assert found.data.aliases == {"Résidents": {"Matricule": "Code résident"}}


def test_none_takes_a_value_back_to_the_default(home: config.Home) -> None:
    config.save(home, {"pace": {"between": 9}})
    assert config.save(home, {"pace": {"between": None}}).pace.between == 2.0


@pytest.mark.parametrize(
    "changes",
    [
        {"mail": {"port": 99999}},
        {"mail": {"password": "s3cret"}},
        {"mial": {"port": 25}},
        {"message": {"subject": ""}},
    ],
)
def test_what_cannot_be_loaded_is_not_saved(home: config.Home, changes: dict[str, dict[str, object]]) -> None:
    before = home.toml.read_bytes()
    with pytest.raises(ConfigError):
        config.save(home, changes)
    assert home.toml.read_bytes() == before
    assert [path.name for path in home.root.iterdir() if path.name.endswith(".tmp")] == []


def test_saving_mends_a_file_that_cannot_be_loaded(home: config.Home) -> None:
    home.toml.write_text(FILLED + "port = 99999\n")
    assert config.save(home, {"mail": {"port": 587}}).mail is not None


def test_saving_into_broken_syntax_is_refused(home: config.Home) -> None:
    home.toml.write_text("[home\n")
    with pytest.raises(ConfigError) as raised:
        config.save(home, {"mail": {"port": 587}})
    assert raised.value.code == "toml_syntax"


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    text=st.text(st.characters(exclude_categories=("Cc", "Cs"), include_characters="\n\t"), max_size=60),
    line=st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=30),
)
def test_any_text_comes_back_as_it_was_written(home: config.Home, text: str, line: str) -> None:
    found = config.save(
        home, {"message": {"signature": text}, "letterhead": {"mentions": [line], "phone": line}}
    )
    assert found == config.load(home.root)
    assert found.wording.signature == text.strip("\n")
    assert found.establishment.mentions == tuple(filter(None, [line.strip()]))
    assert found.establishment.phone == line.strip()


def test_full_disk_leaves_the_old_file(tmp_path: Path) -> None:
    script = """
    from elite_lib import config
    from elite_lib.exceptions import StorageError
    home = config.create_home(disk / "home")
    before = home.toml.read_bytes()
    fill()
    try:
        config.save(home, {"message": {"text": "Bonjour " * 5000}})
    except StorageError as error:
        print(error.code)
    print(home.toml.read_bytes() == before, sorted(path.name for path in home.root.glob("*.tmp")))
    freeze_disk("ro")
    try:
        config.save(home, {"pace": {"between": 9}})
    except StorageError as error:
        print(error.code)
    """
    assert on_small_disk(tmp_path / "disk", script) == ["disk_full", "True []", "read_only"]


def test_a_lane_of_a_domain_and_a_table_of_aliases_are_written_and_taken_away(home: config.Home) -> None:
    before = home.toml.read_text(encoding="utf-8")
    lane, aliases = ("lanes", "tutelle.example"), ("data", "aliases", "Factures")
    found = config.save(home, {lane: {"per_minute": 2}, aliases: {"Total dû": "Net à payer"}})
    assert [lane.name for lane in found.lanes] == ["tutelle.example"]
    assert found.data.aliases == {"Factures": {"Total dû": "Net à payer"}}
    found = config.save(home, {lane: None, aliases: None, ("lanes", "absent"): None})
    assert (found.lanes, dict(found.data.aliases)) == ((), {})
    assert home.toml.read_text(encoding="utf-8").rstrip() == before.rstrip(), "every comment is where it was"


def test_a_file_that_somebody_changed_meanwhile_is_not_written_over(home: config.Home) -> None:
    seen = home.toml.read_text(encoding="utf-8")
    by_hand = seen.replace("between = 2.0", "between = 7.0")
    home.toml.write_text(by_hand, encoding="utf-8")
    with pytest.raises(ConfigError) as raised:
        config.save(home, {"mail": {"port": 465}}, seen=seen)
    assert raised.value.code == "file_changed"
    assert home.toml.read_text(encoding="utf-8") == by_hand
    assert config.save(home, {"mail": {"port": 465}}, seen=by_hand).pace.between == 7.0


@pytest.mark.parametrize(
    "value",
    ['a"""b', "x\\y\\n", "l1\n\"\"\"\nl2 '''\n\tl3\\", '"""', "\\", "😀 \u00a0é", "[mail]\nhost = 'x'"],
)
def test_whatever_is_written_is_read_back_as_it_was(home: config.Home, value: str) -> None:
    found = config.save(home, {"message": {"text": f"A{value}Z", "signature": f"A{value}Z"}})
    assert (found.wording.text, found.wording.signature) == (f"A{value}Z", f"A{value}Z")
    assert found.mail is None
