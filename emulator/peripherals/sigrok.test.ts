/** What sigrok's decoders make of our VCD files. Skipped where sigrok-cli is not installed. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Eeprom24C } from '../parts/eeprom-24c.ts';
import { benchWithParts } from '../parts/test-bench.ts';
import type { Trace } from '../trace/trace.ts';
import { toVcd } from '../trace/vcd.ts';
import { PinMode } from './gpio.ts';
import { setUpI2c, setUpSpi } from './test-bench.ts';
import { UsartCr1, UsartFlag, UsartRegister } from './usart.ts';

const installed = spawnSync('sigrok-cli', ['--version']).status === 0;

function decode(trace: Trace, decoder: string, annotations: string): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'boardspec-vcd-'));
  try {
    const file = join(folder, 'trace.vcd');
    writeFileSync(file, toVcd(trace, { content: 'logic' }));
    const output = execFileSync('sigrok-cli', ['-i', file, '-I', 'vcd', '-P', decoder, '-A', annotations], {
      encoding: 'utf8',
      timeout: 60_000,
    });
    return output
      .trim()
      .split('\n')
      .map(line => line.replace(/^[^:]*: /, ''));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe.skipIf(!installed)('sigrok (skipped where sigrok-cli is not installed)', () => {
  it('reads the text that a UART sent', () => {
    const { chip, clock, trace } = benchWithParts();
    chip.rcc.enable('UART4');
    chip.pin('X1').configure({ mode: PinMode.ALTERNATE, alternate: 8 });
    const uart = chip.usart(4);
    uart.writeRegister(UsartRegister.BRR, 365);
    uart.writeRegister(UsartRegister.CR1, UsartCr1.UE | UsartCr1.TE);
    clock.advanceTo(1_000_000);
    for (const character of 'Hello!') {
      uart.writeRegister(UsartRegister.DR, character.charCodeAt(0));
      chip.waitUntil(() => (uart.readRegister(UsartRegister.SR) & UsartFlag.TXE) !== 0, 1e9);
    }
    clock.advanceTo(clock.now + 1_000_000);
    expect(decode(trace, 'uart:rx=X1:baudrate=115200:format=ascii', 'uart=rx-data').join('')).toBe('Hello!');
  }, 60_000);

  it('reads what went over I2C, both ways', () => {
    const { chip, clock, trace, parts, wire } = benchWithParts();
    const { write, read } = setUpI2c(chip);
    wire(new Eeprom24C(parts, 'eeprom', '24C02'), { scl: 'X9', sda: 'X10' }).bytes.set([0xde, 0xad], 0x10);
    clock.advanceTo(1_000_000);
    write(0x50, [0x10], false);
    read(0x50, 2);
    write(0x33, [1]);
    clock.advanceTo(clock.now + 100_000);
    expect(decode(trace, 'i2c:scl=X9:sda=X10', 'i2c=addr-data')).toEqual([
      'Start',
      'Write',
      'Address write: 50',
      'ACK',
      'Data write: 10',
      'ACK',
      'Start repeat',
      'Read',
      'Address read: 50',
      'ACK',
      'Data read: DE',
      'ACK',
      'Data read: AD',
      'NACK',
      'Stop',
      'Start',
      'Write',
      'Address write: 33',
      'NACK',
      'Stop',
    ]);
  }, 60_000);

  it('reads what went over SPI', () => {
    const { chip, clock, trace } = benchWithParts();
    const { transfer } = setUpSpi(chip);
    chip.netlist.connect(chip.pin('X7').terminal, chip.pin('X8').terminal);
    clock.advanceTo(1_000_000);
    transfer([0x12, 0x34, 0xa5]);
    clock.advanceTo(clock.now + 10_000);
    expect(decode(trace, 'spi:clk=X6:mosi=X8:miso=X7:cs=X5', 'spi=mosi-data')).toEqual(['12', '34', 'A5']);
  }, 60_000);
});
