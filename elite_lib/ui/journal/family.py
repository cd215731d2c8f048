"""To whom one invoice goes: the family in a list where several are chosen, and addresses typed by hand."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import anywidget
import ipywidgets as widgets
import traitlets

from elite_lib import composition
from elite_lib.batch import Addressee
from elite_lib.exceptions import EliteError
from elite_lib.labels import _, explain, word
from elite_lib.misspelling import meant_provider
from elite_lib.ui import panels
from elite_lib.ui.rows import instant

_STATIC = Path(__file__).parent.parent / "static"


class FamilyList(anywidget.AnyWidget):
    """A listbox of people; ``selected`` holds keys of people that are there, in the family's order."""

    _esm = _STATIC / "family.js"

    people = traitlets.List(traitlets.Dict()).tag(sync=True)
    selected = traitlets.List(traitlets.Unicode()).tag(sync=True)
    label = traitlets.Unicode().tag(sync=True)
    hint = traitlets.Unicode().tag(sync=True)
    empty = traitlets.Unicode().tag(sync=True)

    @traitlets.validate("selected")
    def _keep_known(self, proposal: Any) -> list[str]:
        known = {one["key"] for one in self.people}
        return [key for key in proposal["value"] if key in known]


class WhomPanel:
    """The family and another address; :attr:`to` gives what is chosen, :attr:`wrong` what cannot be used."""

    def __init__(self, people: Sequence[Addressee], *, on_change: Callable[[], None]) -> None:
        self._on_change = on_change
        self._addresses = {f"{number}": one.address for number, one in enumerate(people)}
        self.wrong = ""
        self.family = FamilyList(
            label=_("Family: to whom"),
            hint=_("Ctrl-click or Space: one more or one less. Shift: a range."),
            empty=_("No contact of this resident has an e-mail address: type one below."),
        )
        self.family.people = [_person(key, one) for key, one in zip(self._addresses, people, strict=True)]
        self.family.selected = [
            key for key, one in zip(self._addresses, people, strict=True) if one.marked
        ]  # fmt: skip
        self.other = widgets.Text(description=_("Another address"), continuous_update=False)
        self.other.add_class("elite-field")
        self.other.add_class("elite-broad")
        self.notice = panels.Notice()
        self.family.observe(lambda _change: self._on_change(), names="selected")
        self.other.observe(lambda _change: self._typed(), names="value")
        self.widget = panels.column(self.family, self.other, self.notice)

    @property
    def to(self) -> tuple[str, ...]:
        """Give the addresses, each once; of a typed one that is wrong nothing."""
        known = [self._addresses[key] for key in self.family.selected]
        return tuple(dict.fromkeys((*known, *(() if self.wrong else self._by_hand()))))

    def _by_hand(self) -> tuple[str, ...]:
        words = re.split(r"[;,\s]+", str(self.other.value))
        return tuple(composition.canonical_address(one) for one in words if one)

    def _typed(self) -> None:
        self.wrong = ""
        self.notice.clear()
        try:
            hints = [_hint(address) for address in self._by_hand()]
        except EliteError as error:
            self.wrong = explain(error)
            self.notice.tell(self.wrong)
        else:
            if said := "\n".join(filter(None, hints)):
                self.notice.tell(said, kind="warn")
        self._on_change()


def _hint(address: str) -> str:
    meant = meant_provider(address.rpartition("@")[2])
    if not meant:
        return ""
    return _("{address}: did you mean {meant}?").format(address=panels.quoted(address), meant=meant)


def _person(key: str, one: Addressee) -> dict[str, str]:
    contact, state = one.contact, one.state
    about = [contact.relation, _("invoice") if one.marked else "", _("statement") if one.statement else ""]
    if state is not None:
        about.append(f"{word(state.status)} {instant(state.at)}" if state.at else word(state.status))
    return {
        "key": key,
        "name": panels.quoted(contact.name),
        "address": panels.quoted(one.address),
        "state": panels.quoted(" · ".join(filter(None, about))),
    }
