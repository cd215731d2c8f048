"""What the project's files promise: one set of dependencies, a whole wheel, a light import."""

from __future__ import annotations

import ast
import importlib
import inspect
import json
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
import yaml
from hatchling.builders.wheel import WheelBuilder
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version
from rattler import MatchSpec

import elite_lib
from elite_lib import config
from tests.support import needs

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "elite_lib"
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
REQUIRED = [Requirement(text) for text in PROJECT["project"]["dependencies"]]
FOR_DEVELOPERS = [Requirement(text) for text in PROJECT["project"]["optional-dependencies"]["dev"]]
NOT_ON_CONDA_FORGE = {"fontpkg-lato", "resvg-py"}  # `-e .` brings it, by pip
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
SOURCES = sorted(PACKAGE.rglob("*.py"))


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=named(path))


def python(code: str, *arguments: str, cwd: Path) -> Any:
    """Run ``code`` in a fresh interpreter, and return the JSON that it printed last."""
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=cwd, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


# --- dependencies ---


@pytest.fixture(scope="module")
def conda() -> dict[str, Any]:
    return dict(yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8")))


def test_conda_installs_what_pip_does(conda: dict[str, Any]) -> None:
    *lines, last = conda["dependencies"]
    specs = [MatchSpec(line) for line in lines]
    found = {spec.name.normalized: str(spec.version or "") for spec in specs}
    assert len(found) == len(lines)
    assert found.pop("python") == PROJECT["project"]["requires-python"]
    assert found.pop("pip") == ""
    expected = {canonicalize_name(one.name): str(one.specifier) for one in REQUIRED}
    assert expected.keys() >= NOT_ON_CONDA_FORGE
    assert found == {name: bound for name, bound in expected.items() if name not in NOT_ON_CONDA_FORGE}
    assert last == {"pip": ["-e ."]}
    assert conda["channels"] == ["conda-forge"]


def locked() -> Iterator[tuple[Requirement, list[str]]]:
    """Yield each requirement of the lock with its options."""
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8").replace("\\\n", " ")
    for line in filter(None, map(str.strip, text.splitlines())):
        wanted, *options = re.split(r"\s+(?=--)", line)
        yield Requirement(wanted), options


def test_the_lock_has_a_version_and_hashes_for_every_requirement_and_no_address() -> None:
    assert "://" not in (ROOT / "requirements.lock").read_text(encoding="utf-8")
    for requirement, options in locked():
        assert re.fullmatch(r"==[^*,]+", str(requirement.specifier)), requirement
        assert requirement.url is None
        assert options, requirement
        assert all(re.fullmatch(r"--hash=sha256:[0-9a-f]{64}", option) for option in options), requirement


def test_the_lock_satisfies_every_bound() -> None:
    versions: dict[str, set[Version]] = {}
    for requirement, _ in locked():
        version = Version(str(requirement.specifier).removeprefix("=="))
        versions.setdefault(canonicalize_name(requirement.name), set()).add(version)
    for wanted in (*REQUIRED, *FOR_DEVELOPERS):
        found = versions.get(canonicalize_name(wanted.name), set())
        assert found, f"{wanted} is not locked: make lock"
        assert all(version in wanted.specifier for version in found), f"{wanted}, locked: {found}: make lock"


# --- the wheel ---


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[zipfile.ZipFile]:
    folder = tmp_path_factory.mktemp("wheel")
    (path,) = WheelBuilder(str(ROOT)).build(directory=str(folder), versions=["standard"])
    with zipfile.ZipFile(path) as opened:
        yield opened


def test_the_wheel_holds_the_library_and_nothing_else(wheel: zipfile.ZipFile) -> None:
    ours = {
        named(path)
        for path in PACKAGE.rglob("*")
        if path.is_file() and not {"__pycache__", ".ipynb_checkpoints"} & set(path.parts)
    }
    moved = {f"elite_lib/{named(path)}" for path in (*NOTEBOOKS, ROOT / "elite.example.toml")}
    version = PROJECT["project"]["version"]
    about = {"METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE"}
    assert set(wheel.namelist()) == ours | moved | {f"elite_lib-{version}.dist-info/{name}" for name in about}


@pytest.mark.parametrize(
    "pattern",
    [
        r"elite_lib/elite\.example\.toml",
        r"elite_lib/locale/fr/LC_MESSAGES/elite\.mo",
        r"elite_lib/migrations/script\.py\.mako",
        r"elite_lib/migrations/versions/0001_\w+\.py",
        r"elite_lib/migrations/versions/0002_\w+\.py",
        r"elite_lib/notebooks/bounce_analysis\.ipynb",
        r"elite_lib/notebooks/dashboard\.ipynb",
        r"elite_lib/notebooks/monthly_batch\.ipynb",
        r"elite_lib/serving/jupyter/voila/templates/elite/conf\.json",
        r"elite_lib/serving/jupyter/voila/templates/elite/index\.html\.j2",
        r"elite_lib/serving/jupyter/voila/templates/elite/login\.html",
        r"elite_lib/serving/jupyter/voila/templates/elite/static/\w+\.css",
        r"elite_lib/ui/static/aside\.js",
        r"elite_lib/ui/static/checklist\.css",
        r"elite_lib/ui/static/checklist\.js",
        r"elite_lib/ui/static/page\.css",
        r"elite_lib/ui/static/returns\.css",
    ],
)
def test_the_wheel_holds_what_is_not_python(wheel: zipfile.ZipFile, pattern: str) -> None:
    assert [name for name in wheel.namelist() if re.fullmatch(pattern, name)]


def test_the_wheel_is_the_same_in_each_file(wheel: zipfile.ZipFile) -> None:
    for name in ("elite.example.toml", *map(named, NOTEBOOKS)):
        assert wheel.read(f"elite_lib/{name}") == (ROOT / name).read_bytes()


# --- the public names and the import ---


def imported_for_type_checkers() -> dict[str, str]:
    """Map each public name to the room that ``__init__`` tells type checkers of."""
    (block,) = (
        node
        for node in parsed(PACKAGE / "__init__.py").body
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    )
    return {
        alias.name: str(node.module)
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


def test_all_is_a_sorted_literal_of_a_size_to_be_learnt() -> None:
    (value,) = (
        node.value
        for node in parsed(PACKAGE / "__init__.py").body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
    )
    names = ast.literal_eval(value)
    assert names == sorted(set(names)) == elite_lib.__all__
    assert 25 <= len(names) <= 35


def test_type_checkers_and_callers_see_the_same_names() -> None:
    rooms = imported_for_type_checkers()
    assert sorted(rooms) == elite_lib.__all__
    for name, room in rooms.items():
        assert getattr(elite_lib, name) is getattr(importlib.import_module(room), name)
    assert set(elite_lib.__all__) <= set(dir(elite_lib))


@pytest.mark.parametrize("name", elite_lib.__all__)
def test_every_public_name_is_documented(name: str) -> None:
    thing = getattr(elite_lib, name)
    text = inspect.getdoc(thing) or ""
    assert text
    assert not text.startswith(f"{name}("), "a dataclass without a docstring gets its signature"


def test_documents_and_notebooks_call_public_names_only() -> None:
    called: set[str] = set()
    for path in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), PACKAGE / "__init__.py", *NOTEBOOKS):
        called |= set(re.findall(r"\bel\.([A-Za-z_]+)", path.read_text(encoding="utf-8")))
    assert {"open_home", "prepare", "survey"} <= called <= set(elite_lib.__all__)


