"""Read the office's workbook (.xlsx, .ods, a folder of CSVs) into frames, and say all that is wrong.

``load`` is the way in. One sheet goes through ``reading`` (raw cells) → ``headers`` (which column is where)
→ ``rows`` and ``cells`` (what each cell holds); then ``checks`` and ``sums`` compare the sheets, and
``holding`` says which dispatch lines each problem holds.
"""

from elite_lib.sources.loading import load

__all__ = ["load"]
