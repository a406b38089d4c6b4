/** The module socket of the Unix port (ports/unix/modsocket.c), over a network that is inside the guest. */
import { arrayOfBytes } from '../../objects/array.ts';
import { bufferOf } from '../../objects/buffer.ts';
import { newBytes } from '../../objects/bytes.ts';
import { ERRNO } from '../../objects/errno-names.ts';
import { excTypes } from '../../objects/exception.ts';
import { toFloat } from '../../objects/float.ts';
import { fun1, fun2, funVar } from '../../objects/function.ts';
import { newList } from '../../objects/list.ts';
import { newStr } from '../../objects/new-str.ts';
import { type IoctlArg, PollFlag, type StreamProtocol, StreamRequest, streamMethod, streamMethods } from '../../objects/stream.ts';
import { newTuple } from '../../objects/tuple.ts';
import type { PosixFile } from '../../storage/posix-files.ts';
import { StorageError } from '../../storage/storage-error.ts';
import { call } from '../../vm/call.ts';
import { isTrue, toInt } from '../../vm/operators.ts';
import { raise, raiseOSError } from '../../vm/raise.ts';
import { now } from '../../vm/service.ts';
import { mayBlock } from '../../vm/threads.ts';
import { BufferFlag, MpType } from '../../vm/type.ts';
import type { Printer, Value } from '../../vm/value.ts';
import { MpObj } from '../../vm/value.ts';
import { vm } from '../../vm/vm.ts';
import type { ModuleDef } from '../module-def.ts';
import { pathText } from '../vfs/mounts.ts';
import { pathFunction } from '../vfs/operations.ts';
import { posixState } from '../vfs/posix-state.ts';
import { deadlineIn, NS_PER_US, waitForEvent } from '../waiting.ts';
import { formatIpv4, formatIpv6, parseIpv4, parseIpv6 } from './inet-text.ts';
import {
  type Address,
  AF_INET,
  AF_INET6,
  AF_UNIX,
  familyOf,
  hostOf,
  inetAddress,
  Loopback,
  type LoopbackSocket,
  portOf,
  SOCK_DGRAM,
  SOCK_RAW,
  SOCK_STREAM,
} from './loopback.ts';

const SOL_SOCKET = 1;
const SO_REUSEADDR = 2;
const SO_RCVTIMEO = 20;
const SO_SNDTIMEO = 21;
const SO_LAST = 80;
const ENOPROTOOPT = 92;
const ESPIPE = 29;
const EBADF = 9;
const DEFAULT_BACKLOG = 2;

const KEY = Symbol('loopback network');
const network = () => vm.stateOf(KEY, () => new Loopback());

/** A socket as an open file: what `makefile` gives, by its number. */
class SocketFile implements PosixFile {
  constructor(private readonly socket: MpSocket) {}
  read(into: Uint8Array): number {
    return this.answer(this.socket.receive(into));
  }
  write(data: Uint8Array): number {
    return this.answer(this.socket.sendAll(data));
  }
  seek(): number {
    throw new StorageError(ESPIPE);
  }
  sync(): void {
    throw new StorageError(ERRNO.EINVAL);
  }
  close(): void {
    this.socket.end.close();
  }
  private answer(result: number): number {
    if (result < 0) throw new StorageError(-result);
    return result;
  }
}

class MpSocket extends MpObj {
  fd: number;
  blocking = true;
  /** In ns; undefined: none. */
  timeout: number | undefined = undefined;

  constructor(readonly end: LoopbackSocket) {
    super(socketType);
    this.fd = posixState().add(new SocketFile(this));
    vm.finalisable.add(this);
  }

  /** What a call had sent when it was left for another thread. */
  private sentBefore = 0;

  /** Tries until there is an answer, if the socket is to wait for one. */
  wait<T extends number | LoopbackSocket>(attempt: () => T): T | number {
    const deadline = deadlineIn(this.timeout ?? Number.POSITIVE_INFINITY);
    for (;;) {
      if (this.fd < 0) return -EBADF;
      const result = attempt();
      if (result !== -ERRNO.EAGAIN || !this.blocking) return result;
      if (now() >= deadline) return -ERRNO.ETIMEDOUT;
      waitForEvent(deadline);
    }
  }

  receive(into: Uint8Array, flags = 0): number {
    return this.wait(() => this.end.receive(into, flags));
  }

