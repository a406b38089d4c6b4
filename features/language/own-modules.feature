@L12
Feature: Modules of one's own
  A project can give the board a module written in TypeScript or JavaScript, as a vendor's firmware has modules in C. For
  the program it is a module like any other. (This one is in features/language/modules/wheel.mjs.)

  Background:
    Given the board has the module "wheel"

  Scenario: It is imported, and listed among the firmware's modules
    When the board runs the program:
      """
      import wheel
      print(wheel.NAME, wheel.TEETH, wheel.LIMITS, wheel)
      help('modules')
      """
    Then it prints "wheel 36 (0, 9999) <module 'wheel'>"
    And it prints text that matches /\bwheel +|\bwheel$/m

  Scenario: Without the step a board does not have it
    When the board runs the program:
      """
      import sys
      print('wheel' in sys.modules)
      """
    Then it prints "False"

  Scenario Outline: Arguments by position, by keyword, by default: <call>
    When the board runs "import wheel; print(<call>)"
    Then it prints "<result>"

    Examples:
      | call                                     | result             |
      | '%.2f' % wheel.metres(10)                | 21.99              |
      | '%.2f' % wheel.metres(10, 1)             | 31.42              |
      | '%.2f' % wheel.metres(diameter=1, turns=2) | 6.28             |
      | wheel.metres(2, 1, exact=False)          | 6.0                |
      | wheel.checksum(bytearray(b'\\x80\\x81'))   | b'\\x01'            |
      | wheel.each(lambda x: x * 2, (1, 2.25, 'a')) | [2, 4.5, 'aa']  |
      | sorted(wheel.tally([1, 'b', 1]).values()) | [1, 2]            |

  Scenario Outline: What a function does not take is refused as any built-in function does: <call>
    When the board runs "import wheel; wheel.<call>"
    Then it raises <exception> with message "<message>"

    Examples:
      | call                        | exception     | message                                |
      | metres()                    | TypeError     | 'turns' argument required              |
      | metres('1')                 | TypeError     | argument 'turns' must be int, not str  |
      | metres(-1)                  | ValueError    | argument 'turns' must be at least 0    |
      | metres(1, 2, 3)             | TypeError     | extra positional arguments given       |
      | metres(1, __proto__=2)      | TypeError     | extra keyword arguments given          |
      | metres(2**80)               | ValueError    | argument 'turns' is too large          |
      | check(0)                    | OSError       | [Errno 19] ENODEV                      |
      | check(200)                  | WheelError    | no such address                        |

  Scenario: Its own exceptions derive from Python's
    When the board runs the program:
      """
      import wheel
      try:
          wheel.check(200)
      except ValueError as e:
          print(type(e).__name__, e.args, isinstance(e, wheel.WheelError))
      """
    Then it prints "WheelError ('no such address',) True"

  Scenario: Objects have methods, attributes, a length, and can be derived from
    When the board runs the program:
      """
      import wheel
      w = wheel.Wheel('front', on_turn=lambda n: print('turned', n))
      w.turn(); w.turn(times=2)
      print(w, w.turns, len(w), w.speed, w.SPOKES)
      w.turns = 7
      print(w.turns)
      for name, value in (('speed', 1), ('__proto__', 1), ('constructor', 1)):
          try:
              setattr(w, name, value)
          except AttributeError:
              print('cannot set', name)
      class Spoked(wheel.Wheel):
          def twice(self):
              return self.turn(2)
      print(Spoked('rear').twice())
      with w as same:
          print(same is w)
      print(w.turns)
      """
    Then it prints:
      """
      turned 1
      turned 3
      Wheel(front, 3 turns) 3 3 0.0 32
      7
      cannot set speed
      cannot set __proto__
      cannot set constructor
      2
      True
      0
      """

  Scenario: What a callback raises goes through the module to the program
    When the board runs the program:
      """
      import wheel
      def fails(x):
          raise KeyError(x)
      try:
          wheel.each(fails, (5,))
      except KeyError as e:
          print('caught', e)
      """
    Then it prints "caught 5"

  @F3
  Scenario: A call takes the virtual time that it declares
    When the board runs the program:
      """
      import time, wheel
      w = wheel.Wheel('front')
      t = time.ticks_us()
      w.turn(3)
      print(abs(time.ticks_diff(time.ticks_us(), t) - 3000) < 30)
      """
    Then it prints "True"

  Scenario: It moves pins, also later
    When the board runs the program:
      """
      import time, wheel
      wheel.blink('X1', 250)
      time.sleep_ms(1)
      """
    Then pin X1 was high for 250 µs ± 1 %

  Scenario: It can be used from the prompt, and survives a soft reset
    When the board is soft reset
    And "import wheel; wheel.TEETH" is typed
    Then the board answers "36"
