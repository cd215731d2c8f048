"""What is told to people when nobody watched: the slip by e-mail, and a month that did not leave."""

from elite_lib.notices.composing import News, Standing, compose_notice, headline
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
    "Heartbeat",
    "News",
    "Standing",
    "beat_sentence",
    "compose_notice",
    "due_period",
    "headline",
    "heartbeat",
    "last_trouble",
    "send_notice",
    "stop_sentence",
]
