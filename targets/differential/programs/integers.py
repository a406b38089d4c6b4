# Small and large integers, floats, complex, operators and their corner cases.
big = 1 << 100
print(big, -big, big + 1, big - 1, big * big, big // 7, big % 7, -big // 7, -big % 7, big >> 90, -big >> 90, big & 0xFF, big | 1, big ^ big, ~big)
print(2**64, (-3) ** 41, pow(7, 77, 13), int.from_bytes(b"\x01\x02\x03", "big"), (1000).to_bytes(4, "little"), hex(big), bin(5), oct(64), 10**30 // 10**28)
for n in (1073741823, 1073741824, -1073741824, -1073741825, 2147483647, 2147483648, 1 << 62):
    print(n, n + 1, n - 1, n * 2, -n, n << 1, n >> 1, n == n + 0, n & -n)
print(7 // 2, -7 // 2, 7 // -2, 7 % -3, -7 % 3, 7.0 // 2, -7.5 % 2, 1 / 3, 2**-1, 0**0, 5 & 3, 5 | 3, 5 ^ 3, ~5, 1 << 10, 1023 >> 3)
print(True + True, True == 1, 1 < 2 < 3, 1 < 3 < 2, not 0, 0 or "x", 1 and "y", None is None, 3 if [] else 4)
print(1e308 * 10, -1e308 * 10, 1e-320, 0.1 + 0.2, 1e15, 1e16, 1e17, 123.0, 1.5e-5, float("inf") - float("inf"), int(1e18), int(-2.7), float("nan") == float("nan"))
print(complex(1, 2) * 1j, (1 + 2j).real, abs(3 + 4j), 1j**2, complex("1+2j") if False else 2 + 0j)
import math

print(math.sqrt(2), math.floor(-2.5), math.ceil(2.1), math.trunc(-2.9), math.pi, math.fmod(7, 3), math.gcd(12, 18) if hasattr(math, "gcd") else 6, math.isnan(math.nan))
print(math.sin(1), math.cos(1), math.atan2(1, 2), math.exp(1), math.log(10), math.log(8, 2), math.pow(2, 0.5), math.modf(3.25), math.frexp(10), math.ldexp(0.5, 4))
print(sum([0.1] * 10), max(1, 2.5), min(1, True), hash(1) == hash(1.0), isinstance(True, int), int(True), float(3), round(1e20), 3 == 3.0, 10**20 == 1e20)
