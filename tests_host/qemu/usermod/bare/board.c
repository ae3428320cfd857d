// What the qemu port lacks: time, Ctrl-C, a flash and a start from it, a ROMFS partition.
// MIT licence
#include "py/gc.h"
#include "py/mperrno.h"
#include "py/mphal.h"
#include "py/objarray.h"
#include "py/runtime.h"
#include "py/stackctrl.h"
#include "extmod/vfs.h"
#include "shared/readline/readline.h"
#include "shared/runtime/interrupt_char.h"
#include "shared/runtime/pyexec.h"

// The machine's second memory, 16 MB. QEMU keeps it in a file, as a flash would: first the file
// system (frozen/_boot.py), then this, then what the factory wrote (frozen/machine.py).
#define ROMFS_START (0x21200000)
#define ROMFS_BYTES (512 * 1024)

// Armv7-M Architecture Reference Manual, B3.3: the system timer. The machine runs at 25 MHz.
#define SYSTICK ((volatile uint32_t *)0xE000E010)
#define CYCLES_PER_MS (25000)
#define TICK_MS (10) // a shorter one costs the machine around it too much

static volatile uint32_t now_ms;

// ---- the serial line: an interrupt for each byte, so that Ctrl-C is heard while a program runs

// CMSDK UART (Arm DDI 0479, 4.3), by which the machine talks; interrupt 0 is its receiver's.
#define UART_CTRL (*(volatile uint32_t *)0x40004008)
#define UART_INTCLEAR (*(volatile uint32_t *)0x4000400C)
#define UART_RX_INTERRUPT (1 << 3)
#define NVIC_ENABLE (*(volatile uint32_t *)0xE000E100)
#define VECTORS (*(const uint32_t *volatile *)0xE000ED08)

int __real_uart_rx_chr(void);
static uint8_t ring[1024];
static volatile uint32_t ring_in, ring_out;
static uint32_t vectors[17] __attribute__((aligned(128)));

static void uart_interrupt(void) {
    UART_INTCLEAR = 2;
    int c = __real_uart_rx_chr();
    if (c >= 0 && c == mp_interrupt_char) {
        mp_sched_keyboard_interrupt();
    } else if (c >= 0 && ring_in - ring_out < sizeof(ring)) {
        ring[ring_in++ % sizeof(ring)] = c;
    }
}

static void uart_listen(void) {
    memcpy(vectors, VECTORS, 16 * sizeof(uint32_t));
    vectors[16] = (uint32_t)uart_interrupt;
    VECTORS = vectors;
    NVIC_ENABLE = 1;
    UART_CTRL |= UART_RX_INTERRUPT;
    uart_interrupt(); // what came before
}

int __wrap_uart_rx_chr(void) {
    if (ring_in == ring_out) {
        mp_handle_pending(true);
        __asm volatile ("wfi"); // the next byte is faster without, and costs a processor
        return -1;
    }
    return ring[ring_out++ % sizeof(ring)];
}

// ---- time

void __wrap_SysTick_Handler(void) {
    now_ms += TICK_MS;
}

static void systick_start(void) {
    SYSTICK[1] = TICK_MS * CYCLES_PER_MS - 1;
    SYSTICK[2] = 0;
    SYSTICK[0] = 7; // on, with its interrupt, by the processor's clock
}

// The milliseconds until the last tick, and through `cycles` those of the processor since.
static uint32_t now(uint32_t *cycles) {
    uint32_t ms;
    do {
        ms = now_ms;
        *cycles = TICK_MS * CYCLES_PER_MS - 1 - SYSTICK[2];
    } while (ms != now_ms);
    return ms;
}

mp_uint_t mp_hal_ticks_us(void) {
    uint32_t cycles, ms = now(&cycles);
    return ms * 1000 + cycles / (CYCLES_PER_MS / 1000);
}

mp_uint_t mp_hal_ticks_ms(void) {
    uint32_t cycles, ms = now(&cycles);
    return ms + cycles / CYCLES_PER_MS;
}

mp_uint_t mp_hal_ticks_cpu(void) {
    return mp_hal_ticks_us();
}

uint64_t mp_hal_time_ns(void) { // littlefs dates its files; there is no calendar
    return mp_hal_ticks_ms() * 1000000ull;
}

void mp_hal_delay_us(mp_uint_t us) {
    mp_uint_t start = mp_hal_ticks_us();
    while (mp_hal_ticks_us() - start < us) {
    }
}

void mp_hal_delay_ms(mp_uint_t ms) {
    mp_uint_t start = mp_hal_ticks_ms();
    while (mp_hal_ticks_ms() - start < ms) {
        MICROPY_EVENT_POLL_HOOK
    }
}

// ---- the flash: in C as on boards, since the garbage collector closes files that were left open

#define FLASH_START (0x21000000)
#define FLASH_BLOCK (4096)
#define FLASH_BLOCKS (512)

static uint8_t *flash_at(mp_obj_t block, size_t n_args, const mp_obj_t *args) {
    mp_int_t offset = n_args == 4 ? mp_obj_get_int(args[3]) : 0;
    return (uint8_t *)FLASH_START + mp_obj_get_int(block) * FLASH_BLOCK + offset;
}

