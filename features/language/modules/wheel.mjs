// A module that a vendor's firmware might have in C: it counts the turns of a wheel, and speaks up when there were enough.
import { defineModule, float, GuestError, tuple } from 'boardspec';

export default defineModule(import.meta.url, {
  name: 'wheel',
  about: 'turns of a wheel, and what follows from them',
  constants: { TEETH: 36, NAME: 'wheel', LIMITS: tuple(0, 9999) },
  exceptions: { WheelError: 'ValueError' },
  functions: {
    metres: {
      about: 'How far a wheel has gone.',
      parameters: {
        turns: { type: 'int', min: 0 },
        diameter: { type: 'float', default: 0.7 },
        exact: { type: 'bool', default: true, keywordOnly: true },
      },
      returns: 'float',
      cost: 50_000,
      call: ({ turns, diameter, exact }) => (exact ? turns * diameter * Math.PI : turns * diameter * 3),
    },
    checksum: {
      about: 'The sum of the bytes, as a frame carries it.',
      parameters: { frame: 'bytes' },
      returns: 'bytes',
      call: ({ frame }) => Uint8Array.of(frame.reduce((sum, byte) => (sum + byte) & 0xff, 0)),
    },
    tally: {
      about: 'How often each thing is in a list.',
      parameters: { things: 'list' },
      call: ({ things }) => things.reduce((counts, thing) => counts.set(thing, (counts.get(thing) ?? 0) + 1), new Map()),
    },
    each: {
      about: 'What a function makes of each value.',
      parameters: { fun: 'callable', values: 'tuple' },
      call: ({ fun, values }) => values.map(value => fun.call(value)),
    },
    check: {
      about: 'Whether a sensor answers.',
      parameters: { address: 'int' },
      returns: 'none',
      call: ({ address }) => {
        if (address === 0) throw new GuestError('OSError', 19);
        if (address > 127) throw new GuestError('WheelError', 'no such address');
      },
    },
    blink: {
      about: 'One pulse on a pin, of so many microseconds.',
      parameters: { pin: 'str', width: { type: 'int', min: 1 } },
      returns: 'none',
      call: ({ pin, width }, board) => {
        const output = board.pin(pin);
        output.write(0);
        board.spend(1000);
        output.write(1);
        board.after(width * 1000, () => output.write(0));
      },
    },
    broken: {
      about: 'It has a defect.',
      call: () => undefined.turns,
    },
  },
  classes: {
    Wheel: {
      about: 'A wheel.',
      parameters: { name: 'str', on_turn: { type: 'callable', default: null, keywordOnly: true } },
      create: ({ name, on_turn }) => ({ name, turns: 0, on_turn: on_turn?.keep() }),
      repr: self => `Wheel(${self.name}, ${self.turns} turns)`,
      constants: { SPOKES: 32 },
      attributes: {
        turns: { type: 'int', get: self => self.turns, set: (self, value) => Object.assign(self, { turns: value }) },
        speed: { type: 'float', get: () => float(0) },
      },
      methods: {
        turn: {
          parameters: { times: { type: 'int', default: 1, min: 1 } },
          returns: 'int',
          cost: ({ times }) => times * 1_000_000,
          call: (self, { times }) => {
            self.turns += times;
            self.on_turn?.call(self.turns);
            return self.turns;
          },
        },
        __len__: { returns: 'int', call: self => self.turns },
        __enter__: { returns: 'object:Wheel', call: self => self },
        __exit__: {
          parameters: { type: 'any', value: 'any', trace: 'any' },
          returns: 'bool',
          call: self => {
            self.turns = 0;
            return false;
          },
        },
      },
    },
  },
});
