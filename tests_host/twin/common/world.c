// Routers, phones, and the link between board and router: the C counterpart of shim/air.py.
// MIT licence

#include <stdio.h>
#include <string.h>

#include "air.h"
#include "task.h"

router_t air_routers[ROUTERS_MAX];
int air_n_routers;
phone_t air_phones[PHONES_MAX];
int air_n_phones;
ap_t air_ap;
static bool up;

#define LINK_EVENTS (8)

static struct {
    link_state_t state;
    const router_t *router; // once joined
    const router_t *target; // of the attempt
    const router_t *forgiving;
    octets_t key;
    bool watched;
    bool seen_present; // what the router was like at the join
    uint8_t seen_channel;
    octets_t seen_key;
    event_t attempt[LINK_EVENTS]; // to come, or past
} link;

bool octets_equal(const octets_t *a, const octets_t *b) {
    return a->len == b->len && memcmp(a->data, b->data, a->len) == 0;
}

void air_begin(void) {
    memset(&link, 0, sizeof(link));
    air_n_routers = air_n_phones = 0;
    up = false;
}

// What the radio hears -----------------------------------------------------------------------

int air_heard(heard_t found[ROUTERS_MAX]) {
    int n = 0;
    world_report("scan");
    for (int i = 0; i < air_n_routers; i++) {
        const router_t *router = &air_routers[i];
        if (!router->present) {
            continue;
        }
        heard_t heard = {router, (int8_t)(router->rssi + (int)world_random(5) - 2)};
        int place = n++;
        for (; place && found[place - 1].rssi < heard.rssi; place--) {
            found[place] = found[place - 1];
        }
        found[place] = heard;
    }
    return n;
}

// The strongest router of that name, hidden ones too.
static const router_t *find(const octets_t *ssid, const uint8_t *bssid) {
    const router_t *best = NULL;
    for (int i = 0; i < air_n_routers; i++) {
        const router_t *router = &air_routers[i];
        if (router->present && octets_equal(&router->ssid, ssid)
            && (!bssid || memcmp(router->bssid, bssid, 6) == 0)
            && (!best || router->rssi > best->rssi)) {
            best = router;
        }
    }
    return best;
}

// The link -----------------------------------------------------------------------------------

static void after(int ms, happen_t what, const router_t *router) {
    size_t place = 0;
    while (place < LINK_EVENTS - 1 && world_is_pending(link.attempt[place])) {
        place++;
    }
    world_cancel(link.attempt[place]);
    link.attempt[place] = world_after(ms, what, (intptr_t)router);
}

static void stop(void) {
    for (size_t i = 0; i < LINK_EVENTS; i++) {
        world_cancel(link.attempt[i]);
        link.attempt[i] = 0;
    }
    link.watched = false;
    link.router = NULL;
    link.state = LINK_OFF;
}

static void end(told_t what, const router_t *router) {
    stop();
    driver_told(what, router);
}

static void end_absent(intptr_t router) {
    end(TOLD_ABSENT, NULL);
}

static void end_security(intptr_t router) {
    end(TOLD_SECURITY, (const router_t *)router);
}

static void end_weak(intptr_t router) {
    end(TOLD_WEAK, (const router_t *)router);
}

static void end_key(intptr_t router) {
    end(TOLD_KEY, (const router_t *)router);
}

static void end_lost(intptr_t router) {
    world_report("lost bssid=%02x%02x%02x%02x%02x%02x", BSSID((const router_t *)router));
    end(TOLD_LOST, (const router_t *)router);
}

static bool opens_to(const router_t *router, const octets_t *key) {
    return router->security == SEC_OPEN || octets_equal(key, &router->key)
           || (router->psk.len && octets_equal(key, &router->psk));
}

static void meet(intptr_t argument) {
    const router_t *router = (const router_t *)argument;
    memset(link.attempt, 0, sizeof(link.attempt));
    if (!router->present) {
        end(TOLD_ABSENT, NULL);
    } else if (world_random(100) < router->loss) {
        after(AIR_LOST_FRAME_MS, end_weak, router);
    } else if (router != link.forgiving && !opens_to(router, &link.key)) {
        after(AIR_WRONG_KEY_MS, end_key, router);
    } else {
        link.state = LINK_JOINED;
        link.router = router;
        link.watched = true;
        link.seen_present = router->present;
        link.seen_channel = router->channel;
        link.seen_key = router->key;
        world_report("joined bssid=%02x%02x%02x%02x%02x%02x", BSSID(router));
        if (router->drop_after_ms != NEVER) {
            after(router->drop_after_ms, end_lost, router);
        }
        driver_told(TOLD_JOINED, router);
    }
}