  /** A blocking socket sends everything. */
  sendAll(data: Uint8Array): number {
    let sent = vm.threads?.repeating ? this.sentBefore : 0;
    for (;;) {
      this.sentBefore = sent;
      const n = this.wait(() => this.end.send(data.subarray(sent)));
      if (n < 0) return sent > 0 ? sent : n;
      sent += n;
      if (sent >= data.length || !this.blocking) return sent;
    }
  }
}

const self = (value: Value) => value as MpSocket;

/** An answer without a value: raises OSError for a negative errno. */
function check(result: number): number {
  if (result < 0) raiseOSError(-result);
  return result;
}

function openSocket(value: Value): MpSocket {
  if (self(value).fd < 0) raiseOSError(EBADF);
  return self(value);
}

const addressArg = (value: Value): Address => bufferOf(value, BufferFlag.Read).bytes.slice();

function poll(socket: MpSocket, events: number): number {
  if (socket.fd < 0) return PollFlag.Invalid;
  const { end } = socket;
  let ready = 0;
  if ((events & PollFlag.Read) !== 0 && end.readable) ready |= PollFlag.Read;
  if ((events & PollFlag.Write) !== 0 && (end.writable || end.hungUp)) ready |= PollFlag.Write;
  if (end.hungUp) ready |= PollFlag.HangUp;
  return ready;
}

function ioctl(socket: MpSocket, request: number, arg: IoctlArg): number {
  switch (request) {
    case StreamRequest.Close:
      if (socket.fd >= 0) {
        posixState().remove(socket.fd);
        socket.end.close();
      }
      socket.fd = -1;
      return 0;
    case StreamRequest.GetFileno:
      return socket.fd;
    case StreamRequest.Poll:
      return poll(socket, arg as number);
    default:
      return -ERRNO.EINVAL;
  }
}

function receiveArgs(args: readonly Value[]): { socket: MpSocket; into: Uint8Array; flags: number } {
  const size = toInt(args[1]);
  const flags = args.length > 2 ? toInt(args[2]) : 0;
  const bytes = size < 0 ? size + 2 ** (8 * vm.wordSize) : size;
  vm.heap.alloc(bytes);
  vm.heap.free(bytes);
  return { socket: openSocket(args[0]), into: new Uint8Array(bytes), flags };
}

function receiveFrom(args: readonly Value[]): Value {
  const { socket, into, flags } = receiveArgs(args);
  let from: Address = new Uint8Array(0);
  const n = check(
    socket.wait(() => {
      const received = socket.end.receiveDatagram(into, flags);
      from = received.from;
      return received.length;
    }),
  );
  return newTuple([newBytes(into.slice(0, n)), newBytes(from)]);
}

function setOption(args: readonly Value[]): Value {
  const socket = openSocket(args[0]);
  const level = toInt(args[1]);
  const option = toInt(args[2]);
  const integer = typeof args[3] === 'number' || typeof args[3] === 'bigint';
  const bytes = integer ? undefined : bufferOf(args[3], BufferFlag.Read).bytes;
  if (level === SOL_SOCKET && (option < 0 || option > SO_LAST)) raiseOSError(ENOPROTOOPT);
  if (level === SOL_SOCKET && option === SO_REUSEADDR) socket.end.reuseAddress = integer ? args[3] !== 0 : bytes!.some(byte => byte !== 0);
  if (level === SOL_SOCKET && (option === SO_RCVTIMEO || option === SO_SNDTIMEO)) {
    // A struct timeval.
    if (bytes === undefined || bytes.length < 16) raiseOSError(ERRNO.EINVAL);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    setTimeout(socket, Number(view.getBigInt64(0, true)) * 1e9 + Number(view.getBigInt64(8, true)) * NS_PER_US);
  }
  return null;
}

/** A timeout of 0 means none. */
function setTimeout(socket: MpSocket, ns: number): void {
  socket.timeout = ns === 0 ? undefined : ns;
}

