# Strings, bytes and formatting.
s = "The quick brown fox"
print(s.split(), s.split("o"), s.rsplit(None, 1), s.partition("quick"), s.replace("o", "0", 1), s.find("fox"), s.count("o"))
print(s[4:9], s[::-1], s[-3:], s.upper(), s.lower(), s.startswith("The"), s.endswith(("ox", "x")), "-".join("abc"), "ab" * 3)
print("%5d|%-5d|%05d|%x|%X|%o|%c|%r|%s|%%|%+d" % (42, 42, 42, 255, 255, 8, "z", "q", None, 7))
print("%.3f|%10.2f|%-10.1f|%e|%g|%g" % (3.14159, 2.5, 2.5, 12345.678, 1e-7, 123456789.0))
print("{} {1} {0}".format(1, 2) if False else "{1} {0}".format(1, 2), "{:>8}|{:<8}|{:^8}|{:*^9}".format("r", "l", "m", "s"))
print("{:b} {:o} {:x} {:#x} {:08.3f} {:+} {:,}".format(10, 10, 255, 255, 3.14159, 5, 1234567))
print("{name!r} {value[0]} {value[1]}".format(name="n", value=[1, 2]), "{:{w}}|".format("a", w=4))
x, y = 3, "why"
print(f"{x} {x + 1} {y!r} {y:>6} {x:03d} {{}} {'nested'}")
print("€uro", len("€uro"), "€uro".encode(), b"\xe2\x82\xac".decode(), "\N{LATIN SMALL LETTER A}" if False else "\u00e9\x41\101\n".strip())
print(repr("tab\t quote' \" back\\ nul\0 \x7f \u00e9"), repr(b"\x00A\xff'"), "a\\b", r"a\b")
print(b"abc" + b"d", b"a,b".split(b","), bytes(range(5)), bytearray(b"xy") * 2, b"abc"[1], b"abc"[1:], b"%d" % 5 if False else b"z")
print(int("ff", 16), int("0b11", 0), int("  12 "), float("1e3"), str(1.0), str(1e22), str(0.1), repr(1 / 3), str(-0.0), 1e16, 123456789.123)
print("abc" < "abd", "a" in "cat", sorted("hello"), max("hello"), ord("€"), chr(8364), hash("a") == hash("a"))
print("  x ".strip(), "xxaxx".strip("x"), "xxa".lstrip("x"), "a1".isdigit(), "12".isdigit(), "ab".isalpha(), " ".isspace(), "Ab".isupper())
print("line1\nline2\r\nline3".splitlines(), "a\nb".splitlines(True), "tEST".center(10) + "|")
