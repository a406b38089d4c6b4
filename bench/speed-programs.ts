/** Programs that bench/speed.ts times: one for each kind of work, sized to take the interpreter some hundred milliseconds. Each prints a checksum. */
export const SPEED_PROGRAMS: Readonly<Record<string, string>> = {
  calls: `
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)
print(fib(24))
`,
  loops: `
def primes(limit):
    sieve = bytearray(limit)
    count = 0
    for n in range(2, limit):
        if not sieve[n]:
            count += 1
            for m in range(2 * n, limit, n):
                sieve[m] = 1
    return count
print(primes(200000))
`,
  floats: `
def pull(steps):
    x, y, vx, vy = 1.0, 0.0, 0.0, 0.5
    for _ in range(steps):
        d = (x * x + y * y) ** 1.5
        vx -= 0.001 * x / d
        vy -= 0.001 * y / d
        x += 0.001 * vx
        y += 0.001 * vy
    return x, y
print(round(pull(60000)[0], 6))
`,
  classes: `
class Shape:
    def __init__(self, size):
        self.size = size
    def area(self):
        return 0
class Square(Shape):
    def area(self):
        return self.size * self.size
class Strip(Square):
    def __init__(self, size, width):
        super().__init__(size)
        self.width = width
    def area(self):
        return self.size * self.width
total = 0
for i in range(25000):
    total += Square(i & 15).area() + Strip(i & 7, 3).area()
print(total)
`,
  dicts: `
def count(rounds):
    seen = {}
    for i in range(rounds):
        key = 'k%d' % (i * 7919 % 997)
        seen[key] = seen.get(key, 0) + 1
    return sorted(seen.items())[0], len(seen)
print(count(60000))
`,
  lists: `
def shuffle(n, rounds):
    seed = 1
    items = list(range(n))
    for _ in range(rounds):
        for i in range(n - 1, 0, -1):
            seed = (seed * 1103515245 + 12345) & 0x3FFFFFFF
            j = seed % (i + 1)
            items[i], items[j] = items[j], items[i]
        items.sort()
    return sum(items[::3])
print(shuffle(2000, 25))
`,
  strings: `
def words(n):
    out = []
    for i in range(n):
        w = 'abc'.replace('b', str(i))
        if w.startswith('a1') or 'c' in w[2:]:
            out.append(w.upper())
    return len(','.join(out).split('C,'))
print(words(40000))
`,
  generators: `
def numbers(n):
    for i in range(n):
        yield i
def odd(source):
    for n in source:
        if n & 1:
            yield n
print(sum(n * n for n in odd(numbers(120000))))
`,
  exceptions: `
def check(n):
    if n % 3 == 0:
        raise ValueError(n)
    return n
def run(n):
    total = 0
    for i in range(n):
        try:
            total += check(i)
        except ValueError as e:
            total -= e.args[0]
        finally:
            total += 1
    return total
print(run(60000))
`,
  integers: `
def power(n):
    a, b = 1, 1
    for _ in range(n):
        a, b = b, a + b
    return (a * b) % 1000000007
print(power(6000))
`,
};
