"""Subject and accompanying text of this sending, checked as they are typed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import ipywidgets as widgets

from elite_lib import composition, config
from elite_lib.config import Settings
from elite_lib.exceptions import TemplateError
from elite_lib.labels import _, explain
from elite_lib.models import Wording
from elite_lib.ui import panels
from elite_lib.ui.editor import Editor, place

_FIELD = {"deceased_subject": "subject", "deceased_text": "text"}  # without a field of their own here


class MessagePanel:
    """Edit the wording of one sending; it becomes the home's only when it is saved as such."""

    def __init__(
        self,
        settings: Settings,
        *,
        on_change: Callable[[], None],
        on_saved: Callable[[], None] = lambda: None,
    ) -> None:
        self._settings, self._on_change, self._on_saved = settings, on_change, on_saved
        known = settings.wording
        self._wording = known
        self.editor = Editor(subject=known.subject, text=known.text, signature=known.signature)
        self.receipt = _checkbox(_("Ask for a read receipt"), known.receipt)
        self.logo = _checkbox(_("Logo in the message"), settings.message_logo)
        self.logo.disabled = not settings.establishment.logo
        self.notice = panels.Notice()
        self.save = panels.button(_("Save as template"), self.notice.guarded(self._save))
        self.widget = panels.column(
            self.editor,
            panels.row(self.receipt, self.logo, self.save, style="elite-actions"),
            self.notice,
            style="elite-writing",
        )
        self.valid = True
        for name in ("subject", "text", "signature"):
            self.editor.observe(lambda _change: self.check(), names=name)
        for box in (self.receipt, self.logo):
            box.observe(lambda _change: self.check(), names="value")
        self.check()

    @property
    def wording(self) -> Wording:
        editor = self.editor
        return replace(
            self._wording,
            subject=editor.subject,
            text=editor.text,
            signature=editor.signature,
            receipt=self.receipt.value,
        )

    @property
    def changes(self) -> dict[str, object]:
        """Give the settings of ``[message]`` that this sending needs changed: those no wording carries."""
        logo = bool(self.logo.value)
        return {} if logo == self._settings.message_logo else {"logo": logo}

    def check(self) -> None:
        """Say what is wrong under the field where it is."""
        errors: dict[str, dict[str, object]] = {}
        self.notice.clear()
        try:
            composition.check(self.wording)
        except TemplateError as error:
            where = str(error.fields.get("where", "subject"))
            name = _FIELD.get(where, where)
            source = getattr(self.wording, where, "")
            errors[name] = {"sentence": explain(error), "place": place(source, error.fields)}
        self.valid = not errors
        self.editor.errors = errors
        self._on_change()

    def adopt(self, settings: Settings) -> None:
        """Take changed settings; what was typed on the page stays."""
        self._settings = settings
        self._wording = settings.wording
        self.logo.disabled = not settings.establishment.logo

    def _save(self) -> None:
        if not self.valid:
            self.notice.tell(_("Correct the message first."))
            return
        wording = self.wording
        values: dict[str, object] = {
            "subject": wording.subject,
            "text": wording.text,
            "signature": wording.signature,
            "receipt": wording.receipt,
            "logo": bool(self.logo.value),
        }
        config.save(self._settings.home, {"message": values})
        self._on_saved()
        self.notice.tell(
            _("Saved: the coming months and scheduled sendings begin with this message."), kind="good"
        )


def _checkbox(text: str, value: bool) -> widgets.Checkbox:
    made = widgets.Checkbox(description=text, value=value, indent=False)
    made.add_class("elite-check")
    return made
