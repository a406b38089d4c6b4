/** Buses: what was sent and received on UART, I2C, SPI, CAN and 1-Wire, and the serial peers of the bench. */
import type { DataTable } from '@cucumber/cucumber';
import type { BusTraffic, TraceEvent } from '../emulator/session/handle.ts';
import { describeTraffic } from '../views/bus-traffic.ts';
import { formatTime } from '../views/units.ts';
import type { Bench } from './bench.ts';
import { whatExists } from './did-you-mean.ts';
import { BadStep, ExpectationFailed } from './failure.ts';
import { type OneWireExchange, oneWireExchanges } from './measure/one-wire.ts';
import { type Named, parseBytes } from './parameters.ts';
import { waveOf } from './pins.ts';
import { hexBytes } from './repl.ts';
import { family } from './step.ts';

const step = family('Buses');

type BusEvent = Extract<TraceEvent, { kind: 'bus' }>;

/** What a bus carried during the last action. @throws BadStep, naming the buses there are, if there is no such bus */
async function trafficOf(bench: Bench, { name, board }: Named): Promise<BusEvent[]> {
  bench.need('trace');
  const dut = await bench.dut(board);
  const { buses } = dut.description;
  if (!buses.includes(name)) throw new BadStep(`there is no ${name}; ${whatExists(name, buses)}`);
  const { from, to } = bench.window;
  const events = await (await bench.session()).trace!.events({ kinds: ['bus'], board: dut.name, names: [name], from, to });
  return events.filter((event): event is BusEvent => event.kind === 'bus');
}

function listed(events: readonly BusEvent[]): string {
  if (events.length === 0) return 'no traffic';
  return [
    ...events.slice(0, 24).map(event => `${formatTime(event.t)}  ${describeTraffic(event.traffic)}`),
    ...(events.length > 24 ? [`… ${events.length - 24} more`] : []),
  ].join('\n');
}

/** All bytes that went one way, in their order. */
function bytesOf(events: readonly BusEvent[], take: (traffic: BusTraffic) => Uint8Array | undefined): Uint8Array {
  return Buffer.concat(events.flatMap(({ traffic }) => take(traffic) ?? []));
}

function sent(traffic: BusTraffic): Uint8Array | undefined {
  switch (traffic.protocol) {
    case 'uart':
    case 'can':
      return traffic.direction === 'tx' ? traffic.data : undefined;
    case 'spi':
      return traffic.out;
    case 'i2c':
      return traffic.read ? undefined : traffic.data;
  }
}

function received(traffic: BusTraffic): Uint8Array | undefined {
  switch (traffic.protocol) {
    case 'uart':
    case 'can':
      return traffic.direction === 'rx' ? traffic.data : undefined;
    case 'spi':
      return traffic.in;
    case 'i2c':
      return traffic.read ? traffic.data : undefined;
  }
}

const looped = `Given pin X1 is wired to pin X2
When the board runs the program:
  """
  import pyb
  uart = pyb.UART(4, 9600)
  uart.write('hello')
  pyb.delay(20)
  print(uart.read())
  """`;

step(
  '{bus} sent {bytes}',
  {
    about: 'During the last action the board sent exactly these bytes on this bus, in this order.',
    needs: ['trace'],
    passes: `${looped}
Then UART 4 sent "hello"`,
    fails: { steps: `${looped}\nThen UART 4 sent "hallo"`, says: '68 65 6C 6C 6F' },
  },
  async function (this: Bench, bus: Named, expected: Uint8Array) {
    const events = await trafficOf(this, bus);
    const seen = bytesOf(events, sent);
    if (Buffer.compare(seen, expected) !== 0)
      throw new ExpectationFailed(`${bus.name} to have sent ${hexBytes(expected)}`, seen.length === 0 ? 'nothing' : hexBytes(seen), {
        evidence: listed(events),
      });
  },
);

step(
  '{bus} received {bytes}',
  {
    about: 'During the last action the board received exactly these bytes on this bus, in this order.',
    needs: ['trace'],
    passes: `${looped}
Then UART 4 received "hello"`,
    fails: { steps: `${looped}\nThen UART 4 received "hallo"`, says: '68 65 6C 6C 6F' },
  },
  async function (this: Bench, bus: Named, expected: Uint8Array) {
    const events = await trafficOf(this, bus);
    const seen = bytesOf(events, received);
    if (Buffer.compare(seen, expected) !== 0)
      throw new ExpectationFailed(`${bus.name} to have received ${hexBytes(expected)}`, seen.length === 0 ? 'nothing' : hexBytes(seen), {
        evidence: listed(events),
      });
  },
);

step(
  '{bus} was quiet',
  {
    about: 'During the last action there was no traffic on this bus.',
    needs: ['trace'],
    passes: `When the board runs "1"
Then UART 4 was quiet`,
    fails: { steps: `${looped}\nThen UART 4 was quiet`, says: 'expected  UART(4) to be quiet' },
  },
  async function (this: Bench, bus: Named) {
    const events = await trafficOf(this, bus);
    if (events.length > 0)
      throw new ExpectationFailed(`${bus.name} to be quiet`, `${events.length} transfers`, { at: events[0].t, evidence: listed(events) });
  },
);

