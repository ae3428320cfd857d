// Stand-in for lwIP: addresses, of IPv4 only, in network order.
// MIT licence
#ifndef TWIN_LWIP_IP_ADDR_H
#define TWIN_LWIP_IP_ADDR_H

#include <stdint.h>

typedef struct {
    uint32_t addr;
} ip4_addr_t;

typedef ip4_addr_t ip_addr_t;

#define ip_2_ip4(address) (address)
#define ip4_addr_set_any(address) ((address)->addr = 0)
#define ip_addr_set_ip4_u32_val(address, value) ((address).addr = (value))
#define IP_IS_V4(address) (1)
#define IP_IS_V6(address) (0)

// As with IPv6, which the board has: longer texts are cut off there.
#define IPADDR_STRLEN_MAX (46)

int ipaddr_aton(const char *text, ip_addr_t *address);
char *ipaddr_ntoa_r(const ip_addr_t *address, char *text, int size);

#endif
