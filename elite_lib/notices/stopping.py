"""Say in one sentence why a run stopped."""

from __future__ import annotations

from elite_lib.batch import Run
from elite_lib.labels import _, explain, word


def stop_sentence(run: Run) -> str:
    """Say why a run stopped, with the server's words and when it can go on; "" when it did not."""
    stop = run.stopped
    if stop is None:
        return ""
    parts = [explain(stop.error) if stop.error else word(stop.reason)]
    if stop.detail and not stop.error:
        parts.append(f"({stop.detail})")
    if stop.resume_at is not None:
        parts.append(
            _("It can go on at {time}.").format(time=f"{stop.resume_at.astimezone():%d/%m/%Y %H:%M}")
        )
    return " ".join(parts)
