@H2
Feature: A pyboard as a mouse or a keyboard
  pyb.usb_mode in boot.py makes the board a HID device besides its serial port. The computer fetches a report every 8 ms and reads it by the
  report descriptor that the board gives.

  Background:
    Given the board is off

  Scenario: The mouse moves
    Given the flash holds "boot.py":
      """
      import pyb
      pyb.usb_mode('VCP+HID', hid=pyb.hid_mouse)
      """
    When the board powers on
    And the board runs the program:
      """
      import pyb
      hid = pyb.USB_HID()
      for step in range(10):
          while not hid.send((0, 3, -2, 0)):
              pyb.delay(1)
      pyb.delay(20)
      """
    Then the USB device offers "hid"
    And the computer receives the mouse movement 30, -20

  Scenario: A click
    Given the flash holds "boot.py":
      """
      import pyb
      pyb.usb_mode('VCP+HID')
      """
    When the board powers on
    And the board runs "import pyb; pyb.USB_HID().send((1, 0, 0, 0)); pyb.delay(20)"
    Then the computer sees the left mouse button pressed
    And the computer has received the HID report 01 00 00 00

  Scenario: The keyboard types
    Given the flash holds "boot.py":
      """
      import pyb
      pyb.usb_mode('VCP+HID', hid=pyb.hid_keyboard)
      """
    When the board powers on
    And the board runs the program:
      """
      import pyb
      hid = pyb.USB_HID()
      for modifiers, key in ((2, 0x0b), (0, 0x08), (0, 0x0f), (0, 0x0f), (0, 0x12), (2, 0x1e), (1, 0x16)):
          for report in (bytes((modifiers, 0, key, 0, 0, 0, 0, 0)), bytes(8)):
              while not hid.send(report):
                  pyb.delay(1)
      pyb.delay(20)
      """
    Then the computer receives the key presses "Hello!<Ctrl-s>"

  Scenario: A report waits until the computer has fetched the one before
    Given the flash holds "boot.py":
      """
      import pyb
      pyb.usb_mode('VCP+HID')
      """
    When the board powers on
    And the board runs "import pyb; hid = pyb.USB_HID(); print(hid.send((0, 1, 0, 0)), hid.send((0, 1, 0, 0))); pyb.delay(20)"
    Then it prints "4 0"
    And the computer receives the mouse movement 1, 0

  Scenario: The computer lights Caps Lock
    Given the flash holds "boot.py":
      """
      import pyb
      pyb.usb_mode('VCP+HID', hid=pyb.hid_keyboard)
      """
    When the board powers on
    And the board is started with "import pyb; print('LEDs', pyb.USB_HID().recv(1, timeout=1000))"
    And the computer sends the HID report 02
    Then the board prints "LEDs b'\x02'" within 1 s

  Scenario: Without a HID interface nothing reaches the computer
    When the board powers on
    And the board runs "import pyb; print(pyb.USB_HID().send((0, 1, 0, 0)))"
    Then it prints "0"
    And the computer receives no HID report
