"""The page's scripts, without a build step: shared parts are put in front of the widget that uses them."""

from __future__ import annotations

from pathlib import Path

_STATIC = Path(__file__).parent / "static"


def script(*names: str) -> str:
    """Give one module of several files of ``static``, in this order; the last one exports the widget."""
    return "\n".join((_STATIC / f"{name}.js").read_text(encoding="utf-8") for name in names)
