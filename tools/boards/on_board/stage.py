# Makes the folder where a deployment waits, and clears what is of no use in it.
# MIT licence
import os


def main(stage, unwanted):
    try:
        os.mkdir(stage)
    except OSError:
        pass  # an earlier deployment was interrupted
    for path in unwanted:
        os.remove(path)
