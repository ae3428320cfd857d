// The module `wifi_sniffer`: what MicroPython sees of it. README.md describes the functions.
// MIT licence
#include "py/runtime.h"

#include "sniffer.h"

#define CHANNEL_MAX (14)

static const sniffer_backend_t *running; // NULL: stopped
static int tuned; // 0: never told

static const sniffer_backend_t *backend(const char *source) {
    #if WIFI_SNIFFER_HOST
    if (source || sniffer_host_is_told() || !WIFI_SNIFFER_ESP32) {
        return &sniffer_host;
    }
    #endif
    #if WIFI_SNIFFER_ESP32
    if (!source) {
        return &sniffer_esp32;
    }
    #endif
    mp_raise_ValueError(MP_ERROR_TEXT("no source on this board: it has one radio"));
}

static void stop(void) {
    const sniffer_backend_t *before = running;
    if (before) {
        running = NULL;
        MP_THREAD_GIL_EXIT();
        before->stop();
        MP_THREAD_GIL_ENTER();
    }
}

// A radio's error number, of OSError
static void check(int error) {
    if (error) {
        mp_raise_OSError(error);
    }
}

// start(source=None, *, length_only=False)
static mp_obj_t wifi_sniffer_start(size_t n_args, const mp_obj_t *args, mp_map_t *keywords) {
    enum { ARG_source, ARG_length_only };
    static const mp_arg_t allowed[] = {
        { MP_QSTR_source, MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE} },
        { MP_QSTR_length_only, MP_ARG_KW_ONLY | MP_ARG_BOOL, {.u_bool = false} },
    };
    mp_arg_val_t values[MP_ARRAY_SIZE(allowed)];
    mp_arg_parse_all(n_args, args, keywords, MP_ARRAY_SIZE(allowed), allowed, values);
    mp_obj_t named = values[ARG_source].u_obj;
    const char *source = named == mp_const_none ? NULL : mp_obj_str_get_str(named);
    const sniffer_backend_t *chosen = backend(source);
    stop();
    sniffer_begin();
    MP_THREAD_GIL_EXIT();
    int error = chosen->start(source, values[ARG_length_only].u_bool);
    MP_THREAD_GIL_ENTER();
    check(error);
    running = chosen;
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_KW(wifi_sniffer_start_obj, 0, wifi_sniffer_start);

// stop(). What was heard before can still be read.
static mp_obj_t wifi_sniffer_stop(void) {
    stop();
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_0(wifi_sniffer_stop_obj, wifi_sniffer_stop);

// channel([number])
static mp_obj_t wifi_sniffer_channel(size_t n_args, const mp_obj_t *args) {
    if (n_args == 0) {
        return MP_OBJ_NEW_SMALL_INT(tuned);
    }
    mp_int_t number = mp_obj_get_int(args[0]);
    if (number < 1 || number > CHANNEL_MAX) {
        mp_raise_ValueError(MP_ERROR_TEXT("channel is 1 to 14"));
    }
    const sniffer_backend_t *chosen = running ? running : backend(NULL);
    MP_THREAD_GIL_EXIT();
    int error = chosen->channel((int)number);
    MP_THREAD_GIL_ENTER();
    check(error);
    tuned = (int)number;
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(wifi_sniffer_channel_obj, 0, 1, wifi_sniffer_channel);

static bool pump(void) {
    return running && running->pump && running->pump();
}

// readinto(buffer): how many records it got
static mp_obj_t wifi_sniffer_readinto(mp_obj_t object) {
    mp_buffer_info_t buffer;
    mp_get_buffer_raise(object, &buffer, MP_BUFFER_WRITE);
    size_t most = buffer.len / SNIFFER_RECORD, n = 0;
    bool more;
    do {
        more = pump();
        n += sniffer_read((uint8_t *)buffer.buf + n * SNIFFER_RECORD, most - n);
    } while (more && n < most);
    return MP_OBJ_NEW_SMALL_INT(n);
}
static MP_DEFINE_CONST_FUN_OBJ_1(wifi_sniffer_readinto_obj, wifi_sniffer_readinto);

// any(): how many records wait
static mp_obj_t wifi_sniffer_any(void) {
    pump();
    return MP_OBJ_NEW_SMALL_INT(sniffer_waiting());
}
static MP_DEFINE_CONST_FUN_OBJ_0(wifi_sniffer_any_obj, wifi_sniffer_any);

// lost(): how many found no room, since it was asked last
static mp_obj_t wifi_sniffer_lost(void) {
    return mp_obj_new_int_from_uint(sniffer_lost());
}
static MP_DEFINE_CONST_FUN_OBJ_0(wifi_sniffer_lost_obj, wifi_sniffer_lost);

// transmitter(index): its address, or IndexError
static mp_obj_t wifi_sniffer_transmitter(mp_obj_t index) {
    uint8_t address[6];
    mp_int_t number = mp_obj_get_int(index);
    if (number < 0 || !sniffer_transmitter((size_t)number, address)) {
        mp_raise_msg(&mp_type_IndexError, MP_ERROR_TEXT("no such transmitter"));
    }
    return mp_obj_new_bytes(address, sizeof(address));
}
static MP_DEFINE_CONST_FUN_OBJ_1(wifi_sniffer_transmitter_obj, wifi_sniffer_transmitter);

// After a soft reset nobody listens any more.
static mp_obj_t wifi_sniffer_init(void) {
    stop();
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_0(wifi_sniffer_init_obj, wifi_sniffer_init);

static const mp_rom_map_elem_t wifi_sniffer_globals_table[] = {
    { MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR_wifi_sniffer) },
    { MP_ROM_QSTR(MP_QSTR___init__), MP_ROM_PTR(&wifi_sniffer_init_obj) },
    { MP_ROM_QSTR(MP_QSTR_start), MP_ROM_PTR(&wifi_sniffer_start_obj) },
    { MP_ROM_QSTR(MP_QSTR_stop), MP_ROM_PTR(&wifi_sniffer_stop_obj) },
    { MP_ROM_QSTR(MP_QSTR_channel), MP_ROM_PTR(&wifi_sniffer_channel_obj) },
    { MP_ROM_QSTR(MP_QSTR_readinto), MP_ROM_PTR(&wifi_sniffer_readinto_obj) },
    { MP_ROM_QSTR(MP_QSTR_any), MP_ROM_PTR(&wifi_sniffer_any_obj) },
    { MP_ROM_QSTR(MP_QSTR_lost), MP_ROM_PTR(&wifi_sniffer_lost_obj) },
    { MP_ROM_QSTR(MP_QSTR_transmitter), MP_ROM_PTR(&wifi_sniffer_transmitter_obj) },
    { MP_ROM_QSTR(MP_QSTR_RECORD), MP_ROM_INT(SNIFFER_RECORD) },
    { MP_ROM_QSTR(MP_QSTR_RECORDS), MP_ROM_INT(SNIFFER_RECORDS) },
};
static MP_DEFINE_CONST_DICT(wifi_sniffer_globals, wifi_sniffer_globals_table);

const mp_obj_module_t mp_module_wifi_sniffer = {
    .base = { &mp_type_module },
    .globals = (mp_obj_dict_t *)&wifi_sniffer_globals,
};

MP_REGISTER_MODULE(MP_QSTR_wifi_sniffer, mp_module_wifi_sniffer);
