# MIT licence
SRC_USERMOD_C += $(USERMOD_DIR)/board.c
