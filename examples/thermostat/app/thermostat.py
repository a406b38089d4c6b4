# The decision: heat or not. No hardware in here.


class Thermostat:
    def __init__(self, target=20.0, hysteresis=0.5):
        self.target = target
        self.hysteresis = hysteresis
        self.heating = False

    def measured(self, temperature):
        """Tells whether to heat; without a temperature (None) it is off."""
        if temperature is None or temperature >= self.target + self.hysteresis:
            self.heating = False
        elif temperature <= self.target - self.hysteresis:
            self.heating = True
        return self.heating

    def change(self, by):
        """Moves the target by some degrees, within what a room needs."""
        self.target = min(30.0, max(5.0, self.target + by))
