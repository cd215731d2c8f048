"""What changed since the last month that was sent, as a table."""

from __future__ import annotations

import pandas as pd

from elite_lib.batch import Office, changes_since_last_month
from elite_lib.labels.changes import describe_change
from elite_lib.models import Period, Plan, Tables
from elite_lib.reports.frames import frame


def changes_table(
    office: Office, period: Period, plan: Plan | None = None, *, tables: Tables | None = None
) -> pd.DataFrame:
    """List new, changed, vanished, shared and misspelt addresses, and who has no invoice any more.

    Compared with the newest month before ``period`` in which something was mailed. ``known``: it was so then
    already. Columns: ``kind`` (ChangeKind), ``line``, ``resident`` (name, else code), ``contact``,
    ``address``, ``todo`` (in words), ``known``.

    Raises:
        SourceError, JournalError.
    """
    return frame(
        (
            (
                change.kind,
                change.line,
                change.name or change.resident,
                change.contact,
                change.address,
                describe_change(change),
                change.known,
            )
            for change in changes_since_last_month(office, period, plan, tables=tables)
        ),
        ("kind", "line", "resident", "contact", "address", "todo", "known"),
    )