def test_what_is_not_public_is_not_there() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'sned'"):
        elite_lib.sned  # type: ignore[attr-defined]  # noqa: B018


_LOADED = "import json, sys; print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))"


def test_the_package_itself_loads_the_standard_library_only(tmp_path: Path) -> None:
    bare = set(python(_LOADED, cwd=tmp_path))  # an editable install loads things of its own
    loaded = set(python("import elite_lib\n" + _LOADED, cwd=tmp_path))
    assert loaded - bare - sys.stdlib_module_names == {"elite_lib"}


@pytest.mark.parametrize(
    "module", ["elite_lib.cli", "elite_lib.launcher", "elite_lib.serving", "elite_lib.demo.catcher.__main__"]
)
def test_a_process_loads_what_every_command_needs(module: str, tmp_path: Path) -> None:
    loaded = set(python(f"import {module}\n{_LOADED}", cwd=tmp_path))
    heavy = {"pandas", "numpy", "openpyxl", "reportlab", "pikepdf", "PIL", "alembic", "ipywidgets", "keyring"}
    assert not loaded & (heavy | {"papermill", "nbconvert", "voila", "jupyter_server", "matplotlib"})


_AUDITED = """
import importlib, json, logging, pkgutil, sys
seen = []
def audit(event, arguments):
    if event == "open":
        writes = isinstance(arguments[1], str) and set(arguments[1]) & set("wax+")
        cached = ".pyc" in str(arguments[0])
        seen.append(["write" if writes and not cached else "read", str(arguments[0])])
    elif event in ("os.mkdir", "os.remove", "os.rename", "socket.connect", "socket.bind", "sqlite3.connect",
                   "subprocess.Popen", "os.exec", "os.fork"):
        seen.append([event, repr(arguments)])
sys.addaudithook(audit)
import elite_lib
for name in elite_lib.__all__:
    getattr(elite_lib, name)
for module in pkgutil.walk_packages(elite_lib.__path__, "elite_lib."):
    if module.name not in sys.argv[1:] and not module.name.startswith("elite_lib.migrations."):
        importlib.import_module(module.name)
handlers = {name: len(logger.handlers) for name, logger in logging.root.manager.loggerDict.items()
            if name.partition(".")[0] == "elite_lib" and isinstance(logger, logging.Logger)}
print(json.dumps({"seen": seen, "root": len(logging.root.handlers), "handlers": handlers,
                  "loaded": [n for n in sys.modules if "." not in n]}))
"""
IN_A_PROCESS_OF_ITS_OWN = ("elite_lib.serving.login",)  # Voila's: it may load Voila


