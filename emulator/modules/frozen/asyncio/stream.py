from . import core


class Stream:
    def __init__(self, s, e={}):
        self.s = s
        self.e = e
        self.out_buf = b""

    def get_extra_info(self, v):
        return self.e[v]

    def close(self):
        pass

    async def wait_closed(self):
        self.s.close()

    def read(self, n=-1):
        data = b""
        while True:
            yield core._io_queue.queue_read(self.s)
            piece = self.s.read(n)
            if piece is None:
                continue
            if n >= 0:
                return piece
            if not len(piece):
                return data
            data += piece

    def readinto(self, buf):
        yield core._io_queue.queue_read(self.s)
        return self.s.readinto(buf)

    def readexactly(self, n):
        data = b""
        while n:
            yield core._io_queue.queue_read(self.s)
            piece = self.s.read(n)
            if piece is None:
                continue
            if not len(piece):
                raise EOFError
            data += piece
            n -= len(piece)
        return data

    def readline(self):
        line = b""
        while True:
            yield core._io_queue.queue_read(self.s)
            piece = self.s.readline()
            if piece is None:
                continue
            line += piece
            # The end is looked for in `line`, which is bytes even if the stream gives text.
            if not piece or line[-1] == 10:
                return line

    def write(self, buf):
        if not self.out_buf:
            sent = self.s.write(buf)
            if sent == len(buf):
                return
            if sent is not None:
                buf = buf[sent:]
        self.out_buf += buf

    def drain(self):
        if not self.out_buf:
            # Others must have their turn even then.
            return (yield from core.sleep_ms(0))
        rest = memoryview(self.out_buf)
        done = 0
        while done < len(rest):
            yield core._io_queue.queue_write(self.s)
            sent = self.s.write(rest[done:])
            if sent is not None:
                done += sent
        self.out_buf = b""


StreamReader = Stream
StreamWriter = Stream


def open_connection(host, port, ssl=None, server_hostname=None):
    from errno import EINPROGRESS
    import socket

    info = socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM)[0]
    s = socket.socket(info[0], info[1], info[2])
    s.setblocking(False)
    try:
        s.connect(info[-1])
    except OSError as er:
        if er.errno != EINPROGRESS:
            raise er
    if ssl:
        if ssl is True:
            import ssl as _ssl

            ssl = _ssl.SSLContext(_ssl.PROTOCOL_TLS_CLIENT)
        if not server_hostname:
            server_hostname = host
        s = ssl.wrap_socket(s, server_hostname=server_hostname, do_handshake_on_connect=False)
        s.setblocking(False)
    both = Stream(s)
    yield core._io_queue.queue_write(s)
    return both, both


class Server:
    async def __aenter__(self):
        return self

    async def __aexit__(self, exc_type, exc, tb):
        self.close()
        await self.wait_closed()

    def close(self):
        self.state = True
        self.task.cancel()

    async def wait_closed(self):
        await self.task

    async def _serve(self, s, cb, ssl):
        self.state = False
        while True:
            try:
                yield core._io_queue.queue_read(s)
            except core.CancelledError as er:
                s.close()
                if self.state:
                    # By close(), which is no failure.
                    return
                else:
                    raise er
            try:
                peer, addr = s.accept()
            except:
                continue
            if ssl:
                try:
                    peer = ssl.wrap_socket(peer, server_side=True, do_handshake_on_connect=False)
                except OSError as er:
                    core.sys.print_exception(er)
                    peer.close()
                    continue
            peer.setblocking(False)
            both = Stream(peer, {"peername": addr})
            core.create_task(cb(both, both))


async def start_server(cb, host, port, backlog=5, ssl=None):
    import socket

    info = socket.getaddrinfo(host, port)[0]
    s = socket.socket(info[0])
    s.setblocking(False)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(info[-1])
    s.listen(backlog)

    server = Server()
    server.task = core.create_task(server._serve(s, cb, ssl))
    try:
        # The task must have begun before it can be cancelled.
        await core.sleep_ms(0)
    except core.CancelledError as er:
        server.task.cancel()
        raise er
    return server


# Names of uasyncio.


async def stream_awrite(self, buf, off=0, sz=-1):
    if off != 0 or sz != -1:
        buf = memoryview(buf)
        if sz == -1:
            sz = len(buf)
        buf = buf[off : off + sz]
    self.write(buf)
    await self.drain()


Stream.aclose = Stream.wait_closed
Stream.awrite = stream_awrite
Stream.awritestr = stream_awrite
