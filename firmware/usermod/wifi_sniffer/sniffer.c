// The filter of frames, and the ring in which they wait: the same for each radio.
// MIT licence
//
// Whoever hears owns `head`, `dropped`, `session_heard` and the tables; whoever reads owns `tail`,
// `session` and `lost_before`. Each is written by one side only, so that loads and stores are
// enough (not every chip has more): what was written before a release is seen after an acquire.
#include <string.h>

#include "sniffer.h"

#define LENGTH_MIN (60) // the least overhead: an open network, an empty datagram
#define LENGTH_MAX (1600)

// 802.11: the two octets of frame control, and what is where
#define FC0_KIND (0x0F) // version and type
#define FC0_DATA (0x08)
#define FC0_NULL (0x40) // no data: the subtype's bit 2
#define FC0_QOS (0x80)
#define FC1_TO_DS (0x01)
#define FC1_FROM_DS (0x02)
#define FC1_WAY (0x03)
#define FC1_RETRY (0x08)
#define ADDRESS_1 (4)
#define ADDRESS_2 (10)
#define ADDRESS_3 (16)
#define SEQUENCE (22) // u16: the fragment's number in the low 4 bits
#define QOS_CONTROL (24)
#define TID (0x0F)

#define KEYS (8) // of the last frames of a transmitter, to know a retry by
#define NO_KEY (0xFFFF) // sequence 4095 of TID 15, which nobody uses

// A phone that sends to one address alone (TI's CC3000 and first generation) is told from others
// by its sync: 3 and 23 octets by turns, or one of them before each that matters.
#define WATCHED (8)
#define SYNC_MAX (120) // 23 octets and the largest overhead
#define SYNC_STEP (20)
#define SYNC_GAP (570) // 593 - 23
#define SYNCS (3) // so many of the last 8 frames
#define TRUST (140) // frames without a sync: a name and a password of 32 octets, and their tags

#define LOAD(place) __atomic_load_n(&(place), __ATOMIC_ACQUIRE)
#define STORE(place, value) __atomic_store_n(&(place), (value), __ATOMIC_RELEASE)
#define GLANCE(place) __atomic_load_n(&(place), __ATOMIC_RELAXED)
#define PUT(place, value) __atomic_store_n(&(place), (value), __ATOMIC_RELAXED)

typedef struct {
    uint32_t front, back; // four octets and two
} address_t;

typedef struct {
    uint32_t used; // at which frame; 0: never
    uint16_t keys[KEYS];
    uint8_t next;
} transmitter_t;

typedef struct {
    address_t address;
    uint32_t used;
    uint16_t key, last, before; // the frame's of before, and two lengths
    uint8_t hits; // a bit for each of the last frames: was it a sync?
    uint8_t trust;
} watched_t;

static uint8_t ring[SNIFFER_RECORDS][SNIFFER_RECORD];
static uint32_t head, tail;
static uint32_t dropped, lost_before;
static uint32_t session, session_heard;

static uint32_t age; // data frames that were looked at
static address_t addresses[SNIFFER_TRANSMITTERS];
static uint32_t addresses_version; // odd: one of them is being written
static transmitter_t transmitters[SNIFFER_TRANSMITTERS];
static watched_t watched[WATCHED];

_Static_assert((SNIFFER_RECORDS & (SNIFFER_RECORDS - 1)) == 0, "indices run over");

// Who sends ------------------------------------------------------------------------------------

static address_t address_of(const uint8_t *octets) {
    address_t address = {0, 0};
    memcpy(&address.front, octets, 4);
    memcpy(&address.back, octets + 4, 2);
    return address;
}

static bool is_same(const address_t *a, const address_t *b) {
    return a->front == b->front && a->back == b->back;
}

// A reader that sees the same even version before and after has not seen half of an address: who
// acquires the front or the back of a new one sees the odd version as well.
static void set_address(size_t index, const address_t *address) {
    uint32_t version = GLANCE(addresses_version);
    PUT(addresses_version, version + 1);
    STORE(addresses[index].front, address->front);
    STORE(addresses[index].back, address->back);
    STORE(addresses_version, version + 2);
}

