# What the twin has frozen, as every board.
# MIT licence
include("$(MPY_DIR)/extmod/asyncio")
