/** The power controller (RM0090 section 5): access to the backup domain, stop and standby, the wake-up pin, the voltage detector. */
import { RegisterBlock } from './register-block.ts';

export const PwrRegister = { CR: 0x0, CSR: 0x4 } as const;
export const PwrCr = { LPDS: 1, PDDS: 2, CWUF: 4, CSBF: 8, PVDE: 0x10, PLS: 0xe0, DBP: 0x100, FPDS: 0x200, VOS: 0x4000 } as const;
export const PwrCsr = { WUF: 1, SBF: 2, PVDO: 4, BRR: 8, EWUP: 0x100, BRE: 0x200, VOSRDY: 0x4000 } as const;

/** Volts of the detector's thresholds by PLS (DS8626 table 23). */
const THRESHOLDS = [2.0, 2.1, 2.3, 2.5, 2.6, 2.7, 2.8, 2.9];

export class Pwr extends RegisterBlock {
  private cr: number = PwrCr.VOS;
  private csr = 0;

  /**
   * @param supply volts of the supply of the moment
   * @param onDetector called when the detector's output changes: EXTI line 16
   */
  constructor(
    private readonly supply: () => number,
    private readonly onDetector: (low: boolean) => void,
  ) {
    super('PWR');
  }

  /** Whether the backup domain may be written. */
  get backupWritable(): boolean {
    return (this.cr & PwrCr.DBP) !== 0;
  }

  /** Whether deep sleep is standby, not stop. */
  get standbySelected(): boolean {
    return (this.cr & PwrCr.PDDS) !== 0;
  }

  get wakeupPinEnabled(): boolean {
    return (this.csr & PwrCsr.EWUP) !== 0;
  }

  /** Whether the chip has been in standby since the flag was cleared. */
  get standbyFlag(): boolean {
    return (this.csr & PwrCsr.SBF) !== 0;
  }

  /** A wake-up event has come; after standby the flag says so. */
  noteWakeup(fromStandby: boolean): void {
    this.csr |= PwrCsr.WUF | (fromStandby ? PwrCsr.SBF : 0);
  }

  /** The supply has changed. */
  supplyChanged(): void {
    this.detect();
  }

  /** The flags of the wake-up survive a system reset. */
  override reset(): void {
    this.cr = PwrCr.VOS;
    this.csr &= PwrCsr.WUF | PwrCsr.SBF;
  }

  powerOn(): void {
    this.csr = 0;
  }

  override readRegister(offset: number): number {
    if (offset === PwrRegister.CR) return this.cr;
    if (offset === PwrRegister.CSR) return this.csr | PwrCsr.VOSRDY | (this.csr & PwrCsr.BRE ? PwrCsr.BRR : 0);
    return 0;
  }

  override writeRegister(offset: number, value: number): void {
    if (offset === PwrRegister.CR) {
      if (value & PwrCr.CWUF) this.csr &= ~PwrCsr.WUF;
      if (value & PwrCr.CSBF) this.csr &= ~PwrCsr.SBF;
      this.cr = value & 0xc3f3;
      this.detect();
    } else if (offset === PwrRegister.CSR) this.csr = (this.csr & ~(PwrCsr.EWUP | PwrCsr.BRE)) | (value & (PwrCsr.EWUP | PwrCsr.BRE));
  }

  private detect(): void {
    const low = (this.cr & PwrCr.PVDE) !== 0 && this.supply() < THRESHOLDS[(this.cr & PwrCr.PLS) >> 5];
    if (low === ((this.csr & PwrCsr.PVDO) !== 0)) return;
    this.csr ^= PwrCsr.PVDO;
    this.onDetector(low);
  }
}
