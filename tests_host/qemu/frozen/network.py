# The board's radio: the shim's ESP32, in a neighbourhood of its own. There are no sockets.
# MIT licence
from machine import unique_id

from shim import clock, network_esp32
from shim import machine as _machine
from shim.air import Air
from shim.network_esp32 import *

clock.start(False)
air = Air()
air.scale = 0.05  # of the time that a real radio takes
air.add("HomeNet", security="wpa2", key="correct horse battery", rssi=-45)
air.add("Far", security="wpa2wpa3", key="behind the hill", rssi=-88, channel=11)
air.add("Office", security="enterprise", key="", rssi=-60, channel=1)
_machine.power_up("esp32", unique_id())
network_esp32._power_up(
    air,
    {
        "ap_address": "192.168.4.1",
        "version": (1, 25),
        "mac": unique_id(),
        "false_badauth": False,
        "false_success": False,
    },
)
