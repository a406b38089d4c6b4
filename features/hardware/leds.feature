@H6
Feature: LEDs
  A pyboard has four: red, green, orange and blue.

  Scenario Outline: LED <number> is the <colour> one
    When the board runs "import pyb; pyb.LED(<number>).on()"
    Then only the <colour> LED is lit
    And the board runs "pyb.LED(<number>).off()"
    And no LED is lit

    Examples:
      | number | colour |
      | 1      | red    |
      | 2      | green  |
      | 3      | orange |
      | 4      | blue   |

  Scenario: A toggled LED changes each time
    When the board runs "import pyb; led = pyb.LED(1); led.toggle()"
    Then the red LED is lit
    When the board runs "led.toggle()"
    Then the red LED is off

  Scenario: A program makes an LED blink
    When the board is started with the program:
      """
      import pyb
      led = pyb.LED(4)
      while True:
          led.toggle()
          pyb.delay(100)
      """
    Then the blue LED blinks at 5 Hz ± 1 % for 3 s

  Scenario Outline: The <colour> LED can be dimmed
    When the board runs "import pyb; pyb.LED(<number>).intensity(<intensity>); print(pyb.LED(<number>).intensity())"
    Then it prints "<intensity>"
    And the <colour> LED is lit

    Examples:
      | number | colour | intensity |
      | 3      | orange | 64        |
      | 4      | blue   | 200       |

  Scenario: An LED number that does not exist is refused
    When the board runs "import pyb; pyb.LED(5)"
    Then it raises ValueError with message "LED(5) doesn't exist"
