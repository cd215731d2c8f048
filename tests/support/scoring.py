"""The shared collection of real bounces beside the project, and its own scorer."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

from tests.support import needs


def shared_bounces() -> Path:
    """Return the collection's folder, else skip the test (fail it with ``ELITE_REQUIRE=all``)."""
    folder = Path(__file__).resolve().parents[3] / "shared" / "bounces"
    if (folder / "truth.json").is_file():
        return folder
    return needs.lacking("no collection of real bounces beside the project")


def load_scorer(folder: Path) -> ModuleType:
    """Import the collection's score.py from where it lies."""
    spec = importlib.util.spec_from_file_location("bounces_score", folder / "score.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
