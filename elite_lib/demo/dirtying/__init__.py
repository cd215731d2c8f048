"""Dirty a clean workbook as real offices do, and know what must be said of it.

``dirtied`` sets some traps in a generated book and writes its file; ``complaints`` reads the file and says
what is wrong with the reading: a problem that is not named, a value that is not the true one, a row too many
or too few. The seed makes the same file again.
"""

from elite_lib.demo.dirtying.drafts import Dirt
from elite_lib.demo.dirtying.judging import complaints
from elite_lib.demo.dirtying.setting import Dirtied, Dirtier

__all__ = ["Dirt", "Dirtied", "Dirtier", "complaints"]
