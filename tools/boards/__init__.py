# What a person does with a board in hand: a command is a file.
# MIT licence
"""Each command of `python -m tools` is a module here with SUMMARY, add_arguments(parser),
run(options), which returns what it found as a dict that JSON can say, and show(found), which
prints the same for people. What goes wrong is a BoardError.
"""


class BoardError(Exception):
    """Nothing more can be done; the message says what is wrong and what to do about it."""
