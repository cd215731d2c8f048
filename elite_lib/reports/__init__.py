"""Journal and plan → DataFrames and figures, for notebooks, the page and the analyst."""

from elite_lib.reports.changes import changes_table
from elite_lib.reports.frames import shown
from elite_lib.reports.invoices import Envelope, invoice_journal
from elite_lib.reports.pace import deferral_table, suggested_pace
from elite_lib.reports.rates import bounce_delays, bounce_rates
from elite_lib.reports.receipts import receipt_table
from elite_lib.reports.returns import ReturnedMessage, bounce_table, returned_message, worst_addresses
from elite_lib.reports.slips import (
    batch_table,
    conclude,
    journal_table,
    line_table,
    problem_table,
    remainder_table,
    run_table,
    slip_table,
)

__all__ = [
    "Envelope",
    "ReturnedMessage",
    "batch_table",
    "bounce_delays",
    "bounce_rates",
    "bounce_table",
    "changes_table",
    "conclude",
    "deferral_table",
    "invoice_journal",
    "journal_table",
    "line_table",
    "problem_table",
    "receipt_table",
    "remainder_table",
    "returned_message",
    "run_table",
    "shown",
    "slip_table",
    "suggested_pace",
    "worst_addresses",
]
