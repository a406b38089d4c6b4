@F3
Feature: A pyboard and a PYBLITE on one bench

  Scenario: They talk over a UART
    Given the boards:
      | name  | board        |
      | big   | pyboard-v1.1 |
      | small | pyblite-v1.0 |
    And pin big.X9 is wired to pin small.X10
    And pin big.X10 is wired to pin small.X9
    When board "small" is started with "import pyb; u = pyb.UART(1, 9600, timeout=2000); u.write(u.read(4).upper())"
    And board "big" runs "import pyb; u = pyb.UART(1, 9600, timeout=2000); u.write('tiny'); print(u.read(4))"
    Then it prints "b'TINY'"
