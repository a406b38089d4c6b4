@B9 @F5
Feature: Firmware installation
  A host installs another firmware through the bootloader in the chip's ROM. Whatever goes wrong there, the bootloader still answers.

  Scenario Outline: The bootloader is entered by a program
    Given the board has booted
    When the board is started with "import machine, pyb; <call>"
    And 100 ms pass
    Then the board is in its bootloader
    And the green LED is off
    And the USB device offers "dfu"
    And the USB device does not offer "vcp"

    Examples:
      | call                 |
      | machine.bootloader() |
      | pyb.bootloader()     |

  Scenario: The bootloader is entered with the DFU pad held at reset
    Given the board has booted
    When DFU is held
    And RST is pressed
    And 10 ms pass
    Then the board is in its bootloader
    When DFU is released
    And 10 s pass
    Then the board is in its bootloader

  Scenario: A reset leaves the bootloader
    Given the board is put into its bootloader
    When RST is pressed
    Then the board reaches its prompt within 5 s
    And the board is in standard mode

  Scenario: What was written to a file is there before the bootloader begins
    Given the board has booted
    When the board is started with "f = open('/flash/last.txt', 'w'); f.write('words'); f.close(); import machine; machine.bootloader()"
    And 3 s pass
    Then the board is in its bootloader
    And the file "/flash/last.txt" holds "words"

  Scenario: An installed firmware starts at once, and the files stay
    Given the flash holds "notes.txt":
      """
      kept
      """
    And the board is put into its bootloader
    When the firmware "examples/firmware/manifest.py" is installed on the board
    Then the board reaches its prompt within 5 s
    And the board prints "MicroPython v1.27.0" within 1 s
    And the file "/flash/notes.txt" holds "kept"
    When the board runs "import station; print(station.__file__)"
    Then it prints "station/__init__.py"

  Scenario: It is still there after power was off
    Given the board is put into its bootloader
    And the firmware "examples/firmware/manifest.py" is installed on the board
    When the board loses power
    And the board powers on
    And the board reaches its prompt within 5 s
    And the board runs "import thermometer"
    Then it raises no exception

  Scenario: Erasing the whole chip takes the files along; the flash is formatted at the first start
    Given the flash holds "notes.txt":
      """
      gone
      """
    And the board is put into its bootloader
    When the chip of the board is erased and the firmware "examples/firmware/manifest.py" installed
    Then the board reaches its prompt within 10 s
    And the filesystem on the flash is sound
    And the flash has exactly these files:
      | boot.py    |
      | main.py    |
      | pybcdc.inf |
      | README.txt |

  Scenario: A file that is no firmware, cut short or for another board is refused; the board keeps its firmware
    Given the board is put into its bootloader
    Then the board refuses the firmware "package.json" because "it is no firmware file"
    And the board refuses the first 10 bytes of the firmware "examples/firmware/manifest.py"
    And the board refuses the first 5000 bytes of the firmware "examples/firmware/manifest.py"
    And the board is in its bootloader
    When RST is pressed
    Then the board reaches its prompt within 5 s

  Scenario: The firmware of another board is refused
    Given the board is a pyboard-v1.1
    And the board is put into its bootloader
    Then the board refuses the firmware "examples/firmware/manifest.py" of a pyblite-v1.0
    When RST is pressed
    Then the board reaches its prompt within 5 s

  Scenario Outline: Power that goes during an installation leaves a board that only its bootloader answers for
    Given the board is put into its bootloader
    And the installation of the firmware "examples/firmware/manifest.py" on the board begins
    When <time> pass
    And the board loses power
    And the board powers on
    And 1 s passes
    Then the board is in phase "no-firmware"
    And the green LED is off
    And the USB device does not offer "vcp"
    When the board is put into its bootloader
    And the firmware "examples/firmware/manifest.py" is installed on the board
    Then the board reaches its prompt within 5 s

    Examples:
      | time    |
      | 1 ms    |
      | 260 ms  |
      | 900 ms  |
      | 1280 ms |

  Scenario: A reset breaks an installation off, too
    Given the board is put into its bootloader
    And the installation of the firmware "examples/firmware/manifest.py" on the board begins
    When 500 ms pass
    And RST is pressed
    And 3 s pass
    Then the board is in phase "no-firmware"

  Scenario: A second firmware replaces the first
    Given the board has the firmware "examples/firmware/manifest.py"
    And the board is put into its bootloader
    When the firmware "examples/firmware/standalone.py" is installed on the board
    Then the board prints "station starts" within 5 s
    And the board prints "degrees" within 2 s
