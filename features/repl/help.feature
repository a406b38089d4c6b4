@R3
Feature: Help at the prompt

  Scenario: help() tells how to begin
    When "help()" is typed
    Then the board prints "Welcome to MicroPython!"
    And the board prints "CTRL-D        -- on a blank line, do a soft reset of the board"

  Scenario: help('modules') lists what can be imported
    When "help('modules')" is typed
    Then the board prints "micropython"
    And the board prints "pyb"
    And the board prints "asyncio/__init__"
    And the board prints "Plus any modules on the filesystem"

  Scenario: help(object) lists what an object has
    When "help(0)" is typed
    Then the board prints "object 0 is of type int"
    And the board prints "from_bytes"
