@B7
Feature: Files
  The board's flash is a drive with files.

  Scenario: A program writes a file and reads it back
    When the board runs the program:
      """
      with open('/flash/notes.txt', 'w') as f:
          f.write('first\n')
          f.write('second\n')
      with open('notes.txt') as f:
          print([line.strip() for line in f])
      """
    Then it prints "['first', 'second']"
    And the file "/flash/notes.txt" holds:
      """
      first
      second
      """

  Scenario: Folders are made, listed and removed
    When the board runs the program:
      """
      import os
      os.mkdir('/flash/data')
      for name in ('b.txt', 'a.txt'):
          with open('/flash/data/' + name, 'w') as f:
              f.write(name)
      print(sorted(os.listdir('/flash/data')))
      os.remove('/flash/data/a.txt')
      os.rename('/flash/data/b.txt', '/flash/data/c.txt')
      print(os.listdir('/flash/data'))
      """
    Then it prints:
      """
      ['a.txt', 'b.txt']
      ['c.txt']
      """
    And there is a file "/flash/data/c.txt"
    And there is no file "/flash/data/a.txt"

  Scenario: A file that is not there is told by its error
    When the board runs "open('/flash/missing.txt')"
    Then it raises OSError with message "[Errno 2] ENOENT"

  Scenario: A module on the flash is imported
    Given the flash holds "greeting.py":
      """
      def greet(name):
          return 'hello, ' + name
      """
    When the board runs "import greeting; print(greeting.greet('board'))"
    Then it prints "hello, board"

  Scenario: A package on the flash is imported
    Given the flash holds "sensors/__init__.py":
      """
      from .thermo import celsius
      """
    And the flash holds "sensors/thermo.py":
      """
      def celsius(raw):
          return raw / 16
      """
    When the board runs "import sensors; print(sensors.celsius(400))"
    Then it prints "25.0"

  @L4
  Scenario: A module of one's own takes preference over a built-in one
    Given the flash holds "json.py":
      """
      from ujson import *
      extended = True
      """
    When the board runs "import json; print(json.extended, json.loads('[1]'))"
    Then it prints "True [1]"

  Scenario: A full drive is told by its error, and stays sound
    When the board runs the program:
      """
      f = open('/flash/big.bin', 'wb')
      block = bytes(4096)
      try:
          while True:
              f.write(block)
      except OSError as e:
          print('errno', e.errno)
      f.close()
      """
    Then it prints "errno 28"
    And the filesystem on the flash is sound

  Scenario: The current directory is the flash, and it is on the path
    When the board runs "import os, sys; print(os.getcwd(), '/flash' in sys.path, '/flash/lib' in sys.path)"
    Then it prints "/flash True True"

  Rule: Power may go at any time

    Scenario: A file that was closed is whole after a power cut
      Given the board runs "f = open('/flash/log.txt', 'w'); f.write('line 1'); f.close(); import os; os.sync()"
      When the board loses power
      Then the file "/flash/log.txt" holds "line 1"
      And the filesystem on the flash is sound

    Scenario Outline: A card whose power fails at write <n> keeps its other files
      Given the SD card holds "precious.txt":
        """
        do not lose me
        """
      And the board has booted
      And the power fails at write <n> to the SD card
      When the board is started with "f = open('/sd/new.txt', 'w'); f.write('x' * 1000); f.close(); import os; os.sync()"
      And 10 s pass
      Then the board is in phase "off"
      When the board powers on
      And the board reaches its prompt within 10 s
      Then the file "/sd/precious.txt" holds "do not lose me"

      Examples:
        | n |
        | 1 |
        | 2 |
        | 3 |

    Scenario: A file that was not closed is lost, and nothing else
      Given the board runs "f = open('/flash/kept.txt', 'w'); f.write('kept'); f.close(); import os; os.sync()"
      And the board runs "g = open('/flash/lost.txt', 'w'); g.write('lost')"
      When the board loses power
      And the board powers on
      And the board reaches its prompt within 10 s
      Then the file "/flash/kept.txt" holds "kept"
      And the board runs "print(open('/flash/lost.txt').read() if 'lost.txt' in __import__('os').listdir() else '')"
      And it does not print "lost"
