@H3
Feature: The SD card
  A card in the slot is the board's second drive, and the first one to boot from.

  @B7
  Scenario: A card is mounted at boot, beside the flash
    Given the SD card holds "readme.txt":
      """
      from the card
      """
    When the board runs "import os; print(sorted(os.listdir('/')), open('/sd/readme.txt').read().strip())"
    Then it prints "['flash', 'sd'] from the card"

  @B7
  Scenario: The board boots from the card when there is one
    Given the flash holds "main.py":
      """
      print('main.py of the flash')
      """
    And the SD card holds "main.py":
      """
      print('main.py of the card')
      """
    When the board powers on
    And the board reaches its prompt within 5 s
    Then the board prints "main.py of the card"
    And the board does not print "main.py of the flash"

  @B7
  Scenario: The current directory and the path are those of the card
    Given an SD card is inserted
    When the board runs "import os, sys; print(os.getcwd(), sys.path)"
    Then it prints "/sd ['', '.frozen', '/sd', '/sd/lib', '/flash', '/flash/lib']"

  @B7
  Scenario: A file SKIPSD on the flash keeps the card out of the boot
    Given the flash holds "SKIPSD":
      """
      """
    And the flash holds "main.py":
      """
      print('main.py of the flash')
      """
    And the SD card holds "main.py":
      """
      print('main.py of the card')
      """
    When the board powers on
    And the board reaches its prompt within 5 s
    Then the board prints "main.py of the flash"
    And the board does not print "main.py of the card"

  @B7
  Scenario: A card that cannot be read is told, and the board boots from its flash
    Given an unformatted SD card is inserted
    And the flash holds "main.py":
      """
      print('main.py of the flash')
      """
    When the board powers on
    And the board reaches its prompt within 5 s
    Then the board prints "MPY: can't mount SD card"
    And the board prints "main.py of the flash"

  Scenario: A file on the card is written and kept
    Given an SD card is inserted
    When the board runs "f = open('/sd/log.txt', 'w'); f.write('on the card'); f.close()"
    Then the file "/sd/log.txt" holds "on the card"
    And the filesystem on the SD card is sound

  Scenario: A card that is pulled out while the board uses it makes errors, not crashes
    Given an SD card is inserted
    And the board has booted
    When the SD card is removed
    And the board runs "f = open('/sd/new.txt', 'w'); f.write('x'); f.close()"
    Then it raises OSError
    And the board runs "print('still here')"
    And it prints "still here"

  Scenario: A program sees whether there is a card
    Given the board runs "import pyb; sd = pyb.SDCard(); print(sd.present())"
    And it prints "False"
    When an SD card is inserted
    And the board runs "print(pyb.SDCard().present())"
    Then it prints "True"
