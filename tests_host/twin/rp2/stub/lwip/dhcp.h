// Stand-in for lwIP: the DHCP client (lwip.c).
// MIT licence
#ifndef TWIN_LWIP_DHCP_H
#define TWIN_LWIP_DHCP_H

#include "lwip/netif.h"

int8_t dhcp_start(struct netif *netif);
int8_t dhcp_renew(struct netif *netif);
int8_t dhcp_release(struct netif *netif);
void dhcp_stop(struct netif *netif);
void dhcp_release_and_stop(struct netif *netif);
uint8_t dhcp_supplied_address(const struct netif *netif);

#endif
