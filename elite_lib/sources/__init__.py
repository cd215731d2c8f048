"""Read the office's workbook (.xlsx, .xls, .ods, CSV) into frames, and say all that is wrong.

``load`` is the way in. One sheet goes through ``reading`` (raw cells) → ``headers`` (which column is where)
→ ``rows`` and ``cells`` (what each cell holds); then ``checks`` and ``sums`` compare the sheets, and
``holding`` says which dispatch lines each problem holds. ``propose`` finds out which column of another
program's export is which.
"""

from elite_lib.sources.headers import Layout
from elite_lib.sources.loading import load
from elite_lib.sources.proposing import Proposal, propose
from elite_lib.sources.supposing import Certainty, ProposedColumn, ProposedSheet

__all__ = ["Certainty", "Layout", "Proposal", "ProposedColumn", "ProposedSheet", "load", "propose"]
