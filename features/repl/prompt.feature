@R1
Feature: The interactive prompt
  Whoever connects a terminal to the board can talk to it at once.

  Scenario: The board greets with its version and its name
    Given the board is off
    When the board powers on
    Then the board reaches its prompt within 5 s
    And what the board prints matches /MicroPython v1\.27\.0 on \d{4}-\d\d-\d\d; PYBv1\.1 with STM32F405RG/
    And the board prints "Type \"help()\" for more information."
    And the prompt of the board is ">>> "

  Scenario: An expression is evaluated and its value printed
    When "(1 + 2) * 3" is typed
    Then the board answers "9"

  Scenario: A value of None is not printed
    When "None" is typed
    Then the board answers nothing

  Scenario: The last value can be used again
    Then this session takes place:
      """
      >>> 20 + 1
      21
      >>> _ * 2
      42
      """

  Scenario: A statement that is not finished is continued on the next line
    When "x = (1 +" is typed
    Then the prompt of the board is "... "
    And "2)" is typed
    And "x" is typed
    And the board answers "3"

  Scenario: Blocks are indented by the prompt itself
    Then this session takes place:
      """
      >>> def total(n):
      ...     s = 0
      ...     for i in range(n):
      ...         s += i
      ...     return s
      ...
      >>> total(5)
      10
      """

  Scenario: An error is shown with its traceback, and the prompt is there again
    Then this session takes place:
      """
      >>> 1 / 0
      Traceback (most recent call last):
        File "<stdin>", line 1, in <module>
      ZeroDivisionError: divide by zero
      >>> 'still ' + 'here'
      'still here'
      """

  Rule: A line can be edited before it is entered

    Scenario: The cursor moves with the arrow keys, and characters go in where it stands
      When "print(12)" is typed without Enter
      And Left is pressed twice
      And "3" is typed without Enter
      Then the line at the prompt is "print(132)"
      And Enter is pressed
      And the board answers "132"

    Scenario Outline: <key> moves the cursor to the <place>
      When "bcd" is typed without Enter
      And Home is pressed
      And <key> is pressed
      And "X" is typed without Enter
      Then the line at the prompt is "<line>"

      Examples:
        | key    | place            | line |
        | Home   | begin            | Xbcd |
        | Ctrl-A | begin            | Xbcd |
        | End    | end              | bcdX |
        | Ctrl-E | end              | bcdX |
        | Right  | second character | bXcd |
        | Ctrl-F | second character | bXcd |

    Scenario Outline: <key> deletes <what>
      When "abcdef" is typed without Enter
      And Left is pressed 3 times
      And <key> is pressed
      Then the line at the prompt is "<line>"

      Examples:
        | key       | what                        | line  |
        | Backspace | the character before it     | abdef |
        | Delete    | the character under it      | abcef |
        | Ctrl-D    | the character under it      | abcef |
        | Ctrl-K    | everything after the cursor | abc   |
        | Ctrl-U    | everything before it        | def   |

    Scenario: Backspace takes back a whole level of indentation
      When "if True:" is typed
      Then the prompt of the board is "...     "
      When Backspace is pressed
      Then the line at the prompt is ""

    Scenario: Ctrl-C gives up the line
      When "1 + 1" is typed without Enter
      And Ctrl-C is pressed
      Then the line at the prompt is ""
      And "2" is typed
      And the board answers "2"

  Rule: Lines that were entered can be called back

    Scenario: Up and down walk through the history
      When "111" is typed
      And "222" is typed
      And Up is pressed twice
      Then the line at the prompt is "111"
      When Down is pressed
      Then the line at the prompt is "222"
      When Down is pressed
      Then the line at the prompt is ""

    Scenario: The history keeps the last eight lines
      When "100" is typed
      And "101" is typed
      And "102" is typed
      And "103" is typed
      And "104" is typed
      And "105" is typed
      And "106" is typed
      And "107" is typed
      And "108" is typed
      And Up is pressed 12 times
      Then the line at the prompt is "101"

    Scenario: The same line twice in a row is kept once
      When "111" is typed
      And "222" is typed
      And "222" is typed
      And Up is pressed twice
      Then the line at the prompt is "111"

  Rule: The Tab key completes names

    Scenario: A name with one completion is completed
      When "import os" is typed
      And "os.list" is typed without Enter
      And Tab is pressed
      Then the line at the prompt is "os.listdir"

    Scenario: Several completions are listed
      When "number_one = 1; number_two = 2" is typed
      And "number_" is typed without Enter
      And Tab is pressed
      Then the board prints "number_one"
      And the board prints "number_two"
      And the line at the prompt is "number_"

    Scenario: What several completions have in common is filled in
      When "counter_a = 1; counter_b = 2" is typed
      And "cou" is typed without Enter
      And Tab is pressed
      Then the line at the prompt is "counter_"
