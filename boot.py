# Runs first at every power-up. Nothing here may fail or wait: else the board needs a cable.
# MIT licence

import gc

gc.collect()
