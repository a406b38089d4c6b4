@L3
Feature: Known differences from CPython
  MicroPython documents where it differs; a board differs in the same way.

  Scenario: A slice with a step cannot be assigned to
    When the board runs "x = [1, 2, 3, 4]; x[::2] = [5, 6]"
    Then it raises NotImplementedError

  Scenario: A user class may inherit from one native type only
    When the board runs the program:
      """
      class Odd(list, dict):
          pass
      """
    Then it raises TypeError

  Scenario: A dictionary does not keep the order of its keys
    When the board runs the program:
      """
      from collections import OrderedDict
      print(list(OrderedDict([('b', 1), ('a', 2)]).keys()))
      """
    Then it prints "['b', 'a']"

  Scenario: Small strings are interned, so that equal ones are the same object
    When the board runs "a = 'abc'; b = 'ab' + 'c'; print(a == b, a is 'abc')"
    Then it prints "True True"

  Scenario: An exception can be printed with its traceback
    When the board runs the program:
      """
      import sys
      def f():
          raise ValueError('from f')
      try:
          f()
      except ValueError as e:
          sys.print_exception(e)
      """
    Then it prints:
      """
      Traceback (most recent call last):
        File "<stdin>", line 5, in <module>
        File "<stdin>", line 3, in f
      ValueError: from f
      """

  Scenario: Messages of a board are short, to save its flash
    When the board runs "int('seven')"
    Then it raises ValueError with message "invalid syntax for integer with base 10"

  Scenario: Constants are folded by the compiler, not looked up
    When the board runs the program:
      """
      from micropython import const
      _WIDTH = const(128)
      print(_WIDTH * 2, '_WIDTH' in globals())
      """
    Then it prints "256 False"
