@L11
Feature: Frozen modules
  A manifest says which modules are built into a firmware. They are imported like any other, and take no heap for their code.

  Background:
    Given the board has the firmware "features/language/firmware/manifest.py"

  Scenario: A frozen module is imported, and tells its file
    When the board runs the program:
      """
      import frozen_code
      print(frozen_code.__name__, frozen_code.__file__)
      """
    Then it prints:
      """
      frozen_code frozen_code.py
      """

  Scenario: A frozen package has a path in .frozen, and its modules are imported relative to it
    When the board runs the program:
      """
      import pack.inner.deep
      print(pack.__path__, pack.__file__)
      print(pack.inner.deep.__file__, pack.inner.deep.up())
      """
    Then it prints:
      """
      .frozen/pack pack/__init__.py
      pack/inner/deep.py from pack
      """

  Scenario: A folder without __init__.py is a package, too
    When the board runs "import bare.leaf; print(bare, bare.leaf.value)"
    Then it prints "<module 'bare'> 7"

  Scenario: A frozen text is compiled when it is imported
    When the board runs the program:
      """
      import frozen_text
      print(frozen_text.__file__, frozen_text.value)
      """
    Then it prints:
      """
      frozen_text.py 42
      """

  Scenario: Tracebacks name the frozen file and its lines
    When the board runs the program:
      """
      import sys, frozen_code
      try:
          frozen_code.fail()
      except ValueError as error:
          sys.print_exception(error)
      """
    Then it prints:
      """
      Traceback (most recent call last):
        File "<stdin>", line 3, in <module>
        File "frozen_code.py", line 11, in fail
        File "frozen_code.py", line 9, in inner
      ValueError: from frozen code
      """

  Scenario: Compiled with optimisation, a module has no line numbers and no asserts
    When the board runs the program:
      """
      import sys, optimised
      optimised.check(False)
      try:
          optimised.fail()
      except ValueError as error:
          sys.print_exception(error)
      """
    Then it prints:
      """
      Traceback (most recent call last):
        File "<stdin>", line 4, in <module>
        File "optimised.py", line 1, in fail
      ValueError: unchecked
      """

  Scenario: help() lists them
    When the board runs "help('modules')"
    Then it prints "frozen_code"
    And it prints "frozen_text"
    And it prints "pack/__init__"
    And it prints "pack/inner/deep"
    And it does not print "lcd160cr"

  Scenario Outline: sys.path decides: the current directory comes first, then what is frozen, then the library in the flash
    Given the flash holds "<file>":
      """
      value = 'from the flash'
      """
    When the board runs "import frozen_code; print(frozen_code.value)"
    Then it prints "<value>"

    Examples:
      | file               | value          |
      | frozen_code.py     | from the flash |
      | lib/frozen_code.py | frozen         |

  Scenario: Frozen code takes no heap
    Given the flash holds "loaded.py" from the host file "features/language/firmware/large.py"
    When the board runs the program:
      """
      import gc, sys
      def cost(name):
          gc.collect()
          before = gc.mem_free()
          __import__(name)
          gc.collect()
          return before - gc.mem_free()
      cost('frozen_code')
      frozen, loaded = cost('large'), cost('loaded')
      print(frozen < 450, loaded > frozen + 900)
      """
    Then it prints "True True"

  Scenario: The package's version becomes a name of its modules
    When the board runs "import versioned, frozen_code; print(versioned.__version__, hasattr(frozen_code, '__version__'))"
    Then it prints "1.2.3 False"

  Scenario: Native and viper functions are frozen as machine code
    When the board runs "import fast; print(fast.native(20), fast.viper(20))"
    Then it prints "190 190"
