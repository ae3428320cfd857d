# Draws labels: a QR code with text, as PNG, SVG or PDF.
# MIT licence
"""One drawing in three formats. Lengths are millimetres, from the upper left corner down. The
modules of a code are whole dots of the printer, so that all have sharp edges and the same size.
The same labels give the same bytes.
"""

import math
import os
from dataclasses import dataclass, replace
from pathlib import Path

from tools.boards import BoardError
from tools.boards.label_text import Block, Face, stack
from tools.paths import BUILD

MODULE = 0.33  # the smallest module that phones read well
QUIET = 4  # modules of white around a code, by its standard
FORMATS = (".png", ".svg", ".pdf")
_INCH = 25.4

# Else matplotlib writes its cache into the user's home.
os.environ.setdefault("MPLCONFIGDIR", str(BUILD / "matplotlib"))


@dataclass(frozen=True, repr=False)  # no repr: it would have the key
class Label:
    """What is on a label. code: the QR code's text. title, name, note: lines of text. ssid, key:
    the network, which is never cut; no key: an open one. Empty lines are left out.
    """

    code: str
    name: str
    ssid: str
    key: str = ""
    title: str = ""
    note: str = ""


@dataclass(frozen=True)
class Paper:
    """What the labels are printed on. width, height: of a page. columns, rows: labels on it.
    left, top: the margins, the same right and below. gap_x, gap_y: between labels. border: what
    stays white around a label, as a part of its height. dpi: dots per inch of the printer.
    """

    width: float
    height: float
    columns: int = 1
    rows: int = 1
    left: float = 0
    top: float = 0
    gap_x: float = 0
    gap_y: float = 0
    border: float = 0.05
    dpi: int = 300

    def __post_init__(self):
        if min(self.columns, self.rows) < 1 or min(self.label()) < 5:
            raise BoardError("no room for labels: they would be smaller than 5 mm")

    def label(self):
        """Width and height of one label."""
        wide = self.width - 2 * self.left - (self.columns - 1) * self.gap_x
        high = self.height - 2 * self.top - (self.rows - 1) * self.gap_y
        return wide / self.columns, high / self.rows

    def corner(self, place):
        """Of the label at that place, from 0, row by row; on a dot."""
        width, height = self.label()
        row, column = divmod(place, self.columns)
        x = self.left + column * (width + self.gap_x)
        y = self.top + row * (height + self.gap_y)
        return self.dotted(x), self.dotted(y)

    def dotted(self, length, cut=round):
        """A length in whole dots."""
        return cut(length * self.dpi / _INCH + 1e-6) * _INCH / self.dpi


def save(labels, path, paper, font=None):
    """Draw labels into a file, or files if PNG or SVG have several pages: name-1.png ...

    path: its ending says the format. font: path of a font for what DejaVu lacks. Returns the paths
    that were written. BoardError: it cannot be drawn or written, and why.
    """
    path = Path(path)
    if path.suffix.lower() not in FORMATS:
        raise BoardError(f"{path.name}: the ending must be one of {', '.join(FORMATS)}")
    size = paper.columns * paper.rows
    pages = [labels[first : first + size] for first in range(0, len(labels), size)]
    dotted = path.suffix.lower() == ".png"
    figures = [_page(page, paper, font, dotted) for page in pages]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix.lower() == ".pdf":
            return [_pdf(figures, path)]
        if len(figures) == 1:
            return [_picture(figures[0], path, paper.dpi)]
        numbered = [path.with_stem(f"{path.stem}-{n}") for n in range(1, len(figures) + 1)]
        pairs = zip(figures, numbered, strict=True)
        return [_picture(figure, one, paper.dpi) for figure, one in pairs]
    except OSError as error:
        raise BoardError(f"{path} cannot be written: {error.strerror}") from error


def missing(label, font=None):
    """The characters of the label's text that no font has: they are drawn as boxes."""
    faces = Face("sans", font), Face("mono", font)
    texts = label.name + label.title + label.note, label.ssid
    return set().union(*(face.missing(text) for face, text in zip(faces, texts, strict=True)))


def _pdf(figures, path):
    from matplotlib.backends.backend_pdf import PdfPages

    with PdfPages(path, metadata={"CreationDate": None}) as pages:
        for figure in figures:
            pages.savefig(figure)
    return path


def _picture(figure, path, dpi):
    import matplotlib

    # Without a salt of ours the names inside an SVG are random.
    with matplotlib.rc_context({"svg.hashsalt": "label"}):
        blank = {"Date": None} if path.suffix.lower() == ".svg" else {"Software": None}
        figure.savefig(path, dpi=dpi, metadata=blank)
    return path


def _page(labels, paper, font, dotted):
    """One page as a figure. dotted: its size in whole dots."""
    from matplotlib.figure import Figure
    from matplotlib.transforms import Affine2D

    width, height = paper.width, paper.height
    if dotted:
        # A hundredth of a dot more: what is not whole is cut off.
        width, height = (paper.dotted(side + 0.01 * _INCH / paper.dpi) for side in (width, height))
    figure = Figure(figsize=(width / _INCH, height / _INCH), facecolor="white")
    page = Affine2D().scale(1, -1).translate(0, height).scale(1 / _INCH)
    for place, label in enumerate(labels):
        here = Affine2D().translate(*paper.corner(place)) + page + figure.dpi_scale_trans
        _draw(figure, here, label, paper, font)
    return figure


