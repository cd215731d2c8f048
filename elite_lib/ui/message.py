"""Subject and accompanying text of this sending, checked as they are typed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import ipywidgets as widgets

from elite_lib import composition, config
from elite_lib.config import Settings
from elite_lib.exceptions import TemplateError
from elite_lib.labels import _, explain
from elite_lib.models import Period, Wording
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
        self._yearly = False  # the words of tax certificates are edited, not those of months
        self._typed: dict[bool, tuple[str, str]] = {}  # subject and text of the other, meanwhile
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
        wording = replace(self._wording, signature=editor.signature, receipt=self.receipt.value)
        if self._yearly:
            subject, text = editor.subject, editor.text
            return replace(wording, certificate_subject=subject, certificate_text=text).of_certificates
        return replace(wording, subject=editor.subject, text=editor.text)

    def show_period(self, period: Period) -> None:
        """Edit the words of a month, or of a year's certificates; what was typed of the other stays."""
        if bool(period.year) == self._yearly:
            return
        self._typed[self._yearly] = (self.editor.subject, self.editor.text)
        self._yearly = bool(period.year)
        known = self._wording.of_certificates if self._yearly else self._wording
        subject, text = self._typed.get(self._yearly, (known.subject, known.text))
        self.editor.subject, self.editor.text = subject, text

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
        wording, kind = self.wording, "certificate_" if self._yearly else ""
        values: dict[str, object] = {
            f"{kind}subject": wording.subject,
            f"{kind}text": wording.text,
            "signature": wording.signature,
            "receipt": wording.receipt,
            "logo": bool(self.logo.value),
        }
        config.save(self._settings.home, {"message": values})
        self._on_saved()
        said = _("Saved: the coming months and scheduled sendings begin with this message.")
        self.notice.tell(_("Saved: the certificates of coming years too.") if kind else said, kind="good")


def _checkbox(text: str, value: bool) -> widgets.Checkbox:
    made = widgets.Checkbox(description=text, value=value, indent=False)
    made.add_class("elite-check")
    return made
