# Real DHCP: dnsmasq serves as a router or a board does, udhcpc asks as a phone or a board does.
# MIT licence

import subprocess
import threading
from pathlib import Path

_SCRIPT = Path(__file__).with_name("lease.sh")


def serve(namespace, interface, first, last, router, dns, answers=None):
    """Serve leases on an interface; returns the program, for Namespace.stop().

    first, last: addresses to give away. router, dns: what clients are told. answers: the address
    that every name has, to run a name server too, or None.
    """
    words = ["--keep-in-foreground", "--conf-file=/dev/null", "--pid-file=", "--leasefile-ro"]
    words += ["--no-hosts", "--no-resolv", "--no-ping", "--dhcp-authoritative", "--user=root"]
    words += ["--bind-dynamic", f"--interface={interface}", "--except-interface=lo"]
    words += [f"--dhcp-range={first},{last},255.255.255.0,10m"]
    words += [f"--dhcp-option=3,{router}", f"--dhcp-option=6,{dns}"]
    words += [f"--address=/#/{answers}"] if answers else ["--port=0"]
    return namespace.popen("dnsmasq", *words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


class Client:
    """Asks for a lease until there is one, and keeps it.

    on_lease(address, router, dns) is called from a thread of this client's.
    """

    def __init__(self, namespace, interface, on_lease):
        self._namespace = namespace
        self._on_lease = on_lease
        words = ["udhcpc", "-f", "-i", interface, "-s", _SCRIPT, "-t", "3", "-T", "1", "-A", "2"]
        self._program = namespace.popen(
            *words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        for line in self._program.stdout:
            words = line.split()
            if words[:1] == ["lease"]:
                self._on_lease(*words[1:4])

    def stop(self):
        """Give up; the address stays until the link goes."""
        self._namespace.stop(self._program)