def test_nothing_happens_at_import(tmp_path: Path) -> None:
    home = config.create_home(tmp_path / "home")
    told = python(_AUDITED, *IN_A_PROCESS_OF_ITS_OWN, cwd=home.root)
    assert [event for event in told["seen"] if event[0] != "read"] == []
    read = [path for _, path in told["seen"]]
    assert any(path.endswith((".pyc", ".py")) for path in read), "the audit sees nothing"
    assert [path for path in read if Path(path).is_relative_to(tmp_path)] == []
    assert [path for path in read if path.endswith((".mo", "elite.toml", ".sqlite", ".ipynb"))] == []
    assert told["root"] == 0
    assert not any(told["handlers"].values())
    assert not {"voila", "papermill", "matplotlib"} & set(told["loaded"])


# --- the code ---


def test_modules_have_at_most_300_lines() -> None:
    lengths = {named(path): len(path.read_text(encoding="utf-8").splitlines()) for path in SOURCES}
    assert {name: length for name, length in lengths.items() if length > 300} == {}


def test_functions_have_at_most_40_lines() -> None:
    lengths = {
        f"{named(path)}:{node.lineno} {node.name}": (node.end_lineno or 0) - node.lineno + 1
        for path in SOURCES
        if path.parent.name != "versions"  # a migration is a record: it is not tidied up afterwards
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert {name: length for name, length in lengths.items() if length > 40} == {}


def test_tests_replace_nothing_behind_the_librarys_back() -> None:
    found = []
    for path in (*(ROOT / "tests").rglob("*.py"), *(ROOT / "benchmarks").rglob("*.py")):
        for node in ast.walk(parsed(path)):
            match node:
                case ast.Import(names=names):
                    wrong = any(alias.name in ("mock", "unittest.mock") for alias in names)
                case ast.ImportFrom(module=module):
                    wrong = module in ("mock", "unittest", "unittest.mock")
                case ast.Attribute(attr=name) | ast.arg(arg=name):
                    wrong = name in ("setattr", "delattr", "mocker")  # monkeypatch's; ours are no methods
                case _:
                    continue
            if wrong:
                found.append(f"{named(path)}:{node.lineno}")
    assert found == []


def test_time_and_chance_are_banned_in_the_core_only() -> None:
    snippet = (
        "import datetime as dt\nimport random\nimport time\nimport uuid\n"
        "from datetime import date\nfrom time import monotonic\n\n"
        "print(dt.datetime.now(dt.UTC), dt.datetime.utcnow(), date.today(), time.time(), monotonic())\n"
        "print(uuid.uuid4(), random.random())\n"
    )
    banned = {"now", "utcnow", "today", "time", "monotonic", "uuid4", "random"}
    for room in sorted(core()):
        for file in (f"elite_lib/{room}.py", f"elite_lib/{room}/x.py"):
            messages = tidy_imports(snippet, file)
            assert {m.split("`")[1].rpartition(".")[2] for m in messages} == banned, file
    for room in (*sorted(rooms() - core()), "batch/x", "cli/x", "../tests/test_x", "../benchmarks/x"):
        assert tidy_imports(snippet, f"elite_lib/{room}.py") == [], room


def tidy_imports(snippet: str, file: str) -> list[str]:
    """Return what ruff says of banned names in ``snippet``, as if it were in ``file``."""
    ruff = Path(sys.executable).with_name("ruff")
    done = subprocess.run(
        [str(ruff), "check", "--no-cache", "--output-format=json", f"--stdin-filename={file}", "-"],
        input=snippet, cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode in (0, 1), done.stderr
    return [one["message"] for one in json.loads(done.stdout) if one["code"] == "TID251"]


def rooms() -> set[str]:
    return {
        path.stem
        for path in PACKAGE.iterdir()
        if (path / "__init__.py").is_file() or (path.suffix == ".py" and path.stem != "__init__")
    }


def contract(name: str) -> dict[str, Any]:
    return next(dict(one) for one in PROJECT["tool"]["importlinter"]["contracts"] if one["name"] == name)


def layers() -> list[set[str]]:
    """List the rooms of each layer, from the faces down."""
    return [set(re.split(r" [|:] ", layer)) for layer in contract("Imports go down only")["layers"]]


def core() -> set[str]:
    banned = contract("The core touches nothing")["source_modules"]
    return {module.removeprefix("elite_lib.") for module in banned}


def test_contracts_name_the_rooms_that_exist() -> None:
    down = contract("Imports go down only")
    assert down["containers"] == ["elite_lib"]
    assert down["exhaustive"] is True
    assert set().union(*layers(), down["exhaustive_ignores"]) == rooms()
    assert {
        module.removeprefix("elite_lib.") for module in contract("Only ui knows widgets")["source_modules"]
    } < rooms()


def test_the_core_is_every_room_that_is_not_above_it() -> None:
    lowest = next(number for number, layer in enumerate(layers()) if "selection" in layer)
    assert core() == set().union(*layers()[lowest:])


# --- notebooks ---


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_notebooks_are_thin(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    nbformat.validate(notebook)
    assert notebook.metadata.kernelspec.name == "python3"
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert 1 <= len(cells) <= 8
    for cell in cells:
        assert len(cell.source.splitlines()) <= 8, cell.id
        assert cell.outputs == []
        assert cell.execution_count is None
        kinds = {type(node) for node in ast.walk(ast.parse(cell.source))}
        assert not kinds & {ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef, ast.Try}, cell.id


def test_the_monthly_notebook_has_one_cell_of_parameters() -> None:
    notebook = nbformat.read(ROOT / "notebooks" / "monthly_batch.ipynb", as_version=4)  # type: ignore[no-untyped-call]
    tagged = [cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", ())]
    assert len(tagged) == 1
    assigned = {ast.unparse(node.targets[0]) for node in ast.parse(tagged[0].source).body}  # type: ignore[attr-defined]
    assert {"month", "batch", "send", "strict", "operator"} <= assigned


# --- what the repository must not say, and what CI must install ---


def repository() -> Iterator[tuple[str, str]]:
    """Yield every text file that is, or could be, committed."""
    listed = subprocess.run(
        [needs.program("git"), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file() and b"\0" not in (content := (ROOT / name).read_bytes()):
            yield name, content.decode("utf-8", errors="replace")  # returned mail is in any charset


def test_no_file_names_a_registry_or_a_path_of_this_machine() -> None:
    # in pieces, so that this file does not say them
    hosts = ["py" + "pi.org", "python" + "hosted.org", "npm" + "js.", "ana" + "conda.org"]
    roots = ["ro" + "ot", "wo" + "rk", "Us" + "ers", "tm" + "p"]
    here = [str(path) for path in (ROOT, Path.home()) if len(path.parts) > 2]
    pattern = re.compile(
        "|".join([*map(re.escape, (*hosts, *here)), rf"(?<![\w.~}}])/(?:{'|'.join(roots)})/"])
    )
    checked = 0
    found = []
    for name, text in repository():
        checked += 1
        found += [f"{name}: {match[0]}" for match in pattern.finditer(text)]
    assert found == []
    assert checked > 100


def test_ci_installs_every_program_that_a_test_needs() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    installed = set(re.findall(r"^([\w/-]+) +[\w-]+$", script, flags=re.MULTILINE))
    wanted = [
        [str(argument.value) for argument in node.args if isinstance(argument, ast.Constant)]
        for path in (ROOT / "tests").rglob("*.py")
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "needs.program"
    ]
    programs = [names for names in wanted if names and " " not in names[0]]  # else: what no package brings
    assert len(programs) > 3
    assert [names for names in programs if not installed & set(names)] == []