static void forget(uint32_t now) {
    static const address_t nobody = {0, 0};
    age = 0;
    memset(transmitters, 0, sizeof(transmitters));
    memset(watched, 0, sizeof(watched));
    for (size_t i = 0; i < SNIFFER_TRANSMITTERS; i++) {
        set_address(i, &nobody);
    }
    STORE(session_heard, now);
}

// The one that was silent for longest makes room.
static size_t index_of(const address_t *address) {
    size_t oldest = 0;
    for (size_t i = 0; i < SNIFFER_TRANSMITTERS; i++) {
        if (transmitters[i].used && is_same(&addresses[i], address)) {
            return i;
        }
        if (transmitters[i].used < transmitters[oldest].used) {
            oldest = i;
        }
    }
    set_address(oldest, address);
    memset(transmitters[oldest].keys, 0xFF, sizeof(transmitters[oldest].keys));
    return oldest;
}

static bool is_repeated(transmitter_t *transmitter, uint16_t key) {
    for (size_t i = 0; i < KEYS; i++) {
        if (transmitter->keys[i] == key && key != NO_KEY) {
            return true;
        }
    }
    transmitter->keys[transmitter->next++ % KEYS] = key;
    return false;
}

static watched_t *watch(const address_t *address, uint32_t length) {
    watched_t *oldest = &watched[0];
    for (watched_t *w = watched; w < watched + WATCHED; w++) {
        if (w->used && is_same(&w->address, address)) {
            return w;
        }
        if (w->used < oldest->used) {
            oldest = w;
        }
    }
    if (length > SYNC_MAX) {
        return NULL; // no beginning
    }
    *oldest = (watched_t) {.address = *address, .key = NO_KEY};
    return oldest;
}

// Is it part of what a phone sends to one address alone?
static bool is_told(const address_t *address, uint32_t length, uint16_t key) {
    watched_t *w = watch(address, length);
    if (!w || (w->used && w->key == key)) {
        return false;
    }
    bool sync = length <= SYNC_MAX && length == w->before && (w->last >= length + SYNC_GAP
        || w->last == length + SYNC_STEP || w->last + SYNC_STEP == (int)length);
    w->hits = (uint8_t)(w->hits << 1 | sync);
    w->used = age;
    w->key = key;
    w->before = w->last;
    w->last = (uint16_t)length;
    if (sync && __builtin_popcount(w->hits) >= SYNCS) {
        w->trust = TRUST;
    }
    return w->trust && w->trust--;
}

// What is heard --------------------------------------------------------------------------------

static void put(const sniffer_frame_t *frame, uint16_t sequence_flags, uint8_t transmitter,
    uint8_t kind, const uint8_t group[3]) {
    uint32_t place = GLANCE(head);
    if (place - LOAD(tail) >= SNIFFER_RECORDS) {
        PUT(dropped, GLANCE(dropped) + 1);
        return;
    }
    uint8_t *record = ring[place % SNIFFER_RECORDS];
    for (int i = 0; i < 4; i++) {
        record[i] = (uint8_t)(frame->time_us >> 8 * i);
    }
    record[4] = (uint8_t)frame->length;
    record[5] = (uint8_t)(frame->length >> 8);
    record[6] = (uint8_t)sequence_flags;
    record[7] = (uint8_t)(sequence_flags >> 8);
    record[8] = (uint8_t)frame->rssi;
    record[9] = frame->channel;
    record[10] = transmitter;
    record[11] = kind;
    memcpy(record + 12, group, 3);
    record[15] = 0;
    STORE(head, place + 1);
}

// SNIFFER_UNICAST also for groups that no phone sends to: other protocols' than IPv4.
static int kind_of(const uint8_t *destination) {
    static const uint8_t everybody[6] = {255, 255, 255, 255, 255, 255};
    static const uint8_t ipv4[3] = {0x01, 0x00, 0x5E};
    return memcmp(destination, everybody, 6) == 0 ? SNIFFER_BROADCAST
           : memcmp(destination, ipv4, 3) == 0 && !(destination[3] & 0x80) ? SNIFFER_MULTICAST
           : SNIFFER_UNICAST;
}

