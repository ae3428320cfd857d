// Stand-in for lwIP's header: the twin's sockets are the unix port's.
// MIT licence
#ifndef TWIN_LWIP_SOCKETS_H
#define TWIN_LWIP_SOCKETS_H

#define NETIF_NAMESIZE (6)

#endif
