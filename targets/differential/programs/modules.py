# The library: what the modules answer.
import array, binascii, collections, errno, gc, heapq, io, json, math, micropython, random, re, struct, sys
print(sys.platform, sys.byteorder, sys.maxsize, sys.version_info, sys.implementation.name, sys.implementation.version)
print(json.dumps({"a": [1, 2.5, None, True, "x\n\"é"], "b": {}}), json.loads('{"k": [1, -2.5e3, "\\u00e9", null, false]}'), json.dumps([1, {"a": 2}], separators=(",", ":")))
for bad in ("", "{", "[1,]", '{"a" 1}', "nul", "'x'", "[1 2]"):
    try:
        print(json.loads(bad))
    except ValueError as e:
        print(bad, type(e).__name__, e)
m = re.match(r"(\w+)-(\d+)", "abc-123 rest")
print(m.group(0), m.group(1), m.group(2), re.match("x", "abc"), re.search("[b-d]+", "abcde").group(0), re.compile("[,;]").split("a,b;c"), re.sub("a(.)", r"<\1>", "abac"))
print(struct.pack("<bHiqf", -1, 500, -70000, 2**40, 1.5), struct.unpack(">Hh2s", b"\x01\x02\xff\xfeab"), struct.calcsize("<IBH"), struct.pack(">3sB", b"ab", 7))
a = array.array("h", [1, -2, 300])
a.append(5)
a.extend([7, 8])
print(a, a[1], a[1:3], len(a), list(a), bytes(a), sum(a))
print(binascii.hexlify(b"\x00\xff"), binascii.unhexlify("00ff"), binascii.b2a_base64(b"hello"), binascii.a2b_base64(b"aGVsbG8="), hex(binascii.crc32(b"abc")))
h = []
for v in (5, 3, 8, 1, 9, 2):
    heapq.heappush(h, v)
print(h, [heapq.heappop(h) for _ in range(len(h))])
print(math.sqrt(2), math.floor(-1.5), math.ceil(1.2), math.trunc(-1.7), math.pi, math.isnan(math.nan), math.copysign(1, -0.0), math.fmod(7, 3), math.modf(2.5), math.frexp(8.0), math.ldexp(0.5, 4), math.factorial(20), math.isclose(1, 1 + 1e-12))
for f, x in ((math.sqrt, -1), (math.log, 0), (math.factorial, -1), (math.acos, 2)):
    try:
        print(f(x))
    except Exception as e:
        print(type(e).__name__, e)
random.seed(42)
print([random.getrandbits(16) for _ in range(4)], [random.randint(1, 6) for _ in range(6)], random.randrange(0, 100, 7), random.choice("abcdef"))
s = io.StringIO("line one\nline two\n")
print(s.readline(), s.read(4), s.seek(0), list(s), s.getvalue())
b = io.BytesIO()
b.write(b"abc")
b.seek(1)
b.write(b"X")
print(b.getvalue(), b.tell())
print(errno.ENOENT, errno.errorcode[2], repr(OSError(2)), str(OSError(2)), OSError(2).errno, str(OSError(999)), OSError(2, "x"))
print(micropython.const(5), micropython.opt_level(), gc.isenabled(), collections.OrderedDict.__name__)
try:
    import nothing
except ImportError as e:
    print(e)
try:
    from sys import nothing
except ImportError as e:
    print(e)
buf = io.StringIO()
try:
    [][1]
except IndexError as e:
    sys.print_exception(e, buf)
print(buf.getvalue().split("\n")[-2])
ns = {}
exec("x = 1\ndef f(): return x + 1", ns)
print(ns["f"](), eval("x * 5", ns), eval("a + b", {"a": 1}, {"a": 2, "b": 3}))
for source in ("1 +", "def", "x = = 1", "for", "break", "return 1", "f(a=1, 2)", "'abc", "  x", "if 1:\nx", "0x", "a b", "nonlocal x", "del 1", "lambda: (yield)", "*a", "a, b += 1", "import", "class", "(", "try: pass"):
    try:
        exec(source)
        print("ok", source)
    except SyntaxError as e:
        print(repr(source), type(e).__name__, e)
print(dir(collections.deque), dir((1).__class__), [n for n in dir("") if n.startswith("s")])
