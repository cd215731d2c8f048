"""Passwords of the settings: typed once, kept where the program looks for them, never shown again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, cast

from elite_lib import secrets
from elite_lib.config import Home
from elite_lib.exceptions import ConfigError
from elite_lib.labels import N_, _
from elite_lib.ui.settings.form import Block

WHERE = "secret:where"

_LABELS: Mapping[secrets.Name, str] = {
    "mail": N_("Password of the mail account"),
    "imap": N_("Password of the mailbox, if it is another one"),
    "archive": N_("Password of the archive mailbox, if it is another one"),
    "oauth": N_("Secret of the application"),
    "workbook": N_("Password of the workbook, if it has one"),
}
_KEPT: Mapping[secrets.Origin, str] = {
    "": N_("No password is kept yet."),
    "environment": N_("Kept in the variable {variable}, which comes before what is typed here."),
    "named_file": N_("Kept in the file that {variable}_FILE names, which comes before what is typed here."),
    "credential": N_("Kept by systemd, which comes before what is typed here."),
    "keyring": N_("Kept in this computer's keyring."),
    "file": N_("Kept in the file secrets/{name}, readable by its owner alone."),
}


def key(name: secrets.Name) -> str:
    """Name the field of a password."""
    return f"secret:{name}"


def items(name: secrets.Name) -> list[dict[str, Any]]:
    """Describe the field of a password; whether one is kept is said at the place of its key."""
    return [
        {
            "kind": "secret",
            "key": key(name),
            "label": _(_LABELS[name]),
            "help": _("Typed here, it replaces the one that is kept."),
        },
    ]


def where_item() -> dict[str, Any]:
    """Describe the choice of where passwords are kept."""
    places = [
        {"value": "file", "label": _("in a private file of the home")},
        {"value": "keyring", "label": _("in this computer's keyring")},
    ]
    return {
        "kind": "choice",
        "key": WHERE,
        "label": _("Keep passwords"),
        "help": _("Scheduled sendings need the file."),
        "choices": places,
    }


def told(name: secrets.Name, *, home: Home, environ: Mapping[str, str]) -> Block:
    """Say whether a password is kept, and where; never which."""
    origin = secrets.origin(name, home=home, environ=environ)
    text = _(_KEPT[origin]).format(name=name, variable=f"ELITE_{name.upper()}_PASSWORD")
    return {"kind": "said", "text": text}


def where_now(*, home: Home, environ: Mapping[str, str]) -> str:
    """Say where passwords are kept as things are: the first choice of the form."""
    return "keyring" if secrets.origin("mail", home=home, environ=environ) == "keyring" else "file"


def keep(typed: Mapping[str, str], where: str, *, home: Home, environ: Mapping[str, str]) -> list[str]:
    """Keep what was typed; give a sentence for each password that another place comes before.

    Raises:
        ConfigError, StorageError: it cannot be kept; the keys of the fields are :func:`key`'s.
    """
    shadowed = []
    for name in _LABELS:
        password = typed.get(key(name), "")
        if not password:
            continue
        place = cast(Literal["keyring", "file"], where if where in ("keyring", "file") else "file")
        secrets.store(name, password, home=home, where=place, environ=environ)
        if _found(name, home=home, environ=environ) != password:
            origin = secrets.origin(name, home=home, environ=environ)
            text = _("Another password comes first. {where}")
            kept = _(_KEPT[origin]).format(name=name, variable=f"ELITE_{name.upper()}_PASSWORD")
            shadowed.append(f"{_(_LABELS[name])}: {text.format(where=kept)}")
    return shadowed


def _found(name: secrets.Name, *, home: Home, environ: Mapping[str, str]) -> str:
    try:
        return secrets.find(name, home=home, environ=environ)
    except ConfigError:
        return ""


def names() -> tuple[secrets.Name, ...]:
    """List the passwords that the settings keep."""
    return tuple(_LABELS)
