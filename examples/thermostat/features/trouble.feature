Feature: When something fails

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
    When the board powers on
    Then the closed of "heater" becomes on within 5 s

  Scenario: Without a probe nothing is heated
    When part "probe" is removed
    Then the closed of "heater" becomes off within 3 s

  Scenario: A probe that comes back is used again
    When "probe" has the fault "removed"
    And 5 s pass
    And all faults are gone
    Then the closed of "heater" becomes on within 3 s

  Scenario: Damaged answers of the probe are not believed
    When "probe" has the fault "wrong-answers"
    Then the closed of "heater" becomes off within 3 s

  Scenario: A room without a display is heated all the same
    Then no net has contention
    And the closed of "heater" is on

  Scenario: The relay rests while the board is reset
    When the board loses power
    Then the closed of "heater" becomes off within 1 s
