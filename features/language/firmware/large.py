"""Code enough to see whether it takes heap."""


def step_0(values, limit):
    total = 0
    for index, value in enumerate(values):
        if value > limit:
            total += value * 2 - index
        else:
            total -= (value + 0) // (index + 1)
    return total


def step_1(values, limit):
    total = 1
    for index, value in enumerate(values):
        if value > limit:
            total += value * 3 - index
        else:
            total -= (value + 1) // (index + 1)
    return total


def step_2(values, limit):
    total = 2
    for index, value in enumerate(values):
        if value > limit:
            total += value * 4 - index
        else:
            total -= (value + 2) // (index + 1)
    return total


def step_3(values, limit):
    total = 3
    for index, value in enumerate(values):
        if value > limit:
            total += value * 5 - index
        else:
            total -= (value + 3) // (index + 1)
    return total


def step_4(values, limit):
    total = 4
    for index, value in enumerate(values):
        if value > limit:
            total += value * 6 - index
        else:
            total -= (value + 4) // (index + 1)
    return total


def step_5(values, limit):
    total = 5
    for index, value in enumerate(values):
        if value > limit:
            total += value * 7 - index
        else:
            total -= (value + 5) // (index + 1)
    return total


def step_6(values, limit):
    total = 6
    for index, value in enumerate(values):
        if value > limit:
            total += value * 8 - index
        else:
            total -= (value + 6) // (index + 1)
    return total


def step_7(values, limit):
    total = 7
    for index, value in enumerate(values):
        if value > limit:
            total += value * 9 - index
        else:
            total -= (value + 7) // (index + 1)
    return total


def step_8(values, limit):
    total = 8
    for index, value in enumerate(values):
        if value > limit:
            total += value * 10 - index
        else:
            total -= (value + 8) // (index + 1)
    return total


def step_9(values, limit):
    total = 9
    for index, value in enumerate(values):
        if value > limit:
            total += value * 11 - index
        else:
            total -= (value + 9) // (index + 1)
    return total


def step_10(values, limit):
    total = 10
    for index, value in enumerate(values):
        if value > limit:
            total += value * 12 - index
        else:
            total -= (value + 10) // (index + 1)
    return total


def step_11(values, limit):
    total = 11
    for index, value in enumerate(values):
        if value > limit:
            total += value * 13 - index
        else:
            total -= (value + 11) // (index + 1)
    return total