const wiredEeprom = `Given a 24c256 called "eeprom" is wired:
  | scl | X9  |
  | sda | X10 |`;

step(
  '{bus} carried:',
  {
    about:
      'During the last action these messages came in this order on the I2C bus, others between them apart. "data" is what went over the bus, in hexadecimal; "answer" is ack or nack, nack for an address that nobody acknowledged.',
    takes: 'a table with the columns address, direction (write, read), data and answer; the last two may be left out',
    needs: ['trace'],
    passes: `${wiredEeprom}
When the board runs the program:
  """
  import pyb
  i2c = pyb.I2C(1, pyb.I2C.CONTROLLER)
  i2c.mem_write(b'AB', 0x50, 0, addr_size=16)
  """
Then I2C 1 carried:
  | address | direction | data        | answer |
  | 0x50    | write     | 00 00 41 42 | ack    |`,
    fails: {
      steps: `${wiredEeprom}
When the board runs the program:
  """
  import pyb
  i2c = pyb.I2C(1, pyb.I2C.CONTROLLER)
  i2c.mem_write(b'AB', 0x50, 0, addr_size=16)
  """
Then I2C 1 carried:
  | address | direction | data  |
  | 0x51    | write     | 00 00 |`,
      says: 'expected  write to 0x51',
    },
  },
  async function (this: Bench, bus: Named, table: DataTable) {
    const events = await trafficOf(this, bus);
    let place = 0;
    for (const row of table.hashes()) {
      if (row.address === undefined || (row.direction !== 'write' && row.direction !== 'read'))
        throw new BadStep('the table needs the columns address and direction, and a direction is write or read');
      const address = Number(row.address);
      const data = row.data ? parseBytes(row.data) : undefined;
      const index = events.findIndex(
        ({ traffic }, at) =>
          at >= place &&
          traffic.protocol === 'i2c' &&
          traffic.address === address &&
          traffic.read === (row.direction === 'read') &&
          (data === undefined || Buffer.compare(traffic.data, data) === 0) &&
          (!row.answer || (row.answer === 'ack') === traffic.acks[0]),
      );
      if (index < 0) {
        const title = `${row.direction} ${row.direction === 'read' ? 'from' : 'to'} ${row.address}${row.data ? ` of ${row.data}` : ''}${row.answer ? `, answered with ${row.answer}` : ''}`;
        throw new ExpectationFailed(title, 'no such message', { evidence: listed(events) });
      }
      place = index + 1;
    }
  },
);

step(
  'I2C address {hex} was acknowledged',
  {
    about: 'During the last action a device acknowledged this address.',
    needs: ['trace'],
    passes: `${wiredEeprom}
When the board runs "import pyb; pyb.I2C(1, pyb.I2C.CONTROLLER).is_ready(0x50)"
Then I2C address 0x50 was acknowledged`,
    fails: {
      steps: `${wiredEeprom}\nWhen the board runs "import pyb; pyb.I2C(1, pyb.I2C.CONTROLLER).is_ready(0x51)"\nThen I2C address 0x51 was acknowledged`,
      says: 'expected  an acknowledge of address 0x51',
    },
  },
  async function (this: Bench, address: number) {
    const { all, acknowledged } = await addressed(this, address);
    if (!acknowledged)
      throw new ExpectationFailed(
        `an acknowledge of address 0x${address.toString(16).toUpperCase()}`,
        all.length === 0 ? 'it was not addressed' : 'none',
        { evidence: listed(all) },
      );
  },
);

step(
  'I2C address {hex} was not acknowledged',
  {
    about: 'During the last action this address was called, and nobody acknowledged.',
    needs: ['trace'],
    passes: `When the board runs "import pyb; pyb.I2C(1, pyb.I2C.CONTROLLER).is_ready(0x51)"
Then I2C address 0x51 was not acknowledged`,
    fails: {
      steps: `${wiredEeprom}\nWhen the board runs "import pyb; pyb.I2C(1, pyb.I2C.CONTROLLER).is_ready(0x50)"\nThen I2C address 0x50 was not acknowledged`,
      says: 'no acknowledge',
    },
  },
  async function (this: Bench, address: number) {
    const { all, acknowledged } = await addressed(this, address);
    if (acknowledged || all.length === 0)
      throw new ExpectationFailed(
        `no acknowledge of address 0x${address.toString(16).toUpperCase()}`,
        all.length === 0 ? 'it was not addressed' : 'it was acknowledged',
        { evidence: listed(all) },
      );
  },
);

