"""Read the home's workbook as its settings say."""

from __future__ import annotations

import os

from elite_lib import secrets
from elite_lib.batch.office import Office
from elite_lib.config import Home
from elite_lib.exceptions import ConfigError
from elite_lib.models import Tables


def load_tables(office: Office) -> Tables:
    """Read the home's workbook; raises ``SourceError`` with every fatal problem."""
    from elite_lib import sources  # noqa: PLC0415 (pandas, 0.8 s: only who reads the workbook pays)

    settings = office.settings
    data = settings.data
    return sources.load(
        data.source,
        layout=sources.Layout(aliases=data.aliases, sheets=data.sheets, table=data.table),
        creditor_id=settings.establishment.creditor_id,
        password=lambda: workbook_password(settings.home),
        papers=data.papers is not None,
    )


def workbook_password(home: Home) -> str:
    """Find the password of a protected workbook; "" where the home has none: the problem then says so.

    Raises:
        ConfigError: it is there, and cannot be used.
    """
    try:
        return secrets.find("workbook", home=home, environ=os.environ)
    except ConfigError as error:
        if error.code != "secret_missing":
            raise
        return ""
