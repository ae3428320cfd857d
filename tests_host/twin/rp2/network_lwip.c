// MicroPython's ifconfig() and ipconfig(): extmod/network_lwip.c. The build has no lwIP, which
// would bring its sockets; only this file is told that it has.
// MIT licence
#include "py/mpconfig.h"

#define MICROPY_PY_LWIP (1)
#define mod_network_nic_ifconfig genuine_nic_ifconfig
#define mod_network_nic_ipconfig genuine_nic_ipconfig
#include "extmod/network_lwip.c"
#undef mod_network_nic_ifconfig
#undef mod_network_nic_ipconfig

#include "addresses.h"

// Both look at an interface's addresses, and set them, without any call of lwIP: it is told before
// and after. They may raise when some are set already.

mp_obj_t mod_network_nic_ifconfig(struct netif *netif, size_t n_args, const mp_obj_t *args) {
    addresses_exchange();
    nlr_buf_t nlr;
    if (nlr_push(&nlr) == 0) {
        mp_obj_t result = genuine_nic_ifconfig(netif, n_args, args);
        nlr_pop();
        addresses_exchange();
        return result;
    }
    addresses_exchange();
    nlr_jump(nlr.ret_val);
}

mp_obj_t mod_network_nic_ipconfig(struct netif *netif, size_t n_args, const mp_obj_t *args,
    mp_map_t *kwargs) {
    addresses_exchange();
    nlr_buf_t nlr;
    if (nlr_push(&nlr) == 0) {
        mp_obj_t result = genuine_nic_ipconfig(netif, n_args, args, kwargs);
        nlr_pop();
        addresses_exchange();
        return result;
    }
    addresses_exchange();
    nlr_jump(nlr.ret_val);
}
