/** Which module `socket` a machine has: the Unix port's, or that of boards. */
import { vm } from '../../vm/vm.ts';
import type { ModuleDef } from '../module-def.ts';
import { boardSocketModule } from './board-socket.ts';
import { posixSocketModule } from './posix-socket.ts';

export const socketModule: ModuleDef = {
  name: 'socket',
  extensible: true,
  names: () => (vm.feature('posix') ? posixSocketModule : boardSocketModule).names(),
};
