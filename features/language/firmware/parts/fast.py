import micropython


@micropython.native
def native(n):
    total = 0
    for i in range(n):
        total += i
    return total


@micropython.viper
def viper(n: int) -> int:
    total = 0
    for i in range(n):
        total += i
    return total
