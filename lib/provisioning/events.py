# What the host is told during a run.
# MIT licence

from .codes import (
    EVENT_PROFILE_ADDED,
    EVENT_STATUS,
    RESULT_SUCCESS,
    ROLE_AP,
    ROLE_STA,
    STATUS_STOPPED,
    WLAN_CONNECTED,
    WLAN_DISCONNECTED,
)


class Event:
    """One event to the host, with TI's numbers (SWRA513C 7.2 to 7.4).

    id: EVENT_STATUS, EVENT_PROFILE_ADDED or EVENT_RESET_REQUEST. status: STATUS_* of an
    EVENT_STATUS. role, wlan_status, ssid: valid with STATUS_STOPPED; ssid (bytes) also with
    EVENT_PROFILE_ADDED, where token (bytes) is what else the user's app sent.
    """

    def __init__(
        self, id, status=0, role=ROLE_STA, wlan_status=WLAN_DISCONNECTED, ssid=b"", token=b""
    ):
        self.id = id
        self.status = status
        self.role = role
        self.wlan_status = wlan_status
        self.ssid = ssid
        self.token = token

    def __repr__(self):
        if self.id == EVENT_PROFILE_ADDED:
            return "event profile added: ssid=%r" % self.ssid
        if self.id != EVENT_STATUS:
            return "event reset request"
        from .names import status_name

        text = "event %d %s" % (self.status, status_name(self.status))
        if self.status == STATUS_STOPPED:
            text += ": role=" + ("AP" if self.role == ROLE_AP else "STA")
            if self.wlan_status == WLAN_CONNECTED:
                text += ", connected to %r" % self.ssid
        return text


class Outcome:
    """How a run ended. True when the board is on the network that the user handed over.

    result: RESULT_*. reason: REASON_* of the last failure. role: the role now. link: the Link, or
    None; ssid (bytes): its network.
    """

    def __init__(self, result, reason, role, link, ssid):
        self.result = result
        self.reason = reason
        self.role = role
        self.link = link
        self.ssid = ssid

    def __bool__(self):
        return self.result == RESULT_SUCCESS

    def __repr__(self):
        return "Outcome(result=%d, reason=%d, link=%r)" % (self.result, self.reason, self.link)
