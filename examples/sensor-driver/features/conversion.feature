Feature: What the driver makes of the sensor's registers

  Background:
    Given a tmp102 called "sensor" is wired:
      | scl | X9  |
      | sda | X10 |
    And the flash holds "tmp102.py" from the host file "drivers/tmp102.py"
    And the board runs "import pyb, tmp102; sensor = tmp102.TMP102(pyb.I2C(1, pyb.I2C.CONTROLLER))"

  Scenario Outline: <degrees> °C is read as <degrees>
    Given the temperature of "sensor" is set to <degrees> °C
    When the board runs "print(sensor.temperature())"
    Then it prints:
      """
      <degrees>
      """

    Examples:
      | degrees |
      | 25.0    |
      | 0.0     |
      | 0.0625  |
      | -0.25   |
      | -55.0   |
      | 127.9375 |

  Scenario: Beyond its range the sensor stays at its end
    Given the temperature of "sensor" is set to 140 °C
    When the board runs "print(sensor.temperature())"
    Then it prints "127.9375"

  Scenario: Extended mode reaches further
    Given the board runs "sensor.extended(True)"
    And the temperature of "sensor" is set to 140 °C
    When the board runs "print(sensor.temperature())"
    Then it prints "140.0"

  Scenario: A driver that starts with a sensor in extended mode reads it right
    Given the board runs "sensor.extended(True)"
    And the temperature of "sensor" is set to 140 °C
    When the board runs "again = tmp102.TMP102(pyb.I2C(1, pyb.I2C.CONTROLLER)); print(again.temperature())"
    Then it prints "140.0"
