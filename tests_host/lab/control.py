# The lab's end of a twin's control socket: commands and their answers, reports as they come.
# MIT licence

import contextlib
import queue
import socket
import threading
import time


class Control:
    """Connected to the twin that listens at `path`; TimeoutError when none does within 10 s.

    heard(words) is called with each report, a list of words, one after the other, in a thread.
    has_ended(): is the twin gone? Nobody waits for it then.
    """

    def __init__(self, path, heard, has_ended=lambda: False):
        self._socket = socket.socket(socket.AF_UNIX)
        self._connect(str(path), has_ended)
        self._asking = threading.Lock()
        self._answers = queue.Queue()
        self._reports = queue.Queue()
        self._heard = heard
        loops = (self._read, self._tell_reports)
        self._threads = [threading.Thread(target=loop, daemon=True) for loop in loops]
        for thread in self._threads:
            thread.start()

    def _connect(self, path, has_ended):
        for _ in range(1000):
            try:
                return self._socket.connect(path)
            except OSError:
                if has_ended():
                    break
                time.sleep(0.01)
        raise TimeoutError(f"no twin at {path}")

    def tell(self, command):
        """Have a command carried out. Returns its answer; ValueError with the twin's complaint."""
        with self._asking:
            try:
                self._socket.sendall(command.encode() + b"\n")
            except OSError:
                raise ValueError(f"{command}: the board has gone") from None
            word, _, text = self._answers.get(timeout=10).partition(" ")
        if word != "ok":
            raise ValueError(f"{command}: {text}")
        return text

    def ask(self, command):
        """The values in the answer to a command: {name: text}."""
        return values(self.tell(command).split())

    def _read(self):
        try:
            with self._socket.makefile() as lines:
                for line in lines:
                    line = line.rstrip("\n")
                    if line.startswith("* "):
                        self._reports.put(line[2:].split())
                    else:
                        self._answers.put(line)
        except OSError:
            pass  # the board has gone
        self._answers.put("error the board has gone")
        self._reports.put(None)

    def _tell_reports(self):
        while words := self._reports.get():
            self._heard(words)

    def close(self):
        """Hang up, when what was reported until now has been told."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)  # close() alone does not wake the reader
        for thread in self._threads:
            thread.join(10)
        self._socket.close()


def values(words):
    """{name: text} of words that say name=text."""
    return dict(word.split("=", 1) for word in words if "=" in word)
