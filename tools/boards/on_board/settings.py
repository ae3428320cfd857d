# The product's settings: changed all or none, and read back.
# MIT licence
import provisioning
from provisioning.settings import describe


def main(change=(), defaults=()):
    settings = provisioning.Settings()
    values = dict(change)
    for name in defaults:
        if name not in settings.keys():
            raise ValueError("no setting is named " + name)
        values[name] = describe(name)[0]
    settings.update(**values)
    rows = []
    for name in settings.keys():
        default, limits = describe(name)
        rows.append((name, settings[name], default, limits))
    return rows
