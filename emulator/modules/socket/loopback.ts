/**
 * A network inside the guest: sockets of one machine that reach each other and nothing else. Addresses are those of the socket
 * interface in binary form (`struct sockaddr` of Linux); only 127.0.0.0/8, ::1, the unspecified addresses and local names exist.
 *
 * Operations answer with a result, or a negative errno; EAGAIN says that the caller would have to wait.
 */

export const AF_UNIX = 1;
export const AF_INET = 2;
export const AF_INET6 = 10;
export const SOCK_STREAM = 1;
export const SOCK_DGRAM = 2;
export const SOCK_RAW = 3;
export const MSG_PEEK = 2;

const EPERM = 1;
const EAGAIN = 11;
const EINVAL = 22;
const EPIPE = 32;
const EDESTADDRREQ = 89;
const EMSGSIZE = 90;
const EPROTONOSUPPORT = 93;
const ESOCKTNOSUPPORT = 94;
const EOPNOTSUPP = 95;
const EAFNOSUPPORT = 97;
const EADDRINUSE = 98;
const EADDRNOTAVAIL = 99;
const ENETUNREACH = 101;
const ECONNRESET = 104;
const EISCONN = 106;
const ENOTCONN = 107;
const ECONNREFUSED = 111;

/** Bytes that a stream holds for a reader who does not read. */
const STREAM_BUFFER = 65_536;
/** The same for datagrams, headers not counted; what comes then is lost. */
const DATAGRAM_BUFFER = 212_992;
const MAX_DATAGRAM = 65_507;
const FIRST_EPHEMERAL_PORT = 32_768;
const LAST_EPHEMERAL_PORT = 60_999;

export type Address = Uint8Array;

/** Bytes of a `struct sockaddr_in`, and of a `struct sockaddr_in6`. */
const SIZE_INET = 16;
const SIZE_INET6 = 28;
const HOST_INET = 4;
const HOST_INET6 = 8;

export const familyOf = (address: Address) => address[0] | (address[1] << 8);
export const portOf = (address: Address) => (address[2] << 8) | address[3];
export const hostOf = (address: Address) =>
  familyOf(address) === AF_INET6 ? address.slice(HOST_INET6, HOST_INET6 + 16) : address.slice(HOST_INET, HOST_INET + 4);

export function inetAddress(family: number, host: Uint8Array, port: number): Address {
  const address = new Uint8Array(family === AF_INET6 ? SIZE_INET6 : SIZE_INET);
  address[0] = family;
  address[2] = port >> 8;
  address[3] = port & 0xff;
  address.set(host, family === AF_INET6 ? HOST_INET6 : HOST_INET);
  return address;
}

const isUnspecified = (address: Address) => hostOf(address).every(byte => byte === 0);

/** Does the address lead to this machine? */
function isLocal(address: Address): boolean {
  const host = hostOf(address);
  if (familyOf(address) === AF_INET) return host[0] === 127 || isUnspecified(address);
  return isUnspecified(address) || (host[15] === 1 && host.slice(0, 15).every(byte => byte === 0));
}

interface Datagram {
  readonly data: Uint8Array;
  readonly from: Address;
}

export class LoopbackSocket {
  local: Address | undefined;
  /** Where datagrams go, and the only place they are taken from; or the other end's address. */
  remote: Address | undefined;
  peer: LoopbackSocket | undefined;
  private listening = false;
  private readonly waiting: LoopbackSocket[] = [];
  private backlog = 0;
  private chunks: Uint8Array[] = [];
  private readonly datagrams: Datagram[] = [];
  private held = 0;
  /** The other end will send no more. */
  private ended = false;
  private reset = false;
  closed = false;
  reuseAddress = false;

  constructor(
    private readonly network: Loopback,
    readonly family: number,
    readonly type: number,
  ) {}

  get isStream(): boolean {
    return this.type === SOCK_STREAM;
  }

  bind(address: Address): number {
    if (this.local !== undefined || address.length < 2) return -EINVAL;
    if (familyOf(address) !== this.family) return this.family === AF_UNIX ? -EINVAL : -EAFNOSUPPORT;
    if (this.family !== AF_UNIX) {
      if (address.length < (this.family === AF_INET6 ? SIZE_INET6 : SIZE_INET)) return -EINVAL;
      if (!isLocal(address)) return -EADDRNOTAVAIL;
    }
    return this.network.register(this, address);
  }

