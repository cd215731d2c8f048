"""One line as its family will see it: addresses, subject, message, attachments, the PDFs' pages."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Collection

import ipywidgets as widgets
from markupsafe import Markup

from elite_lib import formats
from elite_lib.batch import Office
from elite_lib.batch.previewing import Previewer, Written, weight
from elite_lib.composition.drafts import content_id
from elite_lib.labels import _, explain, ngettext
from elite_lib.models import Attachment, DispatchLine, Draft, Wording
from elite_lib.ui import panels
from elite_lib.ui.month import Month
from elite_lib.ui.rows import sentence

_PAGES = 6  # of a PDF that are drawn
_DPI = 110
_MESSAGE, _PLAIN = "", "text"


class PreviewPanel:
    """Show any line; what is shown is composed exactly as it would be frozen."""

    def __init__(self, office: Office, *, on_step: Callable[[int], None]) -> None:
        self.office = office
        self._drafts: tuple[Draft, ...] = ()
        self._papers: dict[str, Attachment] = {}
        self._silent = False  # choices are being offered, nobody chooses
        self.heading, self.body = widgets.HTML(), widgets.HTML()
        self.notice = panels.Notice()
        self.which = widgets.Dropdown(description=_("Message"))
        self.what = widgets.Dropdown(description=_("Show"))
        for choice in (self.which, self.what):
            choice.add_class("elite-field")
        self.which.observe(lambda _change: self._chosen(self._offer), names="value")
        self.what.observe(lambda _change: self._chosen(self._draw), names="value")
        step = self.notice.guarded(on_step)
        self.previous = panels.button(_("Previous line"), lambda: step(-1))
        self.next = panels.button(_("Next line"), lambda: step(1))
        self.widget = panels.column(
            self.heading,
            panels.row(self.which, self.what, self.previous, self.next, style="elite-actions elite-end"),
            self.notice,
            self.body,
            style="elite-preview",
        )

    def show(
        self,
        month: Month | None,
        line: DispatchLine | None,
        wording: Wording,
        *,
        ticked: Collection[str] = (),
    ) -> None:
        """Compose the line again and show it; with ``ticked`` ones, where they share a guardian's message."""
        self.notice.clear()
        title = _("Preview")
        if line is not None and line.resident is not None:
            title = _("Preview: {resident}").format(resident=panels.quoted(line.resident.name))
        self.heading.value = panels.heading(title, level=3).value
        written = Written()
        if month is not None and line is not None and self.office.settings.mail is not None:
            try:
                writer = Previewer(self.office, month.plan, wording=wording, states=month.states)
                written = writer.line(line, papers=True, ticked=ticked)
            except Exception as error:
                self.notice.fail(error)
        self.show_written(written)

    def show_written(self, written: Written) -> None:
        """Show what is written already."""
        if written.problems:
            self.notice.tell(" ".join(map(sentence, written.problems)), kind="info")
        self._take(written)

    def _chosen(self, show: Callable[[], None]) -> None:
        if not self._silent:
            show()

    def _take(self, written: Written) -> None:
        chosen, self._drafts = self.what.value, written.drafts
        self._papers = {paper.name: paper for paper in written.documents}
        options = [(_addressees(draft), number) for number, draft in enumerate(self._drafts)]
        self._silent = True
        self.which.options = options
        self.which.value = 0 if options else None
        self._silent = False
        panels.show(self.which, len(options) > 1)
        self._offer(chosen)

    @property
    def _draft(self) -> Draft | None:
        number = self.which.value
        return self._drafts[number] if number is not None and number < len(self._drafts) else None

    def _offer(self, chosen: str | None = None) -> None:
        """List what can be shown of the draft; stay on the same kind of thing."""
        chosen = self.what.value if chosen is None else chosen
        draft = self._draft
        files = dict(self._papers) if draft is None else {item.name: item for item in draft.attachments}
        options = [(_("the message"), _MESSAGE), (_("the text alone"), _PLAIN)] if draft is not None else []
        options += [(name, f"file:{name}") for name in files]
        values = [value for _label, value in options]
        self._silent = True
        self.what.options = options
        self.what.value = chosen if chosen in values else next(iter(values), None)
        self._silent = False
        self._draw()

    def _draw(self) -> None:
        draft, what = self._draft, self.what.value
        if what is None:
            self.body.value = str(Markup('<p class="elite-quiet">{}</p>').format(_("Nothing to show.")))
            return
        if what.startswith("file:"):
            name = what.removeprefix("file:")
            known = self._papers if draft is None else {item.name: item for item in draft.attachments}
            self.body.value = paper(known[name]) if name in known else ""
        elif draft is not None:
            body = _framed(draft) if what == _MESSAGE else plain(draft.text)
            self.body.value = _head(draft) + body


