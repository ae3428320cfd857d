// What the parts of wifi_sniffer share: a frame's way from a radio into the ring, and out of it.
// MIT licence
#ifndef WIFI_SNIFFER_H
#define WIFI_SNIFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Which back ends are built in: esp32.c, host.c. A twin of the ESP32 has both.
#ifndef WIFI_SNIFFER_ESP32
#ifdef ESP_PLATFORM
#define WIFI_SNIFFER_ESP32 (1)
#else
#define WIFI_SNIFFER_ESP32 (0)
#endif
#endif
#ifndef WIFI_SNIFFER_HOST
#define WIFI_SNIFFER_HOST (0)
#endif

// A record, little endian: time u32 in us; length u16 without FCS; sequence number << 4 and flags
// u16; rssi i8; channel u8; transmitter u8, an index for sniffer_transmitter() or 255; kind of
// destination u8; its last three octets (0 for a unicast one); a spare one.
#define SNIFFER_RECORD (16)
#define SNIFFER_RECORDS (256) // that wait in the ring; a power of two
#define SNIFFER_TRANSMITTERS (16)
#define SNIFFER_UNKNOWN (255)

enum { SNIFFER_FROM_DS = 1, SNIFFER_RETRY = 2, SNIFFER_QOS = 4, SNIFFER_LENGTH_ONLY = 8 };
enum { SNIFFER_UNICAST, SNIFFER_BROADCAST, SNIFFER_MULTICAST };

// One task or thread hears. No allocation, no lock, no Python object: it may be any task.

// A frame as a radio hears it.
typedef struct {
    uint32_t time_us;
    uint32_t length; // of the whole frame without its FCS
    int8_t rssi; // dBm
    uint8_t channel;
} sniffer_frame_t;

#define SNIFFER_HEADER (26) // of a frame that is looked at

// header: the frame's first SNIFFER_HEADER octets, in 802.11's layout; NULL where only a length
// is known.
void sniffer_hear(const sniffer_frame_t *frame, const uint8_t *header);
bool sniffer_has_room(void);

// One other reads. It may begin anew at any time, also while a frame is being heard.
void sniffer_begin(void); // nothing heard, nothing lost, no transmitter known
size_t sniffer_waiting(void);
size_t sniffer_read(uint8_t *records, size_t most); // how many there were
uint32_t sniffer_lost(void); // for want of room, since it was asked last
bool sniffer_transmitter(size_t index, uint8_t address[6]); // false: there is none

// What a radio has to do. The functions return 0 or the number of an OSError.
typedef struct {
    // source: what a host listens to, or NULL; length_only: also frames of which no more is known
    int (*start)(const char *source, bool length_only);
    void (*stop)(void);
    int (*channel)(int channel);
    // Have frames heard that are there already; returns whether there were any. NULL: they come
    // by themselves.
    bool (*pump)(void);
} sniffer_backend_t;

extern const sniffer_backend_t sniffer_esp32, sniffer_host;
bool sniffer_host_is_told(void); // does the environment name a source?

#endif
