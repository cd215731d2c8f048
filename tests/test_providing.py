"""What elite.toml says of mail providers: presets of one's own, lanes of the families', canaries."""

from __future__ import annotations

from pathlib import Path

import pytest

from elite_lib import config
from elite_lib.config.presets import PRESETS
from elite_lib.exceptions import ConfigError
from elite_lib.models import Canary, Lane, Pace, Security

MINIMAL = """
[home]
name = "Résidence Les Tilleuls"
establishment = "tilleuls"
"""


def read(content: str) -> config.Settings:
    return config.parse(MINIMAL + content, home=config.Home(root=Path("/home")))


def refused(content: str) -> list[tuple[str, str, object]]:
    with pytest.raises(ConfigError) as raised:
        read(content)
    others = raised.value.fields["others"]
    assert isinstance(others, tuple)
    return [
        (e.code, str(e.fields["key"]), e.fields.get("nearest") or e.fields.get("expected"))
        for e in (raised.value, *others)
    ]


# -- presets -------------------------------------------------------------------------------------------


def test_a_preset_fills_in_what_the_file_leaves_out() -> None:
    found = read('[mail]\nsender = "compta@tilleuls.example"\npreset = "ovh"\n')
    assert found.mail is not None
    assert (found.mail.host, found.mail.port, found.mail.security) == ("ssl0.ovh.net", 465, Security.TLS)
    assert found.mail.login == "compta@tilleuls.example"
    assert found.pace == Pace()  # no figure is published


def test_a_preset_brings_its_caps() -> None:
    found = read('[mail]\nsender = "compta@tilleuls.example"\npreset = "microsoft365"\n')
    assert found.pace == Pace(per_minute=30, per_day=10_000)


def test_what_the_file_says_wins() -> None:
    found = read(
        '[mail]\nsender = "compta@tilleuls.example"\npreset = "ionos"\nhost = "smtp.example.com"\n'
        'security = "starttls"\nlogin = "autre"\n[pace]\nper_hour = 50\n'
    )
    assert found.mail is not None
    assert (found.mail.host, found.mail.port, found.mail.security) == (
        "smtp.example.com",
        587,
        Security.STARTTLS,
    )
    assert (found.mail.login, found.pace.per_hour) == ("autre", 50)


def test_free_s_login_is_what_stands_before_the_at() -> None:
    found = read('[mail]\nsender = "les.tilleuls@free.fr"\npreset = "free"\n')
    assert found.mail is not None
    assert found.mail.login == "les.tilleuls"


def test_a_new_home_takes_a_preset(tmp_path: Path) -> None:
    """Every key is written in a new home's file: what is empty there is left out."""
    home = config.create_home(tmp_path / "home", name="Les Tilleuls")
    found = config.save(home, {"mail": {"sender": "les.tilleuls@orange.fr", "preset": "orange"}})
    assert found.mail is not None
    assert (found.mail.host, found.mail.port, found.mail.security) == ("smtp.orange.fr", 465, Security.TLS)


def test_a_preset_alone_is_no_account_yet() -> None:
    assert read('[mail]\npreset = "ovh"\n').mail is None


def test_an_own_server_has_to_be_named() -> None:
    assert refused('[mail]\nsender = "a@tilleuls.example"\npreset = "own"\n')[0][:2] == (
        "value_missing",
        "mail.host",
    )


def test_an_unknown_preset_is_an_error() -> None:
    assert refused('[mail]\npreset = "hotmail"\n') == [
        ("value_invalid", "mail.preset", f"choice:{','.join(PRESETS)}")
    ]


def test_a_reserve_above_the_preset_s_cap_is_an_error() -> None:
    written = '[mail]\nsender = "les.tilleuls@gmail.com"\npreset = "gmail"\n[pace]\nreserve = 500\n'
    assert refused(written) == [("value_invalid", "pace.reserve", "below:pace.per_day")]


def test_no_preset_sends_a_password_in_clear() -> None:
    assert all(preset.security is not Security.PLAIN for preset in PRESETS.values())


# -- lanes ---------------------------------------------------------------------------------------------


def test_lanes_are_read() -> None:
    found = read(
        """
[lanes.orange]
domains = ["ma-mairie.example", "@Éhpad.example"]
between = 5
per_hour = 100
[lanes."tutelle.example"]
per_minute = 2
[lanes.tutelles]
domains = ["udaf.example"]
"""
    )
    assert found.lanes == (
        Lane(
            name="orange",
            domains=("ma-mairie.example", "xn--hpad-9oa.example"),
            pace=Pace(between=5, every=0, pause=0, per_hour=100),
        ),
        Lane(name="tutelle.example", pace=Pace(between=0, every=0, pause=0, per_minute=2)),
        Lane(name="tutelles", domains=("udaf.example",)),
    )


def test_without_a_word_there_is_no_lane_of_the_office() -> None:
    assert read("").lanes == ()


@pytest.mark.parametrize(
    ("written", "error"),
    [
        ("[lanes.ornage]\nper_hour = 1", ("key_unknown", "lanes.ornage", "lanes.orange")),
        ("[lanes.tutelles]\nper_hour = 1", ("value_missing", "lanes.tutelles.domains", None)),
        ("[lanes.orange]\nper_hours = 1", ("key_unknown", "lanes.orange.per_hours", "lanes.orange.per_hour")),
        ("[lanes.orange]\nper_hour = -1", ("value_invalid", "lanes.orange.per_hour", "whole:0")),
        ('[lanes.orange]\ndomains = ["a b"]', ("value_invalid", "lanes.orange.domains", "domain")),
        ("[lanes]\norange = 3", ("value_invalid", "lanes.orange", "table")),
        (
            '[lanes.a]\ndomains = ["x.example"]\n[lanes.b]\ndomains = ["x.example"]',
            ("value_invalid", "lanes.b.domains", "elsewhere:lanes.a"),
        ),
    ],
)
def test_a_wrong_lane_is_named(written: str, error: tuple[str, str, object]) -> None:
    assert refused(written) == [error]


# -- canaries ------------------------------------------------------------------------------------------


def test_canaries_have_defaults_and_can_be_set() -> None:
    assert read("").canary == Canary()
    found = read("[canary]\nmessages = 5\nminutes = 20\nfrom = 200\n").canary
    assert found == Canary(messages=5, minutes=20, least=200)
    assert refused("[canary]\nminutes = 61\n") == [("value_invalid", "canary.minutes", "whole:0..60")]
