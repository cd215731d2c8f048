"""The first use: no home yet, so the page makes one in three steps instead of showing an error.

Who you are, the mail account, the workbook. Each step is saved when it is left; a page that is closed in
between goes on where it was. Whatever is put off stands in the tab *Réglages* later on.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from elite_lib import batch as batches
from elite_lib import config, tokens
from elite_lib.batch import Office
from elite_lib.config import Home
from elite_lib.exceptions import EliteError
from elite_lib.labels import _, explain
from elite_lib.models import CheckVerdict
from elite_lib.ui import panels
from elite_lib.ui.settings import layout, passwords, uploads
from elite_lib.ui.settings.connecting import examine
from elite_lib.ui.settings.editing import Editing, WrongFieldsError, of_new_home
from elite_lib.ui.settings.form import Act, Block, Form, Upload, action, notice
from elite_lib.ui.settings.mapping import MappingPanel
from elite_lib.ui.settings.tab import read_workbook
from elite_lib.ui.spawning import spawn

if TYPE_CHECKING:
    from elite_lib.doctor import Resolver

_WHO = ("home.name", "letterhead.legal_form", "letterhead.address", "letterhead.phone", "letterhead.email")
_TITLES = {1: "who", 2: "mail", 3: "data"}


def place(error: EliteError) -> Path | None:
    """Say where a home is to be made; None where the error is not that there is none."""
    if error.code != "home_missing":
        return None
    return config.usual_home() if error.fields.get("source") == "search" else Path(str(error.fields["path"]))


def unfinished(office: Office) -> bool:
    """Tell whether somebody made the home, and has come no further."""
    settings = office.settings
    return settings.mail is None and not settings.data.source.exists() and office.journal.mark().entry == 0


class FirstUse:
    """Three steps; ``on_done`` is given the home's folder, and shows the month."""

    def __init__(
        self,
        root: Path,
        *,
        on_done: Callable[[Path], None],
        resolver: Resolver | None = None,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        self.home = Home(root=root)
        self._on_done, self._resolver, self._environ = on_done, resolver, environ
        self._office: Office | None = None
        self.form = Form(on_act=self._act, on_upload=self._upload)
        self._mapping = MappingPanel(self.form)
        self.widget = panels.column(
            panels.heading(_("Sending of the invoices"), level=1), self.form, style="elite-dashboard"
        )
        self.step = 0
        self.go(2 if self.home.toml.exists() else 1)

    def go(self, step: int) -> None:
        """Show a step, with the keyboard on its title."""
        self.step = step
        draw = {1: self._who, 2: self._mail, 3: self._workbook}[step]
        title, items, actions, text = draw()
        count = _("Step {step} of {count}: {title}").format(step=step, count=len(_TITLES), title=title)
        values: dict[str, Any] = {} if step == 1 else Editing(self.home).values
        values[passwords.WHERE] = "file"
        self.form.draw(
            [layout.section(_TITLES[step], count, items, text=text)], actions=actions, values=values
        )
        if step == 2:
            self.form.show(
                passwords.key("mail"), passwords.told("mail", home=self.home, environ=self._environ)
            )
        if step > 1:
            self.form.send({"type": "focus"})

    def _who(self) -> tuple[str, list[Block], list[Block], str]:
        text = _(
            "Your home's folder will be {path}. It is private: invoices and passwords stay on this computer."
        )
        return (
            _("who you are"),
            layout.items(*_WHO),
            [action("next", _("Continue"), main=True, submits=True)],
            text.format(path=self.home.root),
        )

    def _mail(self) -> tuple[str, list[Block], list[Block], str]:
        items = [*layout.account_items(), passwords.where_item(), {"kind": "place", "place": "test"}]
        actions = [
            action("later", _("Later")),
            action("next", _("Save, test and continue"), main=True, once=True, submits=True),
        ]
        return _("your mail account"), items, actions, _("The test sends nothing.")

    def _workbook(self) -> tuple[str, list[Block], list[Block], str]:
        items = [*layout.items("data.source"), *layout.workbook_item(), *layout.mapping_items()]
        actions = [
            action("later", _("Later")),
            action("next", _("Show the month"), main=True, submits=True),
        ]
        return _("your workbook"), items, actions, ""

    # -- what a person does --------------------------------------------------------------------------

    def _act(self, act: Act) -> None:
        try:
            if act.name == "later":
                self._leave()
            elif act.name == "anyway":
                self.go(3)
            elif act.name == "next":
                {1: self._make, 2: self._connect, 3: self._finish}[self.step](act)
            elif act.name.startswith("map"):
                self._map(act)
        except WrongFieldsError as wrong:
            self.form.done(act.name)
            self.form.tell(wrong.errors)
            general = wrong.errors.get("", "") or _("Correct the fields marked {mark}.").format(mark="✗")
            self.form.show("bar", notice(general))
        except Exception as error:
            self.form.done(act.name)
            self.form.show("bar", notice(explain(error)))

    def _make(self, act: Act) -> None:
        """Make the home, once what was typed can stand in it."""
        of_new_home(self.home).checked(act.values)
        name = str(act.values.get("home.name", "")).strip()
        if not self.home.toml.exists():
            config.create_home(self.home.root, name=name)
        Editing(self.home).save(act.values)
        self.go(2)

    def _connect(self, act: Act) -> None:
        editing = Editing(self.home)
        if editing.checked(act.values).mail is None:
            raise WrongFieldsError({"mail.sender": _("Fill in the sender and the server first.")})
        settings = editing.save(act.values)
        where = str(act.values.get(passwords.WHERE) or "file")
        shadowed = passwords.keep(act.secrets, where, home=self.home, environ=self._environ)
        self.form.saved({**editing.values, passwords.WHERE: where})
        told = passwords.told("mail", home=self.home, environ=self._environ)
        self.form.show(passwords.key("mail"), told, *map(notice, shadowed))
        if settings.mail is not None:
            password = tokens.credential(settings, self._environ)
            spawn(
                examine(
                    self.form,
                    settings,
                    settings.mail,
                    password=password,
                    resolver=self._resolver,
                    on_result=self._tested,
                )
            )

    def _tested(self, worst: CheckVerdict) -> None:
        """Go on where sending works; else the person decides."""
        if worst is CheckVerdict.FAILED:
            self.form.done("next")
            again = action("next", _("Save, test and continue"), main=True, once=True, submits=True)
            self.form.actions = [action("anyway", _("Continue all the same")), again]
        else:
            self.go(3)

    def _finish(self, act: Act) -> None:
        """Keep the workbook's name, and show the month if it can be read."""
        editing = Editing(self.home)
        editing.save(act.values)
        name = str(editing.values["data.source"])
        blocks = read_workbook(self._opened(), editing, name)
        if blocks[0].get("tone") == "error":
            self.form.show("workbook", *blocks)
            return
        self._leave()

    def _map(self, act: Act) -> None:
        """Find out which column of another program's file is which."""
        editing = Editing(self.home)
        if act.name == "map":
            self._mapping.propose(str(act.values.get("data.source", editing.values["data.source"])), editing)
        elif act.name == "map_again":
            self._mapping.again(act, editing)
        else:
            written = self._mapping.save(act, editing, check=partial(read_workbook, self._opened()))
            self.form.done(act.name)
            if written is not None:
                self.form.values = {**self.form.values, "data.source": editing.values["data.source"]}
                self.form.type_in({"data.source": editing.values["data.source"]})

    def _leave(self) -> None:
        if self.step == 2:
            self.go(3)
            return
        if self._office is not None:
            self._office.close()
            self._office = None
        self._on_done(self.home.root)

    def _upload(self, upload: Upload) -> None:
        try:
            name = uploads.keep_workbook(self.home, upload.name, upload.content)
            blocks = read_workbook(self._opened(), Editing(self.home), name)
            self.form.show("workbook", *blocks)
            if blocks[0].get("tone") == "error":  # its titles may only be others than ours
                self._mapping.propose(name, Editing(self.home))
            self.form.type_in({"data.source": name})
        except EliteError as error:
            self.form.show("workbook", notice(explain(error)))

    def _opened(self) -> Office:
        if self._office is None:
            self._office = batches.open_home(self.home.root)
        return self._office
