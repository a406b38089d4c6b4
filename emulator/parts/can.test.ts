import { describe, expect, it } from 'vitest';
import { CanIer, CanMcr, CanMsr, CanRegister as R } from '../peripherals/can.ts';
import { crc15, frameBits } from '../peripherals/can-frame.ts';
import { PinMode, PinPull } from '../peripherals/gpio.ts';
import { CanPeer, CanTransceiver } from './can-transceiver.ts';
import { benchWithParts } from './test-bench.ts';

/** 42 MHz / 21 / (1 + 11 + 4): 125 kbit/s. */
const BTR = 20 | (10 << 16) | (3 << 20);

function controller(mode = 0, wired = false) {
  const bench = benchWithParts();
  const { chip, clock, parts, wire } = bench;
  chip.rcc.enable('CAN1');
  for (const name of ['Y3', 'Y4']) chip.pin(name).configure({ mode: PinMode.ALTERNATE, alternate: 9, pull: PinPull.UP });
  if (wired) wire(new CanTransceiver(parts, 'transceiver'), { txd: 'Y4', rxd: 'Y3' });
  const can = chip.can(1);
  can.writeRegister(R.MCR, CanMcr.INRQ);
  can.writeRegister(R.BTR, (BTR | mode) >>> 0);
  // Bank 0: a mask of zeros lets everything into FIFO 0.
  can.writeRegister(0x21c, 1);
  can.writeRegister(0x20c, 1);
  can.writeRegister(0x200, 0x0e00);
  can.writeRegister(R.MCR, CanMcr.TXFP);
  clock.advanceTo(clock.now + 1_000_000);
  const send = (id: number, data: number[], mailbox = 0) => {
    const base = R.TI0R + 16 * mailbox;
    can.writeRegister(base + 4, data.length);
    can.writeRegister(
      base + 8,
      data.slice(0, 4).reduce((word, byte, i) => word + byte * 256 ** i, 0),
    );
    can.writeRegister(
      base + 12,
      data.slice(4).reduce((word, byte, i) => word + byte * 256 ** i, 0),
    );
    can.writeRegister(base, (((id << 21) >>> 0) | 1) >>> 0);
  };
  return { ...bench, can, send };
}

const LOOPBACK = 0x4000_0000;

describe('CAN frame', () => {
  it('is stuffed, and closed by a checksum', () => {
    const frame = { id: 0x14, extended: false, remote: false, dlc: 1, data: Uint8Array.of(1) };
    const bits = frameBits(frame, true).join('');
    expect(bits).not.toMatch(/^.{0,20}(000000|111111)/);
    expect(bits.endsWith('01' + '1'.repeat(7))).toBe(true);
    const payload = [...'000000010100000000100000001'].map(Number) as (0 | 1)[];
    expect(crc15([...payload, ...([...crc15(payload).toString(2).padStart(15, '0')].map(Number) as (0 | 1)[])])).toBe(0);
  });
});

