// A host's radio: a capture file, a monitor interface, or an Ethernet that stands for the air.
// MIT licence
//
// Linux. Nothing is heard but when it is asked for (pump): there is no thread here.
#include "sniffer.h"

#if WIFI_SNIFFER_HOST

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h> // before <linux/wireless.h>, which has the same otherwise
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <linux/if_arp.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/sockios.h>
#include <linux/wireless.h>

#define VARIABLE "WIFI_SNIFFER"
#define SOURCE_MAX (256)
#define PACKET_MAX (2048) // of which so much is looked at
#define STORED_MAX (1 << 18) // more is no packet: the file is broken
#define RECEIVE_BUFFER (1 << 20)

enum { LINK_ETHERNET = 1, LINK_80211 = 105, LINK_RADIOTAP = 127 }; // as a capture file says it

typedef struct {
    uint8_t data[PACKET_MAX];
    size_t captured, length; // of it is here; as it was
    uint32_t time_us;
    int64_t clock_us; // of a file, since 1970
} packet_t;

static FILE *file;
static int interface = -1; // a socket
static char interface_name[IFNAMSIZ];
static int link_type;
static int tuned;

// The source's options
static int only_channel; // 0: heard on all
static int overhead; // 0: that of WPA2
static bool from_ds, paced;

// Numbers in a file of either byte order
static bool swapped;
static uint32_t fractions; // of a second, in a time stamp
static packet_t next;
static bool have_next;
static int64_t file_begin, real_begin;

static uint16_t ethernet_sequence;

