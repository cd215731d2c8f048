"""What is told to people when nobody watched: the slip, what came back, a month that did not leave."""

from elite_lib.notices.calls import (
    Call,
    OwnFault,
    Part,
    ReturnSheet,
    own_faults,
    recent_faults,
    return_sheet,
)
from elite_lib.notices.calls_html import banner_html, sheet_html, sheet_page
from elite_lib.notices.calls_xlsx import settled_sentence, sheet_xlsx
from elite_lib.notices.composing import News, Standing, compose_notice, headline
from elite_lib.notices.findings import Returned, findings
from elite_lib.notices.returning import compose_returns, send_returns_notice, sheet_for_notice
from elite_lib.notices.sending import send_notice
from elite_lib.notices.stopping import stop_sentence
from elite_lib.notices.watching import (
    RECENT,
    Beat,
    Heartbeat,
    beat_sentence,
    due_period,
    heartbeat,
    last_trouble,
)

__all__ = [
    "RECENT",
    "Beat",
    "Call",
    "Heartbeat",
    "News",
    "OwnFault",
    "Part",
    "ReturnSheet",
    "Returned",
    "Standing",
    "banner_html",
    "beat_sentence",
    "compose_notice",
    "compose_returns",
    "due_period",
    "findings",
    "headline",
    "heartbeat",
    "last_trouble",
    "own_faults",
    "recent_faults",
    "return_sheet",
    "send_notice",
    "send_returns_notice",
    "settled_sentence",
    "sheet_for_notice",
    "sheet_html",
    "sheet_page",
    "sheet_xlsx",
    "stop_sentence",
]
