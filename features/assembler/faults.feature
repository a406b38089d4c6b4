@L8 @B6
Feature: A wild pointer in assembler

  Background:
    Given the board has booted

  Scenario: Without fault_debug the board resets
    When the board is started with the program:
      """
      @micropython.asm_thumb
      def wild():
          movwt(r0, 0xc0000000)
          ldr(r0, [r0, 0])

      wild()
      """
    Then the board reaches its prompt within 5 s
    And the reset cause of the board is "software"

  Scenario: After fault_debug the registers are printed and the LEDs cycle until a hard reset
    When the board is started with the program:
      """
      import pyb

      @micropython.asm_thumb
      def wild():
          mov(r1, 0x55)
          movwt(r0, 0xc0000000)
          ldr(r2, [r0, 4])

      pyb.fault_debug(True)
      wild()
      """
    Then the board prints "HardFault" within 1 s
    And the board prints "R0    c0000000"
    And the board prints "R1    00000055"
    And the board prints "HFSR  40000000"
    And the board prints "CFSR  00008200"
    And the board prints "BFAR  c0000004"
    And the board prints "FATAL ERROR:" within 2 s
    And the board is in phase "fault"
    And all LEDs cycle for 15 s
    And the board does not reach its prompt within 1 s
    When RST is pressed
    Then the board reaches its prompt within 5 s
