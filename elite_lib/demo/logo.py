"""Draw the made-up home's logo: a lime leaf, as PNG, transparent around it."""

from __future__ import annotations

import io

from PIL import Image, ImageDraw

SIZE = 180  # pixels; drawn four times as large, then reduced for smooth edges


def draw(colour: str) -> bytes:
    """Return the PNG of a leaf in ``colour`` (``#1f5673``)."""
    large = SIZE * 4
    image = Image.new("RGBA", (large, large), (0, 0, 0, 0))
    pen = ImageDraw.Draw(image)
    pen.ellipse((large * 0.02, large * 0.02, large * 0.98, large * 0.98), fill=colour)
    # two circles that cross make the leaf
    leaf = Image.new("L", (large, large), 0)
    left, right = leaf.copy(), leaf.copy()
    ImageDraw.Draw(left).ellipse((large * 0.05, large * 0.14, large * 0.68, large * 0.86), fill=255)
    ImageDraw.Draw(right).ellipse((large * 0.32, large * 0.14, large * 0.95, large * 0.86), fill=255)
    leaf.paste(left, mask=right)
    image.paste((255, 255, 255, 255), mask=leaf)
    middle = large // 2
    pen.line((middle, large * 0.26, middle, large * 0.90), fill=colour, width=large // 40)
    for height in (0.42, 0.54, 0.66):
        for side in (-1, 1):
            tip = (middle + side * large * 0.10, large * (height - 0.09))
            pen.line((middle, large * height, *tip), fill=colour, width=large // 60)
    buffer = io.BytesIO()
    image.resize((SIZE, SIZE), Image.Resampling.LANCZOS).save(buffer, "PNG", optimize=True)
    return buffer.getvalue()
