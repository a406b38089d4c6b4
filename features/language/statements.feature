@L3
Feature: Statements
  The language is Python 3.4 with the later pieces that MicroPython has.

  Scenario: A loop has an else branch that runs unless it is left by break
    When the board runs the program:
      """
      for n in (2, 3, 4, 5):
          for d in range(2, n):
              if n % d == 0:
                  print(n, 'is', d, 'times', n // d)
                  break
          else:
              print(n, 'is prime')
      """
    Then it prints:
      """
      2 is prime
      3 is prime
      4 is 2 times 2
      5 is prime
      """

  Scenario: The finally clause runs, whatever happens
    When the board runs the program:
      """
      def f(how):
          try:
              if how == 'return':
                  return 'returned'
              if how == 'raise':
                  raise ValueError(how)
          except ValueError as e:
              return 'caught ' + str(e)
          finally:
              print('finally', how)
          return 'fell through'

      for how in ('return', 'raise', 'neither'):
          print(f(how))
      """
    Then it prints:
      """
      finally return
      returned
      finally raise
      caught raise
      finally neither
      fell through
      """

  Scenario: A with statement enters and exits its managers in order
    When the board runs the program:
      """
      class Managed:
          def __init__(self, name):
              self.name = name
          def __enter__(self):
              print('enter', self.name)
              return self
          def __exit__(self, kind, value, traceback):
              print('exit', self.name, kind)
              return kind is KeyError

      with Managed('a') as a, Managed('b'):
          print('inside', a.name)
          {}['missing']
      print('after')
      """
    Then it prints:
      """
      enter a
      enter b
      inside a
      exit b <class 'KeyError'>
      exit a None
      after
      """

  Scenario: An assignment expression names a value where it is used
    When the board runs the program:
      """
      data = [4, 8, 15, 16, 23, 42]
      i = 0
      while (n := data[i]) < 20:
          i += 1
      print(n, [y for x in data if (y := x // 2) % 2])
      """
    Then it prints:
      """
      23 [7, 11, 21]
      """

  Scenario: Names are unpacked from sequences, one of them takes the rest
    When the board runs the program:
      """
      a, *b, c = range(6)
      (d, e), f = 'xy', 'z'
      print(a, b, c, d, e, f)
      """
    Then it prints:
      """
      0 [1, 2, 3, 4] 5 x y z
      """

  Scenario Outline: <source> is no program
    When the board runs "<source>"
    Then it raises SyntaxError

    Examples:
      | source              |
      | def f(: pass        |
      | x = = 1             |
      | return 1            |
      | break               |
      | f(a=1, 2)           |
      | def f(a, a): pass   |
      | nonlocal x          |
      | lambda: (yield) = 1 |
