Feature: The journal survives a power cut

  What was journalled before the power went is there afterwards; what was being written is there whole or not at all. The flash
  memory has to write a page within 0.7 ms and to erase a sector within 45 ms: the cuts fall before, into and after those.

  Background:
    Given the flash holds the host folder "app"
    And a ds18b20 called "probe" is wired:
      | data | X11 |
    And a relay called "heater" is wired:
      | in | Y1 |
    And a w25q16 called "memory" is wired:
      | cs   | X5 |
      | sck  | X6 |
      | miso | X7 |
      | mosi | X8 |
    And the temperature of "probe" is set to 15 °C

  Scenario: It tells what happened, and when
    When the board powers on
    And 10 s pass
    And the temperature of "probe" is set to 25 °C
    And 3 s pass
    And Ctrl-C is pressed
    And "print(''.join(journal.lines()), end='')" is typed
    Then the board answers:
      """
      0 start
      1 on
      10 off
      """

  Scenario Outline: The power goes between two writes, <when> after it came
    When the board powers on
    And <when> pass
    And the board loses power
    And "memory" has the fault "unpowered"
    And 1 s passes
    And all faults are gone
    And the temperature of "probe" is set to 25 °C
    And the board powers on
    And 4 s pass
    And Ctrl-C is pressed
    And "print(', '.join(line.strip() for line in journal.lines()))" is typed
    Then the board answers "<journal>"

    Examples:
      | when   | journal                |
      | 400 ms | 0 start                |
      | 1 s    | 0 start, 0 start       |
      | 3 s    | 0 start, 1 on, 0 start |

  Scenario Outline: The power goes about the time of a write, <when> after it came
    When the board powers on
    And <when> pass
    And the board loses power
    And "memory" has the fault "unpowered"
    And 1 s passes
    And all faults are gone
    And the temperature of "probe" is set to 25 °C
    And the board powers on
    And 4 s pass
    And Ctrl-C is pressed
    And "print(', '.join(line.strip() for line in journal.lines()))" is typed
    Then what the board prints matches /^<journal>\n/

    Examples: While it journals that it started
      | when   | journal              |
      | 500 ms | (0 start, )?0 start  |
      | 502 ms | (0 start, )?0 start  |
      | 504 ms | (0 start, )?0 start  |
      | 506 ms | (0 start, )?0 start  |
      | 508 ms | (0 start, )?0 start  |

    Examples: While it journals that it heats
      | when    | journal                    |
      | 1510 ms | 0 start, (1 on, )?0 start  |
      | 1515 ms | 0 start, (1 on, )?0 start  |
      | 1520 ms | 0 start, (1 on, )?0 start  |
      | 1525 ms | 0 start, (1 on, )?0 start  |