static void hear_data(const sniffer_frame_t *frame, const uint8_t *header) {
    static const uint8_t nobody[3] = {0, 0, 0};
    unsigned way = header[1] & FC1_WAY;
    if ((header[0] & FC0_KIND) != FC0_DATA || (header[0] & FC0_NULL)
        || (way != FC1_TO_DS && way != FC1_FROM_DS) || (header[SEQUENCE] & 0x0F)) {
        return; // a fragment's length says nothing
    }
    age++;
    const uint8_t *destination = header + (way == FC1_FROM_DS ? ADDRESS_1 : ADDRESS_3);
    int kind = kind_of(destination);
    uint16_t sequence = (uint16_t)((header[SEQUENCE + 1] << 8 | header[SEQUENCE]) & 0xFFF0);
    bool qos = header[0] & FC0_QOS;
    uint16_t key = sequence | (qos ? header[QOS_CONTROL] & TID : 0); // each TID counts by itself
    address_t address = address_of(header + ADDRESS_2);
    if (kind == SNIFFER_UNICAST && ((destination[0] & 1) || way == FC1_FROM_DS
        || !is_told(&address, frame->length, key))) {
        return;
    }
    size_t index = index_of(&address);
    transmitters[index].used = age;
    if (is_repeated(&transmitters[index], key)) {
        return;
    }
    uint16_t flags = (way == FC1_FROM_DS ? SNIFFER_FROM_DS : 0)
        | (header[1] & FC1_RETRY ? SNIFFER_RETRY : 0) | (qos ? SNIFFER_QOS : 0);
    put(frame, sequence | flags, (uint8_t)index, (uint8_t)kind,
        kind == SNIFFER_UNICAST ? nobody : destination + 3);
}

void sniffer_hear(const sniffer_frame_t *frame, const uint8_t *header) {
    uint32_t now = LOAD(session);
    if (now != GLANCE(session_heard)) {
        forget(now);
    }
    if (frame->length < LENGTH_MIN || frame->length > LENGTH_MAX) {
        return;
    }
    if (header) {
        hear_data(frame, header);
    } else {
        static const uint8_t nobody[3] = {0, 0, 0};
        put(frame, SNIFFER_LENGTH_ONLY, SNIFFER_UNKNOWN, SNIFFER_UNICAST, nobody);
    }
}

bool sniffer_has_room(void) {
    return GLANCE(head) - LOAD(tail) < SNIFFER_RECORDS;
}

// Who reads ------------------------------------------------------------------------------------

void sniffer_begin(void) {
    STORE(session, GLANCE(session) + 1); // whoever hears forgets all at the next frame
    lost_before = GLANCE(dropped);
    STORE(tail, LOAD(head));
}

size_t sniffer_waiting(void) {
    return LOAD(head) - GLANCE(tail);
}

size_t sniffer_read(uint8_t *records, size_t most) {
    uint32_t place = GLANCE(tail);
    size_t waiting = LOAD(head) - place;
    size_t n = waiting < most ? waiting : most;
    for (size_t i = 0; i < n; i++) {
        memcpy(records + i * SNIFFER_RECORD, ring[(place + i) % SNIFFER_RECORDS], SNIFFER_RECORD);
    }
    STORE(tail, (uint32_t)(place + n));
    return n;
}

uint32_t sniffer_lost(void) {
    uint32_t now = GLANCE(dropped);
    uint32_t lost = now - lost_before;
    lost_before = now;
    return lost;
}

bool sniffer_transmitter(size_t index, uint8_t octets[6]) {
    if (index >= SNIFFER_TRANSMITTERS || LOAD(session_heard) != GLANCE(session)) {
        return false;
    }
    address_t address;
    uint32_t version;
    do {
        version = LOAD(addresses_version);
        address.front = LOAD(addresses[index].front);
        address.back = LOAD(addresses[index].back);
    } while ((version & 1) || version != GLANCE(addresses_version));
    memcpy(octets, &address.front, 4);
    memcpy(octets + 4, &address.back, 2);
    return address.front || address.back;
}
