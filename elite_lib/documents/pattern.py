"""One line of a document with places to fill in: ``Date : {{ date }}[ — Échéance : {{ echeance }}]``."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from elite_lib.exceptions import TemplateError

PLACEHOLDERS = (
    # the home
    "nom", "forme", "adresse", "telephone", "courriel", "siret", "ape", "finess", "tva", "mediateur",
    "mentions", "mentions_debours", "iban", "bic", "ics",
    # the resident
    "role", "resident", "naissance", "chambre", "gir", "dossier",
    # the document
    "numero", "date", "echeance", "periode", "mois", "annee", "montant", "origine", "facture", "payeur",
    "rum", "mandat",
    # the print pile
    "documents", "pages", "auteur",
)  # fmt: skip

_PLACE = re.compile(r"\{\{\s*(.*?)\s*\}\}")
_OPTIONAL = re.compile(r"\[((?:[^\[\]]*\{\{[^\[\]]*)+)\]")
_SINGLE = re.compile(r"[{}]")
_DANGLING = re.compile(r"^(?:\s+[—–|·]\s+|\s*,\s+)")  # what joined it to a part that is not there


@dataclass(frozen=True, slots=True)
class _Part:
    texts: tuple[str, ...]  # around the places: one more than there are names
    names: tuple[str, ...]
    optional: bool


@dataclass(frozen=True, slots=True)
class Pattern:
    """A line, compiled once and filled in for every document."""

    parts: tuple[_Part, ...]

    @classmethod
    def parse(cls, text: str, *, where: str, line: int | None = None) -> Pattern:
        """Compile ``text``; ``where`` and ``line`` name it in errors.

        Raises:
            TemplateError: ``placeholder_unknown``; ``template_syntax``: a brace that is not doubled.
        """
        parts: list[_Part] = []
        for place, piece in enumerate(_OPTIONAL.split(text)):
            optional = bool(place % 2)
            pieces = _PLACE.split(piece)
            if not piece:
                continue
            for name in pieces[1::2]:
                _check(name, where, line)
            for rest in pieces[::2]:
                if _SINGLE.search(rest):
                    raise TemplateError("template_syntax", where=where, line=line, detail=rest.strip())
            parts.append(_Part(tuple(pieces[::2]), tuple(pieces[1::2]), optional))
        return cls(tuple(parts))

    def shown(self, values: Mapping[str, str]) -> str:
        """Fill in the line; "" when a value outside brackets is missing, or all that are within."""
        filled: list[str] = []
        some = False
        for part in self.parts:
            found = [values.get(name, "") for name in part.names]
            if all(found):
                some = some or bool(found) or not part.optional
                text = part.texts[0]
                for value, after in zip(found, part.texts[1:], strict=True):
                    text += value + after
                filled.append(text)
            elif not part.optional:
                return ""
        return _DANGLING.sub("", "".join(filled)) if some else ""


def _check(name: str, where: str, line: int | None) -> None:
    if name not in PLACEHOLDERS:
        nearest = difflib.get_close_matches(name, PLACEHOLDERS, n=1)
        raise TemplateError(
            "placeholder_unknown",
            name=name,
            where=where,
            line=line or 1,
            nearest="".join(nearest),
            known=PLACEHOLDERS,
        )
