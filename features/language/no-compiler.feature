@L10
Feature: Firmware without the compiler
  It runs .mpy files and frozen modules. What needs the compiler is not there, or says so.

  Background:
    Given the board has the firmware "features/language/firmware/no-compiler.py" without the compiler

  @L11 @B1
  Scenario: The scripts are frozen, and come before those in the flash
    Given the flash holds "boot.py":
      """
      print('boot.py of the flash')
      """
    When the board powers on
    Then the board prints "frozen boot" within 2 s
    And the board prints "frozen main" within 2 s
    And the board does not print "of the flash" within 1 s

  Scenario: The functions that compile are not there
    When the board powers on
    Then the board prints "names: []" within 2 s

  Scenario: A .py file cannot be imported, even with the .mpy beside it
    Given the flash holds "source.py":
      """
      value = 1
      """
    And the flash holds "source.mpy" from the host file "features/language/firmware/large.py"
    When the board powers on
    Then the board prints "source: ImportError('script compilation not supported',)" within 2 s

  Scenario: There is no prompt: after its scripts the board starts them again
    When the board powers on
    Then the board prints "frozen main" within 2 s
    And the board prints "MPY: soft reboot" within 2 s
    And the board prints "frozen boot" within 2 s
    And the board does not reach its prompt within 5 s

  @B5
  Scenario: A script in the flash is an error that the LEDs show
    Given the board has the firmware "features/language/firmware/only-modules.py" without the compiler
    When the board powers on
    Then the board prints "RuntimeError: script compilation not supported" within 2 s
    And the red LED lights up within 1 s
    And the board prints "MPY: soft reboot" within 5 s
