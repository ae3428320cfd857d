# Labels: what independent readers see in them, and what people do.
# MIT licence
"""The codes are read back by zbar and by ZXing's C++ port, the pictures are made by rsvg-convert
and poppler. None of them shares code with what draws the labels.
"""

import importlib.util
import itertools
import json
import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tools.__main__ as command_line
from conftest import CI
from tools.boards import BoardError, drawing, label, label_text, ports, status
from tools.boards.payloads import Board, wifi

PRINTABLE = "".join(chr(code) for code in range(0x20, 0x7F))
SPECIAL = '\\;,:"'
KEY = "h7k2m9xp4r"
SHEET = drawing.Paper(210, 297, 3, 8, 0, 0.5, border=0.1)


def boards():
    """24 boards that have between them all that could go wrong."""
    found = [
        Board("every sign, 1", PRINTABLE[:32], PRINTABLE[:63]),
        Board("every sign, 2", PRINTABLE[32:63], PRINTABLE[63:]),
        Board("every sign, 3", PRINTABLE[63:95], PRINTABLE[:-64:-1]),
        Board("longest", SPECIAL[0] * 32, SPECIAL[0] * 63),
        Board("looks like hex", "DEADBEEF", "0123456789abcdef"),
        Board("open", "free;for:all", ""),
        Board("umlauts", "äöüÄÖÜßéèêàçñåøÿ", "umlauts in its name"),
        Board("emoji", "😀🏠🔌☕🧊🪴🌡x", "emoji in its name"),
        Board("CJK", "猫の家カフェ家庭", "CJK in its name"),
    ]
    assert [len(board.ssid.encode()) for board in found[-3:]] == [32, 32 - 4, 24]
    for sign in SPECIAL:
        for text in (f"{sign}at its begin", f"in its{sign}middle", f"at its end{sign}"):
            found.append(Board(f"a {sign} {text}", text, text[::-1]))
    return found


def parsed(text):
    """{letter: value} of a WIFI: text, by ZXing's description of it and not by our code."""
    assert text.startswith("WIFI:")
    fields, field, signs = {}, "", iter(text.removeprefix("WIFI:"))
    for sign in signs:
        if sign == "\\":
            field += next(signs)
        elif sign == ";" and field:
            letter, value = field[0], field[2:]
            assert field[1] == ":" and letter not in fields
            fields[letter], field = value, ""
        else:
            assert sign not in SPECIAL or (sign == ":" and len(field) == 1) or sign == ";"
            field += sign
    assert not field.strip(";")
    return fields


def expected(board):
    kind = {"T": "WPA", "P": board.key} if board.key else {"T": "nopass"}
    return {**kind, "S": board.ssid}


def program(name, package):
    """A program's path; without it a skip, in CI a failure."""
    path = shutil.which(name)
    if not path:
        (pytest.fail if CI else pytest.skip)(f"no {name}: apt-get install {package}")
    return path


def seen(*pictures):
    """The texts of all codes in PNG files, as zbar reads them."""
    words = [program("zbarimg", "zbar-tools"), "--raw", "--quiet", "--nodbus"]
    words += ["-Sdisable", "-Sqrcode.enable"]
    done = subprocess.run([*words, *pictures], capture_output=True, check=True, timeout=60)
    return done.stdout.decode().splitlines()


def picture(path):
    """A PNG of what another program draws from an SVG or PDF."""
    made = path.with_name(path.stem + "-drawn.png")
    if path.suffix == ".svg":
        words = [program("rsvg-convert", "librsvg2-bin"), "-d300", "-p300", path, "-o", made]
    elif path.suffix == ".pdf":
        words = [program("pdftoppm", "poppler-utils"), "-r", "300", "-gray", "-png", "-singlefile"]
        words += [path, made.with_suffix("")]
    else:
        return path
    subprocess.run(words, check=True, timeout=60)
    return made


@pytest.fixture(scope="module")
def sheets(tmp_path_factory):
    """{".png": path, ...}: the 24 boards on a sheet."""
    folder = tmp_path_factory.mktemp("sheets")
    labels = [label.label_of(board, "Acme Climate One") for board in boards()]
    return {
        ending: drawing.save(labels, folder / f"sheet{ending}", SHEET)[0]
        for ending in drawing.FORMATS
    }


