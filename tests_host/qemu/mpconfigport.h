// The qemu port's configuration, and what boards have beside it.
// MIT licence
#include "ports/qemu/mpconfigport.h"

#undef MICROPY_PY_TIME
#define MICROPY_PY_TIME (1)
#define MICROPY_PY_TIME_TIME_TIME_NS (0) // there is no calendar
#undef MICROPY_PY_SELECT
#define MICROPY_PY_SELECT (1)
#undef MICROPY_PY_ASYNCIO
#define MICROPY_PY_ASYNCIO (1)
#undef MICROPY_VFS_ROM_IOCTL
#define MICROPY_VFS_ROM_IOCTL (1)
#define MICROPY_PY_CRYPTOLIB (0) // Debian's source has no AES: frozen/cryptolib.py
#define MICROPY_PY_SYS_PS1_PS2 (0)
#define MICROPY_KBD_EXCEPTION (1)
#define MICROPY_REPL_AUTO_INDENT (1)
#define MICROPY_HELPER_REPL (1)
#define MICROPY_PY_MACHINE_MEMX (1)

// Whoever waits sleeps until the next tick, so that a waiting board costs no processor.
#define MICROPY_INTERNAL_WFE(ms) __asm volatile ("wfi")
#define MICROPY_EVENT_POLL_HOOK \
    do { \
        extern void mp_handle_pending(bool); \
        mp_handle_pending(true); \
        __asm volatile ("wfi"); \
    } while (0);
