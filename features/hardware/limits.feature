@H1
Feature: Limits of the microcontroller
  A program meets the same limits as on the device, and the board survives them.

  Scenario: The heap has its size
    When the board runs "import gc; print(gc.mem_free() + gc.mem_alloc())"
    Then it prints "103296"

  Scenario: A program that wants too much memory gets an exception
    When the board runs "x = bytearray(200_000)"
    Then it raises MemoryError with message "memory allocation failed, allocating 200000 bytes"
    And the board runs "print('still here')"
    And it prints "still here"

  Scenario: A list that grows for ever ends in an exception
    When the board runs "exec('x = []\nwhile True: x.append(bytes(1000))')"
    Then it raises MemoryError

  Scenario: What was dropped is collected and can be used again
    When the board runs the program:
      """
      for i in range(1000):
          block = bytearray(10_000)
      print('done')
      """
    Then it prints "done"

  Scenario: The processor runs at its frequency
    When the board runs "import pyb, machine; print(pyb.freq()[0], machine.freq()[0])"
    Then it prints "168000000 168000000"

  Scenario: A slower processor takes longer
    When the board runs "for i in range(20000): pass"
    Then it takes at most 100 ms
    When the board runs "import pyb; pyb.freq(42000000)"
    And the board runs "for i in range(20000): pass"
    Then it takes at least 200 ms

  Scenario: The board has an identity of its own
    When the board runs "import machine; print(len(machine.unique_id()))"
    Then it prints "12"

  @B6
  Scenario: A wild access resets the board
    Given the board has booted
    When the board is started with "import machine; machine.mem32[0x20]; machine.mem32[0xC0000000] = 1"
    And 3 s pass
    Then the board is in phase "repl"

  @B6
  Scenario: After fault_debug a wild access is shown, and only a hard reset helps
    Given the board runs "import pyb; pyb.fault_debug(True)"
    When the board is started with "import machine; machine.mem32[0xC0000000] = 1"
    Then the board reaches phase "fault" within 1 s
    And all LEDs cycle for 15 s
    And the board prints nothing for 1 s
    When RST is pressed
    Then the board reaches its prompt within 5 s
