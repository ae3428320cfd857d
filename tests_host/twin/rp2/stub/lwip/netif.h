// Stand-in for lwIP: an interface's addresses and its DHCP client.
// MIT licence
#ifndef TWIN_LWIP_NETIF_H
#define TWIN_LWIP_NETIF_H

#include "py/obj.h"

#include "lwip/init.h"
#include "lwip/ip_addr.h"

struct dhcp {
    uint8_t state;
};

struct netif {
    ip_addr_t ip_addr;
    ip_addr_t netmask;
    ip_addr_t gw;
    struct dhcp dhcp;
};

#define netif_dhcp_data(netif) (&(netif)->dhcp)

// extmod/modnetwork.h declares these where all of the build has lwIP.
mp_obj_t mod_network_nic_ifconfig(struct netif *netif, size_t n_args, const mp_obj_t *args);
mp_obj_t mod_network_nic_ipconfig(struct netif *netif, size_t n_args, const mp_obj_t *args,
    mp_map_t *kwargs);
mp_obj_t mod_network_ipconfig(size_t n_args, const mp_obj_t *args, mp_map_t *kwargs);
extern int mp_mod_network_prefer_dns_use_ip_version;

#endif
