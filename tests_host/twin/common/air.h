// Inside the world: the routers and phones that world.c keeps and commands.c changes.
// MIT licence
#ifndef TWIN_AIR_H
#define TWIN_AIR_H

#include "world.h"

typedef struct {
    uint8_t mac[6];
    bool joined;
    bool comes_back; // looks for the AP again when it vanished
    bool left; // and wants no AP
    bool picky; // wants the one called ssid
    octets_t ssid;
    octets_t key;
    uint8_t lease[4], router[4], dns[4]; // while it is joined
} phone_t;

extern router_t air_routers[ROUTERS_MAX];
extern int air_n_routers;
extern phone_t air_phones[PHONES_MAX];
extern int air_n_phones;

bool octets_equal(const octets_t *a, const octets_t *b);
bool phone_join(phone_t *phone); // the board's AP, if it may; whether it is there
void phone_leave(phone_t *phone);

#define BSSID(r) (r)->bssid[0], (r)->bssid[1], (r)->bssid[2], (r)->bssid[3], (r)->bssid[4], (r)->bssid[5]

#endif
