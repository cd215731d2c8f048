"""The year's tax certificate (*attestation fiscale*)."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from elite_lib import formats
from elite_lib.documents.address import address_lines
from elite_lib.documents.facts import Values, about, home_values, resident_values
from elite_lib.documents.fonts import plain
from elite_lib.documents.layout import Content, arranged, compose
from elite_lib.documents.notes import notes_of
from elite_lib.documents.page import CONTENT
from elite_lib.documents.pen import MM
from elite_lib.documents.table import Column, Row, RowKind, Table, cells
from elite_lib.documents.template import Template, load
from elite_lib.documents.totals import Totals
from elite_lib.exceptions import DocumentError
from elite_lib.models import Certificate, DispatchLine, Establishment

# In millimetres; the invoices' numbers take what remains.
_WIDTHS = {"month": 30, "accommodation": 27, "dependency": 27, "aids": 27, "base": 27}


def render_certificate(
    line: DispatchLine, *, establishment: Establishment, home: Path, template: Template | None = None
) -> bytes:
    """Make the PDF of the tax certificate of ``line``: the same bytes for the same input.

    Raises:
        DocumentError: ``certificate_missing`` when the line has none; ``logo_unreadable``.
        ConfigError, TemplateError: ``documents.toml`` is wrong.
    """
    certificate = line.certificate
    if certificate is None:
        raise DocumentError("certificate_missing", number=line.number)
    template = template or load(home)
    values = _values(line, certificate, template, establishment)
    blocks = {
        "totals": _totals(certificate, template),
        "notes": notes_of(template.shown("certificate.notes", values)),
        "closing": notes_of(template.shown("certificate.closing", values)),
    }
    content = Content(
        title=template["certificate.title"],
        number=certificate.number,
        date=certificate.date,
        facts=template.shown("certificate.facts", values),
        about=about(line.resident),
        address=address_lines(line, template),
        foot=template.shown("certificate.foot", values),
        table=_table(certificate, template),
        arrangement=arranged(template.lists["certificate.blocks"], blocks),
    )
    return compose(content, template=template, establishment=establishment, home=home)


def _values(line: DispatchLine, certificate: Certificate, template: Template, home: Establishment) -> Values:
    return {
        **home_values(home),
        "dossier": plain(certificate.resident),
        **resident_values(line.resident, template, health=False),
        "numero": plain(certificate.number),
        "date": formats.date(certificate.date),
        "annee": certificate.year,
        "montant": formats.amount(certificate.base),
    }


def _table(certificate: Certificate, template: Template) -> Table:
    shown = template.lists["certificate.columns"]
    rest = CONTENT - MM * sum(_WIDTHS.get(key, 0) for key in shown)
    columns = tuple(
        Column(
            key=key,
            title=template[f"certificate.titles.{key}"],
            width=_WIDTHS[key] * MM if key in _WIDTHS else rest,
            figures=key not in ("month", "documents"),
            wide=key == "documents",
        )
        for key in shown
    )
    rows = []
    for month in certificate.months:
        known = {
            "month": formats.month(month.month) if month.month else "",
            "documents": ", ".join(month.invoices),
            "accommodation": formats.amount(month.accommodation),
            "dependency": formats.amount(month.dependency),
            "aids": formats.amount(-month.aids),
            "base": formats.amount(month.base),
        }
        texts = [known[column.key] for column in columns]
        rows.append(Row(kind=RowKind.LINE, cells=cells(columns, texts), amount=month.base))
    return Table(
        columns=columns,
        rows=tuple(rows),
        carried_forward=template["table.carried_forward"],
        carried_over=template["table.carried_over"],
        continued=template["table.continued"],
    )


def _totals(certificate: Certificate, words: Template) -> Totals:
    key = "certificate.totals."
    sums = {
        "accommodation": sum((month.accommodation for month in certificate.months), Decimal(0)),
        "dependency": sum((month.dependency for month in certificate.months), Decimal(0)),
        "aids": -sum((month.aids for month in certificate.months), Decimal(0)),
    }
    rows = tuple((words[key + name], amount) for name, amount in sums.items() if amount or name != "aids")
    return Totals(rows=rows, label=words[f"{key}base"], amount=certificate.base)
