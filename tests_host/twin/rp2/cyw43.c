// The CYW43 driver's API for extmod/network_cyw43.c, over chip.c and the world.
// MIT licence

#include <string.h>

#include "py/mperrno.h"
#include "py/mpthread.h"

#include "lib/cyw43-driver/src/cyw43.h"

#include "addresses.h"
#include "chip.h"

#define SET_UP_MS (60) // believed
#define SCAN_MS (2800) // believed; field facts: 2-3 s

cyw43_t cyw43_state;

static struct {
    bool active;
    bool over;
    event_t end;
    cyw43_wifi_scan_options_t options;
    void *env;
    int (*result_cb)(void *, const cyw43_ev_scan_result_t *);
} scan;

static void enter(void) {
    world_enter();
    addresses_exchange();
}

static void leave(void) {
    addresses_exchange();
    world_exit();
}

static octets_t octets_of(size_t len, const uint8_t *data, size_t max) {
    octets_t octets = {.len = (uint8_t)(len < max ? len : max)};
    if (octets.len) { // data may be NULL
        memcpy(octets.data, data, octets.len);
    }
    return octets;
}

static uint32_t get_le32(const uint8_t *buf) {
    return buf[0] | buf[1] << 8 | buf[2] << 16 | (uint32_t)buf[3] << 24;
}

static void put_le32(uint8_t *buf, uint32_t value) {
    for (int i = 0; i < 4; i++) {
        buf[i] = (uint8_t)(value >> (8 * i));
    }
}

// On, off and state --------------------------------------------------------------------------

// When nothing changes it takes no time: believed.
void cyw43_wifi_set_up(cyw43_t *self, int itf, bool up, uint32_t country) {
    enter();
    bool changed = chip_set_up(itf, up);
    leave();
    if (changed) {
        MP_THREAD_GIL_EXIT();
        world_block(SET_UP_MS);
        MP_THREAD_GIL_ENTER();
    }
}

void cyw43_deinit(cyw43_t *self) {
    enter();
    chip_off();
    leave();
}

int cyw43_tcpip_link_status(cyw43_t *self, int itf) {
    enter();
    int status = chip_status(itf);
    leave();
    return status;
}

int cyw43_wifi_get_mac(cyw43_t *self, int itf, uint8_t mac[6]) {
    world_enter();
    memcpy(mac, chip_mac, 6);
    world_exit();
    if (itf == CYW43_ITF_AP) {
        mac[0] ^= 2;
    }
    return 0;
}

int cyw43_wifi_get_rssi(cyw43_t *self, int32_t *rssi) {
    enter();
    const router_t *router = link_router();
    *rssi = router ? router->rssi : 0; // believed
    leave();
    return 0;
}

int cyw43_wifi_pm(cyw43_t *self, uint32_t pm) {
    enter();
    chip.pm = pm;
    leave();
    return 0;
}

int cyw43_wifi_get_pm(cyw43_t *self, uint32_t *pm) {
    enter();
    *pm = chip.pm;
    leave();
    return 0;
}

int cyw43_send_ethernet(cyw43_t *self, int itf, size_t len, const void *buf, bool is_pbuf) {
    enter();
    bool up = chip.up[itf];
    leave();
    return up ? 0 : -MP_EPERM;
}

static void get_ssid(size_t len, uint8_t *buf) {
    size_t ssid_len = chip.ssid.len < 32 ? chip.ssid.len : 32;
    if (len >= 36) {
        put_le32(buf, (uint32_t)ssid_len);
        memcpy(buf + 4, chip.ssid.data, ssid_len);
    }
}

static uint8_t get_channel(uint32_t itf) {
    return itf == CYW43_ITF_STA ? chip.channel : ap_is_up() ? air_ap.channel : chip.ap_channel;
}

int cyw43_ioctl(cyw43_t *self, uint32_t cmd, size_t len, uint8_t *buf, uint32_t itf) {
    static const char txpower[9] = "qtxpower";
    if (len < 4) {
        return -MP_EINVAL;
    }
    enter();
    if (cmd == CYW43_IOCTL_GET_SSID) {
        get_ssid(len, buf);
    } else if (cmd == CYW43_IOCTL_GET_CHANNEL) {
        put_le32(buf, get_channel(itf));
    } else if (cmd == CYW43_IOCTL_GET_ANTDIV) {
        put_le32(buf, chip.antenna);
    } else if (cmd == CYW43_IOCTL_SET_ANTDIV) {
        chip.antenna = get_le32(buf);
    } else if (cmd == CYW43_IOCTL_GET_VAR && len >= 13 && memcmp(buf, txpower, 9) == 0) {
        put_le32(buf, chip.qtxpower);
    } else if (cmd == CYW43_IOCTL_SET_VAR && len >= 13 && memcmp(buf, txpower, 9) == 0) {
        chip.qtxpower = get_le32(buf + 9);
    }
    leave();
    return 0;
}

// The station --------------------------------------------------------------------------------

// key_len says nothing when there is no key: network_cyw43.c does not set it.
int cyw43_wifi_join(cyw43_t *self, size_t ssid_len, const uint8_t *ssid, size_t key_len,
    const uint8_t *key, uint32_t auth_type, const uint8_t *bssid, uint32_t channel) {
    octets_t name = octets_of(ssid_len, ssid, sizeof(name.data)); // above 32 it fits none
    octets_t word = octets_of(key ? key_len : 0, key, sizeof(word.data));
    if (key && key_len > sizeof(word.data)) {
        memset(word.data, 0xff, sizeof(word.data)); // nobody's
    }
    enter();
    int error = !chip.up[CYW43_ITF_STA] ? -MP_EPERM : 0; // micropython#9016
    switch (auth_type) {
        case CYW43_AUTH_OPEN:
        case CYW43_AUTH_WPA_TKIP_PSK:
        case CYW43_AUTH_WPA2_AES_PSK:
        case CYW43_AUTH_WPA2_MIXED_PSK:
        case CYW43_AUTH_WPA3_SAE_AES_PSK:
        case CYW43_AUTH_WPA3_WPA2_AES_PSK:
            break;
        default:
            error = error ? error : -MP_EINVAL; // believed; a scan's number, for example
    }
    if (!error) {
        chip_join(&name, &word, bssid, auth_type);
    }
    leave();
    return error;
}

