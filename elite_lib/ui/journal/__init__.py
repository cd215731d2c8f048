"""The tab *Journal*: every invoice with its sign, the history of each, and sending a single one."""

from elite_lib.ui.journal.tab import JournalTab

__all__ = ["JournalTab"]
