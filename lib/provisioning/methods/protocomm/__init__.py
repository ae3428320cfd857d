# Espressif's provisioning protocol, protocomm, for the apps that people have.
# MIT licence

import json

# Where the apps look for a board, whatever its access point says (ESPConstants.java of Espressif's
# Android SDK; their SDK for iOS has it too).
_ADDRESS = "192.168.4.1"
ENDPOINTS = ("proto-ver", "prov-session", "prov-scan", "prov-config", "prov-ctrl", "custom-data")


def code(identity, settings):
    """The text of the QR code that Espressif's apps scan, "" where they would not find the board.

    They look for it at 192.168.4.1: settings ap_address is that, or "", the port's own.
    """
    if not settings["protocomm"] or settings["ap_address"] not in ("", _ADDRESS):
        return ""
    security = settings["protocomm_security"]
    said = {"ver": "v1", "name": identity.ap_ssid, "transport": "softap", "network": "wifi"}
    said["security"] = security
    if security:
        said["pop"] = identity.pop
    if security == 2:
        from .credentials import USER, password

        said["username"] = USER.decode()
        said["pop"] = password(identity.pop.encode()).decode()
    if not settings["ap_open"]:
        said["password"] = identity.ap_key
    return json.dumps(said)


async def start(session):
    """Answer the endpoints for `session` on its portal. Returns a Protocomm.

    All but these lines is loaded when somebody asks.
    """
    return Protocomm(session)


class Protocomm:
    """What start() makes: stop() ends it."""

    def __init__(self, session):
        self._session = session
        self._http = None
        session.posts = self
        if session.settings["console"]:
            text = code(session.identity, session.settings)
            if text:
                print("provisioning: for Espressif's app:", text)

    def takes(self, path):
        """Is this one of our endpoints?"""
        return path in ENDPOINTS

    async def answer(self, path, headers, body):
        """The Answer to a POST to one of them."""
        if not self._http:
            from .http import Http

            self._http = Http(self._session)
        return await self._http.answer(path, headers, body)

    async def stop(self):
        """Answer no more."""
        self._session.posts = None
        if self._http:
            await self._http.stop()
