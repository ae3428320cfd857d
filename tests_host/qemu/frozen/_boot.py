# Mounts the flash, as the boards' own does; one that is empty gets a file system.
# MIT licence
import sys

import vfs
from bare import flash

try:
    vfs.mount(flash, "/")
except OSError:
    vfs.VfsLfs2.mkfs(flash)
    vfs.mount(flash, "/")
sys.path.append("/lib")
