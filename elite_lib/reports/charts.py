"""Charts of what came back: pictures that need no network, no script and no browser of their own.

Altair describes them, vl-convert (Vega in one compiled module) draws them here, in Python and in our own
font, at three dots a pixel; the page gets an ``<img>`` with a text for who cannot see it. So they print,
are the same in JupyterLab, Voila and the HTML of papermill, and fetch nothing. Each stands above the table
that it is drawn from. (As SVG, a browser that lacks the font sets other letters than were measured.)
"""

from __future__ import annotations

import base64
import functools
import io
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
from markupsafe import Markup
from PIL import Image

from elite_lib import formats
from elite_lib.labels import _, ngettext, word
from elite_lib.models import ReturnClass
from elite_lib.reports.frames import laid

if TYPE_CHECKING:
    import altair as alt

    Chart = alt.LayerChart | alt.FacetChart

MOST = 15  # bars: more cannot be read
_WIDTH, _BAR = 560, 24
_BLUE, _AMBER = "#1f5673", "#b26a00"  # told apart by lightness too
_FONT = "Lato"
_SCALE = 3
_COLOURS = 48
_FIGURE = Markup(
    '<figure class="elite-chart"><figcaption>{title}</figcaption>'
    '<img alt="{words}" width="{width}" src="data:image/png;base64,{picture}" style="max-width:100%">'
    "</figure>"
)


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart with its words and its table; a notebook shows all three."""

    title: str
    words: str
    table: pd.DataFrame
    chart: Chart | None  # Altair's, to go on working with; None: nothing to draw

    def png(self) -> bytes:
        """Draw the chart. French numbers, whatever the language of the system."""
        import vl_convert  # noqa: PLC0415 (0.4 s: only who draws pays)

        if self.chart is None:
            return b""
        _use_font()
        drawn = vl_convert.vegalite_to_png(self.chart.to_dict(), scale=_SCALE, format_locale="fr-FR")
        kept = io.BytesIO()
        with Image.open(io.BytesIO(drawn)) as picture:  # a few flat colours: a tenth of the weight
            picture.convert("RGB").quantize(_COLOURS).save(kept, "PNG", optimize=True)
        return kept.getvalue()

    def html(self) -> str:
        """Give picture and table as HTML."""
        if self.chart is None:
            nothing = Markup("<h3>{}</h3><p>{}</p>").format(self.title, _("Nothing came back."))
            return str(nothing)
        content = self.png()
        drawn = _FIGURE.format(
            title=self.title,
            words=self.words,
            width=int.from_bytes(content[16:20]) // _SCALE,  # of the PNG's header (IHDR)
            picture=base64.b64encode(content).decode(),
        )
        return str(drawn) + laid(self.title, self.table)

    def _repr_html_(self) -> str:
        return self.html()


@functools.cache
def _use_font() -> None:
    """Let vl-convert know the font of our documents."""
    import fontpkg  # noqa: PLC0415
    import vl_convert  # noqa: PLC0415

    vl_convert.register_font_directory(str(Path(fontpkg.path("Lato", "regular")).parent))


def rates_picture(rates: pd.DataFrame) -> Picture:
    """Draw ``bounce_rates``: a bar for each provider, month or class."""
    by = str(rates.columns[0])
    title = {
        "provider": _("What came back for good, by provider"),
        "month": _("What came back for good, by month"),
        "class": _("What came back for good, by class"),
    }[by]
    kept = rates[rates["accepted"] > 0] if "accepted" in rates else rates
    names = [_name(value) for value in kept[by]][:MOST]
    shares = [float(value) for value in kept["rate"]][:MOST]
    data = pd.DataFrame(
        {"name": names, "share": shares, "label": [formats.percent(share) for share in shares]}
    )
    said = ", ".join(f"{name} {formats.percent(share)}" for name, share in zip(names, shares, strict=True))
    chart = _bars(data, title=_("Share of the accepted messages"), percent=True) if names else None
    return Picture(title, _("Bars: {said}.").format(said=said), rates, chart)


def delays_picture(table: pd.DataFrame, delays: pd.DataFrame) -> Picture:
    """Draw how long failures of ``bounce_table`` took to come back; ``bounce_delays`` is shown beneath."""
    failed = table[(table["kind"] == "bounce") & (table["final"] == True) & table["tied"].notna()]  # noqa: E712
    hours = [float(value) for value in failed["hours"].dropna()]
    steps = _steps()
    counts = [sum(low <= value < high for value in hours) for _label, low, high in steps]
    labels = [label for label, _low, _high in steps]
    data = pd.DataFrame({"name": labels, "share": counts, "label": list(map(str, counts))})
    pairs = zip(labels, counts, strict=True)
    said = ", ".join(f"{label} {count}" for label, count in pairs if count)
    chart = _bars(data, title=_("Returns"), percent=False) if hours else None
    return Picture(_("How long until it came back"), _("Bars: {said}.").format(said=said), delays, chart)


def _steps() -> list[tuple[str, float, float]]:
    return [
        (_("under 1 min"), 0.0, 1 / 60),
        (_("1 to 10 min"), 1 / 60, 1 / 6),
        (_("10 min to 1 h"), 1 / 6, 1.0),
        (_("1 to 6 h"), 1.0, 6.0),
        (_("6 to 24 h"), 6.0, 24.0),
        (_("1 to 3 days"), 24.0, 72.0),
        (_("over 3 days"), 72.0, float("inf")),
    ]


def deferrals_picture(deferrals: pd.DataFrame) -> Picture:
    """Draw ``deferral_table``: by run and provider, what was deferred at once and what was told later."""
    title = _("Deferrals, run by run")
    rows = []
    for row in deferrals.head(MOST).to_dict("records"):
        place = f"{row['provider']} · {row['first'].astimezone():%d/%m/%Y %H:%M}"
        rows.append((place, _("Deferred"), int(row["deferred"])))
        rows.append((place, _("Delays told later"), int(row["reports"])))
    if not rows:
        return Picture(title, "", deferrals, None)
    data = pd.DataFrame(rows, columns=["name", "sort", "share"])
    said = ", ".join(f"{name} {sort.lower()} {count}" for name, sort, count in rows if count)
    return Picture(title, _("Bars: {said}.").format(said=said), deferrals, _stacked(data))


def receipts_sentence(receipts: pd.DataFrame) -> str:
    """Say how many receipts came of how many that were asked for. What did not come says nothing."""
    asked = int((receipts["asked"] == True).sum())  # noqa: E712 (None: not known)
    came = int(receipts["received"].notna().sum())
    text = ngettext(
        "{n} receipt came, {asked} asked for; of the others there is no information.",
        "{n} receipts came, {asked} asked for; of the others there is no information.",
        came,
    )
    return text.format(n=came, asked=asked)


def _name(value: object) -> str:
    if isinstance(value, ReturnClass):
        return word(value)
    text = str(value)
    return formats.month(text) if len(text) == 7 and text[:4].isdigit() and text[4] == "-" else text


def _bars(data: pd.DataFrame, *, title: str, percent: bool) -> Chart:
    import altair as alt  # noqa: PLC0415 (about 1 s: only who draws pays)

    axis = alt.Axis(format="~%" if percent else "d", tickMinStep=0.001 if percent else 1, title=title)
    base = alt.Chart(data).encode(
        x=alt.X("share:Q", axis=axis, scale=alt.Scale(domainMin=0, nice=True)),
        y=alt.Y("name:N", sort=None, axis=alt.Axis(title=None, labelLimit=260)),
    )
    bars = base.mark_bar(color=_BLUE, height=_BAR * 0.6)
    texts = base.mark_text(align="left", dx=4, color="#222").encode(text="label:N")
    return _dressed(alt.layer(bars, texts), rows=len(data))


def _stacked(data: pd.DataFrame) -> Chart:
    import altair as alt  # noqa: PLC0415

    colours = alt.Scale(domain=[_("Deferred"), _("Delays told later")], range=[_AMBER, _BLUE])
    bars = (
        alt.Chart(data)
        .mark_bar(height=_BAR * 0.6)
        .encode(
            x=alt.X("share:Q", axis=alt.Axis(format="d", tickMinStep=1, title=_("Messages"))),
            y=alt.Y("name:N", sort=None, axis=alt.Axis(title=None, labelLimit=260)),
            color=alt.Color("sort:N", scale=colours, legend=alt.Legend(title=None, orient="top")),
        )
    )
    return _dressed(alt.layer(bars), rows=data["name"].nunique())


def _dressed(chart: Chart, *, rows: int) -> Chart:
    sized: Chart = chart.properties(width=_WIDTH, height=max(rows, 2) * _BAR, background="white", padding=8)
    styled: Chart = sized.configure(font=_FONT).configure_view(stroke=None)
    axis: Chart = styled.configure_axis(
        labelFontSize=12, titleFontSize=12, gridColor="#e3e6e8", titleFontWeight="normal"
    )
    return axis
