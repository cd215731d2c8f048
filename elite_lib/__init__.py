"""E-mail a French retirement home's monthly invoices to the families: never twice, never lost.

The main path, in the office's words::

    import elite_lib as el

    office = el.open_home("maison")              # elite.toml, outbox, journal
    period = el.Period.parse("2026-10")
    prepared = el.prepare(office, period)        # préparer: PDFs, messages, a frozen batch
    run = el.send(office, prepared.batch.id)     # envoyer
    el.slip_table(el.survey(office, period).slip)  # constater: the slip that balances
    el.collect(office)                           # relever: what came back
    el.bounce_table(office, period)              # each finding, in plain words; see also bounce_rates…

A name is imported when it is first asked for (PEP 562): every ``import elite_lib.something`` runs this
file, and the command line and the mail catcher need neither pandas nor the documents to start.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from elite_lib.batch import (
        Office,
        collect,
        load_tables,
        month_batch,
        open_home,
        prepare,
        print_pile,
        rehearsal,
        send,
        settle,
        survey,
        untick,
    )
    from elite_lib.exceptions import EliteError
    from elite_lib.labels import describe_problem, explain
    from elite_lib.models import Box, Period
    from elite_lib.reports import (
        batch_table,
        bounce_delays,
        bounce_rates,
        bounce_table,
        changes_table,
        conclude,
        deferral_table,
        journal_table,
        line_table,
        problem_table,
        receipt_table,
        remainder_table,
        returned_message,
        run_table,
        shown,
        slip_table,
        suggested_pace,
        worst_addresses,
    )
else:  # type checkers do not see this: a name that is not above is an error to them

    def __getattr__(name):
        if name in __all__:
            for room in ("exceptions", "models", "labels", "batch", "reports"):  # the cheapest first
                names = vars(import_module(f"{__name__}.{room}"))
                if name in names:
                    return globals().setdefault(name, names[name])
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

    def __dir__():
        return sorted({*globals(), *__all__})


__all__ = [
    "Box",
    "EliteError",
    "Office",
    "Period",
    "batch_table",
    "bounce_delays",
    "bounce_rates",
    "bounce_table",
    "changes_table",
    "collect",
    "conclude",
    "deferral_table",
    "describe_problem",
    "explain",
    "journal_table",
    "line_table",
    "load_tables",
    "month_batch",
    "open_home",
    "prepare",
    "print_pile",
    "problem_table",
    "receipt_table",
    "rehearsal",
    "remainder_table",
    "returned_message",
    "run_table",
    "send",
    "settle",
    "shown",
    "slip_table",
    "suggested_pace",
    "survey",
    "untick",
    "worst_addresses",
]