static int64_t now_us(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static unsigned u16(const uint8_t *octets) {
    return octets[0] | (unsigned)octets[1] << 8;
}

// Frames ---------------------------------------------------------------------------------------

// octets: the frame's, `captured` of them without anything in front
static void hear(sniffer_frame_t *frame, const uint8_t *octets, size_t captured) {
    int heard_on = frame->channel ? frame->channel : only_channel;
    bool elsewhere = heard_on && tuned && heard_on != tuned;
    if (captured < SNIFFER_HEADER || elsewhere) {
        return;
    }
    frame->channel = (uint8_t)(heard_on ? heard_on : tuned);
    sniffer_hear(frame, octets);
}

static uint8_t channel_of(unsigned mhz) {
    return (uint8_t)(mhz == 2484 ? 14 : mhz >= 2412 && mhz <= 2472 ? (mhz - 2407) / 5 : 0);
}

// The header in front says what the radio measured: fields of these sizes, also their alignment.
static void hear_radiotap(const packet_t *packet, sniffer_frame_t *frame) {
    static const struct { uint8_t size, alignment; } fields[] = {
        {8, 8}, {1, 1}, {1, 1}, {4, 2}, {2, 2}, {1, 1},
    };
    enum { FLAGS = 1, CHANNEL = 3, SIGNAL = 5, FCS_AT_END = 0x10 };
    if (packet->captured < 8) {
        return;
    }
    size_t size = u16(packet->data + 2);
    if (size < 8 || size > packet->captured || size > packet->length) {
        return;
    }
    uint32_t present = u16(packet->data + 4);
    size_t at = 4;
    while (at + 4 <= size && (packet->data[at + 3] & 0x80)) {
        at += 4; // more of such words
    }
    at += 4;
    frame->length = (uint32_t)(packet->length - size);
    for (unsigned i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        if (!(present & 1u << i)) {
            continue;
        }
        at = (at + fields[i].alignment - 1u) & ~(fields[i].alignment - 1u);
        const uint8_t *field = packet->data + at;
        at += fields[i].size;
        if (at > size) {
            return;
        }
        if (i == FLAGS && (*field & FCS_AT_END)) {
            frame->length -= 4;
        } else if (i == CHANNEL) {
            frame->channel = channel_of(u16(field));
        } else if (i == SIGNAL) {
            frame->rssi = (int8_t)*field;
        }
    }
    hear(frame, packet->data + size, packet->captured - size);
}

// An Ethernet frame stands for the 802.11 frame that would have carried it.
static void hear_ethernet(const packet_t *packet, sniffer_frame_t *frame) {
    static const uint8_t access_point[6] = {2, 0, 0, 0, 0, 1};
    const uint8_t *data = packet->data;
    if (packet->captured < ETH_HLEN + 20) {
        return;
    }
    bool ipv4 = data[12] == 8 && data[13] == 0;
    // A short one was filled up to 60 octets
    size_t datagram = ipv4 ? (size_t)(data[16] << 8 | data[17]) : packet->length - ETH_HLEN;
    int added = overhead ? overhead : from_ds ? 76 : 78;
    bool qos = added & 2; // without it they are all multiples of 4
    uint8_t header[SNIFFER_HEADER] = {qos ? 0x88 : 0x08, from_ds ? 0x42 : 0x41};
    memcpy(header + 4, from_ds ? data : access_point, 6);
    memcpy(header + 10, from_ds ? access_point : data + 6, 6);
    memcpy(header + 16, from_ds ? data + 6 : data, 6);
    ethernet_sequence = (ethernet_sequence + 1) & 0xFFF;
    header[22] = (uint8_t)(ethernet_sequence << 4);
    header[23] = (uint8_t)(ethernet_sequence >> 4);
    frame->length = (uint32_t)(datagram - 28 + (size_t)added);
    hear(frame, header, sizeof(header));
}

static void hear_packet(const packet_t *packet) {
    sniffer_frame_t frame = {
        .time_us = packet->time_us, .length = (uint32_t)packet->length, .rssi = -50,
    };
    if (link_type == LINK_RADIOTAP) {
        hear_radiotap(packet, &frame);
    } else if (link_type == LINK_ETHERNET) {
        hear_ethernet(packet, &frame);
    } else {
        hear(&frame, packet->data, packet->captured);
    }
}

// Files ----------------------------------------------------------------------------------------

static uint32_t number(const uint8_t *octets) {
    uint32_t value;
    memcpy(&value, octets, 4);
    return swapped ? __builtin_bswap32(value) : value;
}

static int open_file(const char *path) {
    uint8_t header[24];
    file = fopen(path, "rbe");
    if (!file) {
        return errno;
    }
    if (fread(header, sizeof(header), 1, file) != 1) {
        return EINVAL;
    }
    swapped = false;
    uint32_t magic = number(header);
    if (magic == 0xD4C3B2A1 || magic == 0x4D3CB2A1) {
        swapped = true;
        magic = number(header);
    }
    if (magic != 0xA1B2C3D4 && magic != 0xA1B23C4D) {
        return EINVAL;
    }
    fractions = magic == 0xA1B23C4D ? 1000 : 1;
    link_type = (int)(number(header + 20) & 0xFFFF);
    have_next = false;
    real_begin = 0;
    return link_type == LINK_ETHERNET || link_type == LINK_80211 || link_type == LINK_RADIOTAP
           ? 0 : EINVAL;
}

// False at the end, also where the file was cut off.
static bool read_file(packet_t *packet) {
    uint8_t header[16];
    if (fread(header, sizeof(header), 1, file) != 1) {
        return false;
    }
    uint32_t stored = number(header + 8);
    if (stored > STORED_MAX) {
        return false;
    }
    packet->clock_us = (int64_t)number(header) * 1000000 + number(header + 4) / fractions;
    packet->time_us = (uint32_t)packet->clock_us;
    packet->length = number(header + 12);
    packet->captured = stored < PACKET_MAX ? stored : PACKET_MAX;
    return fread(packet->data, 1, packet->captured, file) == packet->captured
           && fseek(file, (long)(stored - packet->captured), SEEK_CUR) == 0;
}

static bool is_due(const packet_t *packet) {
    if (!paced) {
        return true;
    }
    if (!real_begin) {
        real_begin = now_us();
        file_begin = packet->clock_us;
    }
    return packet->clock_us - file_begin <= now_us() - real_begin;
}

// As fast as it is read; or, paced, as it happened, whether or not somebody reads.
static bool pump_file(void) {
    bool any = false;
    while (paced || sniffer_has_room()) {
        have_next = have_next || read_file(&next);
        if (!have_next || !is_due(&next)) {
            break;
        }
        hear_packet(&next);
        have_next = false;
        any = true;
    }
    return any;
}

// Interfaces -----------------------------------------------------------------------------------

// A monitor interface is on one channel.
static int tune(int wanted) {
    struct iwreq request;
    memset(&request, 0, sizeof(request));
    strcpy(request.ifr_name, interface_name);
    request.u.freq.m = wanted; // a small number is a channel's
    request.u.freq.flags = IW_FREQ_FIXED;
    return ioctl(interface, SIOCSIWFREQ, &request) ? errno : 0;
}

static int open_interface(const char *name, int index) {
    uint16_t all_protocols = htons(ETH_P_ALL);
    interface = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, all_protocols);
    if (interface < 0) {
        return errno;
    }
    struct sockaddr_ll address = {
        .sll_family = AF_PACKET, .sll_protocol = all_protocols, .sll_ifindex = index,
    };
    struct packet_mreq all = {.mr_ifindex = index, .mr_type = PACKET_MR_PROMISC};
    socklen_t size = sizeof(address);
    int room = RECEIVE_BUFFER;
    strcpy(interface_name, name); // if_nametoindex() knew it
    setsockopt(interface, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
    setsockopt(interface, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &all, sizeof(all));
    if (bind(interface, (struct sockaddr *)&address, sizeof(address))
        || getsockname(interface, (struct sockaddr *)&address, &size)) {
        return errno;
    }
    switch (address.sll_hatype) {
        case ARPHRD_IEEE80211_RADIOTAP:
        case ARPHRD_IEEE80211:
            link_type = address.sll_hatype == ARPHRD_IEEE80211 ? LINK_80211 : LINK_RADIOTAP;
            return tuned ? tune(tuned) : 0;
        case ARPHRD_ETHER:
        case ARPHRD_LOOPBACK:
            link_type = LINK_ETHERNET;
            return 0;
    }
    return EPROTONOSUPPORT;
}

static bool pump_interface(void) {
    bool any = false;
    for (;;) {
        struct sockaddr_ll from;
        socklen_t size = sizeof(from);
        ssize_t got = recvfrom(interface, next.data, PACKET_MAX, MSG_TRUNC,
            (struct sockaddr *)&from, &size);
        if (got < 0) {
            return any;
        }
        struct timeval stamp = {0, 0};
        ioctl(interface, SIOCGSTAMP, &stamp);
        if (from.sll_pkttype == PACKET_OUTGOING) {
            continue; // one's own
        }
        next.length = (size_t)got;
        next.captured = next.length < PACKET_MAX ? next.length : PACKET_MAX;
        next.time_us = (uint32_t)stamp.tv_sec * 1000000u + (uint32_t)stamp.tv_usec;
        hear_packet(&next);
        any = true;
    }
}

// The source -----------------------------------------------------------------------------------

static bool option(const char *word) {
    static const struct { const char *name; int *value; int most; } numbers[] = {
        {"channel=", &only_channel, 14}, {"overhead=", &overhead, 100},
    };
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        size_t length = strlen(numbers[i].name);
        if (strncmp(word, numbers[i].name, length) == 0) {
            char *end;
            long value = strtol(word + length, &end, 10);
            *numbers[i].value = (int)value;
            return end != word + length && !*end && value > 0 && value <= numbers[i].most;
        }
    }
    bool is_way = strcmp(word, "from_ds") == 0, is_pace = strcmp(word, "paced") == 0;
    from_ds |= is_way;
    paced |= is_pace;
    return is_way || is_pace || strcmp(word, "to_ds") == 0;
}

