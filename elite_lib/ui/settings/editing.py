"""What is changed on the page, and ``elite.toml``: compared, checked as a whole, written in one step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from elite_lib import composition, config
from elite_lib.config import Changes, Home, Settings
from elite_lib.config.reading import parse, read_text, toml
from elite_lib.exceptions import ConfigError, EliteError, TemplateError
from elite_lib.labels import _, explain
from elite_lib.labels.terms import expected
from elite_lib.ui.settings import rows
from elite_lib.ui.settings.fields import ROWS, known

Typed = Mapping[str, Any]  # key of a field -> what stands in it


class WrongFieldsError(Exception):
    """What was typed cannot be saved; ``errors``: key of a field -> sentence, "" for none in particular."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        self.errors = dict(errors)
        super().__init__(self.errors)


class Editing:
    """The file as it was last read, and what is to become of it."""

    def __init__(self, home: Home, *, text: str | None = None) -> None:
        """Read the home's file; ``text``: what stands in a file that is still to be made."""
        self.home = home
        self.text = read_text(home) if text is None else text
        self.document: Mapping[str, Any] = toml(self.text, str(home.toml))

    def read(self) -> None:
        """Read the file again.

        Raises:
            ConfigError: it cannot be read.
        """
        self.text = read_text(self.home)
        self.document = toml(self.text, str(self.home.toml))

    @property
    def values(self) -> dict[str, Any]:
        """Give every field's value as the page shows it."""
        return _values(self.document)

    def checked(self, typed: Typed) -> Settings:
        """Give the settings as they would be; nothing is written.

        Raises:
            WrongFieldsError: something is wrong; every field that is.
        """
        return self._checked(self.text, typed)

    def save(self, typed: Typed) -> Settings:
        """Write what was typed into the file, and nothing else of it.

        What somebody changed in the file meanwhile stays; where both changed the same setting, the person is
        told what it is now, and a second try writes over it.

        Raises:
            WrongFieldsError: as :meth:`checked`, or for a setting that both changed.
            ConfigError, StorageError: the file cannot be read or written; it is as it was.
        """
        before = self.values
        self.read()
        now = self.values
        both = {key for key in typed if key in before and before[key] != now[key] and typed[key] != now[key]}
        errors = {key: _changed_meanwhile(now[key]) for key in both}
        try:
            self._checked(self.text, typed)
        except WrongFieldsError as wrong:  # all at once: what was told is written over at the next try
            errors |= wrong.errors
        if errors:
            raise WrongFieldsError(errors)
        settings = config.save(self.home, self._changes(typed), seen=self.text)
        self.read()
        return settings

    def _checked(self, text: str, typed: Typed) -> Settings:
        try:
            settings = parse(config.changed(text, self._changes(typed)), home=self.home)
            composition.check(settings.wording)
        except TemplateError as error:
            where = str(error.fields.get("where", ""))
            raise WrongFieldsError({f"message.{where}": explain(error)}) from error
        except ConfigError as error:
            raise WrongFieldsError(dict(_told(error))) from error
        return settings

    def _changes(self, typed: Typed) -> Changes:
        changes: dict[Any, Any] = {}
        fields = known()
        for key, value in typed.items():
            if key in fields:
                table, name = key.split(".")
                changes.setdefault(table, {})[name] = fields[key].raw(value)
            elif key in ROWS:
                changes |= self._rows(key, value)
        return changes

    def _rows(self, key: str, value: Any) -> Changes:
        try:
            if key == "lanes":
                return rows.lanes_changed(self.document.get("lanes", {}), value)
            data = self.document.get("data", {})
            if key == "data.sheets":
                return rows.sheets_changed(data.get("sheets", {}), value)
            return rows.aliases_changed(data.get("aliases", {}), value)
        except ValueError as error:
            raise WrongFieldsError({key: str(error)}) from error


def of_new_home(home: Home) -> Editing:
    """Edit the settings of a home that is still to be made: everything can be checked before it is."""
    unnamed: Changes = {"home": {"establishment": "home", "name": ""}}  # the key is made of the name
    return Editing(home, text=config.changed(config.example(), unnamed))


def _values(document: Mapping[str, Any]) -> dict[str, Any]:
    values = {}
    for key, field in known().items():
        table, name = key.split(".")
        values[key] = field.shown(document.get(table, {}).get(name, field.default))
    values["lanes"] = rows.lanes_shown(document.get("lanes", {}))
    values["data.sheets"] = rows.sheets_shown(document.get("data", {}).get("sheets", {}))
    values["data.aliases"] = rows.aliases_shown(document.get("data", {}).get("aliases", {}))
    return values


def _changed_meanwhile(now: Any) -> str:
    shown = now if isinstance(now, str) else ""
    text = _("Somebody else changed this meanwhile. To replace it all the same, save once more.")
    if not shown or len(shown) > 200:
        return text
    return f"{text} {_('It is now: {value}').format(value=shown)}"


def _told(error: EliteError) -> Iterator[tuple[str, str]]:
    """Say what is wrong at the field where it is; what concerns none is told by itself, under ""."""
    told: dict[str, list[str]] = {}
    others = error.fields.get("others")
    single = type(error)(error.code, **{name: v for name, v in error.fields.items() if name != "others"})
    for one in (single, *(others if isinstance(others, tuple) else ())):
        key = str(one.fields.get("key", ""))
        place = next((above for above in ROWS if key.startswith(f"{above}.")), key)
        place = place if place in known() or place in ROWS else ""
        told.setdefault(place, []).append(_sentence(one, named=place == "", rows=place in ROWS))
    for place, sentences in told.items():
        yield place, "\n".join(sentences)


def _sentence(error: EliteError, *, named: bool, rows: bool) -> str:
    if named or error.code not in ("value_missing", "value_invalid"):
        return explain(error)
    if error.code == "value_missing":
        text = _("This must be filled in.")
    else:
        text = _("Expected: {expected}.").format(expected=expected(str(error.fields.get("expected", ""))))
    which = str(error.fields.get("key", "")).split(".", 1)[-1]
    return f"{which} – {text}" if rows else text
