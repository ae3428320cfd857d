# What is going on, in words: loaded where somebody asks at the prompt.
# MIT licence

from . import codes
from . import statemachine as machine
from .link import readable
from .names import reason_name
from .profiles import Profiles
from .radio import look

_DOING = {
    "waiting": "waiting for a person",
    "joining": "joining %s",
    "addressing": "waiting for an address from %s",
    "checking": "checking the link to %s",
    "connected": "%s works; the phone was not told yet",
}
_RESULTS = {
    codes.RESULT_NOT_STARTED: "no network was tried",
    codes.RESULT_FEEDBACK_FAILED: "%s works, but no phone was told",
    codes.RESULT_SUCCESS: "success: %s",
}


class Status:
    """How the board is: print it, or read its attributes.

    state: of the run: off, starting, waiting, joining, addressing, checking, connected or
    stopping. mode: MODE_* of that run, or None. access_point: (name, URL) of ours, or None.
    result, reason: RESULT_* and REASON_* of the last attempt, of this run or the last; None
    before the first. ssid: the network that was tried, str. link: the Link of now, or None.
    stored: the names of the stored networks. keeper: the Keeper, or None.
    """

    def __init__(self, keeper, provisioner):
        profiles = Profiles()
        last = profiles.last()
        self.keeper = keeper
        self.stored = [readable(profile.ssid) for profile in profiles.all()]
        self.state, self.ssid = "off", ""
        self.mode = self.access_point = self.result = self.reason = None
        joined = last.ssid if last else b""
        if provisioner and provisioner.session:
            joined = self._read_run(provisioner.state, provisioner.session) or joined
        elif provisioner and provisioner.outcome:
            outcome = provisioner.outcome
            self.result, self.reason = outcome.result, outcome.reason
            self.ssid = readable(outcome.ssid)
        self.link = look(joined)

    def _read_run(self, state, session):
        """Read the run that is on. Returns the network (bytes) that it joined, or None."""
        phase, self.mode = state[:2]
        progress = session.progress()
        self.state = {
            machine.STARTING: "starting",
            machine.STOPPING: "stopping",
        }.get(phase, "waiting" if progress.state == "failed" else progress.state)
        self.result, self.reason = progress.result, progress.reason
        self.ssid = readable(progress.ssid)
        if session.address:
            port = session.settings["http_port"]
            url = "http://%s%s/" % (session.address, "" if port == 80 else ":%d" % port)
            self.access_point = (session.identity.ap_ssid, url)
        return progress.ssid if progress.address else None

    def __repr__(self):
        lines = [("provisioning", self._doing())]
        if self.result or self.state == "off" and self.result is not None:
            lines.append(("last run" if self.state == "off" else "last attempt", self._ended()))
        link = self.link
        lines.append(("network", "%s, %s" % (link.ssid, link.address) if link else "none"))
        lines.append(("stored", ", ".join(self.stored) or "nothing"))
        if self.keeper:
            lines.append(("keeper", repr(self.keeper)))
        return "\n".join("%-14s %s" % line for line in lines)

    def _doing(self):
        words = _DOING.get(self.state, self.state)
        if "%s" in words:
            return words % self.ssid
        if self.state == "waiting" and self.access_point:
            words += ": join the Wi-Fi %s and open %s" % self.access_point
        return words

    def _ended(self):
        words = _RESULTS.get(self.result)
        if words is None:
            words = reason_name(self.reason).replace("_", " ") if self.reason else "failed"
            return "%s: %s" % (self.ssid, words) if self.state != "off" else words
        return words % self.ssid if "%s" in words else words
