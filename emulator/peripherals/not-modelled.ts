/** A program asked a peripheral for something that this model of it does not do. Loud, so that nobody trusts a silence. */
export class NotModelledError extends Error {
  override readonly name = 'NotModelledError';

  /** @param feature as the manual names it: `IrDA mode (CR3.IREN)` */
  constructor(
    readonly peripheral: string,
    readonly feature: string,
  ) {
    super(`${peripheral}: ${feature} is not modelled`);
  }
}
