# Empties the simulated board's folder: the board forgets everything.
# MIT licence
import os
import shutil
import sys
from pathlib import Path

from tools.paths import BUILD, ROOT


def refusal(folder):
    """Why `folder` is not to be emptied, or an empty string."""
    folder = Path(folder).resolve()
    precious = (Path.home().resolve(), ROOT, *ROOT.parents)
    if folder in precious or folder == BUILD or (folder / ".git").exists():
        return f"{folder} is no folder of a simulated board"
    if folder.is_relative_to(BUILD):
        return ""
    if folder.is_relative_to(ROOT):
        return f"{folder} belongs to the checkout"
    names = [p.name for p in folder.iterdir()] if folder.is_dir() else []
    if names and "provisioning" not in names:
        return f"{folder} has files, and none of a simulated board"
    return ""


def empty(folder):
    """Remove what is in `folder`, not the folder itself. Returns how many entries went."""
    entries = list(Path(folder).iterdir()) if Path(folder).is_dir() else []
    for entry in entries:
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()
    return len(entries)


def main():
    """Empty SIM_DIR (build/sim without it). Exit code 2 if that folder must stay."""
    folder = os.environ.get("SIM_DIR") or BUILD / "sim"
    why = refusal(folder)
    if why:
        print(f"reset: {why}", file=sys.stderr)
        return 2
    print("reset: the board is new again" if empty(folder) else "reset: nothing was there")
    return 0


if __name__ == "__main__":
    sys.exit(main())
