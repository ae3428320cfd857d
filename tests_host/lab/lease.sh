#!/bin/sh
# What udhcpc calls when there is a lease, or none: sets the address, and tells dhcp.py.
# MIT licence
case "$1" in
bound | renew)
    ip address replace "$ip/${mask:-24}" dev "$interface"
    ip route replace default via "${router%% *}" dev "$interface"
    echo "lease $ip ${router%% *} ${dns%% *}"
    ;;
deconfig)
    ip address flush dev "$interface" scope global
    ip link set "$interface" up
    ;;
esac
