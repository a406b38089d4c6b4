@F5
Feature: Boot modes
  Whoever holds USR while the board starts can choose how it comes up.

  Background:
    Given the board is off
    And USR is held
    And the board powers on
    And the green LED lights up within 100 ms

  @B4
  Scenario: The LEDs step through the modes while USR is held
    Then the LEDs step through:
      | LEDs             | for          |
      | green            | 600 ms ± 2 % |
      | orange           | 600 ms ± 2 % |
      | green and orange | 600 ms ± 2 % |
      | green            | 600 ms ± 2 % |

  @B4
  Scenario: The mode is not chosen before USR is released
    Then the board does not reach its prompt within 5 s
    And the board is in phase "mode-selection"

  @B4 @B1
  Scenario: Released at green, the board boots as usual
    When 300 ms pass
    And USR is released
    Then the board reaches its prompt within 5 s
    And the board is in standard mode
    And the board has run "boot.py"

  @B4
  Scenario: The chosen mode flashes before the board goes on
    When 300 ms pass
    And USR is released
    Then the green LED goes off within 50 ms
    And the LEDs step through:
      | LEDs  | for             |
      | none  | 50 ms ± 2 %     |
      | green | 50 ms ± 2 %     |
      | none  | 50 ms ± 2 %     |
      | green | 50 ms ± 2 %     |
      | none  | 50 ms ± 2 %     |
      | green | 50 ms ± 2 %     |
      | none  | 50 ms ± 2 %     |
      | green | 50 ms ± 2 %     |
      | none  | 50 ms ± 2 %     |
      | green | 50 ms ± 2 %     |
      | none  | 50 ms ± 2 %     |
      | green | at least 400 ms |

  @B2
  Scenario: Released at orange, the board boots safely: no script runs
    When 900 ms pass
    And USR is released
    Then the orange LED lights up within 1 s
    And the board reaches its prompt within 5 s
    And the board is in safe mode
    And the board has not run "boot.py"
    And the board has not run "main.py"

  @B2
  Scenario: Safe mode rescues a board whose main.py does not let go
    When 900 ms pass
    And USR is released
    And the board reaches its prompt within 5 s
    Then the board runs "print('rescued')"
    And it prints "rescued"

  @B3
  Scenario: Released at green and orange, the board gets its original files back
    When 1500 ms pass
    And USR is released
    Then the board reaches its prompt within 10 s
    And the board is in factory-reset mode
    And the flash has exactly these files:
      | boot.py     |
      | main.py     |
      | pybcdc.inf  |
      | README.txt  |

  @B3
  Scenario: A factory reset ends in safe mode: no script runs
    When 1500 ms pass
    And USR is released
    And the board reaches its prompt within 10 s
    Then the board has not run "boot.py"
    And the board has not run "main.py"
