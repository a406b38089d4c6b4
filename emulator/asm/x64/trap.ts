/** What ends the execution of an instruction: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 3, table of exceptions. */
export class X64Trap {
  constructor(
    readonly kind: 'divide' | 'breakpoint' | 'undefined' | 'address',
    /** Bytes of an instruction that is not modelled. */
    readonly code: readonly number[] = [],
    /** For addresses that need more than 32 bits. */
    readonly address = 0,
  ) {}
}
