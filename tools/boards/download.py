# Images from the net: the newest release for a board from micropython.org, or any address.
# MIT licence
"""Board names are those of https://micropython.org/download, such as ESP32_GENERIC_S3."""

import re
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

from tools.boards import BoardError, progress

SITE = "https://micropython.org"


def newest(board):
    """The address of the newest release for a board, without PSRAM and other variants.

    Raises BoardError, with the page to look at by hand.
    """
    page = f"{SITE}/download/{board}/"
    by_hand = f"look at {page}, and then: make flash ARGS=FILE"
    status, text = _page(page, by_hand)
    if status == 404:
        raise BoardError(f"micropython.org has no board {board}: choose one at {SITE}/download")
    # As mpflash finds them: links to /resources/firmware/BOARD-DATE-vVERSION.EXTENSION.
    link = (
        rf'href=["\'](/resources/firmware/{re.escape(board)}-(\d{{8}})-v[\d.]+\.(?:bin|uf2))["\']'
    )
    found = sorted((date, path) for path, date in re.findall(link, text))
    if status != 200 or not found:
        raise BoardError(f"found no image for {board} there: {by_hand}")
    return urljoin(page, found[-1][1])


def fetch(address, folder):
    """Download a file into a folder. Returns its path; raises BoardError."""
    import httpx

    try:
        name = Path(unquote(urlsplit(address).path)).name or "image"
        path = Path(folder) / name
        part = path.with_name(name + ".part")
        path.parent.mkdir(parents=True, exist_ok=True)
        with httpx.stream("GET", address, follow_redirects=True, timeout=30) as answer:
            if answer.status_code != 200:
                raise BoardError(f"{address}: the server answers {answer.status_code}")
            total = int(answer.headers.get("content-length", 0)) or None
            with progress.bar(f"downloading {name}", total) as advance, part.open("wb") as file:
                for piece in answer.iter_bytes():
                    file.write(piece)
                    advance(len(piece))
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise BoardError(f"cannot download {address}: {error}") from error
    part.replace(path)
    return path


def _page(address, by_hand):
    import httpx

    try:
        answer = httpx.get(address, follow_redirects=True, timeout=30)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise BoardError(f"cannot reach micropython.org ({error}): {by_hand}") from error
    return answer.status_code, answer.text
