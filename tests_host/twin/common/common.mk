# What both twins build from: included by a board's mpconfigvariant.mk.
# MIT licence
#
# make -C <source>/ports/unix VARIANT_DIR=<absolute path of a board> BUILD=<absolute path>
# (tools/twins.py does it). Nothing is written into the source tree.

TWIN_COMMON := $(patsubst %/,%,$(dir $(abspath $(lastword $(MAKEFILE_LIST)))))

FROZEN_MANIFEST ?= $(VARIANT_DIR)/manifest.py
# Only looked at for its README.md: Debian's package leaves micropython-lib out.
MPY_LIB_DIR = $(TOP)

# They need other libraries, or Debian leaves their source out.
MICROPY_PY_FFI = 0
MICROPY_PY_BTREE = 0
MICROPY_PY_SSL = 0
MICROPY_SSL_MBEDTLS = 0

# common_config.h switches them on instead: threads with a GIL, as on the boards, and the unix
# port's sockets (socket.c) without extmod's, which come with a port's `network` otherwise.
MICROPY_PY_THREAD = 0
MICROPY_PY_SOCKET = 0

SRC_C += $(wildcard $(TWIN_COMMON)/*.c)
SHARED_SRC_C_EXTRA += netutils/netutils.c
QSTR_GLOBAL_DEPENDENCIES += $(TWIN_COMMON)/common_config.h

INC += -I$(VARIANT_DIR)/stub -I$(VARIANT_DIR) -I$(TWIN_COMMON)
LDFLAGS_EXTRA += -lpthread

# Warnings that a newer compiler finds in MicroPython are not ours to mend.
CFLAGS_EXTRA += -Wno-error
$(addprefix $(BUILD)/,$(patsubst %.c,%.o,$(wildcard $(TWIN_COMMON)/*.c $(VARIANT_DIR)/*.c))): \
	CFLAGS += -Werror

# The boards' own files: they run in the world's time, and their ports build them with fewer
# warnings. A board lists its own in TWIN_GENUINE before it includes this file.
TWIN_GENUINE += extmod/modnetwork.c
$(addprefix $(BUILD)/,$(TWIN_GENUINE:.c=.o)): CFLAGS += -include $(TWIN_COMMON)/twin_time.h \
	-Wno-sign-compare -Wno-float-conversion -Werror=implicit-function-declaration

# SANITIZE=address,undefined or thread. The collector looks at all of the stack, and nothing may
# live elsewhere; MicroPython calls memcpy() and the like with NULL and a length of 0. Exceptions
# have to go by setjmp(), which the sanitizers know. And they need more stack than main.c allows.
ifneq ($(SANITIZE),)
TWIN_SANITIZE = -fsanitize=$(SANITIZE)
ifneq ($(findstring address,$(SANITIZE)),)
TWIN_SANITIZE += --param asan-use-after-return=0 -fno-sanitize=nonnull-attribute
endif
CFLAGS_EXTRA += $(TWIN_SANITIZE) -fno-omit-frame-pointer -O1
CFLAGS_EXTRA += -DMICROPY_NLR_SETJMP=1 -DMICROPY_STACK_CHECK=0
LDFLAGS_EXTRA += $(TWIN_SANITIZE)
endif
