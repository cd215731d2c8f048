"""Read ``elite.toml``: every value checked one by one, everything wrong reported at once."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from elite_lib.config.checks import Unusable
from elite_lib.config.home import Home, example
from elite_lib.config.keys import KEYS
from elite_lib.config.mailing import (
    check_imap,
    check_oauth,
    check_tag,
    loopback,
    read_account,
    read_imap,
    read_oauth,
    read_returns,
)
from elite_lib.config.naming import read_aliases, read_sheets
from elite_lib.config.providing import check_lanes, fill_in, read_lane
from elite_lib.config.spelling import SECRET, nearest, nearest_key, plain, secret_keys
from elite_lib.exceptions import ConfigError
from elite_lib.models import (
    MAX_SIZE,
    Canary,
    Establishment,
    ImapAccount,
    Lane,
    MailAccount,
    NoticeRule,
    OAuth,
    Pace,
    RetentionRule,
    ReturnSettings,
    Security,
    Wording,
)

Values = dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSettings:
    source: Path  # absolute: a workbook, a CSV, or a folder of CSV files
    aliases: Mapping[str, Mapping[str, str]]  # our sheet title -> their column title -> ours
    sheets: Mapping[str, str] = field(default_factory=dict)  # their tab -> our sheet title
    table: str = ""  # the tab that is the one table, a row per invoice
    papers: Path | None = None  # folder of PDFs that another program made


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What ``elite.toml`` says, checked; ``mail`` is None until the account is filled in."""

    home: Home
    establishment: Establishment
    data: DataSettings
    mail: MailAccount | None
    pace: Pace
    wording: Wording
    oauth: OAuth | None = None  # None: the login is made with a password
    imap: ImapAccount | None = None  # None: no mailbox is looked into
    lanes: tuple[Lane, ...] = ()
    canary: Canary = field(default_factory=Canary)
    language: str = "fr"
    operator: str = ""  # "" = the login of who runs it
    batch_lifetime_days: int = 15
    journal_url: str = ""  # "" = the file journal.sqlite of the home
    backups_kept: int = 10
    attachments: tuple[str, ...] = ()  # to everybody; relative to the home
    message_logo: bool = True  # the letterhead's logo is shown in messages
    protect: str = ""  # what PDFs open with: "birth_date" (17051934), "resident_code"; "" = no password
    notice: NoticeRule = field(default_factory=NoticeRule)
    returns: ReturnSettings = field(default_factory=ReturnSettings)
    retention: RetentionRule = field(default_factory=RetentionRule)

    @property
    def message_limit(self) -> int:
        """Bytes of the heaviest message that may leave; the usual ones before there is an account."""
        return int((self.mail.max_size if self.mail is not None else MAX_SIZE) * 1_000_000)


def load(home: Path | Home) -> Settings:
    """Read the settings of the home at ``home``.

    Raises:
        ConfigError: the first thing that is wrong; ``fields["others"]`` holds the further ones, as
            ConfigErrors. Codes: ``home_missing``, ``toml_unreadable`` (not UTF-8, no permission),
            ``toml_syntax`` (line, column, detail), ``secret_in_file`` (key), ``key_unknown`` (key,
            nearest), ``value_missing`` (key), ``value_invalid`` (key, value, expected).
    """
    home = home if isinstance(home, Home) else Home(root=home.resolve())
    return parse(read_text(home), home=home)


def read_text(home: Home) -> str:
    """Return the text of ``elite.toml``; Windows' editors may put a byte order mark before it.

    Raises:
        ConfigError: ``home_missing`` or ``toml_unreadable``.
    """
    try:
        return home.toml.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise ConfigError("home_missing", path=str(home.root), source="argument") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError("toml_unreadable", file=str(home.toml), detail=str(error)) from error


def parse(content: str, *, home: Home) -> Settings:
    """Check the text of an ``elite.toml`` as if it were the home's; raises as :func:`load`."""
    reading = _Reading(str(home.toml))
    values = reading.values(toml(content, str(home.toml)))
    reading.raise_errors()
    return _settings(values, home)


def toml(content: str, file: str) -> Mapping[str, object]:
    """Parse the syntax alone; raises ConfigError ``toml_syntax``."""
    try:
        return tomllib.loads(content)
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"\(at line (\d+), column (\d+)\)", str(error))
        raise ConfigError(
            "toml_syntax",
            file=file,
            line=int(place[1]) if place else None,
            column=int(place[2]) if place else None,
            detail=re.sub(r" \(at .*\)$", "", str(error)),
        ) from error


