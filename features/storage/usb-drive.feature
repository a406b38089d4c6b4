@B8 @H2
Feature: The USB drive
  To a computer the board is a drive: files can be copied to it without any tool.

  Background:
    Given the board has booted

  Scenario: The computer sees the board's files
    Then the computer sees "boot.py" on the USB drive
    And the computer sees "main.py" on the USB drive

  Scenario: A program that is copied to the drive runs after a reset
    When the computer writes "main.py" to the USB drive:
      """
      print('copied by the computer')
      """
    And the computer ejects the USB drive
    And the board is soft reset
    Then the board prints "copied by the computer"

  Scenario: The board sees what the computer wrote only after it has mounted the drive anew
    Given the board runs "import os; print('new.txt' in os.listdir('/flash'))"
    And it prints "False"
    When the computer writes "new.txt" to the USB drive:
      """
      hello
      """
    And the computer flushes the USB drive
    And the board runs "import os; print(os.stat('/flash')[0] > 0)"
    Then it prints "True"
    When the board is soft reset
    And the board runs "print(open('/flash/new.txt').read().strip())"
    Then it prints "hello"

  Scenario: The computer does not see what the board writes behind its back
    Given the computer sees "main.py" on the USB drive
    When the board runs "f = open('/flash/secret.txt', 'w'); f.write('x'); f.close()"
    Then the computer does not see "secret.txt" on the USB drive

  Scenario: A file that the computer deletes is gone for the board
    When the computer deletes "README.txt" from the USB drive
    And the computer ejects the USB drive
    And the board is soft reset
    And the board runs "import os; print('README.txt' in os.listdir('/flash'))"
    Then it prints "False"
