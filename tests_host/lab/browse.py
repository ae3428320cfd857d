# Opening a page in a phone that has just changed its network.
# MIT licence

from playwright.sync_api import Error

_TRIES = 3


def goto(page, url):
    """Open a page. Chromium breaks off what it had begun when it hears, late, of its new address;
    for a person it begins again by itself, under playwright it does not."""
    for left in reversed(range(_TRIES)):
        try:
            return page.goto(url)
        except Error as error:
            if "ERR_NETWORK_CHANGED" not in error.message or not left:
                raise
