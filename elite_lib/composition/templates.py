"""The office's templates: placeholders, filters and conditions of Jinja2, and nothing else.

A template is checked node by node before it is compiled: attribute access, calls, loops and
assignments are refused, so that no placeholder leads anywhere but to its own text.
"""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Mapping
from functools import cache, lru_cache
from types import MappingProxyType

from jinja2 import StrictUndefined, Template, TemplateSyntaxError, nodes
from jinja2.sandbox import SandboxedEnvironment

from elite_lib.composition.headers import checked
from elite_lib.exceptions import TemplateError
from elite_lib.models import Wording

PLACEHOLDERS: Mapping[str, str] = MappingProxyType(
    {
        "etablissement": "name of the home",
        "resident": "resident's full name: Mme Geneviève BŒUF",
        "civilite": "resident's civility",
        "nom": "resident's last name, in capitals",
        "prenom": "resident's first name",
        "destinataire": "who is greeted; of a joint message, all names",
        "mois": "month: octobre 2026",
        "de_mois": "month with its preposition: d’octobre 2026",
        "numero": "number of the invoice, or of the statement that goes alone",
        "date": "date of the document: 31/10/2026",
        "echeance": "due date; empty for a statement alone",
        "montant": "net to pay: 1 234,56 €; the total of a statement alone",
        "pieces": "names of the attachments, one per line",
        "expediteur": "name that the message is sent under",
    }
)

SAMPLE: Mapping[str, str] = MappingProxyType(
    {
        "etablissement": "Résidence Les Tilleuls",
        "resident": "Mme Geneviève BŒUF",
        "civilite": "Mme",
        "nom": "BŒUF",
        "prenom": "Geneviève",
        "destinataire": "M. Étienne LEFÈVRE",
        "mois": "octobre 2026",
        "de_mois": "d’octobre 2026",
        "numero": "F2026-10-00042",
        "date": "31/10/2026",
        "echeance": "15/11/2026",
        "montant": "1\u00a0234,56\u00a0€",
        "pieces": "Facture_F2026-10-00042.pdf",
        "expediteur": "Résidence Les Tilleuls",
    }
)

# Of a message with the documents of several residents: nothing of one of them alone.
GROUPED: Mapping[str, str] = MappingProxyType(
    {
        **{
            name: PLACEHOLDERS[name]
            for name in ("etablissement", "destinataire", "mois", "de_mois", "pieces", "expediteur")
        },
        "montant": "sum of the amounts: 4 321,00 €",
        "nombre": "number of residents",
        "liste": "one resident a line, with the numbers and the amount",
    }
)
_GROUPED_SAMPLE: Mapping[str, str] = MappingProxyType(
    {
        **{name: SAMPLE[name] for name in GROUPED if name in SAMPLE},
        "nombre": "2",
        "liste": "– Mme Geneviève BŒUF\u00a0: F2026-10-00042, 1\u00a0234,56\u00a0€",
    }
)

_FILTERS = ("capitalize", "d", "default", "lower", "replace", "title", "trim", "upper")
_ALLOWED = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.Filter, nodes.Keyword,
    nodes.If, nodes.CondExpr, nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.Concat,
)  # fmt: skip


@cache
def _environment() -> SandboxedEnvironment:
    # No autoescape: the result is plain text; the HTML part is escaped when it is made from it.
    environment = SandboxedEnvironment(
        undefined=StrictUndefined, autoescape=False, trim_blocks=True, lstrip_blocks=True
    )
    environment.globals.clear()
    environment.filters = {name: environment.filters[name] for name in _FILTERS}
    return environment


