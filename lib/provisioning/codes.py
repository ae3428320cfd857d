# Every public number: commands, modes, roles, results, events, errors. TI's values (SWRA513C).
# MIT licence

from micropython import const

# Provisioning commands (SWRA513C 7.1). A start command is the mode itself.
MODE_AP = const(0)
MODE_SC = const(1)
MODE_APSC = const(2)
MODE_APSC_EXTERNAL = const(3)
CMD_STOP = const(4)
CMD_ABORT_EXTERNAL_CONFIRMATION = const(5)

FLAG_EXTERNAL_CONFIRMATION = const(1)

ROLE_STA = const(0)
ROLE_AP = const(2)
ROLE_REMAIN = const(0xFF)

# Events to the host: their ids, and the statuses of EVENT_STATUS (7.2 to 7.4).
EVENT_STATUS = const(13)
EVENT_PROFILE_ADDED = const(14)
EVENT_RESET_REQUEST = const(6)

STATUS_GENERAL_ERROR = const(0)
STATUS_NETWORK_NOT_FOUND = const(1)
STATUS_CONNECTION_FAILED = const(2)
STATUS_IP_NOT_ACQUIRED = const(3)
STATUS_FEEDBACK_FAILED = const(4)
STATUS_SUCCESS = const(5)
STATUS_ABORT = const(6)
STATUS_ABORT_INVALID_PARAM = const(7)
STATUS_ABORT_HTTP_SERVER_DISABLED = const(8)
STATUS_ABORT_PROFILE_LIST_FULL = const(9)
STATUS_ABORT_ALREADY_STARTED = const(10)
STATUS_AUTO_STARTED = const(11)
STATUS_STOPPED = const(12)
STATUS_SC_SYNCED = const(13)
STATUS_SC_SYNC_TIMEOUT = const(14)
STATUS_WLAN_CONNECT = const(15)
STATUS_IP_ACQUIRED = const(16)
STATUS_EXTERNAL_READY = const(17)

# The result digit of the HTTP API (table 9-1). 1 to 5 are also the statuses of those numbers; 0
# is not.
RESULT_NOT_STARTED = const(0)
RESULT_NETWORK_NOT_FOUND = const(1)
RESULT_CONNECTION_FAILED = const(2)
RESULT_IP_NOT_ACQUIRED = const(3)
RESULT_FEEDBACK_FAILED = const(4)
RESULT_SUCCESS = const(5)

WLAN_DISCONNECTED = const(0)
WLAN_SCANNING = const(1)
WLAN_CONNECTING = const(2)
WLAN_CONNECTED = const(3)

# Return codes of the start and stop commands (7.1).
ERROR_ALREADY_STARTED = const(-2169)
ERROR_HTTP_SERVER_DISABLED = const(-2170)
ERROR_PROFILE_LIST_FULL = const(-2171)
ERROR_INVALID_PARAM = const(-2172)
ERROR_GENERAL = const(-2173)
ERROR_CMD_NOT_EXPECTED = const(-2177)

# What the user's network asks for. TI's host API numbers; 255 is ours: found out by scanning.
SECURITY_OPEN = const(0)
SECURITY_WEP = const(1)
SECURITY_WPA = const(2)
SECURITY_ENTERPRISE = const(5)
SECURITY_WPA3 = const(12)
SECURITY_UNKNOWN = const(255)

# Why a join failed, as a person can act on it. Ours: TI knows only three of them.
REASON_NONE = const(0)
REASON_NOT_FOUND = const(1)
REASON_WRONG_PASSWORD = const(2)
REASON_NO_ADDRESS = const(3)
REASON_SECURITY = const(4)
REASON_LINK_LOST = const(5)
REASON_RADIO = const(6)
REASON_NOT_CONFIRMED = const(7)  # by the cloud

# What a Keeper is at. Ours.
KEEPER_OFF = const(0)
KEEPER_CONNECTING = const(1)  # looks for the stored networks, and joins one
KEEPER_WAITING = const(2)  # between two attempts
KEEPER_HOLDING = const(3)  # there is a link: will it last?
KEEPER_ONLINE = const(4)
KEEPER_PROVISIONING = const(5)  # a run is on, whoever started it