describe('CAN controller', () => {
  it('joins the bus after eleven recessive bits', () => {
    const { can, clock } = controller(LOOPBACK);
    can.writeRegister(R.MCR, CanMcr.INRQ);
    expect(can.readRegister(R.MSR) & CanMsr.INAK).toBe(1);
    can.writeRegister(R.MCR, 0);
    clock.advanceTo(clock.now + 10.9 * 8000);
    expect(can.readRegister(R.MSR) & CanMsr.INAK).toBe(1);
    clock.advanceTo(clock.now + 8000);
    expect(can.readRegister(R.MSR) & CanMsr.INAK).toBe(0);
  });

  it('hears itself in loop-back, after the time that the frame takes', () => {
    const { chip, can, clock, trace, send } = controller(LOOPBACK);
    const start = clock.now;
    send(0x123, [1, 2, 3, 4, 5]);
    expect(chip.waitUntil(() => (can.readRegister(R.RF0R) & 3) === 1, 10_000_000)).toBe(true);
    const bits = (clock.now - start) / 8000;
    expect(bits).toBeGreaterThan(85);
    expect(bits).toBeLessThan(115);
    expect(can.readRegister(R.RI0R) >>> 21).toBe(0x123);
    expect(can.readRegister(R.RI0R + 4)).toBe(5);
    expect(can.readRegister(R.RI0R + 8)).toBe(0x0403_0201);
    expect(can.readRegister(R.RI0R + 12)).toBe(0x05);
    expect(can.readRegister(R.TSR) & 3).toBe(3);
    expect(trace.net('Y4').edges(start - 1).length).toBeGreaterThan(20);
    can.writeRegister(R.RF0R, 0x20);
    expect(can.readRegister(R.RF0R) & 3).toBe(0);
  });

  it('interrupts for a frame in its FIFO', () => {
    const { chip, can, send } = controller(LOOPBACK);
    const got: number[] = [];
    chip.nvic.setHandler(chip.irq('CAN1_RX0'), () => {
      got.push(can.readRegister(R.RI0R) >>> 21);
      can.writeRegister(R.RF0R, 0x20);
    });
    chip.nvic.enable(chip.irq('CAN1_RX0'), 7);
    can.writeRegister(R.IER, CanIer.FMPIE0);
    send(1, [], 0);
    send(2, [], 1);
    send(3, [], 2);
    chip.elapse(10_000_000);
    expect(got).toEqual([1, 2, 3]);
  });

  it('keeps three frames, and says when a fourth came', () => {
    const { chip, can, send } = controller(LOOPBACK);
    for (let id = 1; id <= 4; id++) {
      send(id, []);
      chip.waitUntil(() => (can.readRegister(R.TSR) & 2) !== 0, 10_000_000);
    }
    expect(can.readRegister(R.RF0R)).toBe(3 | 8 | 0x10);
    can.writeRegister(R.RF0R, 0x20);
    can.writeRegister(R.RF0R, 0x20);
    expect(can.readRegister(R.RI0R) >>> 21).toBe(4);
  });

  it('lets only those frames in that a filter wants', () => {
    const { chip, can, send } = controller(LOOPBACK);
    can.writeRegister(0x200, 0x0e01);
    can.writeRegister(0x204, 2); // bank 1 is a list
    can.writeRegister(0x20c, 0); // both of 16 bits
    can.writeRegister(0x214, 2); // bank 1 leads to FIFO 1
    can.writeRegister(0x240, (0x7f0 << 21) | (0x120 << 5));
    can.writeRegister(0x244, (0xffe0 << 16) | (0x7ff << 5));
    can.writeRegister(0x248, (0x300 << 21) | (0x301 << 5));
    can.writeRegister(0x24c, (0x302 << 21) | (0x303 << 5));
    can.writeRegister(0x21c, 3);
    can.writeRegister(0x200, 0x0e00);
    for (const id of [0x125, 0x135, 0x302]) {
      send(id, []);
      chip.waitUntil(() => (can.readRegister(R.TSR) & 2) !== 0, 10_000_000);
    }
    expect(can.readRegister(R.RF0R) & 3).toBe(1);
    expect(can.readRegister(R.RI0R) >>> 21).toBe(0x125);
    expect(can.readRegister(R.RF1R) & 3).toBe(1);
    expect((can.readRegister(R.RI1R + 4) >>> 8) & 0xff).toBe(3);
  });

  it('becomes error passive when nobody acknowledges, and keeps trying', () => {
    const { chip, can, send } = controller(0, true);
    send(0x55, [1]);
    chip.elapse(100_000_000);
    const esr = can.readRegister(R.ESR);
    expect((esr >>> 4) & 7).toBe(3);
    expect((esr >>> 16) & 0xff).toBe(128);
    expect(esr & 7).toBe(3);
    expect(can.readRegister(R.TSR) & 1).toBe(0);
  });

  it('gives up after one try when told not to repeat', () => {
    const { chip, can, send } = controller(0, true);
    can.writeRegister(R.MCR, CanMcr.NART);
    send(0x55, [1]);
    chip.elapse(10_000_000);
    expect(can.readRegister(R.TSR) & 0xf).toBe(1 | 8);
  });
});

describe('a CAN bus', () => {
  it('carries frames both ways', () => {
    const { chip, can, parts, send } = controller(0, true);
    const peer = new CanPeer(parts, 'peer');
    send(0x123, [0xca, 0xfe]);
    chip.elapse(5_000_000);
    expect(peer.read('heard')).toEqual(['123#cafe']);
    expect(can.readRegister(R.ESR)).toBe(0);
    peer.set('send', '1abcdef0#112233');
    chip.elapse(5_000_000);
    expect(can.readRegister(R.RI0R) >>> 3).toBe(0x1abc_def0);
    expect(can.readRegister(R.RI0R) & 4).toBe(4);
    expect(can.readRegister(R.RI0R + 8)).toBe(0x33_2211);
  });

  it('gives the lowest identifier the way', () => {
    const { chip, trace, parts, send } = controller(0, true);
    const peer = new CanPeer(parts, 'peer');
    send(0x300, [1]);
    peer.set('send', '200#02');
    chip.elapse(10_000_000);
    expect(
      trace
        .events('can')
        .events(-1, Infinity, 'frame')
        .map(event => event.value),
    ).toEqual([0x200, 0x300]);
  });

  it('does not work at two speeds', () => {
    const { chip, can, parts, send } = controller(0, true);
    const peer = new CanPeer(parts, 'peer', 250_000);
    send(0x123, [1]);
    chip.elapse(50_000_000);
    expect(peer.read('heard')).toEqual([]);
    expect((can.readRegister(R.ESR) >>> 16) & 0xff).toBe(255);
    expect(can.readRegister(R.ESR) & 4).toBe(4);
  });

  it('can break', () => {
    const { chip, parts, send } = controller(0, true);
    const peer = new CanPeer(parts, 'peer');
    peer.inject('silent');
    send(0x123, [1]);
    chip.elapse(5_000_000);
    peer.clear();
    chip.elapse(5_000_000);
    expect(peer.read('heard')).toEqual(['123#01']);
  });
});
