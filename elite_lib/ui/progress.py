"""The run as it goes: bar, figures, last lines, Pause and Stop."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping

import ipywidgets as widgets
from markupsafe import Markup

from elite_lib.batch import run_of
from elite_lib.labels import _, explain, ngettext, word
from elite_lib.models import Entry, EntryKind, StopReason
from elite_lib.ui import panels
from elite_lib.ui.following import RunView

Ask = Callable[[EntryKind], None]


class ProgressPanel:
    """Show one run. Its buttons write to the journal; the run obeys between two messages.

    ``strip`` stays in sight while it goes; ``widget`` lists the newest messages.
    """

    def __init__(self, ask: Ask) -> None:
        self._shown: tuple[str, ...] = ()
        self._said = ""
        self.notice = panels.Notice()
        self.bar, self.facts, self.lines, self.spoken = (widgets.HTML() for _number in range(4))
        asked = self.notice.guarded(ask)
        self.pause = panels.button(_("Pause"), lambda: asked(EntryKind.PAUSE))
        self.resume = panels.button(_("Go on"), lambda: asked(EntryKind.RESUME), style="elite-main")
        self.stop = panels.button(_("Stop"), lambda: asked(EntryKind.STOP))
        self.buttons = panels.row(self.pause, self.resume, self.stop, style="elite-actions")
        self.body = panels.row(
            panels.column(self.bar, self.facts, style="elite-grow"), self.buttons, style="elite-moving"
        )
        self.spoken.add_class("elite-spoken")
        self.strip = panels.column(self.notice, self.spoken, self.body, style="elite-run elite-strip")
        self.widget = panels.section(_("Progress"), self.lines, style="elite-run")
        panels.show(self.widget, False)
        panels.show(self.strip, False)

    def clear(self) -> None:
        """Forget the run that was shown: another one is about to start."""
        self._shown, self._said = (), ""
        self.spoken.value = self.lines.value = ""
        for part in (self.widget, self.strip, self.body):
            panels.show(part, False)

    def starting(self) -> None:
        """Show that a run was started and has not spoken yet."""
        panels.show(self.strip, True)
        self.notice.tell(_("The sending is starting…"), kind="info")
        panels.show(self.body, False)

    def failed(self, log: str) -> None:
        """Show that the run's process died before it said anything."""
        panels.show(self.strip, True)
        self.notice.tell(_("The sending could not start: nothing left. Its log: {path}").format(path=log))
        panels.show(self.body, False)

    def update(self, view: RunView | None, names: Mapping[str, str]) -> None:
        """Show the run as it is now; ``names`` gives residents by line key."""
        panels.show(self.strip, view is not None)
        panels.show(self.widget, view is not None and bool(view.last))
        if view is None:
            return
        panels.show(self.body, view.active)
        panels.show(self.pause, not view.paused and not view.stopping)
        panels.show(self.resume, view.paused and not view.stopping)
        self.stop.disabled = view.stopping
        self.bar.value = _bar(view)
        self.facts.value = _facts(view)
        self.lines.value = _lines(view.last, names)
        self._speak(view)
        text, kind = standing(view)
        if (text, kind) != self._shown:  # not again at each look: it is read out
            self._shown = (text, kind)
            self.notice.tell(text, kind=kind)

    def _speak(self, view: RunView) -> None:
        """Let a screen reader hear every tenth of the way, not every message."""
        tenth = view.done * 10 // max(1, view.planned)
        text = ""
        if view.active and tenth:
            text = _("{done} messages of {planned} done").format(
                done=max(1, tenth * view.planned // 10), planned=view.planned
            )
        if text != self._said:
            self._said = text
            self.spoken.value = str(Markup('<p role="status">{}</p>').format(text))


def standing(view: RunView) -> tuple[str, str]:
    """Say how the run stands, and what kind of news that is."""
    if view.ended is not None:
        return _ending(view.ended, view)
    if view.vanished:
        return (
            _(
                "The sending was cut short (machine switched off, process killed). "
                "What left is in the journal; a message in doubt is marked uncertain. Send again to go on."
            ),
            "error",
        )
    if view.stopping:
        return _("Stopping after the current message…"), "info"
    if view.paused:
        return _("Paused. Nothing leaves until you go on."), "info"
    if view.held_until is not None:
        text = _("The first messages left alone. The others leave at {time}, unless one of these comes back.")
        return text.format(time=_clock(view.held_until)), "info"
    return _("Messages are leaving. You may close this page: the sending goes on."), "info"


def _ending(entry: Entry, view: RunView) -> tuple[str, str]:
    sent = ngettext("{n} message sent.", "{n} messages sent.", view.sent).format(n=view.sent)
    stop = run_of(entry).stopped
    if stop is None:
        return _("Finished.") + " " + sent, "good"
    kind = "info" if stop.reason in (StopReason.REQUESTED, StopReason.QUOTA) else "error"
    when = _("Possible again at {time}.").format(time=_clock(stop.resume_at)) if stop.resume_at else ""
    why = explain(stop.error) if stop.error else " ".join(filter(None, (word(stop.reason), stop.detail)))
    return " ".join(filter(None, (why, when, sent))), kind


def _bar(view: RunView) -> str:
    return str(
        Markup('<progress max="{max}" value="{value}" aria-label="{label}"></progress>').format(
            max=max(1, view.planned), value=view.done, label=_("Messages done")
        )
    )


def _facts(view: RunView) -> str:
    facts = [
        (_("Sent"), str(view.sent)),
        (_("Done"), f"{view.done} / {view.planned}"),
        (_("Remaining"), str(view.remaining)),
        (_("Started"), f"{_clock(view.started)} · {view.operator}"),
    ]
    if view.failed:
        facts.insert(1, (_("Refused or uncertain"), str(view.failed)))
    if view.expected_end is not None and view.remaining and not view.paused:
        facts.append((_("Expected end"), _clock(view.expected_end)))
    return panels.facts(facts)


def _lines(entries: tuple[Entry, ...], names: Mapping[str, str]) -> str:
    if not entries:
        return ""
    items = Markup("").join(_line(entry, names) for entry in entries)
    titled = Markup('<p class="elite-label">{}</p><ul class="elite-last">{}</ul>')
    return str(titled.format(_("Last messages, the newest first"), items))


def _line(entry: Entry, names: Mapping[str, str]) -> Markup:
    statuses = list(dict.fromkeys(outcome.status for outcome in entry.recipients))
    replies = [o.reply for o in entry.recipients if o.reply is not None and not o.reply.accepted]
    words = f"{replies[0].code} {replies[0].text}" if replies else ""
    return Markup(
        "<li><span>{time}</span> <span>{number}</span> <strong>{name}</strong> "
        '<em data-state="{state}">{status}</em> <span>{words}</span></li>'
    ).format(
        time=_clock(entry.at) if entry.at else "",
        number=entry.line,
        name=names.get(entry.line, ""),
        state=statuses[0].value if statuses else "",
        status=", ".join(word(status) for status in statuses),
        words=words,
    )


def _clock(at: dt.datetime) -> str:
    """Say a time of today; of another day with its date."""
    local = at.astimezone()
    return (
        f"{local:%H:%M:%S}"
        if local.date() == dt.datetime.now().astimezone().date()
        else f"{local:%d/%m %H:%M}"
    )
