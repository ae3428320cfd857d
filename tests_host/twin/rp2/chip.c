// The Pico W's radio chip: what the closed firmware and its driver do, as far as it can be known.
// MIT licence
//
// The counterpart of _Chip in ../../shim/network_rp2.py. Where a decision comes from stands in
// docs/twins.md.

#include <stdio.h>
#include <string.h>

#include "py/runtime.h"
#include "extmod/modnetwork.h"
#include "lib/cyw43-driver/src/cyw43.h"

#include "addresses.h"
#include "chip.h"
#include "values.h"

#define AP_CLIENTS (8)
#define AP_FIRST_HOST (16)

const char driver_board[] = "rp2";
chip_t chip;
uint8_t chip_mac[6] = {0x02, 0x00, 0x00, 0x3f, 0x2a, 0x1b};

static uint8_t ap_address[4] = {192, 168, 4, 1};
static bool false_badauth = true; // at the first good join after power-up
static bool false_success = true; // any key does, after a good one
static event_t refusal;

// On and off ---------------------------------------------------------------------------------

static void set_octets(octets_t *octets, const char *text) {
    octets->len = (uint8_t)strlen(text);
    memcpy(octets->data, text, octets->len);
}

static void power_up(void) {
    char name[16];
    memset(&chip, 0, sizeof(chip));
    chip.false_badauth = false_badauth;
    chip.channel = chip.ap_channel = 3;
    chip.antenna = 0;
    chip.pm = CHIP_FACTORY_PM;
    chip.qtxpower = CHIP_FACTORY_DBM * 4;
    snprintf(name, sizeof(name), "PICO%02X%02X", chip_mac[4], chip_mac[5]);
    set_octets(&chip.ap_ssid, name);
    set_octets(&chip.ap_key, "picoW123");
    chip.ap_auth = CYW43_AUTH_WPA2_AES_PSK;
    memset(&air_ap, 0, sizeof(air_ap));
    air_ap.max_clients = AP_CLIENTS;
    air_ap.first_host = AP_FIRST_HOST;
    chip_ap_set();
    addresses_power_up();
    cyw43_state.trace_flags = 0;
}

void driver_reset(void) {
    world_cancel(refusal);
    link_leave(true);
    ap_down();
    power_up();
    memcpy(mod_network_country_code, "XX", 2);
    strcpy(mod_network_hostname_data, MICROPY_PY_NETWORK_HOSTNAME_DEFAULT);
    mp_mod_network_prefer_dns_use_ip_version = 4;
}

// Called in mp_init(), when there is only one thread.
void twin_board_init(void) {
    mod_network_init();
    power_up();
}

// The default route stays on an AP that is gone, until deinit() or MicroPython 1.28 (PR#18814).
static void choose_route(void) {
    chip.stale_route = chip.ap_gone && chip_status(CYW43_ITF_STA) == CYW43_LINK_UP;
}

void chip_ap_set(void) {
    if (!ap_is_up()) {
        air_ap.ssid = chip.ap_ssid;
        air_ap.key = chip.ap_key;
        air_ap.channel = chip.ap_channel;
        air_ap.secured = chip.ap_auth != CYW43_AUTH_OPEN;
    }
}

// The DHCP server copies the address and hears of no ifconfig() (dhcpserver.c; micropython#17401).
// It gives one DNS server whatever the address is (dhcpserver.c: DEFAULT_DNS).
static void ap_set_up(void) {
    static const uint8_t default_dns[4] = {192, 168, 4, 1};
    chip_ap_set();
    addresses_ap(ap_address); // the factory's each time (micropython#17977)
    memcpy(air_ap.dhcp_router, ap_address, 4);
    memcpy(air_ap.dhcp_dns, default_dns, 4);
    ap_up();
}

static void ap_set_down(void) {
    ap_down();
    addresses_ap(NULL);
    chip_ap_set();
    chip.ap_gone = true;
    choose_route();
}

// Switching the station off does nothing: the link and connect() go on (micropython PR#17305).
bool chip_set_up(int itf, bool on) {
    if (chip.up[itf] == on || (itf == CYW43_ITF_STA && !on)) {
        return false;
    }
    chip.up[itf] = on;
    if (itf == CYW43_ITF_AP) {
        on ? ap_set_up() : ap_set_down();
    }
    return true;
}

void chip_off(void) {
    chip_leave();
    chip.up[CYW43_ITF_STA] = false;
    chip_set_up(CYW43_ITF_AP, false);
    chip.forgiving = NULL;
    chip.ap_gone = chip.stale_route = false;
}

