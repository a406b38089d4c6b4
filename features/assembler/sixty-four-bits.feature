@L9
Feature: Native and viper code where words have 64 bits

  Background:
    Given the board is a unix

  Scenario: Machine integers have 64 bits
    When the board runs the program:
      """
      @micropython.viper
      def shifted(a: int, n: int) -> uint:
          return uint(a << n)

      @micropython.viper
      def add(a: int, b: int) -> int:
          return a + b

      print(shifted(1, 63), add(2 ** 62, 2 ** 62))
      """
    Then it prints "9223372036854775808 -9223372036854775808"

  Scenario: Pointers reach the bytes of a buffer
    When the board runs the program:
      """
      @micropython.viper
      def invert(data: ptr32, words: int):
          for i in range(words):
              data[i] = ~data[i]

      data = bytearray(b'\x00\xff\x0f\xf0')
      invert(data, 1)
      print(bytes(data))
      """
    Then it prints "b'\xff\x00\xf0\x0f'"

  Scenario: A wild pointer is an error, not the end of the program
    When the board runs the program:
      """
      @micropython.viper
      def read(address: int) -> int:
          return int(ptr8(address)[0])

      try:
          read(0)
      except RuntimeError as error:
          print(error)
      """
    Then it prints "machine code: nothing at address 0x0"

  Scenario: Viper code takes less virtual time than bytecode
    When the board runs the program:
      """
      import time

      def bytecode(n):
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

      slow, fast = measure(bytecode), measure(viper)
      print(slow[1] == fast[1], slow[0] > 5 * fast[0])
      """
    Then it prints "True True"
