Feature: A first program
  A board compiles what it is given and runs it.

  @L1 @L2
  Scenario: Hello, World!
    When the board runs the program:
      """
      print('Hello, World!')
      """
    Then it prints:
      """
      Hello, World!
      """

  @L3
  Scenario: An exception tells its type and its message
    When the board runs "1 // 0"
    Then it raises ZeroDivisionError with message "divide by zero"
