# A firmware that needs no files: its scripts are in it, too. It also runs without the compiler.
freeze("standalone", ("boot.py", "main.py"))
module("thermometer.py")
package("station", opt=3)
