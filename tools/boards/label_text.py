# Text on a label: outlines of DejaVu, and how large it can be.
# MIT licence
"""All text is drawn as outlines of the fonts that come with matplotlib, so that it looks the same
in each format and on each machine. Lengths are millimetres; widths of text are in em, that is for
a font size of 1.
"""

import functools
import itertools
import math
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from tools.boards import BoardError

LINE = 1.18  # from one baseline to the next, in em
CAPITAL = 0.73  # the height of a capital letter, in em
_BOX = "□"  # for a character that no font has

_FILES = {
    "sans": ("DejaVuSans.ttf",),
    "bold": ("DejaVuSans-Bold.ttf", "DejaVuSans.ttf"),
    # 1 l I and 0 O differ in these.
    "mono": ("DejaVuSansMono.ttf", "DejaVuSans.ttf"),
    "monobold": ("DejaVuSansMono-Bold.ttf", "DejaVuSans-Bold.ttf", "DejaVuSans.ttf"),
}


@functools.cache
def _font(path):
    """(font for matplotlib, the set of its characters)."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.ft2font import FT2Font

    try:
        signs = frozenset(FT2Font(str(path)).get_charmap())
    except (OSError, RuntimeError) as error:
        raise BoardError(f"{path} is not a font that can be read: {error}") from error
    return FontProperties(fname=str(path), size=1), signs


@functools.cache
def _fonts(kind, extra):
    """What _font() returns, for each file of a face."""
    import matplotlib

    folder = Path(matplotlib.get_data_path(), "fonts/ttf")
    files = [folder / name for name in _FILES[kind]]
    return [_font(path) for path in (*files, *([extra] if extra else []))]


@functools.cache
def _width(face, text):
    return sum(width for _, _, width in face.runs(text))


@dataclass(frozen=True)
class Face:
    """A font, and where the characters come from that it lacks.

    kind: sans, bold, mono or monobold. extra: path of one more font file, or None.
    """

    kind: str
    extra: str | None = None

    def font_of(self, sign):
        """The first font that has the character; None: none has."""
        fonts = _fonts(self.kind, self.extra)
        return next((font for font, signs in fonts if ord(sign) in signs), None)

    def drawable(self, text):
        """The text with what cannot be seen made visible, and boxes for what no font has."""
        return "".join(self._drawable(sign) for sign in text)

    def _drawable(self, sign):
        category = unicodedata.category(sign)
        if category == "Cc":
            return chr(0x2400 + ord(sign)) if sign < " " else "\u2421"
        if self.font_of(sign):
            return sign
        return "" if category in ("Mn", "Me", "Cf") else _BOX

    def missing(self, text):
        """The characters of the text that are drawn as boxes."""
        return {sign for sign in text if self._drawable(sign) == _BOX != sign}

    def width(self, text):
        """Of drawable text, in em."""
        return _width(self, text)

    def outline(self, text):
        """Of drawable text as a matplotlib Path in em: y up from the baseline, x from 0."""
        from matplotlib.path import Path as Outline
        from matplotlib.textpath import text_to_path

        corners, codes, x = [], [], 0
        for font, run, width in self.runs(text):
            # Not TextPath, which takes what stands between two $ for mathematics.
            points, kinds = text_to_path.get_text_path(font, run, ismath=False)
            corners += [(a / text_to_path.FONT_SCALE + x, b / text_to_path.FONT_SCALE)
                        for a, b in points]  # fmt: skip
            codes += list(kinds)
            x += width
        return Outline(corners, codes) if corners else Outline([(0, 0)])

    def runs(self, text):
        """The text cut where the font changes: (font, characters, width in em)."""
        from matplotlib.textpath import text_to_path

        for font, signs in itertools.groupby(text, self.font_of):
            run = "".join(signs)
            yield font, run, text_to_path.get_text_width_height_descent(run, font, False)[0]


@dataclass(frozen=True)
class Block:
    """One thing that a label says. size: the font size that looks best; least: the smallest that
    can be read. gap: free space above. whole: it is broken into lines if it must be, never cut.
    """

    text: str
    face: Face
    size: float
    least: float
    gap: float = 0
    whole: bool = False

    def fitted(self, scale, width):
        """(font size, lines), each line no wider than width."""
        size = max(self.least, self.size * scale)
        needed = self.face.width(self.text) * size
        if needed <= width:
            return size, [self.text]
        # On one line if that does not make it much smaller.
        one = size * width / needed
        if one >= (max(self.least, 0.7 * size) if self.whole else self.least):
            return one, [self.text]
        if self.whole:
            return size, self._broken(size, width)
        return self.least, [self._cut(self.least, width)]

    def _broken(self, size, width):
        """Lines of about the same length."""
        widths = [self.face.width(sign) * size for sign in self.text]
        total = sum(widths)
        limit = min(width, total / math.ceil(total / width) + max(widths))
        lines, used = [""], 0
        for sign, one in zip(self.text, widths, strict=True):
            if lines[-1] and used + one > limit:
                lines.append("")
                used = 0
            lines[-1] += sign
            used += one
        return lines

    def _cut(self, size, width):
        text = self.text
        while text and self.face.width(text + "…") * size > width:
            text = text[:-1]
        return text.rstrip() + "…"


def stack(blocks, scale, width):
    """Blocks under one another: ([(block, size, line, baseline), ...], height).

    Baselines count down from the top of the first line's capitals; height is the last baseline.
    """
    found, y = [], 0
    for block in blocks:
        size, lines = block.fitted(scale, width)
        for number, line in enumerate(lines):
            first = not found
            y += size * CAPITAL if first else size * LINE
            y += 0 if first or number else block.gap * scale
            found.append((block, size, line, y))
    return found, y
