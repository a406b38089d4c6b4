@L3
Feature: Types and operators

  Scenario Outline: <expression> is <value>
    When the board runs "print(repr(<expression>))"
    Then it prints:
      """
      <value>
      """

    Examples: Integers of any size
      | expression              | value                                   |
      | 2 ** 100                | 1267650600228229401496703205376         |
      | -7 // 2                 | -4                                      |
      | -7 % 3                  | 2                                       |
      | divmod(-17, 5)          | (-4, 3)                                 |
      | int('ff', 16)           | 255                                     |
      | 0b1011 ^ 0x0f           | 4                                       |
      | (1 << 64) - 1           | 18446744073709551615                    |
      | pow(3, 200, 13)         | 9                                       |
      | int.from_bytes(b'\\x01\\x02', 'big') | 258                        |

    Examples: Floats with the precision of the board
      | expression              | value                                   |
      | 1 / 3                   | 0.33333334                              |
      | 0.1 + 0.2               | 0.3                                     |
      | 1e10                    | 10000000000.0                           |
      | float('inf') - 1        | inf                                     |
      | round(2.5)              | 2                                       |

    Examples: Strings and bytes
      | expression              | value                                   |
      | 'abcdef'[1:4]           | 'bcd'                                   |
      | '{:>6.2f}'.format(3.14159) | '  3.14'                             |
      | 'a,b,,c'.split(',')     | ['a', 'b', '', 'c']                     |
      | b'ab' + bytes([99])     | b'abc'                                  |
      | 'héllo'.encode()        | b'h\\xc3\\xa9llo'                       |
      | '%05d %s' % (42, 'x')   | '00042 x'                               |

    Examples: Containers
      | expression              | value                                   |
      | sorted({3, 1, 2})       | [1, 2, 3]                               |
      | [1, 2] * 2              | [1, 2, 1, 2]                            |
      | (1, 2) < (1, 3)         | True                                    |
      | dict(a=1)               | {'a': 1}                                |
      | [1, 2, 3, 4][1::2]      | [2, 4]                                  |
      | frozenset((1,)) == {1}  | True                                    |

  Scenario: An f-string takes any expression
    When the board runs the program:
      """
      name, value = 'volts', 3.3
      print(f'{name!r}: {value:6.2f} {value=} {value * 2 > 6}')
      """
    Then it prints "'volts':   3.30 value=3.3 True"

  Scenario: A class inherits from several others, in the order that it names them
    When the board runs the program:
      """
      class A:
          def who(self): return 'A'
      class B:
          def who(self): return 'B'
          def only(self): return 'only in B'
      class C(A, B):
          def who(self): return 'C, then ' + super().who()

      c = C()
      print(c.who(), c.only(), isinstance(c, B), issubclass(C, A))
      """
    Then it prints "C, then A only in B True True"

  Scenario: A class gives its objects operators, items and properties
    When the board runs the program:
      """
      class Vector:
          def __init__(self, *xs): self.xs = xs
          def __add__(self, other): return Vector(*(a + b for a, b in zip(self.xs, other.xs)))
          def __getitem__(self, i): return self.xs[i]
          def __len__(self): return len(self.xs)
          def __eq__(self, other): return self.xs == other.xs
          def __repr__(self): return 'Vector' + repr(self.xs)
          @property
          def first(self): return self[0]

      v = Vector(1, 2) + Vector(10, 20)
      print(v, v[1], len(v), v == Vector(11, 22), v.first)
      """
    Then it prints "Vector(11, 22) 22 2 True 11"
