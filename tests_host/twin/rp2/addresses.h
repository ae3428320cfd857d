// Inside the Pico W's driver: the addresses of its interfaces, and its DHCP client.
// MIT licence
#ifndef TWIN_ADDRESSES_H
#define TWIN_ADDRESSES_H

#include "world.h"

// With the world locked, all but the last.
void addresses_power_up(void);
void addresses_joined(void); // the station may have its address
void addresses_came(const router_t *router); // driver_told(TOLD_ADDRESS)
void addresses_lost(void); // the station's link is no more
void addresses_ap(const uint8_t *address); // the AP's own from now on; NULL: none
bool addresses_known(void); // has the station one?

// MicroPython's code reads and writes those of cyw43_state.netif when it likes, on its own thread.
// When this is called, at each call of the API, it sees what is, and what it wrote counts.
void addresses_exchange(void);

#endif
