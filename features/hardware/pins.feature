@H4
Feature: Pins
  Every pin can be an input or an output, with a pull or without.

  Scenario Outline: An output drives its pin <level>
    When the board runs "import pyb; pyb.Pin('<pin>', pyb.Pin.OUT).value(<value>)"
    Then pin <pin> is <level>
    And pin <pin> is set up as "output"

    Examples:
      | pin | value | level |
      | X1  | 1     | high  |
      | X1  | 0     | low   |
      | Y12 | 1     | high  |
      | X17 | 0     | low   |

  Scenario: An input reads what the bench drives
    Given pin X2 is driven high
    When the board runs "import pyb; p = pyb.Pin('X2', pyb.Pin.IN); print(p.value())"
    Then it prints "1"
    When pin X2 is driven low
    And the board runs "print(p.value())"
    Then it prints "0"

  Scenario Outline: A pull <direction> holds an open input
    When the board runs "import pyb; print(pyb.Pin('X3', pyb.Pin.IN, pyb.Pin.PULL_<constant>).value())"
    Then it prints "<value>"

    Examples:
      | direction | constant | value |
      | up        | UP       | 1     |
      | down      | DOWN     | 0     |

  Scenario: An open-drain output pulls down and lets go
    Given pin X4 is pulled up through 10 kΩ
    When the board runs "import pyb; p = pyb.Pin('X4', pyb.Pin.OUT_OD); p.low()"
    Then pin X4 is low
    When the board runs "p.high()"
    Then pin X4 is high
    And no net has contention

  Scenario: Two outputs against each other are noticed
    Given pin X1 is driven low
    And pin X2 is wired to pin X1
    When the board runs "import pyb; pyb.Pin('X2', pyb.Pin.OUT).high()"
    Then pin X1 has contention
    When pin X1 is released
    Then pin X1 is high

  Scenario: A wire carries a level from an output to an input
    Given pin X1 is wired to pin Y1
    When the board runs "import pyb; o = pyb.Pin('X1', pyb.Pin.OUT); i = pyb.Pin('Y1', pyb.Pin.IN); o.high(); print(i.value())"
    Then it prints "1"

  Scenario: A pin is known by the names of the board and of the chip
    When the board runs "import pyb; print(pyb.Pin('X1').name(), pyb.Pin.cpu.A0.name(), pyb.Pin.board.X1 == pyb.Pin.cpu.A0)"
    Then it prints "A0 A0 True"

  Scenario: A pin that does not exist is refused
    When the board runs "import pyb; pyb.Pin('X99')"
    Then it raises ValueError

  Scenario: An edge interrupts the program
    Given the board is started with the program:
      """
      import pyb
      def edge(line):
          pyb.LED(1).on()
      pyb.ExtInt('X5', pyb.ExtInt.IRQ_RISING, pyb.Pin.PULL_DOWN, edge)
      while True:
          pyb.wfi()
      """
    When 10 ms pass
    Then the red LED is off
    When pin X5 gets a high pulse of 1 ms
    Then the red LED is lit

  @L6
  Scenario: machine.Pin and pyb.Pin speak of the same pin
    When the board runs "import machine, pyb; machine.Pin('X1', machine.Pin.OUT).on(); print(pyb.Pin('X1').value())"
    Then it prints "1"
    And pin X1 is high

  @L7
  Scenario: A register write moves a pin as its API does
    When the board runs the program:
      """
      import machine, pyb, stm
      pyb.Pin('X1', pyb.Pin.OUT).low()
      machine.mem32[stm.GPIOA + stm.GPIO_BSRR] = 1
      """
    Then pin X1 is high
    And these registers have:
      | register    | value | mask |
      | GPIOA.MODER | 0x1   | 0x3  |
      | GPIOA.ODR   | 0x1   | 0x1  |
