# The words for the numbers of codes.py, loaded where somebody wants to read them.
# MIT licence

# TI's names of the status events, without the prefix SL_WLAN_PROVISIONING_ (SWRA513C 7.2).
_STATUSES = (
    "GENERAL_ERROR",
    "CONFIRMATION_STATUS_FAIL_NETWORK_NOT_FOUND",
    "CONFIRMATION_STATUS_FAIL_CONNECTION_FAILED",
    "CONFIRMATION_STATUS_CONNECTION_SUCCESS_IP_NOT_ACQUIRED",
    "CONFIRMATION_STATUS_SUCCESS_FEEDBACK_FAILED",
    "CONFIRMATION_STATUS_SUCCESS",
    "ERROR_ABORT",
    "ERROR_ABORT_INVALID_PARAM",
    "ERROR_ABORT_HTTP_SERVER_DISABLED",
    "ERROR_ABORT_PROFILE_LIST_FULL",
    "ERROR_ABORT_PROVISIONING_ALREADY_STARTED",
    "AUTO_STARTED",
    "STOPPED",
    "SMART_CONFIG_SYNCED",
    "SMART_CONFIG_SYNC_TIMEOUT",
    "CONFIRMATION_WLAN_CONNECT",
    "CONFIRMATION_IP_ACQUIRED",
    "EXTERNAL_CONFIGURATION_READY",
)

_REASONS = (
    None,
    "not_found",
    "wrong_password",
    "no_address",
    "security",
    "link_lost",
    "radio_error",
    "not_confirmed",
)

_KEEPER_STATES = ("off", "connecting", "waiting", "holding", "online", "provisioning")

_SECURITIES = {0: "open", 1: "wep", 2: "wpa2", 5: "enterprise", 12: "wpa3"}


def status_name(status):
    """TI's name of a status event 0 to 17, without its prefix."""
    return _STATUSES[status]


def reason_name(reason):
    """The word for a REASON_*; None for REASON_NONE."""
    return _REASONS[reason]


def keeper_name(state):
    """The word for a KEEPER_*."""
    return _KEEPER_STATES[state]


def security_name(security):
    """The word for a SECURITY_*: open, wep, wpa2, enterprise, wpa3 or unknown."""
    return _SECURITIES.get(security, "unknown")
