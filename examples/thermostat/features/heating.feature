Feature: Heating a room

  Background:
    Given the flash holds the host folder "app"
    And a ds18b20 called "probe" is wired:
      | data | X11 |
    And a relay called "heater" is wired:
      | in | Y1 |
    And an ssd1306 called "screen" is wired:
      | scl    | X9        |
      | sda    | X10       |
      | height | 32 pixels |
    And a w25q16 called "memory" is wired:
      | cs   | X5 |
      | sck  | X6 |
      | miso | X7 |
      | mosi | X8 |
    And a button called "warmer" is wired:
      | a      | X1    |
      | bounce | 15 ms |
    And a button called "cooler" is wired:
      | a      | X2    |
      | bounce | 15 ms |
    And the temperature of "probe" is set to 20 °C
    When the board powers on
    And 5 s pass

  Scenario: A room that is warm enough is left alone
    Then the closed of "heater" is off
    And the display "screen" shows, from column 120 and row 0:
      """
      ........
      ........
      """

  Scenario: A cold room is heated, and the display says so
    When the temperature of "probe" is set to 19.4 °C
    Then the closed of "heater" becomes on within 3 s
    When 1 s passes
    Then the display "screen" shows, from column 120 and row 0:
      """
      ########
      ########
      """

  Scenario: It does not switch to and fro around the target
    Given the temperature of "probe" is set to 19 °C
    And the closed of "heater" becomes on within 3 s
    When the temperature of "probe" is set to 20.2 °C
    And 10 s pass
    Then the closed of "heater" is on
    When the temperature of "probe" is set to 20.6 °C
    Then the closed of "heater" becomes off within 3 s
    And the switched of "heater" is 2

  Scenario: The buttons move the target, a press at a time, though their contacts bounce
    When the pressed of "warmer" is set to on
    And 100 ms pass
    And the pressed of "warmer" is set to off
    And 3 s pass
    And Ctrl-C is pressed
    And "thermostat.target" is typed
    Then the board answers "20.5"

  Scenario: The target is remembered without power
    Given the pressed of "cooler" is set to on
    And 100 ms pass
    And the pressed of "cooler" is set to off
    And 3 s pass
    And the board loses power
    When the board powers on
    And 5 s pass
    And Ctrl-C is pressed
    And "thermostat.target" is typed
    Then the board answers "19.5"
