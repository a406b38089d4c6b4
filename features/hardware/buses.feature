@H4
Feature: Buses

  Rule: UART

    Scenario: What is sent comes back over a wire
      Given pin X1 is wired to pin X2
      When the board runs the program:
        """
        import pyb
        uart = pyb.UART(4, 9600)
        uart.write('loop')
        pyb.delay(10)
        print(uart.read())
        """
      Then it prints "b'loop'"
      And UART 4 sent "loop"
      And UART 4 received "loop"

    Scenario: Bits last as long as the baud rate says
      When the board runs the program:
        """
        import pyb
        uart = pyb.UART(4, 9600)
        pyb.delay(1)
        uart.write(b'\x55')
        pyb.delay(5)
        """
      Then pin X1 was low for 104.2 µs ± 1 %

    Scenario: A peer is heard and answered
      Given a serial-peer called "modem" is wired:
        | tx   | X2      |
        | rx   | X1      |
        | baud | 9600 Bd |
      And the board runs "import pyb; uart = pyb.UART(4, 9600)"
      When the send of "modem" is set to "OK"
      And 10 ms pass
      And the board runs "print(uart.read())"
      Then it prints "b'OK'"
      When the board runs "uart.write('ATZ'); pyb.delay(10)"
      Then the received of "modem" is "ATZ"

    Scenario: A read without data waits for its time-out, and no longer
      When the board runs "import pyb; print(pyb.UART(4, 9600, timeout=50).read(1))"
      Then it prints "None"
      And it takes 50 ms ± 5 %

  Rule: I2C

    Background:
      Given a 24c256 called "eeprom" is wired:
        | scl | X9  |
        | sda | X10 |

    Scenario: A scan finds what answers
      When the board runs "import pyb; print(pyb.I2C(1, pyb.I2C.CONTROLLER).scan())"
      Then it prints "[80]"

    Scenario: Memory is written and read
      When the board runs the program:
        """
        import pyb
        i2c = pyb.I2C(1, pyb.I2C.CONTROLLER)
        i2c.mem_write(b'stored', 0x50, 0x100, addr_size=16)
        pyb.delay(10)
        print(i2c.mem_read(6, 0x50, 0x100, addr_size=16))
        """
      Then it prints "b'stored'"
      And I2C 1 carried:
        | address | direction | data                    | answer |
        | 0x50    | write     | 01 00 73 74 6F 72 65 64 | ack    |
        | 0x50    | write     | 01 00                   | ack    |
        | 0x50    | read      | 73 74 6F 72 65 64       | ack    |

    Scenario: Nobody at an address is an error
      When the board runs "import pyb; pyb.I2C(1, pyb.I2C.CONTROLLER).send(b'x', 0x33)"
      Then it raises OSError
      And I2C address 0x33 was not acknowledged

    @F4
    Scenario: A device that falls silent is an error, and answers again when it is well
      Given "eeprom" stops answering
      When the board runs "import pyb; i2c = pyb.I2C(1, pyb.I2C.CONTROLLER); print(i2c.is_ready(0x50))"
      Then it prints "False"
      When all faults are gone
      And the board runs "print(i2c.is_ready(0x50))"
      Then it prints "True"

  Rule: SPI

    Scenario: A wire from output to input brings every byte back
      Given pin X7 is wired to pin X8
      When the board runs the program:
        """
        import pyb
        spi = pyb.SPI(1, pyb.SPI.CONTROLLER, baudrate=1_000_000)
        print(spi.send_recv(b'\x9f\x01\x02'))
        """
      Then it prints "b'\x9f\x01\x02'"
      And SPI 1 sent 9F 01 02
      And SPI 1 received 9F 01 02

    Scenario: A flash memory tells who it is
      Given a w25q32 called "memory" is wired:
        | sck  | X6 |
        | mosi | X8 |
        | miso | X7 |
        | cs   | X5 |
      When the board runs the program:
        """
        import pyb
        cs = pyb.Pin('X5', pyb.Pin.OUT)
        cs.high()
        spi = pyb.SPI(1, pyb.SPI.CONTROLLER, baudrate=1_000_000, polarity=0, phase=0)
        cs.low()
        spi.send(0x9f)
        print(spi.recv(3))
        cs.high()
        """
      Then it prints "b'\xef@\x16'"

  Rule: CAN

    Scenario: A frame comes back in loop-back mode
      When the board runs the program:
        """
        import pyb
        can = pyb.CAN(1, pyb.CAN.LOOPBACK)
        can.setfilter(0, pyb.CAN.LIST16, 0, (123, 124, 125, 126))
        can.send('message!', 123)
        message = can.recv(0)
        print(message[0], message[-1])
        """
      Then it prints "123 b'message!'"

  Rule: 1-Wire

    Scenario: A thermometer is found and read
      Given a ds18b20 called "probe" is wired:
        | data | Y12 |
      And pin Y12 is pulled up through 5 kΩ
      And the temperature of "probe" is set to 21.5 °C
      When the board runs the program:
        """
        import onewire, time
        from machine import Pin
        ow = onewire.OneWire(Pin('Y12'))
        rom = ow.scan()[0]
        ow.reset(); ow.select_rom(rom); ow.writebyte(0x44)
        time.sleep_ms(750)
        ow.reset(); ow.select_rom(rom); ow.writebyte(0xbe)
        data = bytearray(9)
        ow.readinto(data)
        print(rom[0] == 0x28, (data[1] << 8 | data[0]) / 16)
        """
      Then it prints "True 21.5"

    Scenario: The line shows what was asked and answered
      Given a ds18b20 called "probe" is wired:
        | data | Y12 |
      And pin Y12 is pulled up through 5 kΩ
      And the temperature of "probe" is set to 21.5 °C
      When the board runs the program:
        """
        import onewire, time
        from machine import Pin
        ow = onewire.OneWire(Pin('Y12'))
        ow.reset(); ow.writebyte(ow.SKIP_ROM); ow.writebyte(0x44)
        time.sleep_ms(750)
        ow.reset(); ow.writebyte(ow.SKIP_ROM); ow.writebyte(0xbe)
        ow.readinto(bytearray(4))
        """
      Then the 1-Wire bus on pin Y12 carried:
        | presence | data              |
        | yes      | CC 44             |
        | yes      | CC BE 58 01 4B 46 |

    Scenario: Nobody answers on an empty line
      Given pin Y12 is pulled up through 5 kΩ
      When the board runs the program:
        """
        import onewire
        from machine import Pin
        print(onewire.OneWire(Pin('Y12')).reset())
        """
      Then it prints "False"
      And the 1-Wire bus on pin Y12 carried:
        | presence |
        | no       |
