from . import core


# Reading and writing in turns with the other tasks. Both ends of a connection are one such object.
class Stream:
    def __init__(self, s, e={}):
        self.s = s
        self.e = e
        self.out_buf = b""

    def get_extra_info(self, v):
        return self.e[v]

    def read(self, n=-1):
        everything = b""
        while True:
            yield core._io_queue.queue_read(self.s)
            part = self.s.read(n)
            if part is not None:
                if n >= 0:
                    return part
                if len(part) == 0:
                    return everything
                everything += part

    def readinto(self, buf):
        yield core._io_queue.queue_read(self.s)
        return self.s.readinto(buf)

    def readexactly(self, n):
        parts = b""
        missing = n
        while missing:
            yield core._io_queue.queue_read(self.s)
            part = self.s.read(missing)
            if part is not None:
                if len(part) == 0:
                    raise EOFError
                parts += part
                missing -= len(part)
        return parts

    def readline(self):
        line = b""
        while True:
            yield core._io_queue.queue_read(self.s)
            part = self.s.readline()
            if part is not None:
                line += part
                # `line` is bytes even where the stream gives text.
                if len(part) == 0 or line[-1] == 0x0A:
                    return line

    def write(self, buf):
        if self.out_buf:
            self.out_buf += buf
            return
        # What the stream takes at once need not be kept.
        taken = self.s.write(buf) or 0
        if taken < len(buf):
            self.out_buf += buf[taken:] if taken else buf

    def drain(self):
        if self.out_buf:
            left = memoryview(self.out_buf)
            while len(left):
                yield core._io_queue.queue_write(self.s)
                left = left[self.s.write(left) or 0 :]
            self.out_buf = b""
        else:
            # A program that only writes must let others run, too.
            yield from core.sleep_ms(0)

    def close(self):
        pass

    async def wait_closed(self):
        self.s.close()

    # uasyncio's way to write, and its names.
    async def awrite(self, buf, off=0, sz=-1):
        if off or sz >= 0:
            end = off + sz if sz >= 0 else len(buf)
            buf = memoryview(buf)[off:end]
        self.write(buf)
        await self.drain()

    awritestr = awrite
    aclose = wait_closed


StreamReader = StreamWriter = Stream


def open_connection(host, port, ssl=None, server_hostname=None):
    import socket
    from errno import EINPROGRESS

    family, kind, protocol, _, address = socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM)[0]
    s = socket.socket(family, kind, protocol)
    s.setblocking(False)
    try:
        s.connect(address)
    except OSError as er:
        if er.errno != EINPROGRESS:
            raise
    if ssl:
        if ssl is True:
            from ssl import PROTOCOL_TLS_CLIENT, SSLContext

            ssl = SSLContext(PROTOCOL_TLS_CLIENT)
        # The handshake goes on while the tasks read and write.
        s = ssl.wrap_socket(s, server_hostname=server_hostname or host, do_handshake_on_connect=False)
        s.setblocking(False)
    yield core._io_queue.queue_write(s)
    connection = Stream(s)
    return connection, connection


class Server:
    def close(self):
        # Tells _serve that it was meant.
        self.state = True
        self.task.cancel()

    async def wait_closed(self):
        await self.task

    async def __aenter__(self):
        return self

    async def __aexit__(self, exc_type, exc, tb):
        self.close()
        await self.wait_closed()

    async def _serve(self, s, cb, ssl):
        self.state = False
        while True:
            try:
                yield core._io_queue.queue_read(s)
            except core.CancelledError:
                s.close()
                if self.state:
                    return
                raise
            try:
                client, address = s.accept()
            except Exception:
                # Gone again.
                continue
            if ssl:
                try:
                    client = ssl.wrap_socket(client, server_side=True, do_handshake_on_connect=False)
                except OSError as er:
                    core.sys.print_exception(er)
                    client.close()
                    continue
            client.setblocking(False)
            connection = Stream(client, {"peername": address})
            core.create_task(cb(connection, connection))


async def start_server(cb, host, port, backlog=5, ssl=None):
    import socket

    info = socket.getaddrinfo(host, port)[0]
    s = socket.socket(info[0])
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.setblocking(False)
    s.bind(info[-1])
    s.listen(backlog)

    server = Server()
    server.task = core.create_task(server._serve(s, cb, ssl))
    try:
        # Until the task has begun it cannot be cancelled in order.
        await core.sleep_ms(0)
    except core.CancelledError:
        server.task.cancel()
        raise
    return server
