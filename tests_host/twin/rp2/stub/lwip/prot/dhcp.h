// Stand-in for lwIP: states of a DHCP client.
// MIT licence
#ifndef TWIN_LWIP_PROT_DHCP_H
#define TWIN_LWIP_PROT_DHCP_H

#define DHCP_STATE_OFF (0)
#define DHCP_STATE_SELECTING (6)
#define DHCP_STATE_BOUND (10)

#endif