async function addressed(bench: Bench, address: number): Promise<{ all: BusEvent[]; acknowledged: boolean }> {
  bench.need('trace');
  const { from, to } = bench.window;
  const events = await (await bench.session()).trace!.events({ kinds: ['bus'], from, to });
  const all = events.filter(
    (event): event is BusEvent => event.kind === 'bus' && event.traffic.protocol === 'i2c' && event.traffic.address === address,
  );
  return { all, acknowledged: all.some(({ traffic }) => traffic.protocol === 'i2c' && traffic.acks[0]) };
}

step(
  'CAN frame {hex} with {bytes} was sent',
  {
    about: 'During the last action the board sent this CAN frame, among others.',
    needs: ['trace'],
    passes: `When the board runs the program:
  """
  import pyb
  can = pyb.CAN(1, pyb.CAN.LOOPBACK)
  can.setfilter(0, pyb.CAN.LIST16, 0, (123, 124, 125, 126))
  can.send('hi', 123)
  """
And 10 ms pass
Then CAN frame 0x7B with "hi" was sent`,
    fails: { steps: `When the board runs "1"\nThen CAN frame 0x7B with "hi" was sent`, says: 'no traffic' },
  },
  async function (this: Bench, id: number, data: Uint8Array) {
    this.need('trace');
    const { from, to } = this.window;
    const events = (await (await this.session()).trace!.events({ kinds: ['bus'], from, to })).filter(
      (event): event is BusEvent => event.kind === 'bus' && event.traffic.protocol === 'can',
    );
    const hit = events.some(
      ({ traffic }) =>
        traffic.protocol === 'can' && traffic.direction === 'tx' && traffic.id === id && Buffer.compare(traffic.data, data) === 0,
    );
    if (!hit)
      throw new ExpectationFailed(`the CAN frame 0x${id.toString(16).toUpperCase()} with ${hexBytes(data)}`, 'it was not sent', {
        evidence: listed(events),
      });
  },
);

const wiredThermometer = `Given a ds18b20 called "probe" is wired:
  | data | Y12 |
And pin Y12 is pulled up through 5 kΩ
When the board runs the program:
  """
  import onewire
  from machine import Pin
  ow = onewire.OneWire(Pin('Y12'))
  ow.reset()
  ow.writebyte(ow.SKIP_ROM)
  ow.writebyte(0x44)
  """`;

step(
  'the 1-Wire bus on {pin} carried:',
  {
    about:
      'During the last action these exchanges came in this order, others between them apart. Each begins with a reset pulse: "presence" is yes if a device answered it, no if none did; empty is for what came without a reset. "data" is all that followed, in hexadecimal, in the order of the wire: it does not tell what the board sent from what it read. It is read off the levels of the line, at standard speed, whoever drives it.',
    takes: 'a table with the columns presence (yes, no) and data; data may be left out',
    needs: ['pins', 'trace'],
    passes: `${wiredThermometer}
Then the 1-Wire bus on pin Y12 carried:
  | presence | data  |
  | yes      | CC 44 |`,
    fails: {
      steps: `${wiredThermometer}
Then the 1-Wire bus on pin Y12 carried:
  | presence | data  |
  | yes      | CC BE |`,
      says: 'reset, presence, CC 44',
    },
  },
  async function (this: Bench, pin: string, table: DataTable) {
    const exchanges = oneWireExchanges(await waveOf(this, pin));
    let place = 0;
    for (const row of table.hashes()) {
      if (!['yes', 'no', ''].includes(row.presence)) throw new BadStep('the table needs the column presence, which is yes, no or empty');
      const presence = row.presence === '' ? undefined : row.presence === 'yes';
      const data = row.data ? parseBytes(row.data) : undefined;
      const index = exchanges.findIndex(
        (exchange, at) =>
          at >= place && exchange.presence === presence && (data === undefined || Buffer.compare(exchange.data, data) === 0),
      );
      if (index < 0) {
        const title = describeExchange({ presence, data: data ?? new Uint8Array(0), bits: 0 });
        throw new ExpectationFailed(`${title} on pin ${pin}`, 'no such exchange', { evidence: listedExchanges(exchanges) });
      }
      place = index + 1;
    }
  },
);

/** `reset, presence, CC 44`. */
function describeExchange({ presence, data, bits }: Omit<OneWireExchange, 't'>): string {
  const reset = presence === undefined ? [] : presence ? ['reset, presence'] : ['reset, nobody answers'];
  return [
    ...reset,
    ...(data.length > 0 ? [hexBytes(data)] : []),
    ...(bits > 0 ? [bits === 1 ? 'one bit more' : `${bits} bits more`] : []),
  ].join(', ');
}

function listedExchanges(exchanges: readonly OneWireExchange[]): string {
  if (exchanges.length === 0) return 'no traffic';
  return [
    ...exchanges.slice(0, 24).map(exchange => `${formatTime(exchange.t)}  ${describeExchange(exchange)}`),
    ...(exchanges.length > 24 ? [`… ${exchanges.length - 24} more`] : []),
  ].join('\n');
}
