Feature: A sensor in trouble

  Background:
    Given a tmp102 called "sensor" is wired:
      | scl | X9  |
      | sda | X10 |
    And the flash holds "tmp102.py" from the host file "drivers/tmp102.py"

  Scenario: No sensor at all is told at once, with its address
    Given part "sensor" is removed
    When the board runs "import pyb, tmp102; tmp102.TMP102(pyb.I2C(1, pyb.I2C.CONTROLLER))"
    Then it raises SensorError
    And I2C address 0x48 was not acknowledged

  Scenario: A sensor that falls silent is tried three times, then told
    Given the board runs "import pyb, tmp102; sensor = tmp102.TMP102(pyb.I2C(1, pyb.I2C.CONTROLLER))"
    And "sensor" stops answering
    When the board runs "sensor.temperature()"
    Then it raises SensorError
    And I2C 1 carried:
      | address | direction | answer |
      | 0x48    | write     | nack   |
      | 0x48    | write     | nack   |
      | 0x48    | write     | nack   |

  Scenario: A sensor that comes back is read again
    Given the board runs "import pyb, tmp102; sensor = tmp102.TMP102(pyb.I2C(1, pyb.I2C.CONTROLLER))"
    And "sensor" stops answering
    And the board runs "sensor.temperature()"
    And it raises SensorError
    When all faults are gone
    And the board runs "print(sensor.temperature())"
    Then it prints "25.0"

  Scenario: Another address is another sensor
    Given a tmp102 called "outdoors" is wired:
      | scl     | X9   |
      | sda     | X10  |
      | address | 0x4A |
    And the temperature of "outdoors" is set to -4.5 °C
    When the board runs the program:
      """
      import pyb, tmp102
      i2c = pyb.I2C(1, pyb.I2C.CONTROLLER)
      print(tmp102.TMP102(i2c).temperature(), tmp102.TMP102(i2c, address=0x4A).temperature())
      """
    Then it prints "25.0 -4.5"
