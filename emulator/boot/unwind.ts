/** Thrown through guest code to leave it at once, whatever it does: no guest handler and no `finally` of the guest sees it. */
export class Unwind {
  constructor(
    /** `power`: the supply is gone; `reset`: the chip starts anew; `bootloader`: it does so in its bootloader; `end`: the machine has done what it was made for. */
    readonly why: 'power' | 'reset' | 'bootloader' | 'end',
    /** For a reset: its cause, as the board's boot code understands it. */
    readonly cause: string = '',
    /** For a reset that the chip has yet to make: its reasons, of `ResetFlag`. */
    readonly flags = 0,
    /** For a reset that came upon the chip while its firmware was at work: by the RST switch, by the supply. */
    readonly fromOutside = false,
  ) {}
}
