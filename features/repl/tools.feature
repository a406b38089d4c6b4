@R5
Feature: Tools on the serial port
  mpremote, Thonny, rshell and pyboard.py all speak to a board in the same way: over its USB serial port, by control keys.
  "boardspec serve" gives them the virtual board's port; this is what they say and hear there.

  Scenario: A tool takes over a board whose program never ends
    Given the board is off
    And the flash holds "main.py":
      """
      while True:
          pass
      """
    And the board powers on
    And 1 s passes
    When the bytes "\r\x03\x03" are sent
    Then the board prints "KeyboardInterrupt" within 100 ms
    When the bytes "\r\x01" are sent
    Then the board prints "raw REPL; CTRL-B to exit" within 100 ms

  Scenario: A tool makes a soft reset without leaving the raw REPL
    Given the board has booted
    When the bytes "\x01" are sent
    And the bytes 04 are sent
    Then the board prints "MPY: soft reboot" within 1 s
    And the board prints "raw REPL; CTRL-B to exit" within 1 s

  Scenario: A tool copies a file in pieces
    Given the board has booted
    When the bytes "\x01f=open('copied.bin','wb');w=f.write\x04" are sent
    Then the board prints "OK" within 100 ms
    When the bytes "w(b'\\x00\\x01\\x02')\x04" are sent
    Then the board prints "OK" within 100 ms
    When the bytes "w(b'end')\x04" are sent
    Then the board prints "OK" within 100 ms
    When the bytes "f.close()\x04" are sent
    Then the board prints "OK" within 2 s
    When the board runs "print(open('/flash/copied.bin', 'rb').read())"
    Then it prints "b'\x00\x01\x02end'"

  Scenario: A tool reads binary data that no terminal could show
    Given the board has booted
    When the board is started with "import pyb; pyb.USB_VCP().write(bytes((0, 1, 10, 13, 27, 127, 128, 254, 255)))"
    And 10 ms pass
    Then the board sends the bytes 00 01 0A 0D 1B 7F 80 FE FF 04 04 3E

  Scenario: A program takes the bytes for itself, Ctrl-C among them
    Given the board has booted
    When the board is started with "import pyb; u = pyb.USB_VCP(); u.setinterrupt(-1); print(u.recv(4, timeout=1000))"
    And 10 ms pass
    And the bytes "a\x03\x04b" are sent
    Then the board prints "b'a\x03\x04b'" within 1 s

  Scenario: A program sees that a terminal is there, and that it is gone
    Given the board has booted
    When the board is started with the program:
      """
      import pyb
      u = pyb.USB_VCP()
      print(u.isconnected())
      pyb.delay(500)
      there = u.isconnected()
      pyb.delay(1000)
      print(there)
      """
    And the USB cable is unplugged
    And 700 ms pass
    And the USB cable is plugged in
    And 1 s passes
    Then the board prints "False"
