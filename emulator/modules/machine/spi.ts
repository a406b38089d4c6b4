/** machine.SPI (extmod/machine_spi.c, ports/stm32/machine_spi.c): the SPI blocks as controllers, on the pins that the board has for them. */
import { parseArgs } from '../../objects/function.ts';
import { stdout } from '../../vm/printing.ts';
import { raiseValueError } from '../../vm/raise.ts';
import { MpType } from '../../vm/type.ts';
import type { KwArgs, Printer, Value } from '../../vm/value.ts';
import { printSpi } from '../pyb/spi.ts';
import { raiseUnlessOk } from '../stm32/hal-status.ts';
import { CONTROLLER, findSpi, type SpiDriver } from '../stm32/spi-driver.ts';
import { softSpiType } from './soft-spi.ts';
import { FirstBit, MpSpi, spiLocals } from './spi-base.ts';

const NSS_SOFT = 0x200;

const NEW_ARGS = [
  { name: 'id', required: true },
  { name: 'baudrate', as: 'int', default: 500_000 },
  { name: 'polarity', kwOnly: true, as: 'int', default: 0 },
  { name: 'phase', kwOnly: true, as: 'int', default: 0 },
  { name: 'bits', kwOnly: true, as: 'int', default: 8 },
  { name: 'firstbit', kwOnly: true, as: 'int', default: FirstBit.MSB },
  { name: 'sck', kwOnly: true },
  { name: 'mosi', kwOnly: true },
  { name: 'miso', kwOnly: true },
] as const;

const INIT_ARGS = (['baudrate', 'polarity', 'phase', 'bits', 'firstbit'] as const).map(
  name => ({ name, kwOnly: true, as: 'int', default: -1 }) as const,
);

class MpHardSpi extends MpSpi {
  constructor(readonly driver: SpiDriver) {
    super(spiType);
  }

  override init(args: readonly Value[], kw: KwArgs): void {
    const [baudrate, polarity, phase, bits, firstBit] = parseArgs(INIT_ARGS, args, kw) as number[];
    this.driver.setParameters(-1, baudrate, polarity, phase, bits, firstBit);
    this.driver.init();
  }

  override deinit(): void {
    this.driver.deinit();
  }

  /** The timeout is that of the reference: 100 ms, and one for each byte. */
  override transfer(length: number, source: Uint8Array | undefined, target: Uint8Array | undefined): void {
    raiseUnlessOk(this.driver.transfer(length, source, target, length + 100));
  }
}

/** One object a bus. */
const objects = new WeakMap<SpiDriver, MpHardSpi>();

export const spiType: MpType = new MpType('SPI', {
  makeNew(_type, args, kw) {
    if (args.length === 0 || args[0] === -1) {
      stdout.write('Warning: SPI(-1, ...) is deprecated, use SoftSPI(...) instead\n');
      return softSpiType.makeNew!(softSpiType, args.slice(1), kw);
    }
    const [id, baudrate, polarity, phase, bits, firstBit, sck, mosi, miso] = parseArgs(NEW_ARGS, args, kw) as [Value, ...number[]];
    const driver = findSpi(id);
    if (sck !== undefined || mosi !== undefined || miso !== undefined)
      raiseValueError('explicit choice of sck/mosi/miso is not implemented');
    Object.assign(driver.settings, { mode: CONTROLLER, direction: 0, nss: NSS_SOFT, ti: false, crc: undefined });
    driver.setParameters(-1, baudrate, polarity, phase, bits, firstBit);
    driver.init();
    let object = objects.get(driver);
    if (object === undefined) objects.set(driver, (object = new MpHardSpi(driver)));
    return object;
  },
  print: (out: Printer, { driver }: MpHardSpi) => printSpi(out, driver, false),
  locals: spiLocals,
});
