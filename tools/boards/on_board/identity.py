# Who the board is, for its label: the key of its access point is in it.
# MIT licence
import binascii

import machine

import provisioning


def _app_code(identity, settings):
    try:
        from provisioning.methods import protocomm
    except ImportError:
        return ""
    return protocomm.code(identity, settings)


def main():
    settings = provisioning.Settings()
    identity = provisioning.Identity(settings["name_prefix"])
    return {
        "id": binascii.hexlify(machine.unique_id()).decode(),
        "name": identity.name,
        "ap_ssid": identity.ap_ssid,
        "ap_key": "" if settings["ap_open"] else identity.ap_key,
        "ap_open": settings["ap_open"],
        "app_code": _app_code(identity, settings),
    }
