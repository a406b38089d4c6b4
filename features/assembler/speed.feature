Feature: The speed of assembler, native and viper code

  @L8
  Scenario: A checksum in assembler takes less than a tenth of the time that bytecode takes
    When the board runs the program:
      """
      import time

      def bytecode(data):
          total = 0
          for byte in data:
              total = (total + byte) & 0xffffffff
          return total

      @micropython.asm_thumb
      def assembler(r0, r1):
          mov(r2, 0)
          label(again)
          ldrb(r3, [r0, 0])
          add(r2, r2, r3)
          add(r0, 1)
          sub(r1, 1)
          bne(again)
          mov(r0, r2)

      data = bytes(range(256)) * 20

      def measure(f, *args):
          start = time.ticks_us()
          result = f(*args)
          return result, time.ticks_diff(time.ticks_us(), start)

      slow, slow_us = measure(bytecode, data)
      fast, fast_us = measure(assembler, data, len(data))
      print(slow == fast, slow_us > 10 * fast_us)
      """
    Then it prints "True True"

  @L9
  Scenario: Native code is faster than bytecode, and viper code with machine integers is faster still
    When the board runs the program:
      """
      import time

      def bytecode(n):
          total = 0
          for i in range(n):
              total += i & 7
          return total

      @micropython.native
      def native(n):
          total = 0
          for i in range(n):
              total += i & 7
          return total

      @micropython.viper
      def viper(n: int) -> int:
          total = 0
          for i in range(n):
              total += i & 7
          return total

      def measure(f):
          start = time.ticks_us()
          result = f(2000)
          return time.ticks_diff(time.ticks_us(), start), result

      a, b, c = measure(bytecode), measure(native), measure(viper)
      print(a[1] == b[1] == c[1], a[0] > 1.3 * b[0], b[0] > 5 * c[0])
      """
    Then it prints "True True True"
