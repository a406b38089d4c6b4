/** The module termios of the Unix port (ports/unix/modtermios.c). The guest's standard streams are no terminal it could set. */
import { fun1, fun3 } from '../objects/function.ts';
import { toInt } from '../vm/operators.ts';
import { raiseOSError } from '../vm/raise.ts';
import type { Value } from '../vm/value.ts';
import type { ModuleDef } from './module-def.ts';
import { posixState } from './vfs/posix-state.ts';

const EBADF = 9;
const ENOTTY = 25;
const STDERR = 2;

function raiseNoTerminal(fd: Value): never {
  const number = toInt(fd);
  raiseOSError(number >= 0 && (number <= STDERR || posixState().file(number) !== undefined) ? ENOTTY : EBADF);
}

/** Speeds, by their numbers on Linux. */
const SPEEDS: readonly (readonly [string, number])[] = [
  ['B9600', 13],
  ['B57600', 4097],
  ['B115200', 4098],
  ['B230400', 4099],
  ['B460800', 4100],
  ['B500000', 4101],
  ['B576000', 4102],
  ['B921600', 4103],
  ['B1000000', 4104],
  ['B1152000', 4105],
];

export const termiosModule: ModuleDef = {
  name: 'termios',
  extensible: false,
  names: () => [
    ['tcgetattr', fun1(raiseNoTerminal)],
    ['tcsetattr', fun3(raiseNoTerminal)],
    ['setraw', fun1(raiseNoTerminal)],
    ['TCSANOW', 0],
    ...SPEEDS,
  ],
};
