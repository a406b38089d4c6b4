@B3
Feature: Factory reset
  A filesystem that is beyond repair is made anew by the board itself.

  Scenario: Own files are gone, and the original ones are back
    Given the flash holds "main.py":
      """
      while True: pass
      """
    And the flash holds "data.txt":
      """
      my data
      """
    And USR is held
    When the board powers on
    And 1500 ms pass
    And USR is released
    And the board reaches its prompt within 10 s
    Then there is no file "/flash/data.txt"
    And there is a file "/flash/README.txt"
    And the filesystem on the flash is sound

  @B9
  Scenario: Fresh flash is formatted at the first boot
    Given the flash is blank
    When the board powers on
    Then the board reaches its prompt within 10 s
    And the flash has exactly these files:
      | boot.py     |
      | main.py     |
      | pybcdc.inf  |
      | README.txt  |

  @B9
  Scenario: A second boot finds what the first one made
    Given the flash is blank
    And the board powers on
    And the board reaches its prompt within 10 s
    And the board runs "f = open('/flash/mine.txt', 'w'); f.write('mine'); f.close()"
    When RST is pressed
    And the board reaches its prompt within 10 s
    Then the file "/flash/mine.txt" holds "mine"