  /** Binds to a free port, as the first use of an unbound socket does. */
  private ensureBound(): number {
    if (this.local !== undefined || this.family === AF_UNIX) return 0;
    return this.network.register(this, inetAddress(this.family, new Uint8Array(this.family === AF_INET6 ? 16 : 4), 0));
  }

  listen(backlog: number): number {
    if (!this.isStream) return -EOPNOTSUPP;
    if (this.peer !== undefined) return -EINVAL;
    const result = this.ensureBound();
    if (result < 0) return result;
    this.listening = true;
    this.backlog = backlog;
    return 0;
  }

  connect(address: Address): number {
    if (familyOf(address) !== this.family) return -EAFNOSUPPORT;
    if (!this.isStream) {
      const result = this.ensureBound();
      if (result < 0) return result;
      this.remote = address.slice();
      return 0;
    }
    if (this.peer !== undefined) return -EISCONN;
    if (this.listening) return -EINVAL;
    if (this.family !== AF_UNIX && !isLocal(address)) return -ENETUNREACH;
    const server = this.network.find(SOCK_STREAM, address);
    if (server === undefined || !server.listening || server.closed) return -ECONNREFUSED;
    // Linux lets one more in than the backlog says.
    if (server.waiting.length > server.backlog) return -EAGAIN;
    const result = this.ensureBound();
    if (result < 0) return result;
    const end = new LoopbackSocket(this.network, this.family, this.type);
    end.local = server.local;
    end.remote = this.addressForPeer();
    end.peer = this;
    this.remote = address.slice();
    this.peer = end;
    server.waiting.push(end);
    return 0;
  }

  /** This socket's address, as the other side sees it. */
  private addressForPeer(): Address {
    const { local, family } = this;
    if (local === undefined) return Uint8Array.of(family, 0);
    if (family === AF_UNIX || !isUnspecified(local)) return local;
    const host = family === AF_INET6 ? Uint8Array.from({ length: 16 }, (_, i) => (i === 15 ? 1 : 0)) : Uint8Array.of(127, 0, 0, 1);
    return inetAddress(family, host, portOf(local));
  }

  accept(): LoopbackSocket | number {
    if (!this.isStream) return -EOPNOTSUPP;
    if (!this.listening) return -EINVAL;
    return this.waiting.shift() ?? -EAGAIN;
  }

  /** @returns bytes received; 0 at the end of a stream */
  receive(into: Uint8Array, flags: number): number {
    return this.isStream ? this.receiveStream(into, (flags & MSG_PEEK) !== 0) : this.receiveDatagram(into, flags).length;
  }

  private receiveStream(into: Uint8Array, peek: boolean): number {
    if (this.peer === undefined && !this.ended) return -ENOTCONN;
    if (this.held === 0) {
      if (this.reset) {
        this.reset = false;
        return -ECONNRESET;
      }
      return this.ended ? 0 : -EAGAIN;
    }
    let n = 0;
    for (const chunk of this.chunks) {
      const part = chunk.subarray(0, into.length - n);
      into.set(part, n);
      n += part.length;
      if (n === into.length) break;
    }
    if (!peek) this.drop(n);
    return n;
  }

  private drop(count: number): void {
    this.held -= count;
    while (count > 0) {
      const [first] = this.chunks;
      if (first.length > count) {
        this.chunks[0] = first.subarray(count);
        return;
      }
      count -= first.length;
      this.chunks.shift();
    }
  }

  /** A datagram that does not fit is cut. `length` may be a negative errno. */
  receiveDatagram(into: Uint8Array, flags: number): { length: number; from: Address } {
    if (this.isStream) return { length: this.receive(into, flags), from: new Uint8Array(0) };
    const [first] = this.datagrams;
    if (first === undefined) return { length: -EAGAIN, from: new Uint8Array(0) };
    if ((flags & MSG_PEEK) === 0) {
      this.datagrams.shift();
      this.held -= first.data.length;
    }
    const part = first.data.subarray(0, into.length);
    into.set(part);
    return { length: part.length, from: first.from };
  }

  send(data: Uint8Array): number {
    if (!this.isStream) return this.remote === undefined ? -EDESTADDRREQ : this.sendTo(data, this.remote);
    const { peer } = this;
    if (peer === undefined) return this.ended ? -EPIPE : -ENOTCONN;
    if (peer.closed) return -EPIPE;
    const part = data.slice(0, STREAM_BUFFER - peer.held);
    if (part.length === 0) return data.length === 0 ? 0 : -EAGAIN;
    peer.chunks.push(part);
    peer.held += part.length;
    return part.length;
  }

