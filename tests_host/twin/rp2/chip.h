// Inside the Pico W's driver: the radio chip. With the world locked.
// MIT licence
#ifndef TWIN_CHIP_H
#define TWIN_CHIP_H

#include "world.h"

#define CHIP_FACTORY_PM (0xA11142) // circuitpython PR#6976, cyw43-driver PR#126
#define CHIP_FACTORY_DBM (20) // believed

typedef struct {
    bool up[2]; // station, AP
    int state; // of the station: CYW43_LINK_*; NOIP also when it has an address
    octets_t ssid; // of the last join
    uint32_t auth;
    const router_t *forgiving; // was joined and never quite left
    bool false_badauth; // still to come
    uint8_t channel; // of the last network
    octets_t ap_ssid; // as set; on the air from the next time that the AP comes up
    octets_t ap_key;
    uint32_t ap_auth;
    uint8_t ap_channel;
    bool ap_gone;
    bool stale_route;
    uint32_t antenna;
    uint32_t pm;
    uint32_t qtxpower; // quarters of a dBm
} chip_t;

extern chip_t chip;
extern uint8_t chip_mac[6];

bool chip_set_up(int itf, bool on); // false: it was already
int chip_status(int itf);
void chip_join(const octets_t *ssid, const octets_t *key, const uint8_t *bssid, uint32_t auth);
void chip_leave(void);
void chip_off(void);
void chip_ap_set(void); // ap_ssid, ap_key, ap_auth or ap_channel changed

#endif
