"""The recipes for schedulers: units that systemd accepts, commands that ``elite`` accepts."""

from __future__ import annotations

import configparser
import datetime as dt
import re
import shlex
import subprocess
import tomllib
from pathlib import Path

import pytest
import typer
from typer.core import TyperGroup

from elite_lib import config
from elite_lib.cli import build_app
from elite_lib.config.keys import KEYS
from tests.support import needs

DOCS = Path(__file__).parent.parent / "docs"
PAGE = DOCS / "scheduling.md"
UNITS = sorted((DOCS / "systemd").iterdir())
SERVICES = [unit for unit in UNITS if unit.suffix == ".service"]
MONTH = re.compile(r'"?\$\(date -d "\$\(date \+%Y-%m-15\) -1 month" \+%Y-%m\)"?')


def block(language: str) -> str:
    """Give the first fenced block of the page in this language."""
    found = re.search(
        rf"^```{language}\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
    assert found, language
    return found[1]


COLLECTING = DOCS / "systemd" / "elite-collect@.service"


def accepted(words: list[str]) -> str:
    """Parse the words after ``elite`` as the program does; give the name of the command."""
    if words[0] == "collect":
        parsed(words).close()
        return words[0]
    context = parsed(words)
    assert context.params["month"] == "2026-10"
    assert context.params["notify"] is True
    assert context.params.get("yes", True) is True
    context.close()
    return words[0]


def parsed(words: list[str]) -> typer.Context:
    group = typer.main.get_command(build_app())
    assert isinstance(group, TyperGroup)
    name, *arguments = words
    return group.commands[name].make_context(name, list(arguments))


def service(unit: Path) -> configparser.SectionProxy:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(unit, encoding="utf-8")
    return parser["Service"]


def script(unit: Path) -> str:
    """Give what the shell of a service is told, as systemd passes it on (systemd.service(5))."""
    shell, option, told = shlex.split(service(unit)["ExecStart"])
    assert (shell, option) == ("/bin/sh", "-c")
    assert "$" not in told.replace("$$", "")
    assert "%" not in told.replace("%%", "")
    return told.replace("$$", "$").replace("%%", "%")


def test_systemd_accepts_the_units(tmp_path: Path) -> None:
    analyze = needs.program("systemd-analyze")

    def verify(*units: Path) -> subprocess.CompletedProcess[str]:
        arguments = [analyze, "verify", "--man=no", *map(str, units)]
        return subprocess.run(arguments, capture_output=True, text=True, check=False)

    said = verify(*UNITS)
    assert (said.returncode, said.stderr) == (0, "")
    broken = tmp_path / "elite@.service"
    broken.write_text(SERVICES[-1].read_text().replace("Type=oneshot", "Type=onshot"))
    assert "onshot" in verify(broken).stderr, "it looks into template units"


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.name)
def test_a_service_sends_from_a_closed_place_with_a_lent_password(unit: Path) -> None:
    told = service(unit)
    assert told["ProtectSystem"] == "strict"
    assert told["PrivateTmp"] == "yes"
    assert told["LoadCredential"].startswith("elite-mail:")
    assert "ELITE_HOME=/srv/elite/%i" in told["Environment"]
    assert told["ReadWritePaths"] == told["WorkingDirectory"] == "/srv/elite/%i"
    assert told["UMask"] == "0077"


def test_returns_are_collected_by_a_command_of_the_program() -> None:
    words = shlex.split(script(COLLECTING))
    assert words[:2] == ["exec", "/opt/elite/.venv/bin/elite"]
    assert accepted(words[2:]) == "collect"


@pytest.mark.parametrize(
    "unit", [unit for unit in SERVICES if unit != COLLECTING], ids=lambda unit: unit.name
)
def test_a_service_runs_a_command_of_the_program_for_the_month_before(unit: Path) -> None:
    told = script(unit)
    words = shlex.split(MONTH.sub("2026-10", told))
    assert words[:2] == ["exec", "/opt/elite/.venv/bin/elite"]
    assert accepted(words[2:]) == ("watch" if "watch" in unit.name else "send")
    asked = subprocess.run(
        ["/bin/sh", "-c", told.replace("exec /opt/elite/.venv/bin/elite", "echo")],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    last = dt.datetime.now().astimezone().date().replace(day=1) - dt.timedelta(days=1)
    assert asked.stdout.split()[1] == f"{last:%Y-%m}"


def test_each_service_has_its_timer() -> None:
    assert {unit.stem for unit in UNITS if unit.suffix == ".timer"} == {unit.stem for unit in SERVICES}


def test_the_cron_lines_are_commands_of_the_program() -> None:
    lines = [line for line in block("cron").splitlines() if not line.startswith("ELITE_HOME=")]
    names = []
    for line in lines:
        times, command = line.split(" ", 5)[:5], line.split(" ", 5)[5]
        assert re.fullmatch(r"\d+ (\d+ \d+|\* \*) \* \*", " ".join(times))
        assert "%" not in command.replace(r"\%", ""), "cron ends a command at a bare %"
        plain = MONTH.sub("2026-10", command.replace(r"\%", "%")).partition(">>")[0]
        names.append(accepted(shlex.split(plain.partition("/bin/elite ")[2])))
    assert names == ["send", "watch", "collect"]


def test_the_windows_and_airflow_lines_are_commands_of_the_program() -> None:
    line = block("bat").splitlines()[-1].partition(r"\elite.exe ")[2].partition(">>")[0]
    tasks = re.findall(r'/TR "C:\\elite\\envoi\.cmd (\w+) ?(--yes)?"', PAGE.read_text(encoding="utf-8"))
    assert tasks == [("send", "--yes"), ("watch", "")]
    for name, option in tasks:
        given = line.replace("%1", name).replace("%MOIS%", "2026-10").replace("%2", option)
        assert accepted(shlex.split(given, posix=False)) == name
    bash = re.search(r'bash_command="elite (.*?)"', block("python"))
    assert bash
    assert accepted(shlex.split(re.sub(r"\{\{.*?\}\}", "2026-10", bash[1]))) == "send"


def test_the_settings_are_those_of_the_program() -> None:
    shown = tomllib.loads(block("toml"))
    assert {name: set(table) for name, table in shown.items()} == {"notice": set(KEYS["notice"])}
    example = tomllib.loads(config.example())["notice"]
    assert {name: value for name, value in shown["notice"].items() if name != "to"} == {
        name: value for name, value in example.items() if name != "to"
    }