@pytest.mark.parametrize("ending", drawing.FORMATS)
def test_a_sheet_of_24_gives_24_codes_that_say_what_was_put_in(sheets, ending):
    texts = seen(picture(sheets[ending]))
    assert sorted(texts) == sorted(wifi(board) for board in boards())
    assert len(set(texts)) == 24
    wanted = {board.ssid: expected(board) for board in boards()}
    assert {fields["S"]: fields for fields in map(parsed, texts)} == wanted


def test_another_reader_sees_the_same(sheets):
    if not importlib.util.find_spec("zxingcpp"):
        (pytest.fail if CI else pytest.skip)("no zxing-cpp: pip install zxing-cpp")
    import zxingcpp
    from PIL import Image

    with Image.open(sheets[".png"]) as image:
        found = zxingcpp.read_barcodes(image, zxingcpp.BarcodeFormat.QRCode)
    assert sorted(one.text for one in found) == sorted(wifi(board) for board in boards())


KEYS = st.text(st.sampled_from(PRINTABLE), min_size=8, max_size=63)
NAMES = st.text(st.characters(codec="utf-8"), min_size=1, max_size=32).filter(
    lambda name: len(name.encode()) <= 32
)


@given(NAMES, st.one_of(st.just(""), KEYS))
def test_every_name_and_key_comes_back_from_the_text(ssid, key):
    board = Board("", ssid, key)
    assert parsed(wifi(board)) == expected(board)


def test_vectors_stay_vectors(sheets):
    svg = sheets[".svg"].read_text()
    assert "<image" not in svg and "<text" not in svg and "<path" in svg
    pdf = sheets[".pdf"].read_bytes()
    assert pdf.count(b"/Subtype /Image") == 0 < pdf.count(b"/Type /Page")


@pytest.mark.parametrize("ending", drawing.FORMATS)
def test_the_same_label_gives_the_same_bytes(tmp_path, ending):
    one = [label.label_of(Board("Kitchen", "micropython-1a2b3c", KEY))]
    first, second = (
        drawing.save(one, tmp_path / (name + ending), drawing.Paper(62, 29))[0] for name in "ab"
    )
    assert first.read_bytes() == second.read_bytes()


def test_modules_are_sharp_and_have_their_quiet_zone(tmp_path):
    import numpy
    from PIL import Image

    one = label.label_of(Board("", "W" * 32, "\\" * 63))
    (path,) = drawing.save([one], tmp_path / "label.png", drawing.Paper(62, 29))
    with Image.open(path) as image:
        assert image.size == (732, 343) and round(image.info["dpi"][0]) == 300
        pixels = numpy.asarray(image.convert("L"))
    ink = pixels < 255
    top = int(ink[:, :200].any(axis=1).argmax())
    left = int(ink.any(axis=0).argmax())
    finder = int((~ink[top, left:]).argmax())  # its upper edge is 7 modules long
    module, rest = divmod(finder, 7)
    assert rest == 0 and module * 25.4 / 300 >= drawing.MODULE
    white = 4 * module
    assert min(top, left) >= white
    # The code ends where so many columns are white.
    columns = "".join("#" if column else "." for column in ink[:, left:].any(axis=0))
    across = columns.index("." * white)
    assert across == 53 * module
    code = pixels[top : top + across, left : left + across]
    assert set(numpy.unique(code)) == {0, 255}
    assert not ink[top : top + across, left + across : left + across + white].any()
    assert not ink[top + across : top + across + white, left : left + across].any()


PAPERS = [drawing.Paper(62, 29), drawing.Paper(40, 60), drawing.Paper(100, 50), SHEET]
SHORT = Board("Kitchen", "micropython-1a2b3c", KEY)
LONG = Board("A device with quite a long name", "W" * 32, "W" * 63)
WIDE = Board("ÄÖÜ gjpqy", "ÄÅgjpqy ÄÅgjpqy ÄÅgj", "@gjpqy|[]{}()" * 4)
MORE = "Acme Climate One " * 3, "SN 2026-000123 " * 6


@pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: f"{paper.width:g}x{paper.height:g}")
@pytest.mark.parametrize(
    ("board", "more"), [(SHORT, ()), (LONG, MORE), (WIDE, MORE)], ids=["short", "long", "wide"]
)
def test_nothing_overlaps_or_leaves_the_label(paper, board, more):
    figure = drawing._page([label.label_of(board, *more)], paper, None, False)
    code, *lines = (shape.get_window_extent() for shape in figure.artists)
    assert len(lines) >= 5  # name, and network and key with a word above each
    scale = figure.dpi / 25.4
    width, height = paper.label()
    bottom = paper.height - paper.top - height
    quiet = 4 * drawing.MODULE * scale
    for box in lines:
        assert box.x0 >= (paper.left + 1) * scale and box.x1 <= (paper.left + width - 1) * scale
        assert box.y0 >= (bottom + 1) * scale and box.y1 <= (bottom + height - 1) * scale
        assert box.x0 - code.x1 >= quiet or code.y0 - box.y1 >= quiet
    for upper, lower in itertools.pairwise(lines):
        assert upper.y0 > lower.y1


