@F3
Feature: Boards that are wired together
  Several boards on one bench run in step on one clock. A wire from one to the other is a wire like any other: it has levels, pulls, edges and
  contention, and what one board does with it the other sees at that instant.

  Background:
    Given the boards:
      | name  | board        |
      | left  | pyboard-v1.1 |
      | right | pyboard-v1.1 |

  Scenario: A level crosses the wire
    Given pin left.X1 is wired to pin right.X2
    When board "left" runs "import pyb; pyb.Pin('X1', pyb.Pin.OUT).high()"
    Then pin right.X2 is high
    When board "left" loses power
    Then pin right.X2 is floating

  Scenario: A handshake over two pins
    Given pin left.X1 is wired to pin right.X1
    And pin left.X2 is wired to pin right.X2
    When board "right" is started with the program:
      """
      import pyb
      ready = pyb.Pin('X2', pyb.Pin.OUT)
      ask = pyb.Pin('X1', pyb.Pin.IN, pyb.Pin.PULL_DOWN)
      for turn in range(100):
          while not ask(): pass
          ready(1)
          while ask(): pass
          ready(0)
      """
    And board "left" runs the program:
      """
      import pyb
      ask = pyb.Pin('X1', pyb.Pin.OUT)
      ready = pyb.Pin('X2', pyb.Pin.IN, pyb.Pin.PULL_DOWN)
      for turn in range(100):
          ask(1)
          while not ready(): pass
          ask(0)
          while ready(): pass
      print('a hundred turns')
      """
    Then it prints "a hundred turns"

  Scenario: An interrupt from the other board
    Given pin left.X1 is wired to pin right.X2
    When board "right" is started with the program:
      """
      import pyb
      count = 0
      def seen(line):
          global count
          count += 1
      pyb.ExtInt('X2', pyb.ExtInt.IRQ_RISING, pyb.Pin.PULL_DOWN, seen)
      pyb.delay(300)
      print('edges', count)
      """
    And board "left" runs the program:
      """
      import pyb
      pin = pyb.Pin('X1', pyb.Pin.OUT)
      for n in range(25):
          pin(1); pyb.delay(2); pin(0); pyb.delay(2)
      """
    Then board "right" prints "edges 25" within 1 s

  Scenario: PWM of one board is measured by the other
    Given pin left.X1 is wired to pin right.X2
    When board "left" runs "import pyb; pyb.Timer(2, freq=2000).channel(1, pyb.Timer.PWM, pin=pyb.Pin('X1'), pulse_width_percent=30)"
    And board "right" runs "import machine; print(140 < machine.time_pulse_us(machine.Pin('X2', machine.Pin.IN), 1, 10000) < 160)"
    Then it prints "True"
    And pin right.X2 has a frequency of 2 kHz ± 0.1 % over 100 ms

  Scenario: A voltage of one board is measured by the other
    Given pin left.X5 is wired to pin right.X19
    When board "left" runs "import pyb; pyb.DAC(1, bits=12).write(2048)"
    And board "right" runs "import pyb; print(2000 < pyb.ADC('X19').read() < 2100)"
    Then it prints "True"

  Scenario: Two outputs on one wire
    Given pin left.X1 is wired to pin right.X1
    When board "left" runs "import pyb; pyb.Pin('X1', pyb.Pin.OUT).high()"
    And board "right" runs "import pyb; pyb.Pin('X1', pyb.Pin.OUT).low()"
    Then pin left.X1 has contention

  Scenario: Open drains share a wire
    Given pin left.X1 is wired to pin right.X1
    And pin left.X1 is pulled up through 10 kΩ
    When board "left" runs "import pyb; a = pyb.Pin('X1', pyb.Pin.OUT_OD); a(1); print(a())"
    Then it prints "1"
    When board "right" runs "import pyb; b = pyb.Pin('X1', pyb.Pin.OUT_OD); b(0)"
    And board "left" runs "print(a())"
    Then it prints "0"
    And no net has contention

  @H4
  Scenario Outline: A UART at <sender> and <receiver> baud
    Given pin left.X1 is wired to pin right.X2
    When board "right" runs "import pyb; u = pyb.UART(4, <receiver>, timeout=300)"
    And board "left" runs "import pyb; pyb.UART(4, <sender>).write('hello, right')"
    And board "right" runs "print(u.read(12) == b'hello, right')"
    Then it prints "<understood>"

    Examples:
      | sender | receiver | understood |
      | 9600   | 9600     | True       |
      | 115200 | 115200   | True       |
      | 115200 | 57600    | False      |

  @H4
  Scenario: UARTs talk both ways
    Given pin left.X1 is wired to pin right.X2
    And pin left.X2 is wired to pin right.X1
    When board "right" is started with the program:
      """
      import pyb
      u = pyb.UART(4, 38400, timeout=1000)
      while True:
          line = u.readline()
          if line:
              u.write(line.upper())
      """
    And board "left" runs "import pyb; u = pyb.UART(4, 38400, timeout=1000); u.write('ping\n'); print(u.readline())"
    Then it prints "b'PING\n'"
    And on board "left", UART 4 sent "ping\n"
    And UART 4 of board "left" received "PING\n"

  @H4
  Scenario Outline: An I2C target on the other board, asked by <controller>
    Given pin left.X9 is wired to pin right.X9
    And pin left.X10 is wired to pin right.X10
    And pin left.X9 is pulled up through 5 kΩ
    And pin left.X10 is pulled up through 5 kΩ
    When board "right" runs the program:
      """
      import machine
      memory = bytearray(b'0123456789')
      target = machine.I2CTarget(1, addr=0x42, mem=memory)
      """
    And board "left" runs the program:
      """
      import machine
      bus = <controller>
      print(bus.scan(), bus.readfrom_mem(0x42, 3, 4))
      bus.writeto_mem(0x42, 0, b'new')
      """
    Then it prints "[66] b'3456'"
    When board "right" runs "print(memory)"
    Then it prints "bytearray(b'new3456789')"

    Examples:
      | controller                                     |
      | machine.I2C(1, freq=100000)                    |
      | machine.I2C(1, freq=400000)                    |
      | machine.SoftI2C('X9', 'X10', freq=100000)      |

  @H4
  Scenario: SPI controller and peripheral
    Given pin left.X6 is wired to pin right.X6
    And pin left.X7 is wired to pin right.X7
    And pin left.X8 is wired to pin right.X8
    When board "right" is started with "import pyb; print(pyb.SPI(1, pyb.SPI.PERIPHERAL, polarity=0, phase=0).send_recv(b'right', timeout=2000))"
    And board "left" runs "import pyb; print(pyb.SPI(1, pyb.SPI.CONTROLLER, baudrate=200000, polarity=0, phase=0).send_recv(b'left!'))"
    Then it prints "b'right'"
    And board "right" prints "b'left!'" within 1 s

  @H4
  Scenario: Both are on one CAN bus
    Given a can-transceiver called "first" is wired:
      | txd  | left.Y4 |
      | rxd  | left.Y3 |
    And a can-transceiver called "second" is wired:
      | txd  | right.Y4 |
      | rxd  | right.Y3 |
    When board "right" is started with the program:
      """
      import pyb
      can = pyb.CAN(1, pyb.CAN.NORMAL, baudrate=125000)
      can.setfilter(0, pyb.CAN.MASK16, 0, (0, 0, 0, 0))
      message = can.recv(0, timeout=2000)
      can.send(message[4].upper(), message[0] + 1)
      """
    And board "left" runs the program:
      """
      import pyb
      can = pyb.CAN(1, pyb.CAN.NORMAL, baudrate=125000)
      can.setfilter(0, pyb.CAN.MASK16, 0, (0, 0, 0, 0))
      can.send('ping', 0x123, timeout=100)
      print(can.recv(0, timeout=1000))
      """
    Then it prints "(292, False, False, 0, b'PING')"

  Scenario: A board that is stuck harms no other
    Given pin left.X1 is wired to pin right.X2
    When board "left" is started with "while True: pass"
    And board "right" runs "print(6 * 7)"
    Then it prints "42"
    When RST of board "left" is pressed for 100 ms
    And board "right" runs "print('still here')"
    Then it prints "still here"
