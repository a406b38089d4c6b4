// The TMP102 thermometer as its data sheet describes it (Texas Instruments, SBOS397): four registers of 16 bits behind a
// pointer, temperature in sixteenths of a degree, 12 bits in normal and 13 in extended mode.
import { definePart } from 'boardspec/steps';

const TEMPERATURE = 0;
const CONFIGURATION = 1;
const T_LOW = 2;
const T_HIGH = 3;

const SHUTDOWN = 0x0100;
const EXTENDED = 0x0010;

definePart({
  kind: 'tmp102',
  title: 'thermometer TMP102',
  source: 'Texas Instruments, SBOS397',
  i2c: { address: 'address' },
  controls: {
    address: { value: 0x48, min: 0x48, max: 0x4b, about: 'what its address pin says' },
    temperature: { value: 25, unit: '°C', min: -55, max: 150, about: 'how warm it is' },
  },
  readings: {
    configuration: { about: 'the configuration register', read: ({ memory }) => memory.get('registers')[CONFIGURATION] },
    low: { unit: '°C', about: 'the lower limit', read: part => limit(part, T_LOW) },
    high: { unit: '°C', about: 'the upper limit', read: part => limit(part, T_HIGH) },
  },
  device: part => {
    // Table 8 and 9: continuous conversion, four a second; limits of 75 and 80 degrees.
    const registers = [0, 0x60a0, 0x4b00, 0x5000];
    part.memory.set('registers', registers);
    let pointer = TEMPERATURE;
    let written = [];
    let position = 0;

    const convert = () => {
      // In shutdown it keeps what it measured last.
      if (registers[CONFIGURATION] & SHUTDOWN) return;
      const extended = registers[CONFIGURATION] & EXTENDED;
      const steps = Math.round(part.controls.temperature * 16);
      const most = extended ? 4095 : 2047;
      registers[TEMPERATURE] = (Math.max(-most - 1, Math.min(most, steps)) << (extended ? 3 : 4)) & 0xffff;
    };
    convert();

    return {
      start(read) {
        written = [];
        position = 0;
        if (read) convert();
        return true;
      },
      write(byte) {
        written.push(byte);
        if (written.length === 1) pointer = byte & 3;
        // The temperature is read-only; the others take their value with the second byte.
        if (written.length === 3 && pointer !== TEMPERATURE) {
          const value = (written[1] << 8) | byte;
          // Converter resolution and the one-shot bit cannot be written.
          registers[pointer] = pointer === CONFIGURATION ? (value & ~0x6000) | 0x6000 : value;
          convert();
        }
        return true;
      },
      read() {
        const value = registers[pointer];
        return position++ % 2 === 0 ? value >> 8 : value & 0xff;
      },
    };
  },
});

function limit({ memory }, register) {
  const registers = memory.get('registers');
  const bits = registers[CONFIGURATION] & EXTENDED ? 3 : 4;
  return (((registers[register] << 16) >> 16) >> bits) / 16;
}
