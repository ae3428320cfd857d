# label: a board's label, with a QR code that a phone joins its access point with.
# MIT licence
"""Makes the label of a board: a QR code that a phone's camera joins the board's own access point
with, and beside it the device name, the network's name and its key to read.

  label -o label.pdf                               the board that is attached
  label -o label.png --ssid NAME --key KEY         no board is needed
  label -o labels.pdf --csv boards.csv --sheet     all boards of a CSV, on sheets of paper

The ending says the format: PNG, SVG or PDF. Whoever reads a label can join the board's access
point, so keep the files as you keep the boards.
"""

import argparse
import csv

from tools.boards import BoardError, drawing, ports
from tools.boards.payloads import KINDS, Board, utf8

SUMMARY = "the QR label of a board, or a sheet of many"
_COLUMNS = "name", "ap_ssid", "ap_key", "ap_open"  # and app_code, for --code espressif


def add_arguments(parser):
    """The command's words."""
    parser.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        default="label.pdf",
        help="ends in .png, .svg or .pdf (default: label.pdf)",
    )
    data = parser.add_argument_group("what is on it (default: what the attached board says)")
    ports.add_argument(data)
    data.add_argument("--csv", metavar="FILE", help=f"many, with columns {', '.join(_COLUMNS)}")
    data.add_argument("--ssid", metavar="NAME", help="the name of the access point")
    data.add_argument("--key", help="its key, 8 to 63 characters; '' for an open one")
    data.add_argument("--name", help="the device name")
    data.add_argument(
        "--code",
        choices=KINDS,
        default="wifi",
        help="who scans it: a phone's camera, to join, or Espressif's apps (default: wifi)",
    )
    data.add_argument("--title", metavar="TEXT", default="", help="a line above: the product")
    data.add_argument("--note", metavar="TEXT", default="", help="a line below: a serial number")
    data.add_argument(
        "--font", metavar="FILE", help="a font for characters that DejaVu lacks (Chinese, emoji)"
    )
    place = parser.add_argument_group("paper, in mm")
    pair = {"type": _pair, "metavar": "WxH"}
    place.add_argument("--size", **pair, help="of one label (default: 62x29)")
    place.add_argument("--sheet", action="store_true", help="many on a page")
    place.add_argument("--paper", **pair, default=(210, 297), help="of a sheet (default: A4)")
    place.add_argument("--grid", **pair, default=(3, 8), help="labels on a sheet (default: 3x8)")
    place.add_argument(
        "--margin", **pair, default=(0, 0.5), help="left and top, as right and below (0x0.5)"
    )
    place.add_argument("--gap", **pair, default=(0, 0), help="between labels (default: 0x0)")
    place.add_argument(
        "--dpi", type=int, default=300, help="dots per inch of the printer (default: 300)"
    )


def run(options):
    """Make the label or labels. Returns the files' names, and how many labels they have."""
    paper = _paper(options)
    boards, skipped = _boards(options)
    labels = [label_of(board, options.title, options.note, options.code) for board in boards]
    files = drawing.save(labels, options.output, paper, options.font)
    boxes = set().union(*(drawing.missing(one, options.font) for one in labels))
    return {
        "files": [str(path) for path in files],
        "labels": len(labels),
        "skipped": skipped,
        "missing": "".join(sorted(boxes)),
    }


def show(found):
    """The same in words."""
    count, skipped = found["labels"], found["skipped"]
    print(f"{count} label{'s' * (count != 1)} in {', '.join(found['files'])}")
    if skipped:
        print(
            f"{skipped} line{'s' * (skipped != 1)} of the CSV left out: no ap_ssid, or twice there"
        )
    if found["missing"]:
        print(
            f"The text has boxes for {found['missing']}, which the font lacks; the code is right."
        )
        print("--font FILE brings a font that has them")


def label_of(board, title="", note="", kind="wifi"):
    """The drawing.Label of a payloads.Board. kind: which code is on it, of payloads.KINDS."""
    utf8(title, "the title")
    utf8(note, "the note")
    return drawing.Label(KINDS[kind](board), board.name, board.ssid, board.key, title, note)


def board_of(identity):
    """The payloads.Board of an identity as status.identity() or a line of a CSV has it."""
    ssid, key = identity["ap_ssid"], identity["ap_key"]
    open_ = str(identity["ap_open"]).lower()
    if open_ not in ("0", "1", "false", "true", ""):
        raise BoardError(f"ap_open is 0 or 1, not {identity['ap_open']!r}")
    if open_ in ("1", "true"):
        key = ""
    elif not key:
        raise BoardError("there is no ap_key, and ap_open is not 1")
    return Board(identity["name"] or ssid, ssid, key, identity.get("app_code") or "")


def _boards(options):
    """(the boards, how many lines of a CSV were left out)."""
    words = options.ssid is not None or options.key is not None
    if options.csv:
        if words or options.name is not None:
            raise BoardError("--csv has the names and keys: leave out --ssid, --key and --name")
        return _read(options.csv)
    if words:
        if options.ssid is None or options.key is None:
            raise BoardError("--ssid and --key go together; --key '' for an open access point")
        name = options.ssid if options.name is None else options.name
        return [Board(name, options.ssid, options.key)], 0
    from tools.boards import status

    identity = status.identity(ports.choose(options.port).device)
    if options.name is not None:
        identity = {**identity, "name": options.name}
    return [board_of(identity)], 0


def _read(path):
    found, lines = {}, 0
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            lacking = [name for name in _COLUMNS if name not in (reader.fieldnames or ())]
            if lacking:
                raise BoardError(f"{path}: its first line lacks {', '.join(lacking)}")
            for row in reader:
                lines += 1
                # The factory's file has a line for each time; the last one is right.
                board = row.get("id") or lines
                found.pop(board, None)
                if row["ap_ssid"] and row.get("result", "ok") == "ok":
                    found[board] = _row(row, f"{path}, line {reader.line_num}")
    except UnicodeDecodeError:
        raise BoardError(f"{path} is not UTF-8: save it as CSV UTF-8") from None
    except (OSError, csv.Error) as error:
        raise BoardError(f"{path} cannot be read: {error}") from error
    if not found:
        raise BoardError(f"{path} has no board in it")
    boards = list(dict.fromkeys(found.values()))  # a board that was made twice has one label
    return boards, lines - len(boards)


def _row(row, where):
    try:
        return board_of({name: row.get(name) or "" for name in (*_COLUMNS, "app_code")})
    except BoardError as error:
        raise BoardError(f"{where}: {error}") from None


def _paper(options):
    if not 100 <= options.dpi <= 2400:
        raise BoardError("--dpi is 100 to 2400")
    if not options.sheet:
        return drawing.Paper(*(options.size or (62, 29)), dpi=options.dpi)
    if options.size:
        raise BoardError("on a --sheet the labels' size comes from --paper, --grid and --margin")
    columns, rows = (int(count) for count in options.grid)
    places = *options.margin, *options.gap
    # Printers leave some millimetres white at the edges of a sheet.
    return drawing.Paper(*options.paper, columns, rows, *places, border=0.1, dpi=options.dpi)


def _pair(text):
    try:
        first, second = (float(part) for part in text.lower().split("x"))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not like 62x29") from None
    if not (0 <= first <= 2000 and 0 <= second <= 2000):
        raise argparse.ArgumentTypeError(f"{text!r}: 0 to 2000 each")
    return first, second
