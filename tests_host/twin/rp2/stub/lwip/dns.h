// Stand-in for lwIP: the name server's address.
// MIT licence
#ifndef TWIN_LWIP_DNS_H
#define TWIN_LWIP_DNS_H

#include "lwip/ip_addr.h"

const ip_addr_t *dns_getserver(uint8_t number);
void dns_setserver(uint8_t number, const ip_addr_t *server);

#endif
