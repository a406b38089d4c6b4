Feature: The picture of the README
  scripts/pictures.mjs runs this and keeps its timing diagram.

  Scenario: A knock is answered: by a light, a servo's pulse, and a word on the radio
    Given the board has booted
    And pin X3 gets a low pulse of 4 ms
    When the board runs the program:
      """
      import pyb
      radio = pyb.UART(4, 9600)
      servo = pyb.Pin('X4', pyb.Pin.OUT, value=0)
      pyb.delay(2)
      pyb.LED(4).on()
      radio.write('knock')
      pyb.delay(4)
      for width in (1000, 1500, 2000):
          servo.high(); pyb.udelay(width); servo.low(); pyb.udelay(4000 - width)
      pyb.LED(4).off()
      """
    Then pin X4 rose 3 times
    And UART 4 sent "knock"
    And the blue LED is off
