Feature: Modules from the drawer
  Sensors, displays and memories that people wire to a board, spoken to by the registers of their data sheets.

  @F4 @H4
  Scenario: A distance is the time that sound needs
    Given an hc-sr04 called "sonar" is wired:
      | trig | X1 |
      | echo | X2 |
    And the distance of "sonar" is set to 100 cm
    When the board runs the program:
      """
      import machine, time
      trig = machine.Pin('X1', machine.Pin.OUT, value=0)
      echo = machine.Pin('X2', machine.Pin.IN)
      trig(1)
      time.sleep_us(15)
      trig(0)
      print(5750 < machine.time_pulse_us(echo, 1, 40000) < 5900)
      """
    Then it prints "True"

  @F4 @H4
  Scenario: An air sensor is woken, measures, and gives raw values
    Given a bme280 called "air" is wired:
      | scl | X9  |
      | sda | X10 |
    When the board runs the program:
      """
      import machine, time
      i2c = machine.I2C(1)
      print(hex(i2c.readfrom_mem(0x76, 0xd0, 1)[0]))
      i2c.writeto_mem(0x76, 0xf4, b'\x25')
      time.sleep_ms(10)
      print(i2c.readfrom_mem(0x76, 0xf7, 6) != b'\x80\0\0\x80\0\0')
      """
    Then it prints:
      """
      0x60
      True
      """

  @F4 @H4
  Scenario: A clock chip keeps the time while the board is off
    Given a ds3231 called "rtc" is wired:
      | scl | X9  |
      | sda | X10 |
    And the time of "rtc" is set to "2026-12-31 23:59:50"
    When the board loses power
    And 20 s pass
    And the board powers on
    And the board reaches its prompt within 5 s
    And the board runs "import machine; print(machine.I2C(1).readfrom_mem(0x68, 4, 3).hex())"
    Then it prints "010127"

  @F4 @H4
  Scenario: A display in four bits behind a port expander shows text
    Given a pcf8574 called "port" is wired:
      | scl     | X9   |
      | sda     | X10  |
      | address | 0x27 |
    And an hd44780 called "lcd" is wired:
      | rs | port.p0 |
      | rw | port.p1 |
      | e  | port.p2 |
      | d4 | port.p4 |
      | d5 | port.p5 |
      | d6 | port.p6 |
      | d7 | port.p7 |
      | rows | 1 |
    When the board runs the program:
      """
      import machine, time
      i2c = machine.I2C(1)
      def nibble(bits, rs):
          i2c.writeto(0x27, bytes([bits & 0xf0 | 4 | rs]))
          i2c.writeto(0x27, bytes([bits & 0xf0 | rs]))
      def send(byte, rs=0):
          nibble(byte, rs)
          nibble(byte << 4, rs)
          time.sleep_ms(2 if byte < 4 else 0)
      i2c.writeto(0x27, b'\0')
      time.sleep_ms(50)
      for bits in (0x30, 0x30, 0x30, 0x20):
          nibble(bits, 0)
          time.sleep_ms(5)
      for command in (0x28, 0x0c, 0x01, 0x06):
          send(command)
      for letter in b'ready':
          send(letter, 1)
      """
    Then the text of "lcd" is "ready"

  @F4 @H4
  Scenario: A port expander interrupts when an input changes
    Given an mcp23017 called "port" is wired:
      | scl  | X9  |
      | sda  | X10 |
      | inta | X3  |
      | a0   | X1  |
    When the board runs the program:
      """
      import machine
      i2c = machine.I2C(1)
      button = machine.Pin('X1', machine.Pin.OUT, value=0)
      i2c.writeto_mem(0x20, 0x04, b'\x01')
      machine.Pin('X3').irq(lambda pin: print('changed', i2c.readfrom_mem(0x20, 0x10, 1)[0] & 1), machine.Pin.IRQ_FALLING)
      button(1)
      """
    Then it prints "changed 1"
