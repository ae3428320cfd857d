// The ESP32's network interfaces: addresses, the DHCP client and server, name servers.
// MIT licence
//
// The sockets are the PC's and know nothing of this.
#include <stdio.h>
#include <string.h>

#include "lwip/dns.h"
#include "radio.h"

struct esp_netif_obj {
    const char *name; // as lwIP counts them, after the loopback
    bool is_ap;
    esp_netif_dhcp_status_t dhcp; // client or server
    esp_netif_ip_info_t info;
    ip_addr_t dns;
};

static esp_netif_t station = {.name = "st1"};
static esp_netif_t ap = {.name = "ap2", .is_ap = true};

// The AP's DHCP server: leases follow the interface's address, and it names itself as DNS server
// whatever the interface's is (believed: nobody asked it to offer another).
static void serve(void) {
    ap.dhcp = ESP_NETIF_DHCP_STARTED;
    memcpy(air_ap.address, &ap.info.ip, 4);
    memcpy(air_ap.dhcp_router, &ap.info.ip, 4);
    memcpy(air_ap.dhcp_dns, &ap.info.ip, 4);
    if (ap_is_up()) {
        ap_report();
    }
}

void netif_reset(const uint8_t ap_address[4]) {
    memset(&station.info, 0, sizeof(station.info));
    station.dhcp = ESP_NETIF_DHCP_INIT;
    station.dns.addr = ap.dns.addr = 0;
    memcpy(&ap.info.ip, ap_address, 4);
    ap.info.gw = ap.info.ip;
    ap.info.netmask.addr = htonl(0xFFFFFF00);
    serve();
}

// The station's address -----------------------------------------------------------------------

static void have_address(intptr_t unused) {
    // 0.0.0.0 is none: nobody is told; believed.
    if (link_state() == LINK_JOINED && station.dhcp == ESP_NETIF_DHCP_STOPPED
        && station.info.ip.addr) {
        link_have_address();
    }
}

void netif_joined(void) {
    if (station.dhcp == ESP_NETIF_DHCP_STOPPED) {
        have_address(0);
    } else {
        station.dhcp = ESP_NETIF_DHCP_STARTED;
        link_ask_address();
    }
}

void netif_lease(const router_t *router) {
    if (station.dhcp == ESP_NETIF_DHCP_STOPPED) {
        return;
    }
    memcpy(&station.info.ip, router->address, 4);
    uint32_t network = ntohl(station.info.ip.addr) & 0xFFFFFF00;
    station.info.netmask.addr = htonl(0xFFFFFF00);
    station.info.gw.addr = htonl(network | 1);
    station.dns = station.info.gw;
}

// Believed: the address goes at once (the IDF waits 120 s before it says so by an event).
void netif_lost(void) {
    if (station.dhcp != ESP_NETIF_DHCP_STOPPED) {
        station.dhcp = ESP_NETIF_DHCP_INIT;
        memset(&station.info, 0, sizeof(station.info));
    }
}

esp_err_t esp_netif_dhcpc_start(esp_netif_t *netif) {
    world_enter();
    netif->dhcp = ESP_NETIF_DHCP_INIT; // until there is a link
    if (link_state() == LINK_JOINED) {
        netif->dhcp = ESP_NETIF_DHCP_STARTED;
        link_ask_address();
    }
    world_exit();
    return ESP_OK;
}

esp_err_t esp_netif_dhcpc_stop(esp_netif_t *netif) {
    world_enter();
    bool was = netif->dhcp == ESP_NETIF_DHCP_STOPPED;
    netif->dhcp = ESP_NETIF_DHCP_STOPPED;
    world_exit();
    return was ? ESP_ERR_ESP_NETIF_DHCP_ALREADY_STOPPED : ESP_OK;
}

esp_err_t esp_netif_dhcpc_get_status(esp_netif_t *netif, esp_netif_dhcp_status_t *status) {
    world_enter();
    *status = netif->dhcp;
    world_exit();
    return ESP_OK;
}

// Both interfaces -----------------------------------------------------------------------------

esp_err_t esp_netif_init(void) {
    return ESP_OK;
}

esp_netif_t *esp_netif_create_default_wifi_sta(void) {
    return &station;
}

esp_netif_t *esp_netif_create_default_wifi_ap(void) {
    return &ap;
}

esp_err_t esp_netif_set_hostname(esp_netif_t *netif, const char *hostname) {
    return ESP_OK; // nobody here reads it
}

esp_err_t esp_netif_get_ip_info(esp_netif_t *netif, esp_netif_ip_info_t *info) {
    world_enter();
    *info = netif->info;
    world_exit();
    return ESP_OK;
}

esp_err_t esp_netif_set_ip_info(esp_netif_t *netif, const esp_netif_ip_info_t *info) {
    world_enter();
    bool stopped = netif->dhcp == ESP_NETIF_DHCP_STOPPED;
    if (stopped) {
        netif->info = *info;
        if (!netif->is_ap) {
            world_after(0, have_address, 0); // the handlers are told by the task
        }
    }
    world_exit();
    return stopped ? ESP_OK : ESP_ERR_ESP_NETIF_DHCP_NOT_STOPPED;
}

esp_err_t esp_netif_dhcps_start(esp_netif_t *netif) {
    world_enter();
    bool was = netif->dhcp == ESP_NETIF_DHCP_STARTED;
    serve();
    world_exit();
    return was ? ESP_ERR_ESP_NETIF_DHCP_ALREADY_STARTED : ESP_OK;
}

esp_err_t esp_netif_dhcps_stop(esp_netif_t *netif) {
    return esp_netif_dhcpc_stop(netif);
}

esp_err_t esp_netif_get_netif_impl_name(esp_netif_t *netif, char *name) {
    strcpy(name, netif->name);
    return ESP_OK;
}

// Name servers --------------------------------------------------------------------------------

esp_err_t esp_netif_get_dns_info(esp_netif_t *netif, esp_netif_dns_type_t type,
    esp_netif_dns_info_t *dns) {
    world_enter();
    dns->ip.ip4 = netif->dns;
    world_exit();
    return ESP_OK;
}

esp_err_t esp_netif_set_dns_info(esp_netif_t *netif, esp_netif_dns_type_t type,
    esp_netif_dns_info_t *dns) {
    world_enter();
    netif->dns = dns->ip.ip4;
    world_exit();
    return ESP_OK;
}

// lwIP's list, which the station's interface uses
const ip_addr_t *dns_getserver(uint8_t number) {
    return &station.dns;
}

void dns_setserver(uint8_t number, const ip_addr_t *server) {
    world_enter();
    station.dns = *server;
    world_exit();
}

char *ipaddr_ntoa_r(const ip_addr_t *address, char *text, int size) {
    uint8_t a[4];
    memcpy(a, address, 4);
    snprintf(text, (size_t)size, "%d.%d.%d.%d", a[0], a[1], a[2], a[3]);
    return text;
}

int ipaddr_aton(const char *text, ip_addr_t *address) {
    uint8_t a[4];
    bool good = parse_address(text, a);
    if (good) {
        memcpy(address, a, 4);
    }
    return good;
}
