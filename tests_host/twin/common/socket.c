// The unix port's sockets. The build leaves them out so that extmod's stay out too (common.mk).
// MIT licence
#include "py/mpconfig.h"

#undef MICROPY_PY_SOCKET
#define MICROPY_PY_SOCKET (1)
#include "ports/unix/modsocket.c"