const locals = (): [string, Value][] => [
  ['fileno', fun1(socket => self(socket).fd)],
  ['makefile', funVar(1, 3, args => call(pathFunction('open'), [self(args[0]).fd, ...args.slice(1)]))],
  ...streamMethods('read', 'readinto', 'readline', 'write'),
  [
    'connect',
    fun2((value, address) => {
      const to = addressArg(address);
      const socket = openSocket(value);
      check(socket.wait(() => socket.end.connect(to)));
      return null;
    }),
  ],
  [
    'bind',
    fun2((value, address) => {
      const at = addressArg(address);
      check(openSocket(value).end.bind(at));
      return null;
    }),
  ],
  [
    'listen',
    funVar(1, 2, args => {
      const backlog = args.length > 1 ? Math.max(0, toInt(args[1])) : DEFAULT_BACKLOG;
      check(openSocket(args[0]).end.listen(backlog));
      return null;
    }),
  ],
  [
    'accept',
    mayBlock(
      fun1(value => {
        const socket = openSocket(value);
        const end = socket.wait(() => socket.end.accept());
        if (typeof end === 'number') raiseOSError(-end);
        vm.heap.alloc(3 * vm.wordSize);
        return newTuple([new MpSocket(end), newByteArray(end.remote!)]);
      }),
    ),
  ],
  [
    'recv',
    mayBlock(
      funVar(2, 3, args => {
        const { socket, into, flags } = receiveArgs(args);
        return newBytes(into.slice(0, check(plainTimeout(socket.receive(into, flags)))));
      }),
    ),
  ],
  ['recvfrom', mayBlock(funVar(2, 3, receiveFrom))],
  [
    'send',
    mayBlock(
      funVar(2, 3, args => {
        const { bytes } = bufferOf(args[1], BufferFlag.Read);
        return check(plainTimeout(openSocket(args[0]).sendAll(bytes)));
      }),
    ),
  ],
  [
    'sendto',
    mayBlock(
      funVar(3, 4, args => {
        const { bytes } = bufferOf(args[1], BufferFlag.Read);
        const to = addressArg(args[args.length - 1]);
        const socket = openSocket(args[0]);
        return check(socket.wait(() => socket.end.sendTo(bytes, to)));
      }),
    ),
  ],
  ['setsockopt', funVar(4, 4, setOption)],
  [
    'setblocking',
    fun2((socket, flag) => {
      openSocket(socket).blocking = isTrue(flag);
      return null;
    }),
  ],
  [
    'settimeout',
    fun2((value, timeout) => {
      const socket = openSocket(value);
      const seconds = timeout === null ? undefined : toFloat(timeout);
      const ns = seconds === undefined ? 0 : Math.trunc(seconds) * 1e9 + Math.round((seconds % 1) * 1e6) * NS_PER_US;
      const blocking = seconds === undefined || ns !== 0;
      if (blocking) setTimeout(socket, ns);
      socket.blocking = blocking;
      return null;
    }),
  ],
  ['close', streamMethod('close')],
];

/** What `recv` and `send` say of a timeout, unlike `read` and `write`. */
const plainTimeout = (result: number) => (result === -ERRNO.ETIMEDOUT ? -ERRNO.EAGAIN : result);

function newByteArray(bytes: Uint8Array): Value {
  vm.heap.alloc(4 * vm.wordSize);
  vm.heap.alloc(bytes.length);
  return arrayOfBytes(bytes.slice());
}

const protocol: StreamProtocol = {
  read: (socket: MpSocket, into) => (socket.fd < 0 ? -EBADF : socket.receive(into)),
  write: (socket: MpSocket, data) => (socket.fd < 0 ? -EBADF : socket.sendAll(data)),
  ioctl,
};

const socketType: MpType = new MpType('socket', {
  makeNew(_type, args) {
    const [family, type, protocolNumber] = [0, 1, 2].map(i => (i < args.length ? toInt(args[i]) : undefined));
    const end = network().socket(family ?? AF_INET, type ?? SOCK_STREAM, protocolNumber ?? 0);
    if (typeof end === 'number') raiseOSError(-end);
    vm.heap.alloc(3 * vm.wordSize);
    return new MpSocket(end);
  },
  print: (out: Printer, socket: MpSocket) => out.write(`<_socket ${socket.fd}>`),
  stream: protocol,
  locals,
});

/** Errors of getaddrinfo (netdb.h): the name is not known, or the service; the family or the type is not. */
const EAI_NONAME = -2;
const EAI_SERVICE = -8;
const EAI_FAMILY = -6;
const EAI_SOCKTYPE = -7;

function raiseAddressInfo(code: number): never {
  raise(excTypes.OSError, `[addrinfo error ${code}]`);
}

/** Only this machine has a name. */
const LOCAL_NAMES = new Set(['localhost', 'localhost.localdomain', 'ip6-localhost']);

