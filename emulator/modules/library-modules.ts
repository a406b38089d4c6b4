/** The modules of the library: those of the standard one, and MicroPython's own that need no particular hardware. */

import { asyncioNativeModule } from './_asyncio.ts';
import { arrayModule } from './array.ts';
import { binasciiModule } from './binascii.ts';
import { cryptolibModule } from './cryptolib.ts';
import { deflateModule } from './deflate/deflate.ts';
import { framebufModule } from './framebuf/framebuf.ts';
import { hashlibModule } from './hashlib.ts';
import { heapqModule } from './heapq.ts';
import { ioModule } from './io.ts';
import { jsonModule } from './json.ts';
import { cmathModule } from './math/cmath.ts';
import { mathModule } from './math/math.ts';
import type { ModuleDef } from './module-def.ts';
import { networkModule } from './network.ts';
import { osModule } from './os.ts';
import { platformModule } from './platform.ts';
import { randomModule } from './random.ts';
import { reModule } from './re/re.ts';
import { selectModule } from './select.ts';
import { socketModule } from './socket/socket.ts';
import { structModule } from './struct.ts';
import { termiosModule } from './termios.ts';
import { threadModule } from './thread.ts';
import { timeModule } from './time.ts';
import { uctypesModule } from './uctypes/uctypes.ts';
import { vfsModule } from './vfs/vfs.ts';
import { websocketModule } from './websocket.ts';

export const libraryModules = (): readonly ModuleDef[] => [
  arrayModule,
  asyncioNativeModule,
  binasciiModule,
  cmathModule,
  cryptolibModule,
  deflateModule,
  framebufModule,
  hashlibModule,
  heapqModule,
  ioModule,
  jsonModule,
  mathModule,
  networkModule,
  osModule,
  platformModule,
  randomModule,
  reModule,
  selectModule,
  socketModule,
  structModule,
  termiosModule,
  threadModule,
  timeModule,
  uctypesModule,
  vfsModule,
  websocketModule,
];
