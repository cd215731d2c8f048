"""Decide who gets what this month, who is left out and why. pandas ends here.

``select`` is the one decision; ``billing`` counts the same month from the sheet alone, so that the
slip can be checked against it (invariant 7).
"""

from elite_lib.selection.certifying import certify, plan
from elite_lib.selection.comparing import compare
from elite_lib.selection.finding import contacts, month_of_document
from elite_lib.selection.keys import line_key
from elite_lib.selection.planning import addresses, billing, months, select

__all__ = [
    "addresses",
    "billing",
    "certify",
    "compare",
    "contacts",
    "line_key",
    "month_of_document",
    "months",
    "plan",
    "select",
]
