// What both twins are configured with: included by a board's mpconfigvariant.h.
// MIT licence
#ifndef TWIN_COMMON_CONFIG_H
#define TWIN_COMMON_CONFIG_H

// As the unix port's standard variant
#define MICROPY_CONFIG_ROM_LEVEL (MICROPY_CONFIG_ROM_LEVEL_EXTRA_FEATURES)
#include "ports/unix/variants/mpconfigvariant_common.h"

// Threads with a GIL, as on the boards; the unix port has none.
#define MICROPY_PY_THREAD (1)
#define MICROPY_PY_THREAD_GIL (1)
#define MICROPY_PY_THREAD_RECURSIVE_MUTEX (1)
#undef MICROPY_ASYNC_KBD_INTR // raises from the signal handler, which does not hold the GIL
#define MICROPY_ASYNC_KBD_INTR (0)

// Whoever waits lets the other threads run and the world move (task.c).
void twin_event_poll_hook(void);
#define MICROPY_EVENT_POLL_HOOK twin_event_poll_hook();

// ticks_ms() wraps around as on a board in 64 bit as well.
#define MICROPY_PY_TIME_TICKS_PERIOD (1 << 30)

// The tests' proxies
#define MICROPY_PY_DELATTR_SETATTR (1)

#define MICROPY_PY_NETWORK (1)

#endif