// The station --------------------------------------------------------------------------------

int chip_status(int itf) {
    if (itf == CYW43_ITF_AP) {
        return chip.up[itf] ? CYW43_LINK_UP : CYW43_LINK_DOWN;
    }
    return chip.state == CYW43_LINK_NOIP && addresses_known() ? CYW43_LINK_UP : chip.state;
}

void chip_join(const octets_t *ssid, const octets_t *key, const uint8_t *bssid, uint32_t auth) {
    const router_t *same = chip.forgiving;
    if (same && (same->ssid.len != ssid->len || memcmp(same->ssid.data, ssid->data, ssid->len))) {
        same = NULL;
    }
    chip_leave();
    chip.state = CYW43_LINK_JOIN;
    chip.ssid = *ssid;
    chip.auth = auth;
    // The old key is still there (micropython#11181).
    link_join(ssid, key, bssid, same);
}

void chip_leave(void) {
    link_leave(true);
    addresses_lost();
    chip.state = CYW43_LINK_DOWN;
}

// Believed: the radio only sees networks of the security that it was told.
bool driver_fits(const router_t *router) {
    switch (router->security) {
        case SEC_OPEN:
            return chip.auth == CYW43_AUTH_OPEN;
        case SEC_WPA:
        case SEC_WPA2:
            return chip.auth != CYW43_AUTH_OPEN && chip.auth != CYW43_AUTH_WPA3_SAE_AES_PSK;
        case SEC_WPA2WPA3:
            return chip.auth != CYW43_AUTH_OPEN;
        case SEC_WPA3:
            return chip.auth == CYW43_AUTH_WPA3_SAE_AES_PSK
                   || chip.auth == CYW43_AUTH_WPA3_WPA2_AES_PSK;
        default:
            return false;
    }
}

static void refuse(intptr_t unused) {
    if (chip.state == CYW43_LINK_JOIN && link_state() == LINK_OFF) {
        chip.state = CYW43_LINK_BADAUTH;
    }
}

static void joined(const router_t *router) {
    if (chip.false_badauth && router->security != SEC_OPEN) {
        // The right password is refused once (cyw43-driver PR#150, #154).
        chip.false_badauth = false;
        link_leave(true);
        refusal = world_after(AIR_WRONG_KEY_MS / 2, refuse, 0);
        return;
    }
    chip.state = CYW43_LINK_NOIP;
    chip.channel = router->channel;
    if (false_success) {
        chip.forgiving = router;
    }
    if (ap_is_up() && air_ap.channel != router->channel) {
        chip.ap_channel = air_ap.channel = router->channel;
        ap_kick();
    }
    addresses_joined();
}

static int failure(told_t what, const router_t *router) {
    switch (what) {
        case TOLD_ABSENT:
            return CYW43_LINK_NONET;
        case TOLD_KEY:
            return CYW43_LINK_BADAUTH;
        case TOLD_SECURITY:
            // WPA3 without security=: seen at 1 (micropython#18597). The rest: believed.
            return router->security == SEC_WPA3 ? CYW43_LINK_JOIN : CYW43_LINK_NONET;
        case TOLD_WEAK:
            return CYW43_LINK_FAIL;
        default:
            return CYW43_LINK_DOWN; // lost, left: nobody joins again
    }
}

void driver_told(told_t what, const router_t *router) {
    if (what == TOLD_JOINED) {
        joined(router);
    } else if (what == TOLD_ADDRESS) {
        if (chip.up[CYW43_ITF_STA]) { // else it comes too late
            addresses_came(router);
            choose_route();
        }
    } else {
        addresses_lost();
        chip.state = failure(what, router);
    }
}

// The control language -----------------------------------------------------------------------

bool driver_option(const char *name, const char *value) {
    if (strcmp(name, "mac") == 0) {
        return parse_bssid(value, chip_mac);
    } else if (strcmp(name, "ap_address") == 0) {
        return parse_address(value, ap_address);
    } else if (strcmp(name, "false_success") == 0) {
        return parse_bool(value, &false_success);
    } else if (strcmp(name, "false_badauth") == 0) {
        bool good = parse_bool(value, &false_badauth);
        chip.false_badauth = false_badauth;
        return good;
    }
    return false;
}

void driver_describe(char *text, size_t size) {
    snprintf(text, size, "stale_route=%d", chip.stale_route);
}

// They reach nobody: MicroPython's code has no callback for them.
void driver_frame(int channel, int rssi, const uint8_t *data, size_t len) {
}
