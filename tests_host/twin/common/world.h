// The world around the board: time, routers, phones, and the station's half of the radio.
// MIT licence
//
// The C counterpart of ../../shim/air.py: same events at the same milliseconds, same chance. A
// board's driver stands between it and MicroPython's own binding code.
//
// Threads: MicroPython's, and one task of ours (task.c), which runs everything that happens by
// itself. All of this is used with the world locked, between world_enter() and world_exit(), unless
// it says otherwise. Callbacks are called with the world locked.
#ifndef TWIN_WORLD_H
#define TWIN_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// How long the air takes, in ms; believed, see docs/twins.md.
#define AIR_FIND_MS (300)
#define AIR_SEARCH_MS (2400) // all channels, in vain
#define AIR_WRONG_KEY_MS (3500)
#define AIR_LOST_FRAME_MS (1000)
#define AIR_BEACONS_MISSED_MS (6000)
#define AIR_REJOIN_MS (3000) // a phone that lost the board's AP looks for it again

#define NEVER (-1)
#define ROUTERS_MAX (64)
#define PHONES_MAX (16)
#define REASONS_MAX (8)

typedef enum { SEC_OPEN, SEC_WEP, SEC_WPA, SEC_WPA2, SEC_WPA2WPA3, SEC_WPA3, SEC_ENTERPRISE } security_t;

typedef struct { // bytes with their length: an SSID or a key
    uint8_t data[64];
    uint8_t len;
} octets_t;

typedef struct {
    octets_t ssid;
    octets_t key;
    octets_t psk; // as good as the key; empty: none
    security_t security;
    uint8_t bssid[6];
    uint8_t channel;
    int8_t rssi;
    bool hidden;
    bool present;
    int dhcp_ms; // NEVER: no answer
    int latency_ms;
    int drop_after_ms; // the link is lost that long after each join; NEVER: it holds
    uint8_t drop_reason; // what the ESP32 reads then
    uint8_t loss; // percentage of joins that fail
    uint8_t reasons[REASONS_MAX]; // what the ESP32 reads when the key is wrong, attempt by attempt
    uint8_t n_reasons;
    uint8_t address[4]; // the board's there
} router_t;

// Time ---------------------------------------------------------------------------------------

typedef void (*happen_t)(intptr_t argument);
typedef unsigned event_t; // 0 is none

void world_enter(void);
void world_exit(void); // in fast time, what is due happens before it returns
int64_t world_now(void); // ms since the world began
event_t world_after(int ms, happen_t what, intptr_t argument); // ms on the air: scaled
void world_cancel(event_t event);
// Not locked: the calling thread spends ms on the air (scaled), as a blocking driver call does.
void world_block(int ms);
// Not locked: what MICROPY_EVENT_POLL_HOOK does: a moment passes.
void world_wait_a_moment(void);
// In a callback of the task: calls it with the world unlocked, as the ESP32 calls its handlers.
void world_call_unlocked(void (*what)(void *), void *argument);
unsigned world_random(unsigned below);
void world_report(const char *format, ...); // one line to whoever listens at the control socket

// The air ------------------------------------------------------------------------------------

typedef struct {
    const router_t *router;
    int8_t rssi;
} heard_t;

int air_heard(heard_t found[ROUTERS_MAX]); // of a scan, strongest first; how many

// The station's link: one attempt at a time
typedef enum { LINK_OFF, LINK_JOINING, LINK_JOINED } link_state_t;
typedef enum {
    TOLD_ABSENT, // no such network; router is NULL
    TOLD_SECURITY, // it does not fit
    TOLD_KEY, // it is wrong
    TOLD_WEAK, // the join was lost on the air
    TOLD_JOINED,
    TOLD_ADDRESS,
    TOLD_LOST, // the link
    TOLD_LEFT, // our own doing; router is NULL
} told_t;

// bssid: 6 bytes or NULL. forgiving: a router that takes any key, or NULL. driver_fits() is asked.
void link_join(const octets_t *ssid, const octets_t *key, const uint8_t *bssid, const router_t *forgiving);
void link_leave(bool silently); // driver_told(TOLD_LEFT), if there was something and not silently
link_state_t link_state(void);
const router_t *link_router(void); // NULL unless joined
void link_ask_address(void); // ask the router's DHCP server
void link_have_address(void); // driver_told(TOLD_ADDRESS) at once

// The board's own access point, as phones see it
typedef struct {
    octets_t ssid;
    octets_t key;
    uint8_t channel;
    uint8_t max_clients;
    uint8_t first_host; // of its leases
    bool hidden;
    bool secured;
    uint8_t address[4];
    uint8_t dhcp_router[4]; // of its leases; gives the subnet
    uint8_t dhcp_dns[4];
} ap_t;

extern ap_t air_ap; // what it is or would be
void ap_up(void);
void ap_down(void); // kicks
bool ap_is_up(void);
void ap_kick(void); // vanishes for a moment, or moves: the phones on it lose it
void ap_report(void); // it, or its address, is another one: says so at the control socket
int ap_stations(uint8_t macs[PHONES_MAX][6]); // how many are on it

// The board's driver (esp32/, rp2/) ------------------------------------------------------------

extern const char driver_board[]; // "esp32" or "rp2"
void driver_told(told_t what, const router_t *router); // something happened to the link
bool driver_fits(const router_t *router); // can we speak its security, with the key at hand?
void driver_reset(void); // as after power-up; not the values of driver_option()
// `option name=value` of the control language. False: there is no such option.
bool driver_option(const char *name, const char *value);
void driver_describe(char *text, size_t size); // the answer to `board`
void driver_frame(int channel, int rssi, const uint8_t *data, size_t len); // heard on the air

// For parsing (commands.c): both say whether the text is well-formed.
bool parse_hex(const char *text, uint8_t *data, size_t max, size_t *len);
bool parse_address(const char *text, uint8_t address[4]);

#endif