def _draw(figure, here, label, paper, font):
    """One label; here: the transformation from its millimetres to the figure."""
    from matplotlib.transforms import Affine2D

    width, height = paper.label()
    border = paper.border * min(width, height)
    beside = width >= 1.4 * height
    room = min(height - 2 * border, 0.5 * width) if beside else 0.55 * height
    matrix, module = _code(label.code, min(room, width - 2 * border), paper)
    side = (len(matrix) + 2 * QUIET) * module
    quiet = QUIET * module
    across, down = (border, (height - side) / 2) if beside else ((width - side) / 2, border)
    x, y = (paper.dotted(length) for length in (across, down))
    _fill(figure, _squares(matrix, module, x + quiet, y + quiet), here)

    edge, brim = max(border, 1.5), max(border, 2)  # accents stand above the brim
    if beside:
        left = x + side
        # As high as the code, or if it must be as high as the label.
        boxes = [(y + quiet, side - 2 * quiet), (brim, height - 2 * brim)]
    else:
        left = edge
        boxes = [(y + side, height - y - side - brim)]
    wide = width - left - edge
    head, foot = _blocks(label, font)
    largest = max(1, min(width / 62, height / 29))
    for block, size, line, baseline in _placed(head, foot, boxes, wide, largest):
        shape = Affine2D().scale(size, -size).translate(left, baseline)
        _fill(figure, block.face.outline(line), shape + here)


def _blocks(label, font):
    """The label's text: what the device is, and its network. Sizes are those of 62 x 29 mm."""
    sans, bold, mono, strong = (Face(kind, font) for kind in ("sans", "bold", "mono", "monobold"))
    head = [Block(label.title, sans, 2.5, 1.8), Block(label.name, bold, 4.2, 2.2, gap=0.4)]
    foot = [
        Block("Wi-Fi" if label.key else "Wi-Fi, no password", sans, 2.0, 1.7),
        Block(_spaced(label.ssid), mono, 3.0, 2.0, whole=True),
        Block("Password" if label.key else "", sans, 2.0, 1.7, gap=0.9),
        Block(label.key.replace(" ", "␣"), strong, 3.8, 2.0, gap=0.2, whole=True),
        Block(label.note, sans, 2.3, 1.8, gap=1.1),
    ]
    return tuple(
        [replace(one, text=one.face.drawable(one.text)) for one in part if one.text]
        for part in (head, foot)
    )


def _spaced(text):
    """Spaces that nobody would see, made visible."""
    inner = text.strip(" ").replace("  ", "␣␣")
    before = len(text) - len(text.lstrip(" "))
    after = len(text.lstrip(" ")) - len(text.strip(" "))
    return "␣" * before + inner + "␣" * after


def _placed(head, foot, boxes, width, largest):
    """Where each line goes: [(block, size, line, baseline), ...], in the first of the boxes (top,
    height) and with the largest text that fits. The network stands at the bottom of the box.
    """
    scale = largest
    while scale > 0.4:
        (above, used), (below, needed) = (stack(part, scale, width) for part in (head, foot))
        for top, height in boxes:
            if used + 2.4 * scale + needed <= height:
                first = top + height - needed
                return [(*line, top + y) for *line, y in above] + [
                    (*line, first + y) for *line, y in below
                ]
        scale *= 0.96
    raise BoardError("the text does not fit: take a larger label, or leave out --title or --note")


def _code(text, room, paper):
    """The code's matrix, and how large a module is when it has that room."""
    import segno

    # Beyond ASCII the code says that it is UTF-8 (ECI 26): without, the standard has it Latin-1
    # and readers guess (github.com/lyqht/mini-qr/issues/264). In ASCII it does not say so, since
    # old readers refuse such codes (github.com/zxing/zxing/issues/1042).
    words = {"encoding": "utf-8", "mode": "byte", "eci": not text.isascii()}
    for level in "ML":
        code = segno.make_qr(text, error=level, **words)
        matrix = tuple(code.matrix)
        count = len(matrix) + 2 * QUIET
        module = paper.dotted(room / count, math.floor)
        if module >= MODULE - 1e-9:
            return matrix, module
    least = paper.dotted(MODULE - 1e-9, math.ceil) * count
    raise BoardError(
        f"too small: a code that phones can read needs {least:.1f} x {least:.1f} mm here, and this"
        f" label has {room:.1f} mm for it; take a larger one"
    )


def _squares(matrix, module, x, y):
    """The dark modules as one path: a rectangle for each run of them in a row."""
    from matplotlib.path import Path as Outline

    corners, codes = [], []
    for number, row in enumerate(matrix):
        top, bottom = y + number * module, y + (number + 1) * module
        edges = [n for n in range(len(row) + 1) if (*row, 0)[n] != (0, *row)[n]]
        for first, end in zip(edges[::2], edges[1::2], strict=True):
            left, right = x + first * module, x + end * module
            corners += [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]
            codes += [Outline.MOVETO, *[Outline.LINETO] * 3, Outline.CLOSEPOLY]
    return Outline(corners, codes)


def _fill(figure, outline, place):
    from matplotlib.patches import PathPatch

    figure.add_artist(
        PathPatch(outline, transform=place, facecolor="black", linewidth=0, clip_on=False)
    )
