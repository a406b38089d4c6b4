Feature: What the driver writes into the sensor

  Background:
    Given a tmp102 called "sensor" is wired:
      | scl | X9  |
      | sda | X10 |
    And the flash holds "tmp102.py" from the host file "drivers/tmp102.py"
    And the board runs "import pyb, tmp102; sensor = tmp102.TMP102(pyb.I2C(1, pyb.I2C.CONTROLLER))"

  Scenario: The limits arrive in degrees
    When the board runs "sensor.limits(18.5, 21)"
    Then the low of "sensor" is 18.5 °C
    And the high of "sensor" is 21.0 °C

  Scenario: On the wire, each limit is a register and two bytes
    When the board runs "sensor.limits(-10, 30)"
    Then I2C 1 carried:
      | address | direction | data     | answer |
      | 0x48    | write     | 02 F6 00 | ack    |
      | 0x48    | write     | 03 1E 00 | ack    |

  Scenario: Limits the wrong way round are refused before anything is written
    When the board runs "sensor.limits(30, 20)"
    Then it raises ValueError with message "low must be below high"
    And I2C 1 was quiet

  Scenario: Shutdown freezes the measurement
    Given the temperature of "sensor" is set to 20 °C
    And the board runs "sensor.temperature(); sensor.shutdown(True)"
    And the temperature of "sensor" is set to 30 °C
    When the board runs "print(sensor.temperature())"
    Then it prints "20.0"
    When the board runs "sensor.shutdown(False); print(sensor.temperature())"
    Then it prints "30.0"

  Scenario: The settings that are not ours stay as they were
    When the board runs "sensor.extended(True); sensor.extended(False)"
    Then the configuration of "sensor" is 24736
