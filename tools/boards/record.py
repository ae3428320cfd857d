# The factory's CSV file: a line for each board, whole or not there.
# MIT licence
"""The file has the keys of the boards' access points, so nobody but its owner may read it. A line
is written at once and is on the disk when write() returns.
"""

import csv
import io
import os
from pathlib import Path

from tools.boards import BoardError

COLUMNS = (
    *("time", "port", "id", "name", "ap_ssid", "ap_key", "ap_open", "app_code"),
    *("micropython", "package", "image_sha256", "result", "step", "reason", "seconds"),
)


class Record:
    """The CSV at a path; None: no file. known: the last good line of each board, {id: line}."""

    def __init__(self, path):
        self.path = Path(path) if path else None
        self.known = {}
        if self.path:
            try:
                self._begin()
            except (OSError, UnicodeDecodeError, csv.Error) as error:
                raise self._trouble(error) from error

    def write(self, line):
        """Append a line, {column: value}. Raises BoardError."""
        if self.path:
            try:
                self._append(_text([line.get(name, "") for name in COLUMNS]))
            except OSError as error:
                raise self._trouble(error) from error
        self._note(line)

    def _begin(self):
        """Look at what is there: the header, the boards, and a line that a power cut left half."""
        self._append(b"")
        data = self.path.read_bytes()
        whole = data[: data.rfind(b"\n") + 1]
        rows = list(csv.reader(io.StringIO(whole.decode("utf-8-sig"), newline="")))
        if data and (not rows or tuple(rows[0]) != COLUMNS):
            raise BoardError(f"{self.path} is another kind of file: name one of the factory's own")
        if len(whole) < len(data):
            os.truncate(self.path, len(whole))
        if not data:
            self._append(_text(COLUMNS))
        for row in rows[1:]:
            self._note(dict(zip(COLUMNS, row, strict=False)))

    def _note(self, line):
        if line["id"] and line["result"] == "ok":
            self.known[line["id"]] = line

    def _append(self, data):
        # An existing file may have been readable by all.
        handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            if os.name != "nt":
                os.fchmod(handle, 0o600)
            os.write(handle, data)
            os.fsync(handle)
        finally:
            os.close(handle)

    def _trouble(self, error):
        reason = getattr(error, "strerror", None) or error
        return BoardError(f"{self.path} cannot be used: {reason}")


def _text(row):
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerow(row)
    return buffer.getvalue().encode()
