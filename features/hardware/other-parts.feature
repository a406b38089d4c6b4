Feature: Servos, clock, accelerometer

  @H7
  Scenario Outline: A servo goes to <angle>°
    When the board runs "import pyb; pyb.Servo(<port>).angle(<angle>)"
    And 1 s passes
    Then the angle of "servo<port>" is <angle>° ± 1°

    Examples:
      | port | angle |
      | 1    | 45    |
      | 2    | -60   |
      | 4    | 0     |

  @H7
  Scenario: The pulses of a servo are those that servos expect
    When the board runs "import pyb; pyb.Servo(1).pulse_width(1500)"
    Then pin X1 has a frequency of 50 Hz ± 0.5 % over 200 ms
    And pin X1 was high for 1.5 ms ± 1 %

  @H7
  Scenario: A servo takes its time when it is told to
    When the board runs "import pyb; s = pyb.Servo(1); s.angle(0)"
    And 1 s passes
    And the board runs "s.angle(80, 2000)"
    And 1 s passes
    Then the angle of "servo1" is 40° ± 5°

  @H8
  Scenario: The clock is set and goes on
    When the board runs "import pyb; rtc = pyb.RTC(); rtc.datetime((2026, 2, 28, 6, 23, 59, 58, 0))"
    And 5 s pass
    And the board runs "print(rtc.datetime()[:7])"
    Then it prints "(2026, 3, 1, 7, 0, 0, 3)"

  @H8
  Scenario: The clock survives a hard reset
    Given the board runs "import pyb; pyb.RTC().datetime((2026, 1, 2, 5, 3, 4, 5, 0))"
    When RST is pressed
    And the board reaches its prompt within 5 s
    And the board runs "import pyb; print(pyb.RTC().datetime()[:5])"
    Then it prints "(2026, 1, 2, 5, 3)"

  @H8
  Scenario: A wake-up timer interrupts periodically
    Given the board is started with the program:
      """
      import pyb
      pyb.RTC().wakeup(500, lambda rtc: pyb.LED(3).toggle())
      while True:
          pyb.wfi()
      """
    Then the orange LED blinks at 1 Hz ± 2 % for 5 s

  @H9
  Scenario: A board that lies flat feels gravity along z
    When the board runs "import pyb; a = pyb.Accel(); pyb.delay(20); print(a.x(), a.y(), 18 <= a.z() <= 24)"
    Then it prints "0 0 True"

  @H9
  Scenario: A tilted board feels it along another axis
    Given the x of "accel" is set to 1 g
    And the z of "accel" is set to 0 g
    When the board runs "import pyb; a = pyb.Accel(); pyb.delay(50); print(18 <= a.x() <= 24, abs(a.z()) <= 1)"
    Then it prints "True True"
