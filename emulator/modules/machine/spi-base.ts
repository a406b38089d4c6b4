/** What machine.SPI and machine.SoftSPI have in common (extmod/machine_spi.c). */
import { fun1, funKw } from '../../objects/function.ts';
import type { Locals } from '../../vm/type.ts';
import type { KwArgs, Value } from '../../vm/value.ts';
import { MpSpiBus, spiMethods } from '../stm32/spi-methods.ts';

/** SPI.MSB and SPI.LSB: what CR1's LSBFIRST is. */
export const FirstBit = { MSB: 0, LSB: 0x80 } as const;

export abstract class MpSpi extends MpSpiBus {
  abstract init(args: readonly Value[], kw: KwArgs): void;
  deinit(): void {}
}

/** The namespace that SPI and SoftSPI share. */
export const spiLocals = (): Locals => [
  ['init', funKw(1, (args, kw) => ((args[0] as MpSpi).init(args.slice(1), kw), null))],
  ['deinit', fun1(bus => ((bus as MpSpi).deinit(), null))],
  ...spiMethods(),
  ['MSB', FirstBit.MSB],
  ['LSB', FirstBit.LSB],
];
