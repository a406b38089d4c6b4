@H4
Feature: Analogue in and out

  Scenario Outline: The ADC reads <volts> V as <code>
    Given pin X19 is driven to <volts> V
    When the board runs "import pyb; print(abs(pyb.ADC('X19').read() - <code>) <= 4)"
    Then it prints "True"

    Examples:
      | volts | code |
      | 0     | 0    |
      | 0.825 | 1024 |
      | 1.65  | 2048 |
      | 3.3   | 4095 |

  Scenario Outline: The DAC puts out <volts> V for <code>
    When the board runs "import pyb; pyb.DAC(1).write(<code>)"
    Then pin X5 has <volts> V ± 30 mV

    Examples:
      | code | volts |
      | 0    | 0     |
      | 64   | 0.83  |
      | 128  | 1.65  |
      | 255  | 3.29  |

  Scenario: What the DAC puts out, the ADC reads back
    Given pin X5 is wired to pin X19
    When the board runs "import pyb; pyb.DAC(1).write(200); pyb.delay(1); print(abs(pyb.ADC('X19').read() - 200 * 16) < 32)"
    Then it prints "True"

  Scenario: A potentiometer is turned
    Given a potentiometer called "knob" is wired:
      | wiper | X20 |
    And the position of "knob" is set to 75 %
    When the board runs "import pyb; print(abs(pyb.ADC('X20').read() - 3072) < 40)"
    Then it prints "True"

  @F4
  Scenario: Noise on a line is seen, and averages out
    Given pin X19 is driven to 1.65 V
    And pin X19 has noise of 30 mV
    When the board runs the program:
      """
      import pyb
      adc = pyb.ADC('X19')
      samples = [adc.read() for i in range(200)]
      print(len(set(samples)) > 10, abs(sum(samples) // 200 - 2048) < 20)
      """
    Then it prints "True True"