def check(wording: Wording) -> None:
    """Refuse a wording that could not be rendered, before any message is made.

    Every placeholder is looked at, in branches that the sample values do not take as well; then
    each template is rendered with sample values.

    Raises:
        TemplateError: ``placeholder_unknown`` (name, where, line, nearest, known),
            ``template_forbidden`` (construct, where, line), ``template_syntax`` (detail, where, line),
            ``header_invalid`` (a subject that is empty or has several lines), ``wording_missing``
            (no text at all).
    """
    if not wording.text.strip():
        raise TemplateError("wording_missing", where="text")
    render_subject(wording.subject, SAMPLE, where="subject")
    if wording.deceased_subject:
        render_subject(wording.deceased_subject, SAMPLE, where="deceased_subject")
    for where in ("text", "signature", "deceased_text"):
        render(getattr(wording, where), SAMPLE, where=where)
    if wording.group:
        if not wording.grouped_text.strip():
            raise TemplateError("wording_missing", where="grouped_text")
        render_subject(wording.grouped_subject, _GROUPED_SAMPLE, where="grouped_subject")
        render(wording.grouped_text, _GROUPED_SAMPLE, where="grouped_text")
        render(wording.signature, _GROUPED_SAMPLE, where="grouped_signature")


def render_subject(source: str, values: Mapping[str, str], *, where: str) -> str:
    """Render a subject: one line, not empty.

    Raises:
        TemplateError: as :func:`render`, and ``header_invalid``.
    """
    subject = render(source.strip(), values, where=where).strip(" ")
    if not subject:
        raise TemplateError("header_invalid", header="Subject", value="")
    return checked("Subject", subject)


def render(source: str, values: Mapping[str, str], *, where: str) -> str:
    """Render one template to plain text; ``where`` names it in errors.

    Raises:
        TemplateError: see :func:`check`.
    """
    template = _compiled(source, where)
    try:
        return template.render(values)
    except Exception as error:  # whatever a filter with wrong arguments raises
        raise TemplateError("template_syntax", where=where, line=None, detail=str(error)) from error


@lru_cache(maxsize=64)
def _compiled(source: str, where: str) -> Template:
    environment = _environment()
    try:
        tree = environment.parse(source)
        _refuse_forbidden(tree, where)
        _refuse_unknown(tree, where)
        return environment.from_string(source)
    except TemplateSyntaxError as error:
        raise TemplateError(
            "template_syntax", where=where, line=error.lineno, detail=error.message
        ) from error


def _refuse_unknown(tree: nodes.Template, where: str) -> None:
    # Every name, for nothing can be assigned; meta.find_undeclared_variables overlooks ``self``.
    known = _known(where)
    found = [node for node in tree.find_all(nodes.Name) if node.name not in known]
    if found:
        first = min(found, key=lambda node: node.lineno)
        raise TemplateError(
            "placeholder_unknown",
            name=first.name,
            where=where,
            line=first.lineno,
            nearest=_nearest(first.name, known),
            known=tuple(known),
        )


def _known(where: str) -> Mapping[str, str]:
    return GROUPED if where.startswith("grouped_") else PLACEHOLDERS


def _nearest(name: str, known: Mapping[str, str]) -> str:
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    plain = "".join(c for c in decomposed if not unicodedata.combining(c))
    return next(iter(difflib.get_close_matches(plain, known, n=1)), "")


def _refuse_forbidden(tree: nodes.Template, where: str) -> None:
    for node in tree.find_all(nodes.Node):
        construct = ""
        if not isinstance(node, _ALLOWED):
            construct = type(node).__name__.lower()
        elif isinstance(node, nodes.Filter) and node.name not in _FILTERS:
            construct = f"|{node.name}"
        if construct:
            raise TemplateError("template_forbidden", construct=construct, where=where, line=node.lineno)
        if isinstance(node, nodes.TemplateData):
            _refuse_single_braces(node, where)


def _refuse_single_braces(node: nodes.TemplateData, where: str) -> None:
    """Refuse ``{resident}``: it would be mailed as it is, to every family."""
    for name in _known(where):
        if f"{{{name}}}" in node.data.replace(" ", ""):
            raise TemplateError("template_syntax", where=where, line=node.lineno, detail=f"{{{name}}}")