static void stop(void) {
    if (file) {
        fclose(file);
        file = NULL;
    }
    if (interface >= 0) {
        close(interface);
        interface = -1;
    }
}

// source: a file or an interface, then options, all separated by commas
static int start(const char *source, bool length_only) {
    (void)length_only; // monitor mode hands over whole frames
    char words[SOURCE_MAX];
    source = source ? source : getenv(VARIABLE);
    if (!source || !*source) {
        return ENODEV;
    }
    if (strlen(source) >= sizeof(words)) {
        return ENAMETOOLONG;
    }
    strcpy(words, source);
    only_channel = overhead = 0;
    from_ds = paced = false;
    char *rest;
    char *name = strtok_r(words, ",", &rest);
    for (char *word; (word = strtok_r(NULL, ",", &rest));) {
        if (!option(word)) {
            return EINVAL;
        }
    }
    int index = name ? (int)if_nametoindex(name) : 0;
    int error = !name ? ENODEV : index ? open_interface(name, index) : open_file(name);
    if (error) {
        stop();
    }
    return error;
}

// A file or an Ethernet is heard on the channels that it says, or `channel=`.
static int channel(int wanted) {
    int error = interface >= 0 && link_type != LINK_ETHERNET ? tune(wanted) : 0;
    tuned = error ? tuned : wanted;
    return error;
}

static bool pump(void) {
    return file ? pump_file() : interface >= 0 && pump_interface();
}

bool sniffer_host_is_told(void) {
    const char *source = getenv(VARIABLE);
    return source && *source;
}

const sniffer_backend_t sniffer_host = {start, stop, channel, pump};

#endif
