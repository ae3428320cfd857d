// Stand-in for lwIP.
// MIT licence
#define LWIP_VERSION_MAJOR 2
