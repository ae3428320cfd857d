# What protocomm does not take.
# MIT licence


class Refused(Exception):
    """A message that is not answered: its session ends, and nobody is told why."""
