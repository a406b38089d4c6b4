@F4
Feature: An oscillator that is off
  A crystal is never exactly what its label says. All that a board counts by its clock deviates with it: delays, ticks, PWM, baud rates. The
  real-time clock has a crystal of its own.

  Scenario: A PWM output deviates with the crystal
    Given the clock of the board is off by -2000 ppm
    When the board runs the program:
      """
      import pyb
      pyb.Timer(2, freq=1000).channel(1, pyb.Timer.PWM, pin=pyb.Pin('X1'), pulse_width_percent=25)
      """
    Then pin X1 has a frequency of 998 Hz ± 0.01 % over 1 s
    And pin X1 has a duty cycle of 25 % ± 0.1 % over 100 ms

  Scenario: A fast board sleeps too short, and does not notice
    Given the clock of the board is off by 10000 ppm
    When the board runs the program:
      """
      import time
      start = time.ticks_ms()
      time.sleep(5)
      print(time.ticks_diff(time.ticks_ms(), start))
      """
    Then it prints "5000"
    And it takes 4.95 s ± 2 ms

  Scenario: A board warms up
    Given the board has booted
    And the clock of the board drifts by 200 ppm a second
    When the board runs "import time; time.sleep(10)"
    Then it takes 9.99 s ± 1 ms

  @H8
  Scenario: The real-time clock goes by its own crystal
    Given the RTC crystal of the board is off by 10000 ppm
    When the board runs the program:
      """
      import pyb, time
      rtc = pyb.RTC()
      rtc.datetime((2026, 1, 1, 4, 12, 0, 0, 0))
      time.sleep_ms(59500)
      print(rtc.datetime()[4:7])
      """
    Then it prints "(12, 1, 0)"
    And it takes between 59.5 s and 60.1 s

  Scenario Outline: A UART stands a deviation of some percent, and no more
    Given a serial-peer called "peer" is wired:
      | tx | X2 |
    And the baud of "peer" is set to 9600 Bd
    And the clock of the board is off by <error> ppm
    When the board runs "import pyb; u = pyb.UART(4, 9600)"
    And the send of "peer" is set to "Urgent"
    And 20 ms pass
    And the board runs "print(u.read() == b'Urgent')"
    Then it prints "<intact>"

    Examples:
      | error  | intact |
      | 20000  | True   |
      | -20000 | True   |
      | 80000  | False  |
      | -80000 | False  |

  @F3
  Scenario Outline: Two boards whose clocks deviate in opposite directions
    Given the boards:
      | name  | board        |
      | left  | pyboard-v1.1 |
      | right | pyboard-v1.1 |
    And pin left.X1 is wired to pin right.X2
    And the clock of board "left" is off by <left> ppm
    And the clock of board "right" is off by <right> ppm
    When board "right" runs "import pyb; u = pyb.UART(4, 115200, timeout=200)"
    And board "left" runs "import pyb; pyb.UART(4, 115200).write('a long way to go')"
    And board "right" runs "print(u.read(16) == b'a long way to go')"
    Then it prints "<intact>"

    Examples:
      | left  | right  | intact |
      | 10000 | -10000 | True   |
      | 40000 | -40000 | False  |
