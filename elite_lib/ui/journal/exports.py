"""The invoice journal as a file: .xlsx or .csv, addresses masked unless somebody asks for them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from decimal import Decimal

import pandas as pd

from elite_lib import formats
from elite_lib.labels import _
from elite_lib.models import Box
from elite_lib.notices.sheet import neutral
from elite_lib.reports import Envelope
from elite_lib.ui.journal.rows import label, moment
from elite_lib.ui.papers import workbook
from elite_lib.ui.rows import instant


def xlsx(journal: pd.DataFrame, *, clear: bool) -> bytes:
    """Write it as a workbook; ``clear``: with whole addresses."""
    return workbook((_("Invoice journal"), _titles(), _cells(journal, clear=clear)))


def as_csv(journal: pd.DataFrame, *, clear: bool) -> bytes:
    """Write it as French spreadsheets read it: semicolons, decimal commas, UTF-8 with its mark."""
    kept = io.StringIO(newline="")
    writer = csv.writer(kept, delimiter=";", lineterminator="\r\n")
    writer.writerow(_titles())
    for cells in _cells(journal, clear=clear):
        writer.writerow([_plain(cell) for cell in cells])
    return kept.getvalue().encode("utf-8-sig")


def _plain(cell: object) -> str:
    # a negative amount begins with "-", and is a number all the same
    return formats.plain_amount(cell).replace(".", ",") if isinstance(cell, Decimal) else neutral(str(cell))


def _titles() -> Sequence[str]:
    titles = [_("dispatch"), _("number"), _("code"), _("resident"), _("month"), _("euros")]
    return [*titles, _("sent on"), _("to whom"), _("received on"), _("printed")]


def _cells(journal: pd.DataFrame, *, clear: bool) -> Iterator[list[object]]:
    for facts in journal.to_dict("records"):
        sent, received = moment(facts["sent"]), moment(facts["received"])
        addresses = [one for one in str(facts["recipients"]).split(", ") if one]
        shown = addresses if clear else [formats.masked(one) for one in addresses]
        yield [
            label(Envelope(facts["envelope"]), Box(facts["box"])),
            facts["number"],
            facts["resident"],
            facts["name"],
            facts["month"],
            facts["amount"],
            instant(sent) if sent else "",
            ", ".join(shown),
            instant(received) if received else "",
            _("yes") if facts["printed"] else _("no"),
        ]
