@H4
Feature: Timers
  Timers count by themselves: they call functions, make waves and measure them.

  Scenario: A timer calls a function periodically
    Given the board is started with the program:
      """
      import pyb
      led = pyb.LED(2)
      timer = pyb.Timer(4, freq=10)
      timer.callback(lambda t: led.toggle())
      while True:
          pyb.wfi()
      """
    Then the green LED blinks at 5 Hz ± 1 % for 2 s

  Scenario Outline: PWM of <frequency> Hz with <percent> % duty is exact
    When the board runs the program:
      """
      import pyb
      timer = pyb.Timer(2, freq=<frequency>)
      timer.channel(1, pyb.Timer.PWM, pin=pyb.Pin('X1'), pulse_width_percent=<percent>)
      """
    Then pin X1 has a frequency of <frequency> Hz ± 0.5 % over 100 ms
    And pin X1 has a duty cycle of <percent> % ± 0.5 % over 100 ms

    Examples:
      | frequency | percent |
      | 50        | 10      |
      | 1000      | 25      |
      | 1000      | 50      |
      | 20000     | 75      |

  Scenario: The pulse width can be changed while it runs
    Given the board runs the program:
      """
      import pyb
      channel = pyb.Timer(2, freq=1000).channel(1, pyb.Timer.PWM, pin=pyb.Pin('X1'), pulse_width_percent=20)
      """
    And 5 ms pass
    When the board runs "channel.pulse_width_percent(80)"
    And 5 ms pass
    Then pin X1 has a duty cycle of 80 % ± 0.5 % over 50 ms

  Scenario: A timer that is turned off makes no more edges
    Given the board runs "import pyb; t = pyb.Timer(2, freq=1000); c = t.channel(1, pyb.Timer.PWM, pin=pyb.Pin('X1'), pulse_width_percent=50)"
    When the board runs "t.deinit()"
    And 10 ms pass
    Then pin X1 rose 0 times

  Scenario: Two channels of one timer keep step
    When the board runs the program:
      """
      import pyb
      timer = pyb.Timer(2, freq=1000)
      a = timer.channel(1, pyb.Timer.PWM, pin=pyb.Pin('X1'), pulse_width_percent=30)
      b = timer.channel(2, pyb.Timer.PWM, pin=pyb.Pin('X2'), pulse_width_percent=60)
      """
    And 20 ms pass
    Then the phase of pin X2 behind pin X1 is at most 100 ns

  Scenario: A timer measures a wave from outside
    Given pin X1 is driven by a 2 kHz square wave
    When the board runs the program:
      """
      import pyb
      timer = pyb.Timer(2, prescaler=83, period=0xffff)
      channel = timer.channel(1, pyb.Timer.IC, pin=pyb.Pin('X1'), polarity=pyb.Timer.RISING)
      pyb.delay(5)
      first = channel.capture()
      pyb.udelay(600)
      second = channel.capture()
      print((second - first) % 500 == 0, second != first)
      """
    Then it prints "True True"

  @H1
  Scenario: A delay lasts as long as it says
    When the board runs "import pyb; pyb.delay(25)"
    Then it takes 25 ms ± 2 %

  @H1
  Scenario: A delay of microseconds lasts as long as it says
    When the board runs the program:
      """
      import pyb
      p = pyb.Pin('X1', pyb.Pin.OUT)
      p.low()
      p.high()
      pyb.udelay(200)
      p.low()
      """
    Then pin X1 was high for 200 µs ± 10 %

  @H1
  Scenario: The counters of time advance as time does
    When the board runs the program:
      """
      import pyb, time
      a, b = pyb.millis(), time.ticks_us()
      pyb.delay(100)
      print(pyb.elapsed_millis(a), 99_000 <= time.ticks_diff(time.ticks_us(), b) <= 101_000)
      """
    Then it prints "100 True"
