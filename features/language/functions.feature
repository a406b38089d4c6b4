@L3
Feature: Functions

  Scenario: Arguments are passed by position, by name, with defaults and by the rest
    When the board runs the program:
      """
      def f(a, b=2, *rest, c, d=4, **named):
          return a, b, rest, c, d, sorted(named.items())

      print(f(1, c=3))
      print(f(1, 20, 30, 40, c=3, e=5))
      print(f(*[1, 2, 3], **{'c': 4, 'x': 9}))
      """
    Then it prints:
      """
      (1, 2, (), 3, 4, [])
      (1, 20, (30, 40), 3, 4, [('e', 5)])
      (1, 2, (3,), 4, 4, [('x', 9)])
      """

  Scenario: A closure keeps what it has closed over
    When the board runs the program:
      """
      def counter(start):
          def step(by=1):
              nonlocal start
              start += by
              return start
          return step

      a, b = counter(10), counter(100)
      print(a(), a(5), b(), a())
      """
    Then it prints "11 16 101 17"

  Scenario: A decorator replaces what it decorates
    When the board runs the program:
      """
      def twice(f):
          def g(*args):
              return f(f(*args))
          return g

      @twice
      @twice
      def double(x):
          return 2 * x

      print(double(3))
      """
    Then it prints "48"

  Scenario: A generator runs as far as it is asked, and takes values
    When the board runs the program:
      """
      def average():
          total, count, result = 0, 0, None
          while True:
              value = yield result
              total += value
              count += 1
              result = total / count

      g = average()
      next(g)
      print([g.send(x) for x in (10, 20, 60)])

      def chain(*iterables):
          for it in iterables:
              yield from it

      print(list(chain('ab', range(2))))
      """
    Then it prints:
      """
      [10.0, 15.0, 30.0]
      ['a', 'b', 0, 1]
      """

  Scenario: Too few arguments are refused
    When the board runs the program:
      """
      def f(a, b):
          pass
      f(1)
      """
    Then it raises TypeError with message "function takes 2 positional arguments but 1 were given"

  Scenario: A function that only calls itself ends in an exception, not in a crash
    When the board runs the program:
      """
      def f():
          f()
      f()
      """
    Then it raises RuntimeError with message "maximum recursion depth exceeded"
    And the board runs "print('still here')"
    And it prints "still here"

  @async
  Scenario: Coroutines share the time while they sleep
    When the board runs the program:
      """
      import asyncio

      async def worker(name, period, count):
          for i in range(count):
              await asyncio.sleep_ms(period)
              print(name, i)

      async def main():
          await asyncio.gather(worker('slow', 100, 2), worker('fast', 40, 3))

      asyncio.run(main())
      """
    Then it prints:
      """
      fast 0
      fast 1
      slow 0
      fast 2
      slow 1
      """
    And it takes 200 ms ± 5 %
