@R2
Feature: Control keys
  Five keys switch between the modes of the serial port, so that people and tools share it.

  Scenario: Ctrl-C interrupts a program
    When "while True: pass" is typed
    And Enter is pressed
    Then the board prints nothing for 100 ms
    When Ctrl-C is pressed
    Then the board prints "KeyboardInterrupt"
    And the prompt of the board is ">>> "

  Scenario: Ctrl-C interrupts a wait
    When "import time" is typed
    And "time.sleep(3600)" is typed
    And Ctrl-C is pressed
    Then the board answers:
      """
      Traceback (most recent call last):
        File "<stdin>", line 1, in <module>
      KeyboardInterrupt:
      """

  Scenario: A program may catch the interrupt
    When the board is started with the program:
      """
      import time
      try:
          time.sleep(60)
      except KeyboardInterrupt:
          print('caught it')
      """
    And 10 ms pass
    And Ctrl-C is pressed
    Then the board prints "caught it"

  Scenario: A program may turn the interrupt off
    When the board is started with the program:
      """
      import micropython, time
      micropython.kbd_intr(-1)
      time.sleep_ms(500)
      micropython.kbd_intr(3)
      print('not interrupted')
      """
    And 10 ms pass
    And Ctrl-C is pressed
    Then the board prints "not interrupted" within 1 s

  Scenario: Ctrl-E begins a paste, in which nothing is indented
    When this is pasted:
      """
      for i in range(2):
          if i:
              print('one')
          else:
              print('zero')
      """
    Then the board prints "zero"
    And the board prints "one"
    And the prompt of the board is ">>> "

  Scenario: The paste mode explains itself
    When Ctrl-E is pressed
    Then the board prints "paste mode; Ctrl-C to cancel, Ctrl-D to finish"
    And the prompt of the board is "=== "

  Scenario: Ctrl-C cancels a paste
    When Ctrl-E is pressed
    And "print('never')" is typed without Enter
    And Ctrl-C is pressed
    Then the board does not print "never"
    And the prompt of the board is ">>> "

  Scenario: Ctrl-D at an empty prompt is a soft reset
    When "kept = 1" is typed
    And Ctrl-D is pressed
    Then the board prints "MPY: soft reboot" within 5 s
    And the board reaches its prompt within 5 s
    When "kept" is typed
    Then the board prints "NameError"

  Rule: The raw mode is for tools

    Scenario: Ctrl-A enters it, Ctrl-B leaves it
      When Ctrl-A is pressed
      Then the board prints "raw REPL; CTRL-B to exit"
      And the prompt of the board is ">"
      When Ctrl-B is pressed
      Then the board prints "MicroPython v1.27.0"
      And the prompt of the board is ">>> "

    Scenario: Code is run at Ctrl-D, output and errors come back apart
      Given Ctrl-A is pressed
      When the bytes "print('out')" are sent
      And the bytes 04 are sent
      Then the board sends the bytes "OKout\r\n\x04\x04>"
      When the bytes "oops" are sent
      And the bytes 04 are sent
      Then the board prints "NameError: name 'oops' isn't defined"

    Scenario: Nothing that is sent is echoed
      Given Ctrl-A is pressed
      When the bytes "print(1)" are sent
      Then the board does not print "print"

  Rule: The raw-paste mode has flow control

    Scenario: A board that knows it answers with the size of its window
      Given Ctrl-A is pressed
      When the bytes 05 41 01 are sent
      Then the board sends the bytes 52 01 80 00 01

    Scenario: A window of code is acknowledged
      Given Ctrl-A is pressed
      And the bytes 05 41 01 are sent
      When the bytes "a = 1  # ------------------------------------------------------------------------------------------------------------------------\n" are sent
      Then the board sends the bytes 01

    Scenario: Code is compiled while it comes in, and run at its end
      Given Ctrl-A is pressed
      And the bytes 05 41 01 are sent
      When the bytes "print(6 * 7)\n" are sent
      And the bytes 04 are sent
      Then the board prints "42"