def test_names_and_keys_are_broken_and_never_cut():
    face = label_text.Face("mono")
    for text in (LONG.key, LONG.ssid, "ab" * 10):
        for width in (10, 20, 35):
            size, lines = label_text.Block(text, face, 4, 2, whole=True).fitted(1, width)
            assert "".join(lines) == text and size >= 2
            assert all(face.width(line) * size <= width + 1e-6 for line in lines)
    cut = label_text.Block(LONG.name, face, 4, 2).fitted(1, 20)
    assert cut[0] == 2 and len(cut[1]) == 1 and cut[1][0].endswith("…")


def test_what_stands_between_dollars_is_no_formula():
    face = label_text.Face("monobold")
    assert face.width("$x_1$") == pytest.approx(5 * face.width("x"))
    formula, plain = face.outline("$x_1$"), face.outline("x")
    assert len(formula.vertices) > 3 * len(plain.vertices)


def test_what_cannot_be_seen_or_drawn_is_shown_as_something():
    assert drawing._spaced("  a  b c ") == "␣␣a␣␣b c␣"
    face = label_text.Face("mono")
    assert face.drawable("a\tb猫\U000e0100") == "a␉b□" and face.missing("a\tb猫") == {"猫"}
    assert drawing.missing(label.label_of(Board("犬", "猫", ""))) == {"犬", "猫"}


@pytest.fixture
def tool(monkeypatch, tmp_path, capsys):
    """python -m tools label, in an empty folder: returns (exit code, stdout, stderr)."""
    monkeypatch.setattr(command_line, "COMMANDS", ("label",))
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PORT", raising=False)

    def call(*words):
        code = command_line.main(["label", *words])
        return code, *capsys.readouterr()

    return call


def test_a_label_from_words(tool, tmp_path):
    words = "-o", "out/one.png", "--ssid", "net;1", "--key", KEY
    assert tool(*words) == (0, "1 label in out/one.png\n", "")
    assert seen(tmp_path / "out/one.png") == [f"WIFI:T:WPA;S:net\\;1;P:{KEY};;"]
    code, out, _ = tool(*words, "--json", "--name", "猫")
    found = {"files": ["out/one.png"], "labels": 1, "skipped": 0, "missing": "猫"}
    assert (code, json.loads(out)) == (0, found)


@pytest.mark.parametrize("is_open", [False, True])
def test_a_label_from_the_board(tool, tmp_path, monkeypatch, is_open):
    identity = {"name": "Kitchen", "ap_ssid": "net-1", "ap_key": KEY, "ap_open": is_open}
    monkeypatch.setattr(status, "identity", {"/dev/ttyX": identity}.__getitem__)
    monkeypatch.setattr(ports, "choose", lambda device: ports.Port(device, 0, 0, "", ""))
    code, out, err = tool("-o", "one.png", "--port", "/dev/ttyX")
    assert code == 0 and KEY not in out + err
    assert seen(tmp_path / "one.png") == [
        "WIFI:T:nopass;S:net-1;;" if is_open else f"WIFI:T:WPA;S:net-1;P:{KEY};;"
    ]


APP_CODE = json.dumps({"ver": "v1", "name": "net-1", "pop": "z5x2c7k9", "transport": "softap"})


@pytest.mark.parametrize("says", [APP_CODE, ""])
def test_a_label_for_espressif_s_apps(tool, tmp_path, monkeypatch, says):
    identity = {"name": "Kitchen", "ap_ssid": "net-1", "ap_key": KEY, "ap_open": False}
    identity["app_code"] = says
    monkeypatch.setattr(status, "identity", {"/dev/ttyX": identity}.__getitem__)
    monkeypatch.setattr(ports, "choose", lambda device: ports.Port(device, 0, 0, "", ""))
    code, _, err = tool("-o", "app.png", "--code", "espressif", "--port", "/dev/ttyX")
    if says:
        assert code == 0 and seen(tmp_path / "app.png") == [APP_CODE]
    else:
        assert code == 1 and "ap_address=''" in err