static void report_join(const octets_t *ssid) {
    char hex[2 * sizeof(ssid->data) + 1] = "";
    for (size_t i = 0; i < ssid->len; i++) {
        snprintf(hex + 2 * i, 3, "%02x", ssid->data[i]);
    }
    world_report("join ssid=%s", hex);
}

void link_join(const octets_t *ssid, const octets_t *key, const uint8_t *bssid,
    const router_t *forgiving) {
    stop();
    link.state = LINK_JOINING;
    link.key = *key;
    link.forgiving = forgiving;
    report_join(ssid);
    const router_t *router = find(ssid, bssid);
    if (!router) {
        after(AIR_SEARCH_MS, end_absent, NULL);
    } else if (!driver_fits(router)) {
        after(AIR_SEARCH_MS, end_security, router);
    } else {
        after(AIR_FIND_MS + router->latency_ms, meet, router);
    }
}

void link_leave(bool silently) {
    bool was = link.state != LINK_OFF;
    if (link.router) {
        world_report("left bssid=%02x%02x%02x%02x%02x%02x", BSSID(link.router));
    }
    stop();
    if (was && !silently) {
        driver_told(TOLD_LEFT, NULL);
    }
}

void link_watch(void) {
    const router_t *router = link.router;
    if (!router || !link.watched) {
        return;
    }
    bool same_key = octets_equal(&router->key, &link.seen_key);
    if (router->present != link.seen_present || router->channel != link.seen_channel || !same_key) {
        link.watched = false;
        after(same_key ? AIR_BEACONS_MISSED_MS : 0, end_lost, router);
    }
}

link_state_t link_state(void) {
    return link.state;
}

const router_t *link_router(void) {
    return link.router;
}

void link_have_address(void) {
    driver_told(TOLD_ADDRESS, link.router);
}

static void address_came(intptr_t unused) {
    link_have_address();
}

void link_ask_address(void) {
    if (link.router && link.router->dhcp_ms != NEVER) {
        after(link.router->dhcp_ms, address_came, link.router);
    }
}

// The board's access point and its phones -----------------------------------------------------

static void phone_is_on(phone_t *phone, bool joined) {
    if (phone->joined != joined) {
        phone->joined = joined;
        world_report("phone %d joined=%d", (int)(phone - air_phones), joined);
    }
}

void phone_leave(phone_t *phone) {
    phone->left = true;
    phone_is_on(phone, false);
}

bool phone_join(phone_t *phone) {
    if (phone->joined || !up || phone->left
        || (phone->picky && !octets_equal(&phone->ssid, &air_ap.ssid))) {
        return phone->joined;
    }
    if ((air_ap.secured && !octets_equal(&phone->key, &air_ap.key))
        || ap_stations(NULL) >= air_ap.max_clients) {
        return false;
    }
    memcpy(phone->lease, air_ap.dhcp_router, 4);
    phone->lease[3] = (uint8_t)(air_ap.first_host + (phone - air_phones));
    memcpy(phone->router, air_ap.dhcp_router, 4);
    memcpy(phone->dns, air_ap.dhcp_dns, 4);
    phone_is_on(phone, true);
    return true;
}

static void come_back(intptr_t phone) {
    phone_join((phone_t *)phone);
}

bool ap_is_up(void) {
    return up;
}

int ap_stations(uint8_t macs[PHONES_MAX][6]) {
    int n = 0;
    for (int i = 0; i < air_n_phones; i++) {
        if (air_phones[i].joined) {
            if (macs) {
                memcpy(macs[n], air_phones[i].mac, 6);
            }
            n++;
        }
    }
    return n;
}

void ap_kick(void) {
    for (int i = 0; i < air_n_phones; i++) {
        phone_t *phone = &air_phones[i];
        if (phone->joined) {
            phone_is_on(phone, false);
            if (phone->comes_back) {
                world_after(AIR_REJOIN_MS, come_back, (intptr_t)phone);
            }
        }
    }
    if (up) {
        ap_report();
    }
}

void ap_up(void) {
    up = true;
    ap_report();
}

void ap_down(void) {
    if (up) {
        world_report("ap up=0");
    }
    up = false;
    ap_kick();
}
