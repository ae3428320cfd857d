#!/bin/sh
# An avahi-daemon of this namespace's own, with a message bus for avahi-browse: avahi.sh FOLDER
# MIT licence
# Both end with their namespace.
folder=$1
mount -t tmpfs tmpfs /run || exit 1
mkdir -p /run/avahi-daemon "$folder"
cat >"$folder/bus.conf" <<END
<busconfig><type>system</type><listen>unix:path=$folder/bus</listen><auth>EXTERNAL</auth>
<policy context="default"><allow user="*"/><allow own="*"/><allow send_destination="*"/>
<allow receive_sender="*"/></policy></busconfig>
END
cat >"$folder/avahi.conf" <<END
[server]
host-name=$(basename "$folder")
use-ipv6=no
enable-dbus=yes
END
dbus-daemon --config-file="$folder/bus.conf" --nofork --nopidfile &
while [ ! -S "$folder/bus" ]; do sleep 0.05; done
export DBUS_SYSTEM_BUS_ADDRESS="unix:path=$folder/bus"
exec avahi-daemon --no-drop-root --no-chroot --no-rlimits --file="$folder/avahi.conf"
