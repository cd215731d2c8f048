"""gettext: English msgids, French unless the home's ``language`` says English (never by ``LANG``)."""

from __future__ import annotations

import gettext
from functools import cache
from importlib import resources

DOMAIN = "elite"
LANGUAGES = ("fr", "en")

_current = ["fr"]


def use_language(language: str) -> None:
    """Choose the language of every later sentence; an unknown one is French."""
    _current[0] = language if language in LANGUAGES else "fr"


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    if language == "en":
        return gettext.NullTranslations()  # the msgids are English
    with resources.as_file(resources.files("elite_lib") / "locale") as folder:
        return gettext.translation(DOMAIN, str(folder), languages=[language], fallback=True)


def _(message: str) -> str:
    """Translate into the current language."""
    return _catalogue(_current[0]).gettext(message)


def ngettext(one: str, many: str, count: int) -> str:
    """Translate a sentence that depends on a number (French: 0 and 1 are singular)."""
    return _catalogue(_current[0]).ngettext(one, many, count)


def N_(message: str) -> str:  # noqa: N802 (gettext's customary name for "extract, translate later")
    """Mark a text of a table for extraction."""
    return message