def _addressees(draft: Draft) -> str:
    return ", ".join(recipient.address for recipient in draft.recipients)


def _head(draft: Draft) -> str:
    names = ", ".join(item.name for item in draft.attachments)
    count = len(draft.attachments)
    total = ngettext("{n} attachment", "{n} attachments", count).format(n=count)
    pairs = [
        (_("From"), f"{draft.sender_name} <{draft.sender}>"),
        (_("To"), _addressees(draft)),
        (_("Subject"), draft.subject),
        (total, f"{names} · {formats.size(weight(draft))}"),
    ]
    if draft.receipt:
        pairs.append((_("Read receipt"), _("asked for")))
    return panels.facts(pairs)


def _framed(draft: Draft) -> str:
    page = draft.html
    if draft.logo is not None:
        data = base64.b64encode(draft.logo.content).decode()
        inline = f"data:{draft.logo.media_type};base64,{data}"
        page = page.replace(f"cid:{content_id(draft.logo, draft.sender)}", inline)
    return framed(page)


def framed(page: str) -> str:
    """Show a page of HTML where it can do nothing: no script, no form, nothing fetched."""
    return str(
        Markup('<iframe class="elite-mail" sandbox="" title="{}" srcdoc="{}"></iframe>').format(
            _("The message as it is shown"), page
        )
    )


def plain(text: str) -> str:
    """Show a text as it is."""
    return str(
        Markup('<pre class="elite-plain" tabindex="0" role="region" aria-label="{}">{}</pre>').format(
            _("The text alone"), text
        )
    )


def paper(item: Attachment) -> str:
    """Draw a file: the pages of a PDF, a picture, a text."""
    try:
        if item.media_type == "application/pdf":
            return _pages(item)
        if item.media_type.startswith("image/"):
            return str(_picture(item.content, item.media_type, item.name))
        return str(Markup('<pre class="elite-plain" tabindex="0">{}</pre>').format(_text(item)))
    except Exception as error:  # a PDF that the drawing library cannot read is no reason for a dead page
        return str(Markup("<p>{}</p>").format(explain(error)))


def _text(item: Attachment) -> str:
    text = item.content.decode("utf-8", errors="replace")
    return re.sub(r"[\x00-\x08\x0b-\x1f]", "", text)[:20_000]


def _pages(item: Attachment) -> str:
    """Draw a PDF's first pages as pictures: the browser's own viewer would need the file at an address."""
    from elite_lib import documents  # noqa: PLC0415 (only who looks at a PDF pays)

    drawn = documents.pictures(item.clear or item.content, dpi=_DPI, most=_PAGES)
    label = _("{name}, page {page}")
    pages = [
        _picture(content, "image/png", label.format(name=item.name, page=number))
        for number, content in enumerate(drawn, start=1)
    ]
    if len(drawn) == _PAGES:
        more = _("Only the first {n} pages are shown.").format(n=_PAGES)
        pages.append(Markup('<p class="elite-quiet">{}</p>').format(more))
    return str(
        Markup('<div class="elite-pages" tabindex="0" role="region" aria-label="{}">{}</div>').format(
            item.name, Markup("").join(pages)
        )
    )


def _picture(content: bytes, media_type: str, label: str) -> Markup:
    data = base64.b64encode(content).decode()
    return Markup('<img alt="{}" src="data:{};base64,{}">').format(label, media_type, data)
