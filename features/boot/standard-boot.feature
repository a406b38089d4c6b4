@B1 @F1 @F5
Feature: Standard boot
  A pyboard that gets power comes up by itself: boot.py, USB, main.py, the prompt.

  Scenario: The green LED is lit while the board boots
    Given the flash holds "boot.py":
      """
      import pyb
      pyb.delay(200)
      """
    When the board powers on
    Then the green LED lights up within 100 ms
    And the green LED goes off within 1 s

  Scenario: boot.py runs before main.py, and the prompt comes last
    Given the flash holds "boot.py":
      """
      print('boot.py was here')
      """
    And the flash holds "main.py":
      """
      print('main.py was here')
      """
    When the board powers on
    And the board reaches its prompt within 5 s
    Then the board goes through the phases:
      | boot.py           |
      | usb-configuration |
      | main.py           |
      | repl              |
    And what the board prints matches /boot\.py was here[^]*main\.py was here[^]*>>> /

  Scenario: What the scripts define is there at the prompt
    Given the flash holds "main.py":
      """
      answer = 42
      """
    When the board has booted
    And "answer" is typed
    Then the board answers "42"

  Scenario: A board without scripts comes up all the same
    Given the flash is blank
    When the board powers on
    Then the board reaches its prompt within 10 s
    And the board is in standard mode

  Scenario: boot.py decides which program is the main one
    Given the flash holds "boot.py":
      """
      import pyb
      pyb.main('application.py')
      """
    And the flash holds "application.py":
      """
      print('the application runs')
      """
    When the board powers on
    Then the board prints "the application runs" within 5 s
    And the board has run "application.py"
    And the board has not run "main.py"

  Scenario: boot.py decides what the board is on USB
    Given the flash holds "boot.py":
      """
      import pyb
      pyb.usb_mode('VCP')
      """
    When the board has booted
    Then the USB device offers "vcp"
    And the USB device does not offer "msc"

  Scenario: A program that does not end keeps the prompt away until it is interrupted
    Given the flash holds "main.py":
      """
      import time
      while True:
          time.sleep(1)
      """
    When the board powers on
    Then the board does not reach its prompt within 5 s
    When Ctrl-C is pressed
    Then the board prints "KeyboardInterrupt"
    And the board reaches its prompt within 1 s

  Rule: Resets differ in what survives them

    Scenario: After power-on the reset cause says so
      When the board has booted
      Then the reset cause of the board is "power-on"

    Scenario: RST is a hard reset
      Given the board runs "x = 1"
      When RST is pressed
      Then the board reaches its prompt within 5 s
      And the reset cause of the board is "hard"
      When "x" is typed
      Then the board prints "NameError"

    Scenario: While RST is held, nothing happens
      Given the board has booted
      When RST is held
      Then the board prints nothing for 1 s
      And the board is in phase "reset"
      When RST is released
      Then the board reaches its prompt within 5 s

    Scenario: A soft reset runs the scripts again
      Given the flash holds "main.py":
        """
        print('main.py runs')
        """
      And the board has booted
      When the board is soft reset
      Then the board prints "MPY: soft reboot"
      And the board prints "main.py runs"

    Scenario: A soft reset does not keep what was defined
      Given the board runs "x = 1"
      When the board is soft reset
      And "x" is typed
      Then the board prints "NameError"

    Scenario: Files survive every reset
      Given the board runs "f = open('/flash/kept.txt', 'w'); f.write('kept'); f.close()"
      When RST is pressed
      And the board reaches its prompt within 5 s
      Then the file "/flash/kept.txt" holds "kept"
