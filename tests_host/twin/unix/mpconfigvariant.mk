# MicroPython for this machine with our C module: nothing is simulated here.
# MIT licence
USER_C_MODULES = $(abspath $(VARIANT_DIR)/../../../firmware/usermod)
include $(VARIANT_DIR)/../common/build.mk
