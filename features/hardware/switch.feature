@H5
Feature: The switch
  USR is a switch for programs.

  Scenario: A program sees whether it is pressed
    When the board runs "import pyb; sw = pyb.Switch(); print(sw.value())"
    Then it prints "False"
    When USR is held
    And the board runs "print(sw.value(), sw())"
    Then it prints "True True"
    When USR is released
    And the board runs "print(sw.value())"
    Then it prints "False"

  Scenario: A function is called when it is pressed
    Given the board is started with the program:
      """
      import pyb
      pyb.Switch().callback(lambda: pyb.LED(1).on())
      while True:
          pyb.wfi()
      """
    When 100 ms pass
    Then the red LED is off
    When USR is held
    Then the red LED lights up within 50 ms

  Scenario: A callback that is taken back is not called
    Given the board is started with the program:
      """
      import pyb
      sw = pyb.Switch()
      sw.callback(lambda: pyb.LED(1).on())
      sw.callback(None)
      while True:
          pyb.wfi()
      """
    When 100 ms pass
    And USR is held
    Then the red LED stays off for 500 ms
