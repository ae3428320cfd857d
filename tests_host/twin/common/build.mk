# How MicroPython is built here, for a board's twin (common.mk) and for this machine (../unix).
# MIT licence

FROZEN_MANIFEST ?= $(VARIANT_DIR)/manifest.py
# Only looked at for its README.md: Debian's package leaves micropython-lib out.
MPY_LIB_DIR = $(TOP)

# They need other libraries, or Debian leaves their source out.
MICROPY_PY_FFI = 0
MICROPY_PY_BTREE = 0
MICROPY_PY_SSL = 0
MICROPY_SSL_MBEDTLS = 0

# Warnings that a newer compiler finds in MicroPython are not ours to mend.
CFLAGS_EXTRA += -Wno-error
$(BUILD)/wifi_sniffer/%.o: CFLAGS += -Werror

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