// Believed: the AP does not leave anything, nor go off (cyw43-driver#47).
int cyw43_wifi_leave(cyw43_t *self, int itf) {
    enter();
    if (itf == CYW43_ITF_STA) {
        chip_leave();
    }
    leave();
    return 0;
}

// Scan ---------------------------------------------------------------------------------------

static void scan_is_over(intptr_t unused) {
    scan.over = true;
}

int cyw43_wifi_scan(cyw43_t *self, cyw43_wifi_scan_options_t *options, void *env,
    int (*result_cb)(void *, const cyw43_ev_scan_result_t *)) {
    enter();
    int error = chip.up[CYW43_ITF_STA] || chip.up[CYW43_ITF_AP] ? 0 : -MP_EPERM;
    if (!error) {
        world_cancel(scan.end); // of one that was interrupted
        scan.active = true;
        scan.over = false;
        scan.options = *options;
        scan.env = env;
        scan.result_cb = result_cb;
        scan.end = world_after(SCAN_MS, scan_is_over, 0);
    }
    leave();
    return error;
}

static bool is_wanted(const router_t *router) {
    static const uint8_t any[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    const cyw43_wifi_scan_options_t *o = &scan.options;
    return (o->ssid_len == 0 || (o->ssid_len == router->ssid.len
                                 && memcmp(o->ssid, router->ssid.data, o->ssid_len) == 0))
           && (memcmp(o->bssid, any, 6) == 0 || memcmp(o->bssid, router->bssid, 6) == 0);
}

// 1 privacy, 2 WPA, 4 RSN: enterprise and WPA3 look like WPA2.
static uint8_t security_mask(security_t security) {
    return security == SEC_OPEN ? 0 : security == SEC_WEP ? 1 : security == SEC_WPA ? 7 : 5;
}

// What was heard, and how often each.
static int take_results(cyw43_ev_scan_result_t results[ROUTERS_MAX], unsigned times[ROUTERS_MAX]) {
    heard_t heard[ROUTERS_MAX];
    int n = 0;
    int n_heard = air_heard(heard);
    for (int i = 0; i < n_heard; i++) {
        const router_t *router = heard[i].router;
        if (is_wanted(router)) {
            cyw43_ev_scan_result_t *result = &results[n];
            memcpy(result->bssid, router->bssid, 6);
            result->ssid_len = router->hidden ? 0 : router->ssid.len;
            memcpy(result->ssid, router->ssid.data, result->ssid_len);
            result->channel = router->channel;
            result->auth_mode = security_mask(router->security);
            result->rssi = heard[i].rssi;
            times[n++] = 1 + world_random(3);
        }
    }
    return n;
}

// The results are Python objects: they are handed over here, unlocked and on MicroPython's thread.
bool cyw43_wifi_scan_active(cyw43_t *self) {
    cyw43_ev_scan_result_t results[ROUTERS_MAX];
    unsigned times[ROUTERS_MAX];
    int n = 0;
    world_enter();
    if (scan.active && scan.over) {
        scan.active = false;
        n = take_results(results, times);
    }
    bool active = scan.active;
    void *env = scan.env;
    int (*result_cb)(void *, const cyw43_ev_scan_result_t *) = scan.result_cb;
    world_exit();
    for (int i = 0; i < n; i++) {
        while (times[i]--) {
            result_cb(env, &results[i]);
        }
    }
    return active;
}

// The access point ---------------------------------------------------------------------------

// As set: the air sees it when the interface went down and up (network_cyw43.c does it).
void cyw43_wifi_ap_set_ssid(cyw43_t *self, size_t len, const uint8_t *buf) {
    enter();
    chip.ap_ssid = octets_of(len, buf, 32);
    chip_ap_set();
    leave();
}

void cyw43_wifi_ap_set_password(cyw43_t *self, size_t len, const uint8_t *buf) {
    enter();
    chip.ap_key = octets_of(len, buf, 64);
    chip_ap_set();
    leave();
}

void cyw43_wifi_ap_set_auth(cyw43_t *self, uint32_t auth) {
    enter();
    chip.ap_auth = auth;
    chip_ap_set();
    leave();
}

void cyw43_wifi_ap_set_channel(cyw43_t *self, uint32_t channel) {
    enter();
    chip.ap_channel = (uint8_t)channel;
    chip_ap_set();
    leave();
}

void cyw43_wifi_ap_get_ssid(cyw43_t *self, size_t *len, const uint8_t **buf) {
    world_enter();
    *len = chip.ap_ssid.len;
    *buf = chip.ap_ssid.data; // only changed by MicroPython's thread
    world_exit();
}

uint32_t cyw43_wifi_ap_get_auth(cyw43_t *self) {
    enter();
    uint32_t auth = chip.ap_auth;
    leave();
    return auth;
}

// num_stas: how many fit in; how many there are
void cyw43_wifi_ap_get_stas(cyw43_t *self, int *num_stas, uint8_t *macs) {
    uint8_t found[PHONES_MAX][6];
    enter();
    int n = ap_stations(found);
    leave();
    *num_stas = n < *num_stas ? n : *num_stas;
    memcpy(macs, found, (size_t)*num_stas * 6);
}
