@B5
Feature: A script error
  A script that fails is told on the serial port and shown by the LEDs; the board stays usable.

  Scenario: A failing main.py prints its traceback
    Given the flash holds "main.py":
      """
      def f():
          return 1 / 0
      f()
      """
    When the board powers on
    Then the board prints "ZeroDivisionError: divide by zero" within 5 s
    And what the board prints matches /File "main\.py", line 3, in <module>\r?\n  File "main\.py", line 2, in f/

  Scenario: Red and green alternate three times for main.py
    Given the flash holds "main.py":
      """
      raise ValueError
      """
    When the board powers on
    And the board reaches phase "script-error" within 5 s
    Then the red LED and the green LED alternate every 250 ms ± 2 %, 3 times

  Scenario: Red and green alternate four times for boot.py
    Given the flash holds "boot.py":
      """
      raise ValueError
      """
    When the board powers on
    And the board reaches phase "script-error" within 5 s
    Then the red LED and the green LED alternate every 250 ms ± 2 %, 4 times

  Scenario: After a failing boot.py, main.py does not run
    Given the flash holds "boot.py":
      """
      oops
      """
    And the flash holds "main.py":
      """
      print('main.py runs')
      """
    When the board powers on
    And the board reaches its prompt within 10 s
    Then the board prints "NameError"
    And the board does not print "main.py runs"
    And the board has not run "main.py"

  Scenario: A script with a syntax error is told like any other
    Given the flash holds "main.py":
      """
      print('a'
      """
    When the board powers on
    And the board reaches its prompt within 10 s
    Then the board prints "SyntaxError"

  Scenario: The prompt comes after the LEDs
    Given the flash holds "main.py":
      """
      raise ValueError
      """
    When the board powers on
    Then the board reaches its prompt within 5 s
    And "'alive'" is typed
    And the board answers "'alive'"
