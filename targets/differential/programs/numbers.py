# Integers of every size, floats, complex numbers.
ints = (0, 1, -1, 2, 7, -8, 2**29, 2**30 - 1, 2**30, -(2**30), 2**31, -(2**31) - 1, 2**64, -(2**70), 10**30)
for a in ints:
    print(a, -a, ~a, abs(a), bool(a), hex(a), bin(a) if abs(a) < 99 else "", hash(a), a.to_bytes(16, "little") if 0 <= a else "", float(a), int(float(a)))
    for b in ints:
        row = [a + b, a - b, a * b, a & b, a | b, a ^ b, a < b, a == b]
        try:
            row += [a // b, a % b, divmod(a, b), a / b]
        except ZeroDivisionError as e:
            row.append(str(e))
        print(row)
    for n in (0, 1, 3, 16, 33, 100):
        print(a << n, a >> n, end=" ")
    print()
for text in ("0", "-12", " 34 ", "0x1f", "0b101", "0o17", "1_000", "12a", "", "-", "9" * 30):
    for base in (0, 2, 10, 16, 36):
        try:
            print(text, base, int(text, base))
        except ValueError as e:
            print(e)
print(pow(3, 200), pow(3, 200, 1000007), pow(2, -1), 7 // -2, -7 // 2, 7 % -2, -7 % 2, -7.5 // 2, -7.5 % 2, 2**0.5, 0**0)
floats = (0.0, -0.0, 0.1, 1.5, -2.5, 1e16, 1e17, 123456789.123, 1e-5, 1e22, 5e-324, 1.7976931348623157e308, float("inf"), float("nan"))
for a in floats:
    print(a, repr(a), -a, abs(a), bool(a), a == a, str(a), round(a, 2) if a == a and abs(a) < 1e16 else "")
    for b in (0.5, -3.0, 2, 1e300):
        print(a + b, a - b, a * b, a / b, a < b, a >= b, end=" ")
    print()
for a in (0.5, 1.5, 2.5, -0.5, -1.5, 2.675, 1e15):
    print(round(a), int(a), round(a, 1), round(a, -1))
for f in (lambda: 1 / 0, lambda: 1.0 / 0, lambda: 1 // 0, lambda: 1 % 0, lambda: 1.0 % 0, lambda: int(float("inf")), lambda: int(float("nan")), lambda: 1 << -1, lambda: "a" + 1, lambda: 1 + None, lambda: -"a", lambda: 2**-1, lambda: 0.0**-1, lambda: 1 < "a", lambda: int([]), lambda: float([]), lambda: complex("x"), lambda: (1).to_bytes(0, "big"), lambda: (300).to_bytes(1, "big"), lambda: (-1).to_bytes(2, "big")):
    try:
        print(f())
    except Exception as e:
        print(type(e).__name__, e)
c = 1 + 2j
print(c, c * c, c + 1, 2 * c, c == c, c.real, c.imag, abs(3 + 4j), -c, complex(1), complex("1+2j"), c / 2, repr(0j), str(-1j), c != 1)
print(1 == 1.0 == True, hash(1) == hash(1.0), {1: "a", 1.0: "b", True: "c"}, 10**18 == 1e18, 2**53 + 1 == 2.0**53)
print(int.from_bytes(b"\x01\x02\xff", "big"), int.from_bytes(b"\x01\x02\xff", "little"), True + True, True * 3.5, isinstance(True, int))
