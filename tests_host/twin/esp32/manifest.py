# What the twin has frozen, as every board; and what a board has in C.
# MIT licence
include("$(MPY_DIR)/extmod/asyncio")
module("cryptolib.py", base_path="../frozen")