function hostBytes(host: string, family: number): { family: number; host: Uint8Array }[] {
  const found: { family: number; host: Uint8Array }[] = [];
  const add = (f: number, bytes: Uint8Array | undefined) => {
    if (bytes !== undefined && (family === 0 || family === f)) found.push({ family: f, host: bytes });
  };
  if (LOCAL_NAMES.has(host)) {
    add(AF_INET6, parseIpv6('::1'));
    add(AF_INET, parseIpv4('127.0.0.1'));
  } else {
    add(AF_INET, parseIpv4(host));
    add(AF_INET6, parseIpv6(host));
  }
  return found;
}

/** Types and their protocols, in the order in which they are listed. */
const TYPES: readonly (readonly [number, number])[] = [
  [SOCK_STREAM, 6],
  [SOCK_DGRAM, 17],
  [SOCK_RAW, 0],
];

function addressInfo(args: readonly Value[]): Value {
  const host = pathText(args[0]);
  const port = typeof args[1] === 'number' ? args[1] & 0xffff : Number(pathText(args[1]));
  const [family, type, wantedProtocol] = [2, 3, 4].map(i => (i < args.length ? toInt(args[i]) : 0));
  if (!Number.isInteger(port) || port < 0 || port > 0xffff) raiseAddressInfo(EAI_SERVICE);
  if (family !== 0 && family !== AF_INET && family !== AF_INET6) raiseAddressInfo(EAI_FAMILY);
  if (type !== 0 && !TYPES.some(([known]) => known === type)) raiseAddressInfo(EAI_SOCKTYPE);
  const hosts = hostBytes(host, family);
  if (hosts.length === 0) raiseAddressInfo(EAI_NONAME);
  const infos: Value[] = [];
  for (const { family: hostFamily, host: bytes } of hosts) {
    for (const [known, usual] of TYPES) {
      if ((type !== 0 && known !== type) || (wantedProtocol !== 0 && usual !== wantedProtocol)) continue;
      infos.push(newTuple([hostFamily, known, usual, null, newByteArray(inetAddress(hostFamily, bytes, port))]));
    }
  }
  return newList(infos);
}

function textToAddress(family: Value, text: Value): Value {
  const number = toInt(family);
  if (number !== AF_INET && number !== AF_INET6) raiseOSError(97);
  const bytes = number === AF_INET ? parseIpv4(pathText(text)) : parseIpv6(pathText(text));
  if (bytes === undefined) raiseOSError(ERRNO.EINVAL);
  return newBytes(bytes);
}

function addressToText(family: Value, address: Value): Value {
  const number = toInt(family);
  const { bytes } = bufferOf(address, BufferFlag.Read);
  if (number !== AF_INET && number !== AF_INET6) raiseOSError(97);
  return newStr(number === AF_INET ? formatIpv4(bytes) : formatIpv6(bytes));
}

/** Takes an address apart. */
function addressParts(value: Value): Value {
  const address = bufferOf(value, BufferFlag.Read).bytes;
  const family = familyOf(address);
  if (family === AF_INET) return newTuple([AF_INET, newBytes(hostOf(address)), portOf(address)]);
  if (family !== AF_INET6) return newTuple([family, newBytes(address.slice(2))]);
  const view = new DataView(address.buffer, address.byteOffset, address.byteLength);
  return newTuple([AF_INET6, newBytes(hostOf(address)), portOf(address), view.getUint32(4), view.getUint32(24)]);
}

export const posixSocketModule: ModuleDef = {
  name: 'socket',
  extensible: true,
  names: () => [
    ['socket', socketType],
    ['getaddrinfo', funVar(2, 6, addressInfo)],
    ['inet_pton', fun2(textToAddress)],
    ['inet_ntop', fun2(addressToText)],
    ['sockaddr', fun1(addressParts)],
    ['AF_UNIX', AF_UNIX],
    ['AF_INET', AF_INET],
    ['AF_INET6', AF_INET6],
    ['SOCK_STREAM', SOCK_STREAM],
    ['SOCK_DGRAM', SOCK_DGRAM],
    ['SOCK_RAW', SOCK_RAW],
    ['MSG_DONTROUTE', 4],
    ['MSG_DONTWAIT', 0x40],
    ['MSG_PEEK', 2],
    ['SOL_SOCKET', SOL_SOCKET],
    ['SO_BROADCAST', 6],
    ['SO_ERROR', 4],
    ['SO_KEEPALIVE', 9],
    ['SO_LINGER', 13],
    ['SO_REUSEADDR', SO_REUSEADDR],
    ['IP_ADD_MEMBERSHIP', 35],
    ['IP_DROP_MEMBERSHIP', 36],
  ],
};
