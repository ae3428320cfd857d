# An external method (SWRA513C 6): a phone hands over a network by lines of JSON over TCP.
# MIT licence
#
# A host program on TI's API, and the example for others (docs/simplelink.md, "A method of your
# own"). The phone joins the board's access point, connects, and sends {"ssid": ..., "key": ...}
# and a newline; a line comes back, with "state": "connected" or "failed". Then the next try.

import asyncio
import json

from micropython import const

import simplelink as sl

_LONGEST_LINE = const(256)
_LOOK_MS = const(50)
_JOIN_LIMIT_S = const(60)
_LINGER_MS = const(1000)


class External:
    """Provisioning in mode 3, with this method beside TI's own; sl_Start() comes before.

    port: where it listens. It takes the event handlers. The policy "auto" keeps the board on its
    network afterwards.
    """

    def __init__(self, port=7654):
        self._port = port
        self._is_open = False  # status 17 came
        self._is_on = False  # TI's provisioning runs
        self._is_used = False  # and ended, since the phone uses this method
        self._is_done = False
        self._is_busy = False
        self._phones = []  # the tasks that serve them
        self._linked = None  # True, or why not: TI's reason of disconnection

    async def run(self, timeout_s=600):
        """Provision. True when the board is on a network; False: nobody came, or no start."""
        sl.sl_RegisterEventHandler(sl.SL_EVENT_HDL_WLAN, self._on_wlan)
        sl.sl_RegisterEventHandler(sl.SL_EVENT_HDL_DEVICE_GENERAL, self._on_device)
        mode = sl.SL_WLAN_PROVISIONING_CMD_START_MODE_APSC_EXTERNAL_CONFIGURATION
        self._is_on = True
        if sl.sl_WlanProvisioning(mode, sl.ROLE_STA, timeout_s):
            return False
        await self._until(lambda: self._is_open or not self._is_on)
        server = await asyncio.start_server(self._serve, "0.0.0.0", self._port)
        await self._until(lambda: not self._is_on)
        if self._is_used:  # else TI's own methods were, or nobody came
            await self._until(lambda: self._is_done, timeout_s)
            # The answer leaves before the access point goes.
            await asyncio.sleep_ms(_LINGER_MS)
            # From access point to station.
            sl.sl_WlanSetMode(sl.ROLE_STA)
            sl.sl_Stop(200)
            sl.sl_Start()
        server.close()
        await server.wait_closed()
        for phone in self._phones[:]:
            phone.cancel()
        return self._is_done or not self._is_used and self._linked is True

    async def _until(self, condition, limit_s=0):
        looks = limit_s * 1000 // _LOOK_MS
        while not condition():
            await asyncio.sleep_ms(_LOOK_MS)
            looks -= 1
            if looks == 0:
                return

    # What the network processor says

    def _on_wlan(self, event):
        if event.Id == sl.SL_WLAN_EVENT_PROVISIONING_STATUS:
            status = event.Data.ProvisioningStatus
            if status.ProvisioningStatus == sl.SL_WLAN_PROVISIONING_EXTERNAL_CONFIGURATION_READY:
                self._is_open = True
            elif status.ProvisioningStatus == sl.SL_WLAN_PROVISIONING_STOPPED:
                self._is_on = False
                self._linked = status.WlanStatus == sl.SL_WLAN_STATUS_CONNECTED
        elif event.Id == sl.SL_WLAN_EVENT_CONNECT:
            self._linked = True
        elif event.Id == sl.SL_WLAN_EVENT_DISCONNECT:
            self._linked = event.Data.Disconnect.ReasonCode

    def _on_device(self, event):
        # The phone used the portal or SmartConfig: the confirmation begins after a restart.
        if event.Id == sl.SL_DEVICE_EVENT_RESET_REQUEST:
            sl.sl_Stop(200)
            sl.sl_Start()

    # The phone

    async def _serve(self, reader, writer):
        self._phones.append(asyncio.current_task())
        try:
            while not self._is_done:
                line = await _line(reader)
                if not line:
                    break
                writer.write(json.dumps(await self._answer(line)).encode() + b"\n")
                await writer.drain()
        except (OSError, asyncio.CancelledError):
            pass  # the phone has gone, or the board is done
        finally:
            self._phones.remove(asyncio.current_task())
            writer.close()
            await writer.wait_closed()

    async def _answer(self, line):
        try:
            request = json.loads(line)
            ssid, key = request["ssid"], request.get("key", "")
        except (ValueError, KeyError, TypeError, AttributeError):
            return {"state": "failed", "error": "not a line of JSON with ssid and key"}
        if self._is_busy or not self._may_take_over():
            return {"state": "failed", "error": "somebody else hands over a network"}
        self._is_busy = True
        try:
            await self._take_over()
            return await self._try(ssid, key)
        finally:
            self._is_busy = False

    def _may_take_over(self):
        # Once it is blocked, the user's network is tried already.
        blocked = sl.SL_RET_CODE_PROVISIONING_IN_PROGRESS
        return self._is_used or sl.sl_WlanProfileGet(0)[0] != blocked

    async def _take_over(self):
        """End TI's provisioning in its role: the access point stays, and the phone on it."""
        if not self._is_used:
            self._is_used = True
            stay = sl.SL_WLAN_PROVISIONING_REMAIN_IN_CURRENT_ROLE
            sl.sl_WlanProvisioning(sl.SL_WLAN_PROVISIONING_CMD_STOP, stay)
        await self._until(lambda: not self._is_on)

    async def _try(self, ssid, key):
        security = (sl.SL_WLAN_SEC_TYPE_WPA_WPA2, key) if key else None
        self._linked = None
        code = sl.sl_WlanConnect(ssid, None, security)
        if code == 0:
            await self._until(lambda: self._linked is not None, _JOIN_LIMIT_S)
            if self._linked is not True:
                return {"state": "failed", "reason": self._linked}
            code = sl.sl_WlanProfileAdd(ssid, None, security)
        if code < 0:
            return {"state": "failed", "error": sl.error_name(code)}
        self._is_done = True
        return {"state": "connected"}


async def _line(reader):
    """One line, or b"": the phone has gone, or says too much."""
    line = b""
    while not line.endswith(b"\n"):
        piece = await reader.read(_LONGEST_LINE)
        line += piece
        if not piece or len(line) > _LONGEST_LINE:
            return b""
    return line
