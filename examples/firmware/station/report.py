def report(name, value, unit):
    if value is None:
        raise ValueError("no value for " + name)
    return "%s: %.1f %s" % (name, value, unit)
