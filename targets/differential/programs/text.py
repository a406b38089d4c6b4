# Formatting and methods of str and bytes.
for v in (0, 1, -1, 255, 10**12, 3.14159, -0.5, 1e100, 1e-10, float("inf"), True):
    row = []
    for s in ("", "d", "5", "<8", ">8", "^8", "+", " ", "08", "x", "#X", "#b", "o", ",", "e", ".3e", "f", ".2f", "g", ".3g", "%", "c", "*^12", "=+9", "_", "n", "s"):
        try:
            row.append(("{:" + s + "}").format(v))
        except Exception as e:
            row.append(type(e).__name__)
    print(v, row)
for fmt in ("%d", "%5d|", "%-5d|", "%05d", "%+d", "% d", "%x", "%#x", "%X", "%o", "%e", "%.3f", "%g", "%10.2f", "%s", "%r", "%5s|", "%-5s|", "%.2s", "%%"):
    for v in (65, -3, 2.5, "text", b"by", None, [1, "a"]):
        try:
            print(fmt, fmt % (v,) if fmt != "%%" else fmt % ())
        except Exception as e:
            print(fmt, type(e).__name__, e)
print("%s %s" % (1, 2), "%(a)s-%(b)d" % {"a": 1, "b": 2}, "%*d" % (5, 3), "%c%c" % (65, "x"))
for bad in (("%d", "x"), ("%s %s", (1,)), ("%s", (1, 2)), ("%y", 1), ("%(a)s", {}), ("%", 1)):
    try:
        print(bad[0] % bad[1])
    except Exception as e:
        print(bad, type(e).__name__, e)
print("{0} {1} {0}".format(1, 2), "{a}".format(a=1), "{:{}}".format(3, 5), "{!r:>6}".format("x"), "{{}}".format())
x = 3
print(f"{x} {x!r} {x:03d} {x + 1} {{}}")
s = "The quick brown fox, the lazy dog"
print(s.split(), s.split("o"), s.split("o", 1), s.rsplit("o", 1), s.partition("quick"), s.rpartition("the"), s.find("q"), s.rfind("o"), s.index("fox"), s.count("o"))
print(s.replace("o", "0"), s.replace("o", "0", 1), s.upper(), s.lower(), s.startswith("The"), s.endswith("g"), s.center(40), "|" + "  x ".strip() + "|", "xxaxx".strip("x"), "xxaxx".lstrip("x"), "xxaxx".rstrip("x"))
print("a\nb\r\nc".splitlines(), "a\nb".splitlines(True), ",".join(["a", "b"]), "ab" * 3, "abc"[1:], "abc"[-2:], "héllo"[1], len("héllo€😀"), "😀"[0], ord("€"), chr(8364))
print("123".isdigit(), "abc".isalpha(), "   ".isspace(), "ABC".isupper(), "abc".islower(), "".isdigit())
print(repr("'"), repr('"'), repr("'\""), repr("\n\t\\\x00\x7fé\u1234"), repr(b"\x00a\xff'"), str(b"ab", "utf8"), bytes("é", "utf8"))
print("a" < "b", "a" < "B", "abc" < "abd", "" < "a", "a" in "cat", "" in "", b"a" in b"cat", 97 in b"cat")
b = bytearray(b"hello")
b[0] = 72
b += b"!"
b[1:3] = b"EEE"
print(b, bytes(b), b[1], b[1:3], b.find(b"l"), list(b)[:3], bytes(3), bytes([1, 2]), b"abc".hex(), bytes.fromhex("01ff"))
m = memoryview(b)
m[0] = 74
print(b, m[1:3][0], len(m), bytes(m[2:4]))
for f in (lambda: "abc"[5], lambda: "abc" + 1, lambda: "a" * "b", lambda: "abc".index("z"), lambda: int("x"), lambda: float("x"), lambda: "a" < 1, lambda: chr(-1), lambda: ord("ab"), lambda: b"a" + "a", lambda: bytes([256]), lambda: "x".encode(), lambda: b"\xff".decode(), lambda: "a".join([1]), lambda: "".split("")):
    try:
        print(f())
    except Exception as e:
        print(type(e).__name__, e)
