@L8 @L7
Feature: Assembler and the board's registers

  Scenario: A register write from assembler switches an LED
    When the board runs the program:
      """
      @micropython.asm_thumb
      def led_on():
          movwt(r0, 0x40020000)      # GPIOA
          movw(r1, 1 << 13)          # the red LED
          strh(r1, [r0, 0x18])       # BSRR, set

      led_on()
      """
    Then the red LED is lit

  Scenario: An endless loop of register writes makes an LED blink as fast as the instructions run
    # Each half of the period: a store, a move, a million turns of four cycles, and a branch.
    When the board is started with the program:
      """
      @micropython.asm_thumb
      def blink():
          movwt(r0, 0x40020018)      # GPIOA.BSRR
          movwt(r1, 1 << 13)
          movwt(r2, 1 << 29)
          movwt(r3, 1_000_000)
          label(again)
          str(r1, [r0, 0])
          mov(r4, r3)
          label(lit)
          sub(r4, 1)
          bne(lit)
          str(r2, [r0, 0])
          mov(r4, r3)
          label(dark)
          sub(r4, 1)
          bne(dark)
          b(again)

      blink()
      """
    Then the red LED blinks at 21 Hz ± 1 % for 1 s

  Scenario: A burst of pulses on a pin has the frequency that the cycles give
    # 168 MHz; a turn takes two stores, a subtraction and a taken branch: 6 cycles.
    When the board runs the program:
      """
      import pyb
      pyb.Pin('X1', pyb.Pin.OUT)

      @micropython.asm_thumb
      def burst(r0):
          movwt(r1, 0x40020018)      # GPIOA.BSRR
          movwt(r2, 1 << 0)
          movwt(r3, 1 << 16)
          label(again)
          str(r2, [r1, 0])
          str(r3, [r1, 0])
          sub(r0, 1)
          bne(again)

      burst(100)
      """
    Then pin X1 rose 100 times
    And pin X1 had a frequency of 28 MHz ± 3 %

  Scenario: An interrupt is taken between two instructions of a loop
    When the board runs the program:
      """
      import pyb

      hits = bytearray(4)

      @micropython.asm_thumb
      def wait(r0):                  # until the callback has counted
          label(again)
          ldr(r1, [r0, 0])
          cmp(r1, 0)
          beq(again)
          mov(r0, r1)

      def callback(line):
          hits[0] += 1

      pyb.Pin('X2', pyb.Pin.OUT).low()
      line = pyb.ExtInt(pyb.Pin('X1'), pyb.ExtInt.IRQ_RISING, pyb.Pin.PULL_DOWN, callback)
      line.swint()
      print(wait(hits))
      """
    Then it prints "1"

  Scenario: Masked interrupts wait until assembler lets them through
    When the board runs the program:
      """
      import pyb

      hits = bytearray(4)

      @micropython.asm_thumb
      def masked(r0, r1):
          cpsid(i)
          movwt(r2, 0x40013c10)      # EXTI.SWIER
          str(r1, [r2, 0])
          nop()
          nop()
          ldr(r3, [r0, 0])           # nothing yet
          cpsie(i)
          nop()
          ldr(r2, [r0, 0])
          lsl(r3, r3, 8)
          orr(r2, r3)
          mov(r0, r2)

      def callback(line):
          hits[0] += 1

      pyb.ExtInt(pyb.Pin('X1'), pyb.ExtInt.IRQ_RISING, pyb.Pin.PULL_DOWN, callback)
      print(masked(hits, 1))
      """
    Then it prints "1"
