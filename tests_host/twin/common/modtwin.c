// `_twin`: how a test in the same process moves the world.
// MIT licence

#include <string.h>

#include "py/runtime.h"

#include "task.h"

// start(fast): an empty world at 0 ms. In fast time nothing waits: time passes in jump(), in calls
// of the radio that block, and nowhere else.
static mp_obj_t twin_start(mp_obj_t is_fast) {
    world_begin(mp_obj_is_true(is_fast));
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(twin_start_obj, twin_start);

// now(): ms since start()
static mp_obj_t twin_now(void) {
    world_enter();
    int64_t now = world_now();
    world_exit();
    return mp_obj_new_int_from_ll(now);
}
static MP_DEFINE_CONST_FUN_OBJ_0(twin_now_obj, twin_now);

// jump(ms): let fast time pass, and what happens in it happen
static mp_obj_t twin_jump(mp_obj_t ms) {
    mp_int_t length = mp_obj_get_int(ms);
    MP_THREAD_GIL_EXIT();
    world_jump(length);
    MP_THREAD_GIL_ENTER();
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(twin_jump_obj, twin_jump);

// tell(line): carry out a command of the control language; its answer, or ValueError
static mp_obj_t twin_tell(mp_obj_t line) {
    char answer[1024];
    const char *text = mp_obj_str_get_str(line);
    world_enter();
    bool good = command_run(text, answer, sizeof(answer));
    world_exit();
    if (!good) {
        mp_raise_msg_varg(&mp_type_ValueError, MP_ERROR_TEXT("%s"), answer);
    }
    return mp_obj_new_str(answer, strlen(answer));
}
static MP_DEFINE_CONST_FUN_OBJ_1(twin_tell_obj, twin_tell);

// reset(): the radio as after power-up, once both interfaces are off
static mp_obj_t twin_reset(void) {
    world_enter();
    driver_reset();
    world_exit();
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_0(twin_reset_obj, twin_reset);

static mp_obj_t twin_getattr(mp_obj_t name) {
    if (mp_obj_str_get_qstr(name) == MP_QSTR_board) {
        return mp_obj_new_str(driver_board, strlen(driver_board));
    }
    return MP_OBJ_NULL; // there is none; import asks for __init__, which must not raise
}
static MP_DEFINE_CONST_FUN_OBJ_1(twin_getattr_obj, twin_getattr);

static const mp_rom_map_elem_t twin_globals_table[] = {
    { MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR__twin) },
    { MP_ROM_QSTR(MP_QSTR___getattr__), MP_ROM_PTR(&twin_getattr_obj) },
    { MP_ROM_QSTR(MP_QSTR_start), MP_ROM_PTR(&twin_start_obj) },
    { MP_ROM_QSTR(MP_QSTR_now), MP_ROM_PTR(&twin_now_obj) },
    { MP_ROM_QSTR(MP_QSTR_jump), MP_ROM_PTR(&twin_jump_obj) },
    { MP_ROM_QSTR(MP_QSTR_tell), MP_ROM_PTR(&twin_tell_obj) },
    { MP_ROM_QSTR(MP_QSTR_reset), MP_ROM_PTR(&twin_reset_obj) },
};
static MP_DEFINE_CONST_DICT(twin_globals, twin_globals_table);

const mp_obj_module_t mp_module_twin = {
    .base = { &mp_type_module },
    .globals = (mp_obj_dict_t *)&twin_globals,
};

MP_REGISTER_MODULE(MP_QSTR__twin, mp_module_twin);
