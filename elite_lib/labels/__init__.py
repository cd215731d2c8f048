"""gettext: every enum member, problem and exception → a sentence in the office's language."""

from elite_lib.labels.catalogue import N_, _, ngettext, use_language
from elite_lib.labels.changes import describe_change
from elite_lib.labels.explaining import explain
from elite_lib.labels.problems import advise, describe_problem
from elite_lib.labels.words import total_of, word

__all__ = [
    "N_",
    "_",
    "advise",
    "describe_change",
    "describe_problem",
    "explain",
    "ngettext",
    "total_of",
    "use_language",
    "word",
]