class _Reading:
    """Collect what is wrong with a file while its values are checked."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.errors: list[ConfigError] = []

    def error(self, code: str, key: str, **fields: object) -> None:
        self.errors.append(ConfigError(code, file=self.file, key=key, **fields))

    def raise_errors(self) -> None:
        if self.errors:
            first, *others = self.errors
            raise ConfigError(first.code, **first.fields, others=tuple(others))

    def values(self, document: Mapping[str, object]) -> Values:
        """Return every setting: the example's value where the file has none or a wrong one."""
        values = _defaults()
        for key in secret_keys(document):
            self.error("secret_in_file", key)  # without its value: errors are shown and logged
        for name, table in document.items():
            if name not in KEYS:
                if not isinstance(table, dict) and SECRET.search(plain(name)):
                    continue  # told above
                self.error("key_unknown", name, nearest=nearest(name, KEYS))
            elif not isinstance(table, dict):
                self.error("value_invalid", name, value=table, expected="table")
            else:
                values[name].update(self._table(name, table))
        for name in ("name", "establishment"):
            given = document.get("home")
            if not isinstance(given, dict) or name not in given:
                self.error("value_missing", f"home.{name}")
        self._together(values)
        return values

    def _table(self, name: str, table: Mapping[str, object]) -> Iterator[tuple[str, Any]]:
        for key, value in table.items():
            dotted = f"{name}.{key}"
            if dotted == "data.aliases":
                yield key, read_aliases(value, self.error)
            elif dotted == "data.sheets":
                yield key, read_sheets(value, self.error)
            elif name == "lanes":
                yield key, read_lane(key, value, self.error)
            elif key not in KEYS[name]:
                if not SECRET.search(plain(key)):
                    self.error("key_unknown", dotted, nearest=nearest_key(name, key))
            else:
                try:
                    yield key, KEYS[name][key](value)
                except Unusable as reason:
                    if reason.expected == "filled":
                        self.error("value_missing", dotted)
                    elif reason.expected == "secret":
                        self.error("secret_in_file", dotted)
                    else:
                        self.error("value_invalid", dotted, value=value, expected=reason.expected)

    def _together(self, values: Values) -> None:
        """Check what is only wrong beside another value."""
        mail, pace = values["mail"], values["pace"]
        check_lanes({name: lane for name, lane in values["lanes"].items() if lane}, self.error)
        fill_in(values)
        if bool(mail["sender"]) != bool(mail["host"]):
            self.error("value_missing", "mail.host" if mail["sender"] else "mail.sender")
        if mail["security"] == Security.PLAIN and mail["login"] and not loopback(mail["host"]):
            # the password would cross the network in clear (RFC 4954 section 4)
            self.error("value_invalid", "mail.security", value=mail["security"], expected="encryption")
        check_imap(values["imap"], mail, self.error)
        check_oauth(values["oauth"], mail, self.error)
        check_tag(mail, self.error)
        if pace["per_day"] and pace["reserve"] >= pace["per_day"]:
            # nothing could ever leave
            self.error("value_invalid", "pace.reserve", value=pace["reserve"], expected="below:pace.per_day")


def _defaults() -> Values:
    document: Any = tomllib.loads(example())
    values: Values = {name: {} for name in KEYS}
    for name, table in KEYS.items():
        for key, check in table.items():
            try:
                values[name][key] = check(document[name][key])
            except Unusable:
                values[name][key] = ""  # what only the home can say
    values["data"] |= {"aliases": {}, "sheets": {}}
    return values


def _data(values: Values, home: Home) -> DataSettings:
    data, folder = values["data"], values["documents"]["folder"]
    return DataSettings(
        source=home.root / data["source"],
        aliases=data["aliases"],
        sheets=data["sheets"],
        table=data["table"],
        papers=home.root / folder if folder else None,
    )


def _settings(values: Values, home: Home) -> Settings:
    message, who, mail, canary = (values[name] for name in ("message", "home", "mail", "canary"))
    words = {key: value for key, value in message.items() if key not in ("logo", "attachments", "protect")}
    return Settings(
        home=home,
        establishment=Establishment(key=who["establishment"], name=who["name"], **values["letterhead"]),
        data=_data(values, home),
        mail=read_account(mail, home) if mail["sender"] and mail["host"] else None,
        pace=Pace(**values["pace"]),
        lanes=tuple(values["lanes"].values()),
        canary=Canary(messages=canary["messages"], minutes=canary["minutes"], least=canary["from"]),
        wording=Wording(**words),
        imap=read_imap(values["imap"], mail, home),
        oauth=read_oauth(values["oauth"], mail),
        language=who["language"],
        operator=who["operator"],
        batch_lifetime_days=values["batch"]["lifetime_days"],
        journal_url=values["journal"]["url"],
        backups_kept=values["backup"]["keep"],
        attachments=message["attachments"],
        message_logo=message["logo"],
        protect=message["protect"],
        notice=NoticeRule(**values["notice"]),
        returns=read_returns(values["returns"]),
        retention=RetentionRule(**values["retention"]),
    )
