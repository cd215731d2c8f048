"""The tab *Réglages*: every setting of the home, the test of its mail account, its passwords."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from elite_lib import batch as batches
from elite_lib import tokens
from elite_lib.batch import Office
from elite_lib.config import Settings
from elite_lib.exceptions import EliteError, SourceError
from elite_lib.labels import _, describe_problem, explain
from elite_lib.models import Problem, Severity
from elite_lib.ui import panels
from elite_lib.ui.settings import layout, passwords, uploads, wording
from elite_lib.ui.settings.connecting import Authorising, examine, look_into_mailbox
from elite_lib.ui.settings.editing import Editing, WrongFieldsError
from elite_lib.ui.settings.form import Act, Block, Form, Upload, action, notice
from elite_lib.ui.settings.mapping import MappingPanel
from elite_lib.ui.settings.retention import RetentionPanel
from elite_lib.ui.spawning import spawn

if TYPE_CHECKING:
    from elite_lib.doctor import Resolver

_SEVERITIES = (Severity.FATAL, Severity.HOLD, Severity.WARNING)


class SettingsTab:
    """Show and save the settings. ``on_saved`` is called after each saving that changed ``elite.toml``."""

    def __init__(
        self,
        office: Office,
        *,
        on_saved: Callable[[], None],
        resolver: Resolver | None = None,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        self.office = office
        self._on_saved, self._resolver, self._environ = on_saved, resolver, environ
        self.form = Form(on_act=self._act, on_upload=self._upload)
        self.notice = panels.Notice()
        self.widget = panels.column(self.notice, self.form)
        self.editing: Editing | None = None
        self._words = ""
        self._authorising = Authorising(self.form)
        self._retention = RetentionPanel(self.form)
        self._mapping = MappingPanel(self.form)

    @property
    def title(self) -> str:
        return _("Settings")

    def opened(self) -> None:
        """Draw the form at the first opening; later on, show what the file says by now."""
        self.notice.guarded(self._open)()

    def adopt(self, office: Office) -> None:
        """Go on with an office whose settings changed."""
        self.office = office

    def _open(self) -> None:
        home = self.office.settings.home
        self._words = wording.read(home)
        if self.editing is None:
            self.editing = Editing(home)
            used = self.office.journal.mark().entry > 0
            actions = [
                action("undo", _("Undo the changes")),
                action("save", _("Save the settings"), main=True, submits=True),
            ]
            for one in actions:
                one["changes"] = True
            self.form.draw(
                layout.sections(key_is_used=used), actions=actions, values=self._values(self.editing)
            )
            self._tell_passwords()
            self._show_logo()
        else:
            self.editing.read()
            self.form.values = self._values(self.editing)

    def _values(self, editing: Editing) -> dict[str, Any]:
        where = passwords.where_now(home=editing.home, environ=self._environ)
        return {**editing.values, passwords.WHERE: where, layout.DOCUMENTS: self._words}

    def _tell_passwords(self) -> None:
        for name in passwords.names():
            told = passwords.told(name, home=self.office.settings.home, environ=self._environ)
            self.form.show(passwords.key(name), told)

    # -- what a person does --------------------------------------------------------------------------

    def _act(self, act: Act) -> None:
        acts = {
            "save": self._save,
            "test": self._test,
            "test_imap": self._test_imap,
            "authorise": self._authorise,
            "authorise_stop": lambda _act: self._authorising.stop(),
            "preview": self._preview,
            "map": self._map,
            "map_again": lambda act: self._mapping.again(act, self._opened()),
            "map_save": self._save_map,
            "purge_look": lambda act: self._retention.look(self.office, act),
            "purge": lambda _act: self._retention.put_away(self.office),
        }
        if act.name in acts:
            self.guarded(act, acts[act.name])

    def guarded(self, act: Act, do: Callable[[Act], None]) -> None:
        """Do it; what is wrong with a field is told there, anything else beside the buttons."""
        try:
            do(act)
        except WrongFieldsError as wrong:
            self.form.done(act.name)
            self._tell(wrong)
        except Exception as error:
            self.form.done(act.name)
            self.notice.fail(error)  # writes what nobody foresaw into the log
            self.notice.clear()
            self.form.show("bar", notice(explain(error)))

    def _tell(self, wrong: WrongFieldsError) -> None:
        if self.editing is not None:
            self.form.values = self._values(self.editing)  # by now somebody else's hand may be in it
        self.form.tell(wrong.errors)
        general = wrong.errors.get("", "")
        text = general or _("Nothing was saved: correct the fields marked {mark}.").format(mark="✗")
        self.form.show("bar", notice(text))

    def _save(self, act: Act) -> None:
        """Check everything first: what is wrong anywhere saves nothing."""
        editing, home = self._opened(), self.office.settings.home
        if "home.establishment" in act.values and self.office.journal.mark().entry > 0:
            text = _("The journal has entries under this key: with another one it would not find what left.")
            raise WrongFieldsError({"home.establishment": text})
        words = act.values.get(layout.DOCUMENTS)
        if words is not None:
            try:
                wording.check(words)
            except EliteError as error:
                raise WrongFieldsError({layout.DOCUMENTS: explain(error)}) from error
        settings = editing.save(act.values)
        if words is not None:
            wording.save(home, words)
        self._words = wording.read(home)
        where = str(act.values.get(passwords.WHERE) or "file")
        shadowed = passwords.keep(act.secrets, where, home=home, environ=self._environ)
        self.form.saved(self._values(editing))
        self._tell_passwords()
        self._show_logo()
        self.form.show("bar", notice(self._said(settings), tone="good"), *map(notice, shadowed))
        self._on_saved()

    def _said(self, settings: Settings) -> str:
        text = _("Saved in {file}.").format(file=settings.home.toml.name)
        if settings.language != self.office.settings.language:
            text += " " + _("Reload the page to see it in the other language.")
        return text

    def _opened(self) -> Editing:
        if self.editing is None:
            self.editing = Editing(self.office.settings.home)
        return self.editing

    def _test(self, act: Act) -> None:
        """Test what stands in the fields, saved or not."""
        settings = self._opened().checked(act.values)
        if settings.mail is None:
            raise WrongFieldsError({"mail.sender": _("Fill in the sender and the server first.")})
        self.form.tell({})
        typed = act.secrets.get(passwords.key("mail"), "")
        password = typed or tokens.credential(settings, self._environ)
        spawn(examine(self.form, settings, settings.mail, password=password, resolver=self._resolver))

    def _test_imap(self, act: Act) -> None:
        spawn(look_into_mailbox(self.form, self._opened().checked(act.values), environ=self._environ))

    def _authorise(self, _act: Act) -> None:
        spawn(self._authorising.authorise(self.office.settings, environ=self._environ))

    def _preview(self, act: Act) -> None:
        settings = self._opened().checked(act.values)
        words = str(act.values.get(layout.DOCUMENTS, self._words))
        spawn(self._draw_preview(replace(self.office, settings=settings), words))

    def _map(self, act: Act) -> None:
        editing = self._opened()
        name = str(act.values.get("data.source", editing.values["data.source"]))
        self._mapping.propose(name, editing)

    def _save_map(self, act: Act) -> None:
        editing = self._opened()
        written = self._mapping.save(act, editing, check=partial(read_workbook, self.office))
        self.form.done(act.name)
        if written is not None:
            self.form.values = self._values(editing)
            self.form.type_in({key: editing.values[key] for key in written})  # nothing of it waits any more
            self._on_saved()

    async def _draw_preview(self, office: Office, words: str) -> None:
        try:
            pages = await asyncio.to_thread(wording.preview, office, office.settings.establishment, words)
            self.form.show("preview")
            self.form.picture("preview", *pages, label=_("An invoice of the workbook with these words"))
        except Exception as error:
            self.form.show("preview", notice(explain(error)))
        finally:
            self.form.done("preview")

    # -- files ---------------------------------------------------------------------------------------

    def _upload(self, upload: Upload) -> None:
        place = "logo" if upload.key == "letterhead.logo" else "workbook"
        try:
            if place == "logo":
                name, small = uploads.keep_logo(self.office.settings.home, upload.content)
                self.form.show("logo", notice(_("Shown as it will be printed. Save to use it."), tone="info"))
                self.form.picture("logo", small, label=_("The logo"))
            else:
                name = uploads.keep_workbook(self.office.settings.home, upload.name, upload.content)
                blocks = read_workbook(self.office, self._opened(), name)
                self.form.show("workbook", *blocks)
                if blocks[0].get("tone") == "error":  # its titles may only be others than ours
                    self._mapping.propose(name, self._opened())
            self.form.type_in({upload.key: name})
        except Exception as error:
            self.form.show(place, notice(explain(error)))

    def _show_logo(self) -> None:
        name = self.office.settings.establishment.logo
        file = self.office.settings.home.root / name
        if name and file.is_file():
            try:
                self.form.picture("logo", uploads.small(file), label=_("The logo"))
            except EliteError as error:
                self.form.show("logo", notice(explain(error)))


def read_workbook(office: Office, editing: Editing, name: str) -> list[Block]:
    """Read a workbook of the home, and list its problems; what cannot be used at all is a block too."""
    settings = editing.checked({"data.source": name})
    try:
        tables = batches.load_tables(replace(office, settings=settings))
    except SourceError as error:
        return [notice(explain(error))]
    count = len(tables.problems)
    if not count:
        return [notice(_("{file}: nothing to correct.").format(file=name), tone="good")]
    text = _("{file} can be used. Points to check: {count}.").format(file=name, count=count)
    return [notice(text, tone="info"), listed(tables.problems)]


def listed(problems: tuple[Problem, ...]) -> Block:
    """List problems, worst first."""
    marks = {Severity.FATAL: "✗", Severity.HOLD: "✗", Severity.WARNING: "·"}
    ordered = sorted(problems, key=lambda problem: _SEVERITIES.index(problem.severity))
    lines = [
        {"tone": one.severity.value, "mark": marks[one.severity], "text": describe_problem(one)}
        for one in ordered[:200]
    ]
    return {"kind": "list", "lines": lines}
