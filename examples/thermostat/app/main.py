# A room's thermostat on a pyboard. Wiring: see README.md.

import time
from machine import I2C, Pin, SPI
from journal import Journal
from probe import Probe
from screen import Screen
from spiflash import SpiFlash
from thermostat import Thermostat

relay = Pin("Y1", Pin.OUT, value=0)
probe = Probe(Pin("X11"))
screen = Screen(I2C("X", freq=400_000))
journal = Journal(SpiFlash(SPI("X", baudrate=20_000_000), Pin("X5", Pin.OUT)))
thermostat = Thermostat(journal.last_target() or 20.0)
warmer = Pin("X1", Pin.IN, Pin.PULL_UP)
cooler = Pin("X2", Pin.IN, Pin.PULL_UP)

started = time.ticks_ms()


def log(event):
    journal.add(time.ticks_diff(time.ticks_ms(), started) // 1000, event)


# Watches the buttons for a second, which a measurement takes anyway. A contact bounces: a press counts when it has lasted for 20 ms.
def watch_buttons():
    before = thermostat.target
    held = {warmer: 0, cooler: 0}
    end = time.ticks_add(time.ticks_ms(), 1000)
    while time.ticks_diff(end, time.ticks_ms()) > 0:
        time.sleep_ms(1)
        for button, step in ((warmer, 0.5), (cooler, -0.5)):
            held[button] = 0 if button() else held[button] + 1
            if held[button] == 20:
                thermostat.change(step)
    if thermostat.target != before:
        log("target %.1f" % thermostat.target)


present = True
while True:
    probe.start()
    watch_buttons()
    temperature = probe.temperature()
    if (temperature is not None) != present:
        present = not present
        log("probe back" if present else "probe gone")
    was = thermostat.heating
    relay(thermostat.measured(temperature))
    if thermostat.heating != was:
        log("on" if thermostat.heating else "off")
    screen.show(temperature, thermostat.target, thermostat.heating)
