/** Buses: what was sent and received on UART, I2C, SPI and CAN, and the serial peers of the bench. */
import type { DataTable } from '@cucumber/cucumber';
import type { BusTraffic, TraceEvent } from '../emulator/session/handle.ts';
import { describeTraffic } from '../reports/bus-traffic.ts';
import { formatTime } from '../reports/units.ts';
import type { Bench } from './bench.ts';
import { whatExists } from './did-you-mean.ts';
import { BadStep, ExpectationFailed } from './failure.ts';
import { type Named, parseBytes } from './parameters.ts';
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
    case 'onewire':
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
    case 'onewire':
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
