@L8 @L9
Feature: Machine code of a RISC-V board

  Scenario: On a RISC-V board the same is written in its own instructions
    Given the board is a qemu-virt-rv32
    When the board runs the program:
      """
      import array

      @micropython.asm_rv32
      def total(a0, a1):
          li(a2, 0)
          label(more)
          beq(a1, zero, done)
          lw(a3, 0(a0))
          add(a2, a2, a3)
          addi(a0, a0, 4)
          addi(a1, a1, -1)
          jal(zero, more)
          label(done)
          mv(a0, a2)

      @micropython.viper
      def again(values: ptr32, count: int) -> int:
          sum = 0
          for i in range(count):
              sum += values[i]
          return sum

      numbers = array.array('i', range(100))
      print(total(numbers, 100), again(numbers, 100))
      """
    Then it prints "4950 4950"

  Scenario: What the core does not know is refused with the line
    Given the board is a qemu-virt-rv32
    When the board runs the program:
      """
      @micropython.asm_rv32
      def f():
          beqz(a0, done)
          label(done)
      """
    Then it raises SyntaxError with message "invalid RV32 instruction 'beqz'"
