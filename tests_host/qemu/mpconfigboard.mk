# The bare-metal board: the qemu port's mps2-an385 (Cortex-M3) with what it lacks for us.
# MIT licence
QEMU_ARCH = arm
QEMU_MACHINE = mps2-an385
LDSCRIPT = $(BOARD_DIR)/board.ld
SRC_BOARD_O = shared/runtime/gchelper_native.o shared/runtime/gchelper_thumb2.o
MPY_CROSS_FLAGS += -march=armv7m
CFLAGS += -mthumb -mcpu=cortex-m3 -mfloat-abi=soft -DQEMU_SOC_MPS2
CFLAGS += -DMICROPY_HW_MCU_NAME='"Cortex-M3"' -DMP_CONFIGFILE='"$(BOARD_DIR)/mpconfigport.h"'

MICROPY_VFS_LFS2 = 1
MICROPY_HEAP_SIZE = 307200
FROZEN_MANIFEST = $(BOARD_DIR)/manifest.py
USER_C_MODULES = $(BOARD_DIR)/usermod
# board.c has its own; the port's sources stay as they are.
LDFLAGS += -Wl,--wrap=main -Wl,--wrap=uart_rx_chr -Wl,--wrap=SysTick_Handler
