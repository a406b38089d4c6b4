import pyb
from station import report
from thermometer import celsius

while True:
    print(report("chip", celsius(), "degrees"))
    pyb.LED(4).toggle()
    pyb.delay(1000)
