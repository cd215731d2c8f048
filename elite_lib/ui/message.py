"""Subject and accompanying text of this sending, checked as they are typed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import ipywidgets as widgets
from markupsafe import Markup

from elite_lib import composition
from elite_lib.exceptions import TemplateError
from elite_lib.labels import _, explain
from elite_lib.models import Wording
from elite_lib.ui import panels

_SUBJECTS = ("subject", "deceased_subject")


class MessagePanel:
    """Edit the wording of one sending; what the home's settings say is left as it is."""

    def __init__(self, wording: Wording, *, on_change: Callable[[], None]) -> None:
        self._wording = wording
        self._on_change = on_change
        self.subject = widgets.Text(description=_("Subject"), value=wording.subject)
        self.text = widgets.Textarea(description=_("Text"), value=wording.text, rows=9)
        self.subject_error, self.text_error = panels.Notice(), panels.Notice()
        for field in (self.subject, self.text):
            field.add_class("elite-field")
            field.add_class("elite-wide")
            field.observe(lambda _change: self.check(), names="value")
        self.widget = panels.column(
            panels.heading(_("Message")),
            self.subject,
            self.subject_error,
            self.text,
            self.text_error,
            widgets.HTML(_help()),
            style="elite-card",
        )
        self.valid = True
        self.check()

    @property
    def wording(self) -> Wording:
        return replace(self._wording, subject=self.subject.value, text=self.text.value)

    def check(self) -> None:
        """Say what is wrong under the field where it is."""
        self.subject_error.clear()
        self.text_error.clear()
        self.subject.remove_class("elite-invalid")
        self.text.remove_class("elite-invalid")
        self.valid = True
        try:
            composition.check(self.wording)
        except TemplateError as error:
            self.valid = False
            where = str(error.fields.get("where", "subject"))
            field, notice = (
                (self.subject, self.subject_error) if where in _SUBJECTS else (self.text, self.text_error)
            )
            field.add_class("elite-invalid")
            notice.tell(explain(error))
        self._on_change()


def _help() -> str:
    word = Markup("<div><dt><code>{{{{ {name} }}}}</code></dt><dd>{text}</dd></div>")
    words = [word.format(name=name, text=_(text)) for name, text in composition.PLACEHOLDERS.items()]
    fold = Markup(
        '<details class="elite-fold"><summary>{}</summary><dl class="elite-words">{}</dl></details>'
    )
    return str(fold.format(_("Words that are filled in for each message"), Markup("").join(words)))
