"""LibreOffice at work: files converted, and files that ask for a password."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from html import escape
from pathlib import Path

from tests.support import needs

_MODULE = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE script:module PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "module.dtd">
<script:module xmlns:script="http://openoffice.org/2000/script" script:name="Module1"
 script:language="StarBasic">{code}</script:module>
"""
_LIBRARY = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE library:library PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "library.dtd">
<library:library xmlns:library="http://openoffice.org/2000/library" library:name="Standard"
 library:readonly="false" library:passwordprotected="false"><library:element library:name="Module1"/>
</library:library>
"""
_LIBRARIES = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE library:libraries PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "libraries.dtd">
<library:libraries xmlns:library="http://openoffice.org/2000/library"
 xmlns:xlink="http://www.w3.org/1999/xlink"><library:library library:name="Standard"
 xlink:href="$(USER)/basic/Standard/script.xlb/" xlink:type="simple" library:link="false"/>
</library:libraries>
"""


def convert(files: Sequence[Path], written_as: str, out: Path, *, profile: Path) -> None:
    """Convert files by one start of the program; ``written_as``: a suffix, perhaps with a filter."""
    _run(profile, "--convert-to", written_as, "--outdir", str(out), *map(str, files))


def protect(source: Path, targets: dict[str, Path], password: str, *, profile: Path) -> None:
    """Save a workbook with a password; ``targets``: name of a filter -> file. Only a macro can."""
    lines = [
        "Sub Main",
        "Dim hidden(0) As New com.sun.star.beans.PropertyValue",
        'hidden(0).Name = "Hidden"',
        "hidden(0).Value = True",
        f'doc = StarDesktop.loadComponentFromURL("{source.as_uri()}", "_blank", 0, hidden())',
        "Dim how(1) As New com.sun.star.beans.PropertyValue",
        'how(0).Name = "FilterName"',
        'how(1).Name = "Password"',
        f'how(1).Value = "{password}"',
    ]
    for name, target in targets.items():
        lines += [f'how(0).Value = "{name}"', f'doc.storeToURL("{target.as_uri()}", how())']
    code = "\n".join([*lines, "doc.close(True)", "End Sub"])
    _run(profile, "--terminate_after_init")  # a new profile takes no macro before it was started once
    basic = profile / "user" / "basic"
    (basic / "Standard").mkdir(parents=True, exist_ok=True)
    (basic / "Standard" / "Module1.xba").write_text(_MODULE.format(code=escape(code)), encoding="utf-8")
    (basic / "Standard" / "script.xlb").write_text(_LIBRARY, encoding="utf-8")
    (basic / "script.xlc").write_text(_LIBRARIES, encoding="utf-8")
    _run(profile, "macro:///Standard.Module1.Main")


def _run(profile: Path, *arguments: str) -> None:
    soffice = needs.program("soffice", "libreoffice")
    command = [soffice, f"-env:UserInstallation={profile.as_uri()}", "--headless", *arguments]
    subprocess.run(command, check=True, capture_output=True, timeout=180)
