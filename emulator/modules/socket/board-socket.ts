/**
 * The module socket of boards whose network interfaces are plugged in by drivers (extmod/modsocket.c), as far as it goes without any
 * such interface: no official driver is in the stock firmware of a pyboard.
 */
import { bufferOf } from '../../objects/buffer.ts';
import { ERRNO } from '../../objects/errno-names.ts';
import { excTypes } from '../../objects/exception.ts';
import { toFloat } from '../../objects/float.ts';
import { checkArgCount, fun1, fun2, fun3, funVar } from '../../objects/function.ts';
import { newList } from '../../objects/list.ts';
import { strText } from '../../objects/str-bytes.ts';
import { PollFlag, type StreamProtocol, StreamRequest, streamMethod, streamMethods } from '../../objects/stream.ts';
import { newTuple } from '../../objects/tuple.ts';
import { arrayItems } from '../../vm/iteration.ts';
import { isTrue, toInt } from '../../vm/operators.ts';
import { raise, raiseOSError, raiseValueError } from '../../vm/raise.ts';
import { BufferFlag, MpType } from '../../vm/type.ts';
import type { Printer, Value } from '../../vm/value.ts';
import { MpObj } from '../../vm/value.ts';
import { vm } from '../../vm/vm.ts';
import { warn } from '../../vm/warning.ts';
import type { ModuleDef } from '../module-def.ts';

const AF_INET = 2;
const SOCK_STREAM = 1;
const EPIPE = 32;

class MpBoardSocket extends MpObj {
  closed = false;
  constructor(
    readonly domain: number,
    readonly kind: number,
    readonly protocol: number,
  ) {
    super(socketType);
    vm.finalisable.add(this);
  }
}

function raiseNoInterface(): never {
  raise(excTypes.OSError, 'no available NIC');
}

/** The four numbers of a dotted address, each cut to a byte; characters behind it are not looked at. */
function parseHost(value: Value): string {
  const text = strText(value);
  if (text === '') return '0.0.0.0';
  const match = /^(\d*)\.(\d*)\.(\d*)\.(\d*)(?![\d.])/.exec(text);
  if (match === null) raiseValueError('invalid arguments');
  return match
    .slice(1)
    .map(part => Number(part) & 0xff)
    .join('.');
}

/** Checks an address, a pair of host and port. */
function checkAddress(value: Value): void {
  const items = arrayItems(value);
  if (items.length !== 2) {
    raiseValueError(vm.terse ? 'tuple/list has wrong length' : `requested length 2 but object has length ${items.length}`);
  }
  parseHost(items[0]);
  toInt(items[1]);
}

/** A method that first asks for an interface. */
const needsInterface = (value: Value): never => {
  checkAddress(value);
  raiseNoInterface();
};

function setTimeout(value: Value): never {
  if (value !== null) toFloat(value);
  raiseOSError(ERRNO.ENOTCONN);
}

const NOT_CONNECTED: StreamProtocol = {
  // The reference leaves the error number as it was, which is none.
  read: () => -ERRNO.ENOTCONN,
  write: () => -EPIPE,
  ioctl(self: MpBoardSocket, request) {
    if (request === StreamRequest.Close) {
      self.closed = true;
      return 0;
    }
    if (request === StreamRequest.Poll) return self.closed ? PollFlag.Invalid : PollFlag.HangUp | PollFlag.Write;
    return -ERRNO.EINVAL;
  },
};

const socketType: MpType = new MpType('socket', {
  makeNew(_type, args, kw) {
    checkArgCount(args.length, kw, 0, 3, false);
    vm.heap.alloc(8 * vm.wordSize);
    const [domain, kind, protocol] = [AF_INET, SOCK_STREAM, 0].map((usual, i) => (i < args.length ? toInt(args[i]) : usual));
    return new MpBoardSocket(domain, kind, protocol);
  },
  print: (out: Printer, self: MpBoardSocket) =>
    out.write(`<socket fd=-1 timeout=-1 domain=${self.domain} type=${self.kind} proto=${self.protocol} bound=False>`),
  stream: NOT_CONNECTED,
  locals: () => [
    ['__del__', streamMethod('close')],
    ['close', streamMethod('close')],
    ['bind', fun2((_self, address) => needsInterface(address))],
    ['listen', funVar(1, 2, () => raiseOSError(ERRNO.ENOTCONN))],
    ['accept', fun1(() => raiseOSError(ERRNO.EINVAL))],
    ['connect', fun2((_self, address) => needsInterface(address))],
    ['send', fun2(() => raiseOSError(EPIPE))],
    ['sendall', fun2(() => raiseOSError(EPIPE))],
    ['recv', fun2(() => raiseOSError(ERRNO.ENOTCONN))],
    [
      'sendto',
      fun3((_self, data, address) => {
        bufferOf(data, BufferFlag.Read);
        return needsInterface(address);
      }),
    ],
    ['recvfrom', fun2(() => raiseOSError(ERRNO.ENOTCONN))],
    ['setsockopt', funVar(4, 4, () => raiseNoInterface())],
    ['makefile', funVar(1, 3, args => args[0])],
    ['settimeout', fun2((_self, timeout) => setTimeout(timeout))],
    ['setblocking', fun2((_self, flag) => setTimeout(isTrue(flag) ? null : 0))],
    ...streamMethods('read', 'readinto', 'readline', 'write'),
  ],
});

function addressInfo(args: readonly Value[]): Value {
  const host = strText(args[0]);
  const port = toInt(args[1]);
  const [family, type, protocol, flags] = [2, 3, 4, 5].map(i => (i < args.length ? toInt(args[i]) : 0));
  if ((family !== 0 && family !== AF_INET) || (type !== 0 && type !== SOCK_STREAM) || protocol !== 0 || flags !== 0) {
    warn('RuntimeWarning', 'unsupported getaddrinfo constraints');
  }
  // A name would have to be asked of an interface.
  if (!/^\d*\.\d*\.\d*\.\d*(?![\d.])/.test(host)) raiseNoInterface();
  return newList([newTuple([AF_INET, SOCK_STREAM, 0, '', newTuple([parseHost(host), port])])]);
}

export const boardSocketModule: ModuleDef = {
  name: 'socket',
  extensible: true,
  names: () => [
    ['socket', socketType],
    ['getaddrinfo', funVar(2, 6, addressInfo)],
    ['AF_INET', AF_INET],
    ['AF_INET6', 10],
    ['SOCK_STREAM', SOCK_STREAM],
    ['SOCK_DGRAM', 2],
    ['SOCK_RAW', 3],
    ['SOL_SOCKET', 0xfff],
    ['SO_REUSEADDR', 4],
    ['SO_BROADCAST', 0x20],
    ['SO_KEEPALIVE', 8],
    ['SO_SNDTIMEO', 0x1005],
    ['SO_RCVTIMEO', 0x1006],
  ],
};