  sendTo(data: Uint8Array, address: Address): number {
    if (this.isStream) return this.peer === undefined ? -ENOTCONN : this.send(data);
    if (familyOf(address) !== this.family) return -EAFNOSUPPORT;
    if (data.length > MAX_DATAGRAM) return -EMSGSIZE;
    if (this.family !== AF_UNIX && !isLocal(address)) return -ENETUNREACH;
    const result = this.ensureBound();
    if (result < 0) return result;
    const target = this.network.find(SOCK_DGRAM, address);
    if (target === undefined) return this.family === AF_UNIX ? -ECONNREFUSED : data.length;
    if (target.held + data.length <= DATAGRAM_BUFFER) {
      target.datagrams.push({ data: data.slice(), from: this.addressForPeer() });
      target.held += data.length;
    }
    return data.length;
  }

  get readable(): boolean {
    if (this.listening) return this.waiting.length > 0;
    return this.isStream ? this.held > 0 || this.ended : this.datagrams.length > 0;
  }

  get writable(): boolean {
    if (this.listening) return false;
    if (!this.isStream) return true;
    return this.peer === undefined ? this.ended : this.peer.closed || this.peer.held < STREAM_BUFFER;
  }

  /** The connection is gone: both ends have ended, or there never was one. */
  get hungUp(): boolean {
    return this.isStream && !this.listening && (this.peer === undefined || this.peer.closed);
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.network.forget(this);
    for (const end of this.waiting) end.close();
    const { peer } = this;
    if (peer !== undefined) {
      peer.ended = true;
      // What was sent and not read is lost, and the other end is told so.
      if (this.held > 0) peer.reset = true;
    }
    this.chunks = [];
    this.datagrams.length = 0;
    this.held = 0;
  }
}

export class Loopback {
  private readonly bound = new Map<string, LoopbackSocket>();
  private nextPort = FIRST_EPHEMERAL_PORT;

  /** A new socket, or a negative errno. */
  socket(family: number, type: number, protocol: number): LoopbackSocket | number {
    if (family !== AF_INET && family !== AF_INET6 && family !== AF_UNIX) return -EAFNOSUPPORT;
    if (type === SOCK_RAW) return family === AF_UNIX ? -ESOCKTNOSUPPORT : -EPERM;
    if (type !== SOCK_STREAM && type !== SOCK_DGRAM) return type < 0 || type > 10 ? -EINVAL : -ESOCKTNOSUPPORT;
    const usual = type === SOCK_STREAM ? 6 : 17;
    if (protocol !== 0 && (family === AF_UNIX || protocol !== usual)) return -EPROTONOSUPPORT;
    return new LoopbackSocket(this, family, type);
  }

  register(socket: LoopbackSocket, address: Address): number {
    let wanted: Address = address.slice();
    if (socket.family !== AF_UNIX && portOf(wanted) === 0) {
      const port = this.freePort(socket);
      if (port < 0) return port;
      wanted = inetAddress(socket.family, hostOf(wanted), port);
    }
    const key = this.key(socket.type, wanted);
    if (this.bound.has(key)) return -EADDRINUSE;
    this.bound.set(key, socket);
    socket.local = wanted;
    return 0;
  }

  private freePort(socket: LoopbackSocket): number {
    const count = LAST_EPHEMERAL_PORT - FIRST_EPHEMERAL_PORT + 1;
    for (let i = 0; i < count; i++) {
      const port = this.nextPort++;
      if (this.nextPort > LAST_EPHEMERAL_PORT) this.nextPort = FIRST_EPHEMERAL_PORT;
      if (!this.bound.has(this.key(socket.type, inetAddress(socket.family, new Uint8Array(4), port)))) return port;
    }
    return -EADDRINUSE;
  }

  find(type: number, address: Address): LoopbackSocket | undefined {
    return this.bound.get(this.key(type, address));
  }

  forget(socket: LoopbackSocket): void {
    if (socket.local === undefined) return;
    const key = this.key(socket.type, socket.local);
    if (this.bound.get(key) === socket) this.bound.delete(key);
  }

  /** All local hosts are one here, so the port says it all. */
  private key(type: number, address: Address): string {
    const name = familyOf(address) === AF_UNIX ? `unix ${address.slice(2).join()}` : `port ${portOf(address)}`;
    return `${type} ${name}`;
  }
}
