// The Pico W's addresses: what lwIP does there, as far as MicroPython's Wi-Fi code can tell.
// MIT licence

#include <arpa/inet.h>
#include <string.h>

#include "lib/cyw43-driver/src/cyw43.h"
#include "lwip/dhcp.h"
#include "lwip/dns.h"
#include "lwip/prot/dhcp.h"

#include "addresses.h"
#include "chip.h"

typedef struct {
    ip_addr_t ip;
    ip_addr_t netmask;
    ip_addr_t gw;
} net_t;

static struct {
    net_t net;
    bool client; // DHCP's runs, whenever the interface is up
    bool bound; // and gave the address
} nets[2];

static ip_addr_t dns;
static net_t shown[2]; // to MicroPython's code
static ip_addr_t dns_shown;
static bool fixed; // the address that comes is not from DHCP

static ip_addr_t from_octets(const uint8_t octets[4]) {
    ip_addr_t address;
    memcpy(&address.addr, octets, 4);
    return address;
}

static net_t net_of(const uint8_t address[4], uint8_t gateway_host) {
    uint8_t gateway[4] = {address[0], address[1], address[2], gateway_host};
    static const uint8_t netmask[4] = {255, 255, 255, 0};
    return (net_t) {from_octets(address), from_octets(netmask), from_octets(gateway)};
}

void addresses_power_up(void) {
    memset(nets, 0, sizeof(nets));
    nets[CYW43_ITF_STA].client = true;
    dns.addr = 0;
    memset(shown, 0, sizeof(shown));
    memset(cyw43_state.netif, 0, sizeof(cyw43_state.netif));
}

bool addresses_known(void) {
    return nets[CYW43_ITF_STA].net.ip.addr != 0;
}

static void forget_lease(int itf) {
    if (nets[itf].bound) {
        memset(&nets[itf].net, 0, sizeof(net_t));
    }
    nets[itf].bound = false;
}

static void have_fixed(void) {
    fixed = true;
    link_have_address();
    fixed = false;
}

void addresses_joined(void) {
    if (addresses_known()) {
        have_fixed();
    }
    if (nets[CYW43_ITF_STA].client) {
        link_ask_address();
    }
}

void addresses_came(const router_t *router) {
    if (fixed || !nets[CYW43_ITF_STA].client) {
        return;
    }
    // What a home router gives: it is gateway and name server.
    nets[CYW43_ITF_STA].net = net_of(router->address, 1);
    nets[CYW43_ITF_STA].bound = true;
    dns = nets[CYW43_ITF_STA].net.gw;
}

// Believed: an address from DHCP goes with the link, one that was set stays.
void addresses_lost(void) {
    forget_lease(CYW43_ITF_STA);
}

void addresses_ap(const uint8_t *address) {
    memset(&nets[CYW43_ITF_AP], 0, sizeof(nets[CYW43_ITF_AP]));
    if (address) {
        nets[CYW43_ITF_AP].net = net_of(address, address[3]);
        memcpy(air_ap.address, address, 4);
    }
}

static uint8_t dhcp_state(int itf) {
    return !chip.up[itf] || !nets[itf].client ? DHCP_STATE_OFF
           : nets[itf].bound ? DHCP_STATE_BOUND : DHCP_STATE_SELECTING;
}

static void written(int itf) {
    if (itf == CYW43_ITF_AP) {
        memcpy(air_ap.address, &nets[itf].net.ip.addr, 4);
    } else if (link_state() == LINK_JOINED && addresses_known()) {
        have_fixed();
    }
}

// With the world locked.
static void exchange(void) {
    for (int itf = 0; itf < 2; itf++) {
        struct netif *netif = &cyw43_state.netif[itf];
        net_t found = {netif->ip_addr, netif->netmask, netif->gw};
        if (memcmp(&found, &shown[itf], sizeof(found))) {
            nets[itf].net = found;
            written(itf);
        }
        shown[itf] = nets[itf].net;
        netif->ip_addr = shown[itf].ip;
        netif->netmask = shown[itf].netmask;
        netif->gw = shown[itf].gw;
        netif->dhcp.state = dhcp_state(itf);
    }
}

void addresses_exchange(void) {
    world_enter();
    exchange();
    world_exit();
}

// lwIP ---------------------------------------------------------------------------------------

static int enter(const struct netif *netif) {
    world_enter();
    exchange();
    return netif == &cyw43_state.netif[CYW43_ITF_AP];
}

static void leave(void) {
    exchange();
    world_exit();
}

// Nobody answers on the AP's side.
int8_t dhcp_start(struct netif *netif) {
    int itf = enter(netif);
    nets[itf].client = true;
    if (itf == CYW43_ITF_STA && chip.up[itf]) {
        link_ask_address();
    }
    leave();
    return 0;
}

int8_t dhcp_renew(struct netif *netif) {
    int itf = enter(netif);
    if (itf == CYW43_ITF_STA && nets[itf].bound) {
        link_ask_address();
    }
    leave();
    return 0;
}

// The lease's address goes with it (lwIP's documentation: it is released).
void dhcp_release_and_stop(struct netif *netif) {
    int itf = enter(netif);
    forget_lease(itf);
    nets[itf].client = false;
    leave();
}

int8_t dhcp_release(struct netif *netif) {
    dhcp_release_and_stop(netif);
    return 0;
}

void dhcp_stop(struct netif *netif) {
    dhcp_release_and_stop(netif);
}

uint8_t dhcp_supplied_address(const struct netif *netif) {
    int itf = enter(netif);
    bool bound = dhcp_state(itf) == DHCP_STATE_BOUND;
    leave();
    return bound;
}

const ip_addr_t *dns_getserver(uint8_t number) {
    enter(NULL);
    dns_shown = dns;
    leave();
    return &dns_shown;
}

void dns_setserver(uint8_t number, const ip_addr_t *server) {
    enter(NULL);
    dns = *server;
    leave();
}

// Both take what BSD's inet_aton() takes, which the C library has.
int ipaddr_aton(const char *text, ip_addr_t *address) {
    struct in_addr parsed;
    if (!inet_aton(text, &parsed)) {
        return 0;
    }
    address->addr = parsed.s_addr;
    return 1;
}

char *ipaddr_ntoa_r(const ip_addr_t *address, char *text, int size) {
    struct in_addr shown_address = {address->addr};
    return (char *)inet_ntop(AF_INET, &shown_address, text, (socklen_t)size);
}