CSV = f"""port,name,ap_ssid,ap_key,ap_open,result
a,Kitchen,net-1,{KEY},0,ok
b,,,,,failed
c,Hall,"net,2",,1,ok
d,Kitchen,net-1,{KEY},0,ok
"""


def test_labels_from_a_csv(tool, tmp_path):
    (tmp_path / "boards.csv").write_text(CSV, encoding="utf-8-sig")
    code, out, err = tool("-o", "of.png", "--csv", "boards.csv")
    assert (code, err) == (0, "") and KEY not in out
    assert "2 labels in of-1.png, of-2.png" in out and "2 lines of the CSV left out" in out
    texts = seen(tmp_path / "of-1.png", tmp_path / "of-2.png")
    assert texts == [f"WIFI:T:WPA;S:net-1;P:{KEY};;", "WIFI:T:nopass;S:net\\,2;;"]


def test_a_sheet_has_as_many_pages_as_it_needs(tool, tmp_path):
    lines = "".join(f"n,net-{number},{KEY},0\n" for number in range(5))
    (tmp_path / "boards.csv").write_text("name,ap_ssid,ap_key,ap_open\n" + lines)
    words = "--csv", "boards.csv", "--sheet", "--paper", "140x80", "--grid", "2x2"
    assert tool("-o", "all.png", *words)[0] == 0
    pages = [seen(tmp_path / f"all-{page}.png") for page in (1, 2)]
    assert [len(page) for page in pages] == [4, 1] and len({*pages[0], *pages[1]}) == 5
    assert tool("-o", "all.pdf", *words)[0] == 0
    assert (tmp_path / "all.pdf").read_bytes().count(b"/Type /Page ") == 2


NET = "--ssid", "net", "--key", KEY
WRONG = {
    "the ending must be one of .png, .svg, .pdf": ["-o", "x.gif", *NET],
    "8 to 63 characters, not 6": ["--ssid", "net", "--key", "sesame"],
    "printable ASCII": ["--ssid", "net", "--key", "sesämesesäme"],
    "1 to 32 bytes of UTF-8, not 36": ["--ssid", "猫" * 12, "--key", KEY],
    "the network's name is not UTF-8": ["--ssid", "net\udcff", "--key", KEY],
    "the note is not UTF-8": [*NET, "--note", "\udcff"],
    "go together": ["--ssid", "net"],
    "leave out --ssid": [*NET, "--csv", "boards.csv"],
    "boards.csv cannot be read": ["--csv", "boards.csv"],
    "too small: a code that phones can read needs": [*NET, "--size", "30x10"],
    "the text does not fit": [*NET, "--size", "40x14", "--title", "A", "--note", "B"],
    "no room for labels": [*NET, "--sheet", "--grid", "90x8"],
    "on a --sheet": [*NET, "--sheet", "--size", "62x29"],
    "100 to 2400": [*NET, "--dpi", "1"],
    "not a font": [*NET, "--font", __file__],
}


@pytest.mark.parametrize("message", WRONG)
def test_what_is_wrong_is_said_without_the_key(tool, tmp_path, message):
    code, out, err = tool("-o", "x.png", *WRONG[message])
    assert (code, out) == (1, "") and message in err
    assert KEY not in err and "sesame" not in err and not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name,ap_ssid\n", "its first line lacks ap_key, ap_open"),
        ("name,ap_ssid,ap_key,ap_open\n", "has no board in it"),
        ("name,ap_ssid,ap_key,ap_open\n,net,sesame,0\n", "line 2: a key has 8 to 63"),
        ("name,ap_ssid,ap_key,ap_open\n,net,,0\n", "line 2: there is no ap_key"),
        ("name,ap_ssid,ap_key,ap_open\n,net,,yes\n", "line 2: ap_open is 0 or 1"),
        (b"name,ap_ssid,ap_key,ap_open\n,\xff,,1\n", "is not UTF-8"),
    ],
)
def test_a_csv_that_is_wrong(tool, tmp_path, text, message):
    data = text if isinstance(text, bytes) else text.encode()
    (tmp_path / "boards.csv").write_bytes(data)
    code, _, err = tool("-o", "x.png", "--csv", "boards.csv")
    assert code == 1 and message in err and "sesame" not in err


def test_nobody_prints_a_key_by_accident():
    board = Board("Kitchen", "net", KEY)
    assert KEY not in repr(board) and KEY not in repr(label.label_of(board))
    with pytest.raises(BoardError):
        Board("Kitchen", "", KEY)
