// The commands about routers and phones.
// MIT licence

#include <stdio.h>
#include <string.h>

#include "air.h"
#include "task.h"
#include "values.h"

static const char *const securities[] = {"open", "wep", "wpa", "wpa2", "wpa2wpa3", "wpa3",
                                         "enterprise"};

static bool parse_security(const char *text, security_t *security) {
    for (size_t i = 0; i < sizeof(securities) / sizeof(securities[0]); i++) {
        if (strcmp(text, securities[i]) == 0) {
            *security = (security_t)i;
            return true;
        }
    }
    return false;
}

static bool parse_reasons(const char *text, router_t *router) {
    char list[64];
    uint8_t reasons[REASONS_MAX];
    uint8_t n = 0;
    if (strlen(text) >= sizeof(list)) {
        return false;
    }
    strcpy(list, text);
    char *rest = NULL;
    for (char *word = strtok_r(list, ",", &rest); word; word = strtok_r(NULL, ",", &rest)) {
        if (n == REASONS_MAX || !parse_u8(word, 255, &reasons[n++])) {
            return false;
        }
    }
    memcpy(router->reasons, reasons, n);
    router->n_reasons = n;
    return n > 0;
}

static bool set_router(router_t *r, const char *name, const char *value) {
    int number;
    if (strcmp(name, "rssi") == 0) {
        bool good = parse_number(value, -127, 0, &number);
        r->rssi = good ? (int8_t)number : r->rssi;
        return good;
    }
    return strcmp(name, "ssid") == 0 ? parse_octets(value, &r->ssid, 32)
           : strcmp(name, "key") == 0 ? parse_octets(value, &r->key, 64)
           : strcmp(name, "psk") == 0 ? parse_octets(value, &r->psk, 64)
           : strcmp(name, "security") == 0 ? parse_security(value, &r->security)
           : strcmp(name, "bssid") == 0 ? parse_bssid(value, r->bssid)
           : strcmp(name, "channel") == 0 ? parse_u8(value, 196, &r->channel)
           : strcmp(name, "hidden") == 0 ? parse_bool(value, &r->hidden)
           : strcmp(name, "present") == 0 ? parse_bool(value, &r->present)
           : strcmp(name, "dhcp_ms") == 0 ? parse_ms(value, &r->dhcp_ms)
           : strcmp(name, "latency_ms") == 0 ? parse_ms(value, &r->latency_ms)
           : strcmp(name, "drop_after_ms") == 0 ? parse_ms(value, &r->drop_after_ms)
           : strcmp(name, "drop_reason") == 0 ? parse_u8(value, 255, &r->drop_reason)
           : strcmp(name, "loss") == 0 ? parse_u8(value, 100, &r->loss)
           : strcmp(name, "reasons") == 0 ? parse_reasons(value, r)
           : strcmp(name, "address") == 0 ? parse_address(value, r->address)
           : false;
}

static void say_router(const router_t *r) {
    say_octets("ssid", &r->ssid);
    say_octets("key", &r->key);
    say_octets("psk", &r->psk);
    say(" security=%s", securities[r->security]);
    say_hex("bssid", r->bssid, 6);
    say(" channel=%d rssi=%d hidden=%d present=%d", r->channel, r->rssi, r->hidden, r->present);
    say_ms("dhcp_ms", r->dhcp_ms);
    say_ms("latency_ms", r->latency_ms);
    say_ms("drop_after_ms", r->drop_after_ms);
    say(" drop_reason=%d loss=%d reasons=", r->drop_reason, r->loss);
    for (int i = 0; i < r->n_reasons; i++) {
        say(i ? ",%d" : "%d", r->reasons[i]);
    }
    say_address("address", r->address);
}

static router_t usual_router(int number) {
    router_t router = {
        .security = SEC_WPA2, .channel = 6, .rssi = -60, .present = true, .dhcp_ms = 400,
        .latency_ms = 100, .drop_after_ms = NEVER, .drop_reason = 200, .n_reasons = 1,
        .bssid = {0x0a, 0, 0, 0, 0, (uint8_t)(number + 1)}, .address = {192, 168, 1, 50},
    };
    return router;
}

// words: N, and then name=value
bool router_command(int n, char **words) {
    int number;
    if (n < 1 || !parse_number(words[0], 0, air_n_routers, &number) || number == ROUTERS_MAX) {
        return wrong("router: %s is no router's number", n ? words[0] : "nothing");
    }
    bool fresh = number == air_n_routers;
    if (n == 1 && !fresh) {
        say_router(&air_routers[number]);
        return true;
    }
    router_t router = fresh ? usual_router(number) : air_routers[number];
    for (int i = 1; i < n; i++) {
        char *value = strchr(words[i], '=');
        if (value) {
            *value++ = 0;
        }
        if (!value || !set_router(&router, words[i], value)) {
            return wrong("router: bad value of %s", words[i]);
        }
    }
    if (fresh && !router.reasons[0]) {
        router.reasons[0] = router.security == SEC_WPA3 ? 202 : 15;
    }
    if (fresh && !router.ssid.len) {
        return wrong("router: %s is missing", "ssid");
    }
    air_routers[number] = router;
    air_n_routers += fresh;
    return true;
}

bool clear_command(int n, char **words) {
    link_leave(true);
    air_n_routers = 0;
    return true;
}

bool routers_command(int n, char **words) {
    say("%d", air_n_routers);
    return true;
}

// Phones --------------------------------------------------------------------------------------

static void say_phone(const phone_t *phone) {
    say("joined=%d", phone->joined);
    say_hex("mac", phone->mac, 6);
    if (phone->joined) {
        say_address("lease", phone->lease);
        say_address("router", phone->router);
        say_address("dns", phone->dns);
    } else {
        say(" lease=- router=- dns=-");
    }
}

// One word after the phone's number; join's own come with it.
static bool set_phone(phone_t *phone, char *word, bool *joins) {
    char *value = strchr(word, '=');
    if (strcmp(word, "join") == 0) {
        *joins = true;
        phone->left = phone->picky = false;
        phone->key.len = 0;
        return true;
    }
    if (strcmp(word, "leave") == 0) {
        phone_leave(phone);
        return true;
    }
    if (!value) {
        return false;
    }
    *value++ = 0;
    if (strcmp(word, "ssid") == 0) {
        phone->picky = true;
        return parse_octets(value, &phone->ssid, 32);
    }
    return strcmp(word, "key") == 0 ? parse_octets(value, &phone->key, 64)
           : strcmp(word, "mac") == 0 ? parse_bssid(value, phone->mac)
           : strcmp(word, "comes_back") == 0 ? parse_bool(value, &phone->comes_back)
           : false;
}

bool phone_command(int n, char **words) {
    int number;
    if (n < 1 || !parse_number(words[0], 0, air_n_phones, &number) || number == PHONES_MAX) {
        return wrong("phone: %s is no phone's number", n ? words[0] : "nothing");
    }
    phone_t *phone = &air_phones[number];
    if (number == air_n_phones) {
        air_n_phones++;
        *phone = (phone_t) {.mac = {0xda, 0x50, 0, 0, 0, (uint8_t)(number + 1)},
                            .comes_back = true};
    }
    bool joins = false;
    for (int i = 1; i < n; i++) {
        if (!set_phone(phone, words[i], &joins)) {
            return wrong("phone: cannot understand %s", words[i]);
        }
    }
    if (joins) {
        phone_join(phone);
    }
    say_phone(phone);
    return true;
}
