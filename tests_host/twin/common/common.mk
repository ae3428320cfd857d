# What both twins build from: included by a board's mpconfigvariant.mk.
# MIT licence
#
# make -C <source>/ports/unix VARIANT_DIR=<absolute path of a board> BUILD=<absolute path>
# (tools/twins.py does it). Nothing is written into the source tree.

TWIN_COMMON := $(patsubst %/,%,$(dir $(abspath $(lastword $(MAKEFILE_LIST)))))

# common_config.h switches them on instead: threads with a GIL, as on the boards, and the unix
# port's sockets (socket.c) without extmod's, which come with a port's `network` otherwise.
MICROPY_PY_THREAD = 0
MICROPY_PY_SOCKET = 0

SRC_C += $(wildcard $(TWIN_COMMON)/*.c)
SHARED_SRC_C_EXTRA += netutils/netutils.c
QSTR_GLOBAL_DEPENDENCIES += $(TWIN_COMMON)/common_config.h

INC += -I$(VARIANT_DIR)/stub -I$(VARIANT_DIR) -I$(TWIN_COMMON)
LDFLAGS_EXTRA += -lpthread

include $(TWIN_COMMON)/build.mk

$(addprefix $(BUILD)/,$(patsubst %.c,%.o,$(wildcard $(TWIN_COMMON)/*.c $(VARIANT_DIR)/*.c))): \
	CFLAGS += -Werror

# The boards' own files: they run in the world's time, and their ports build them with fewer
# warnings. A board lists its own in TWIN_GENUINE before it includes this file.
TWIN_GENUINE += extmod/modnetwork.c
$(addprefix $(BUILD)/,$(TWIN_GENUINE:.c=.o)): CFLAGS += -include $(TWIN_COMMON)/twin_time.h \
	-Wno-sign-compare -Wno-float-conversion -Werror=implicit-function-declaration