static mp_obj_t flash_readblocks(size_t n_args, const mp_obj_t *args) {
    mp_buffer_info_t data;
    mp_get_buffer_raise(args[2], &data, MP_BUFFER_WRITE);
    memcpy(data.buf, flash_at(args[1], n_args, args), data.len);
    return MP_OBJ_NEW_SMALL_INT(0);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(flash_readblocks_obj, 3, 4, flash_readblocks);

static mp_obj_t flash_writeblocks(size_t n_args, const mp_obj_t *args) {
    mp_buffer_info_t data;
    mp_get_buffer_raise(args[2], &data, MP_BUFFER_READ);
    memcpy(flash_at(args[1], n_args, args), data.buf, data.len);
    return MP_OBJ_NEW_SMALL_INT(0);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(flash_writeblocks_obj, 3, 4, flash_writeblocks);

static mp_obj_t flash_ioctl(mp_obj_t self, mp_obj_t command, mp_obj_t argument) {
    switch (mp_obj_get_int(command)) {
        case MP_BLOCKDEV_IOCTL_BLOCK_COUNT:
            return MP_OBJ_NEW_SMALL_INT(FLASH_BLOCKS);
        case MP_BLOCKDEV_IOCTL_BLOCK_SIZE:
            return MP_OBJ_NEW_SMALL_INT(FLASH_BLOCK);
        case MP_BLOCKDEV_IOCTL_BLOCK_ERASE:
            memset(flash_at(argument, 0, NULL), 0xff, FLASH_BLOCK);
            return MP_OBJ_NEW_SMALL_INT(0);
        default:
            return MP_OBJ_NEW_SMALL_INT(0);
    }
}
static MP_DEFINE_CONST_FUN_OBJ_3(flash_ioctl_obj, flash_ioctl);

static const mp_rom_map_elem_t flash_table[] = {
    { MP_ROM_QSTR(MP_QSTR_readblocks), MP_ROM_PTR(&flash_readblocks_obj) },
    { MP_ROM_QSTR(MP_QSTR_writeblocks), MP_ROM_PTR(&flash_writeblocks_obj) },
    { MP_ROM_QSTR(MP_QSTR_ioctl), MP_ROM_PTR(&flash_ioctl_obj) },
};
static MP_DEFINE_CONST_DICT(flash_dict, flash_table);
static MP_DEFINE_CONST_OBJ_TYPE(flash_type, MP_QSTR_Flash, MP_TYPE_FLAG_NONE, locals_dict, &flash_dict);
static const mp_obj_base_t flash = { &flash_type };

static const mp_rom_map_elem_t bare_table[] = {
    { MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR_bare) },
    { MP_ROM_QSTR(MP_QSTR_flash), MP_ROM_PTR(&flash) },
};
static MP_DEFINE_CONST_DICT(bare_dict, bare_table);
const mp_obj_module_t bare_module = {
    .base = { &mp_type_module },
    .globals = (mp_obj_dict_t *)&bare_dict,
};
MP_REGISTER_MODULE(MP_QSTR_bare, bare_module);

// ---- the ROMFS partition

static const MP_DEFINE_MEMORYVIEW_OBJ(romfs, 'B', 0, ROMFS_BYTES, (void *)ROMFS_START);

mp_obj_t mp_vfs_rom_ioctl(size_t n_args, const mp_obj_t *args) {
    mp_int_t command = mp_obj_get_int(args[0]);
    if (command == MP_VFS_ROM_IOCTL_GET_NUMBER_OF_SEGMENTS) {
        return MP_OBJ_NEW_SMALL_INT(1);
    }
    if (n_args < 2 || mp_obj_get_int(args[1]) != 0) {
        return MP_OBJ_NEW_SMALL_INT(-MP_EINVAL);
    }
    if (command == MP_VFS_ROM_IOCTL_GET_SEGMENT) {
        return MP_OBJ_FROM_PTR(&romfs);
    }
    if (command == MP_VFS_ROM_IOCTL_WRITE_PREPARE && n_args == 3) {
        mp_int_t size = mp_obj_get_int(args[2]);
        if (size < 0 || size > ROMFS_BYTES) {
            return MP_OBJ_NEW_SMALL_INT(-MP_EINVAL);
        }
        memset((void *)ROMFS_START, 0xff, size);
        return MP_OBJ_NEW_SMALL_INT(4); // bytes that a write is aligned to
    }
    if (command == MP_VFS_ROM_IOCTL_WRITE && n_args == 4) {
        mp_int_t offset = mp_obj_get_int(args[2]);
        mp_buffer_info_t data;
        mp_get_buffer_raise(args[3], &data, MP_BUFFER_READ);
        if (offset < 0 || offset + data.len > ROMFS_BYTES) {
            return MP_OBJ_NEW_SMALL_INT(-MP_EINVAL);
        }
        memcpy((uint8_t *)ROMFS_START + offset, data.buf, data.len);
        return MP_OBJ_NEW_SMALL_INT(0);
    }
    if (command == MP_VFS_ROM_IOCTL_WRITE_COMPLETE) {
        return MP_OBJ_NEW_SMALL_INT(0);
    }
    return MP_OBJ_NEW_SMALL_INT(-MP_EINVAL);
}

// ---- from power-up to the prompt, in the order of the ports of real boards

static uint32_t heap[MICROPY_HEAP_SIZE / sizeof(uint32_t)];

int __wrap_main(int argc, char **argv) {
    systick_start();
    uart_listen();
    mp_stack_ctrl_init();
    mp_stack_set_limit(32 * 1024);
    for (;;) {
        gc_init(heap, (char *)heap + sizeof(heap));
        mp_init();
        readline_init0();
        pyexec_frozen_module("_boot.py", false);
        pyexec_file_if_exists("boot.py");
        if (pyexec_mode_kind == PYEXEC_MODE_FRIENDLY_REPL) {
            pyexec_file_if_exists("main.py");
        }
        for (;;) {
            int ended = pyexec_mode_kind == PYEXEC_MODE_RAW_REPL ? pyexec_raw_repl() : pyexec_friendly_repl();
            if (ended != 0) {
                break;
            }
        }
        mp_printf(&mp_plat_print, "MPY: soft reboot\n");
        gc_sweep_all();
        mp_deinit();
    }
}
