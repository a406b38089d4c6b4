# What the stock firmware has, and the station's own modules.
include("$(BOARD_DIR)/manifest.py")
module("thermometer.py")
package("station")
