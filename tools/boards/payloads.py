# What the codes on a label say: a kind of code is a function that returns its text.
# MIT licence
"""Each function takes a Board and returns the text of one QR code. A new kind of code (an app's
own) is a new function here and a line in KINDS.
"""

from dataclasses import dataclass

from tools.boards import BoardError

_SPECIAL = str.maketrans({sign: "\\" + sign for sign in '\\;,:"'})


@dataclass(frozen=True, repr=False)  # no repr: it would have the key
class Board:
    """What a label says of a board. name: the device's. ssid, key: of the board's own access
    point; an empty key means that it is open. app_code: what Espressif's apps scan, as the board
    says it, or "". BoardError: such an access point cannot be.
    """

    name: str
    ssid: str
    key: str = ""
    app_code: str = ""

    def __post_init__(self):
        encoded = utf8(self.ssid, "the network's name")
        if not 1 <= len(encoded) <= 32:
            raise BoardError(f"a network's name has 1 to 32 bytes of UTF-8, not {len(encoded)}")
        utf8(self.name, "the device name")
        if self.key and not 8 <= len(self.key) <= 63:
            raise BoardError(f"a key has 8 to 63 characters, not {len(self.key)}")
        if not all(" " <= sign <= "~" for sign in self.key):
            raise BoardError("a key may have printable ASCII characters only")


def wifi(board):
    """The text that a phone's camera offers to join: WIFI:T:WPA;S:name;P:key;;

    The format is ZXing's (github.com/zxing/zxing/wiki/Barcode-Contents), with a backslash before
    each of \\ ; , : and ". That page also wants double quotes around what could be read as
    hexadecimal. We write none:

    - iOS takes the quotes for a part of the key, and cannot join
      (github.com/Shane32/QRCoder/issues/440).
    - Android (WifiQrCode in its settings) reads a key as hexadecimal only if it has 64 digits, one
      more than a key may have, and a name never.
    - Only ZXing's own old app needs them, for a name of hexadecimal digits alone.

    Android before its new parser has two faults that no spelling
    avoids: a name or key that ends in a backslash takes the next ; with it, and quotes at both
    ends are left out. The keys that boards make for themselves have neither.
    """
    ssid, key = board.ssid.translate(_SPECIAL), board.key.translate(_SPECIAL)
    return f"WIFI:T:WPA;S:{ssid};P:{key};;" if key else f"WIFI:T:nopass;S:{ssid};;"


def espressif(board):
    """The text that Espressif's apps scan (ESP SoftAP Prov, RainMaker)."""
    if not board.app_code:
        raise BoardError(
            f"Espressif's apps would not find {board.ssid}: it needs the settings protocomm=true "
            "and ap_address='' (docs/apps.md)"
        )
    return board.app_code


KINDS = {"wifi": wifi, "espressif": espressif}


def utf8(text, what):
    """The text's bytes. BoardError, which calls it `what`: they were not UTF-8."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise BoardError(
            f"{what} is not UTF-8: phones cannot read that from a code; give it another"
        ) from None
