/** pyb.repl_uart (ports/stm32/modpyb.c, mphalport.c): a UART on which the REPL is repeated. */
import { raiseValueError } from '../../vm/raise.ts';
import type { Value } from '../../vm/value.ts';
import { vm } from '../../vm/vm.ts';
import { MpUart } from '../stm32/uart.ts';

const KEY = Symbol('REPL UART');

const state = () =>
  vm.volatileStateOf(KEY, () => {
    const made: { uart: MpUart | undefined } = { uart: undefined };
    vm.roots.add(() => [made.uart ?? null]);
    return made;
  });

/** The UART, or sets it; None takes it away. Raises ValueError for anything else. */
export function replUart(args: readonly Value[]): Value {
  const known = state();
  if (args.length === 0) return known.uart ?? null;
  const [uart] = args;
  if (uart === null) {
    if (known.uart !== undefined) known.uart.driver.attachedToRepl = false;
    known.uart = undefined;
  } else if (uart instanceof MpUart) {
    known.uart = uart;
    uart.driver.attachedToRepl = true;
  } else raiseValueError('need a UART object');
  return null;
}

/** Repeats output on the UART, if there is one. */
export function writeReplUart(bytes: Uint8Array): void {
  const { uart } = state();
  if (uart?.driver.enabled) uart.driver.write(bytes);
}

/** A byte that has come in on the UART; -1 if there is none. */
export function readReplUart(): number {
  const { uart } = state();
  return uart?.driver.enabled && uart.driver.available > 0 ? uart.driver.read() : -1;
}

export const replUartReady = (): boolean => {
  const { uart } = state();
  return uart?.driver.enabled === true && uart.driver.available > 0;
};
