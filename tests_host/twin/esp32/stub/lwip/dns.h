// Stand-in for lwIP's header: name servers, IPv4 alone (../netif.c).
// MIT licence
#ifndef TWIN_LWIP_DNS_H
#define TWIN_LWIP_DNS_H

#include "esp_netif.h"

#define IPADDR_STRLEN_MAX (46)

typedef esp_ip4_addr_t ip_addr_t;

const ip_addr_t *dns_getserver(uint8_t number);
void dns_setserver(uint8_t number, const ip_addr_t *server);
char *ipaddr_ntoa_r(const ip_addr_t *address, char *text, int size);
int ipaddr_aton(const char *text, ip_addr_t *address);

#endif
