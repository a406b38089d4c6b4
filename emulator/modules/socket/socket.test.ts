import { describe, expect, it } from 'vitest';
import { outputOf } from '../../vm/test-machine.ts';

// What stands here was printed by the official builds of 1.27.0.

describe('socket', () => {
  it('connects and talks inside the machine', () => {
    const program = `import socket
address = socket.getaddrinfo('127.0.0.1', 8133)[0][-1]
server = socket.socket()
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind(address)
server.listen(1)
client = socket.socket()
client.connect(address)
connection, peer = server.accept()
print(client.send(b'hello'), connection.recv(3), connection.recv(10))
print(connection.write(b'line 1\\nline 2\\n'), client.readline(), client.read(4), client.recv(10))
connection.setblocking(False)
try:
    connection.recv(1)
except OSError as e:
    print(repr(e))
client.close()
print(connection.recv(1), connection.read())
connection.close()
for call in (lambda: client.send(b'a'), lambda: socket.socket().connect(socket.getaddrinfo('127.0.0.1', 8134)[0][-1]), lambda: socket.socket(99), lambda: socket.socket().bind(b'x')):
    try:
        print(call())
    except OSError as e:
        print(repr(e))`;
    expect(outputOf(program)).toBe(`5 b'hel' b'lo'
14 b'line 1\\n' b'line' b' 2\\n'
OSError(11,)
b'' b''
OSError(9,)
OSError(111,)
OSError(97,)
OSError(22,)
`);
  });

  it('sends datagrams and translates addresses', () => {
    const program = `import socket
address = socket.getaddrinfo('127.0.0.1', 8135)[0][-1]
a = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
a.bind(address)
b = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
print(b.sendto(b'one', address), b.sendto(b'two', address))
data, sender = a.recvfrom(10)
print(data, len(sender), a.recv(2))
a.settimeout(0.01)
try:
    a.recv(1)
except OSError as e:
    print(repr(e))
print(socket.inet_ntop(socket.AF_INET, b'\\x7f\\0\\0\\1'), socket.inet_pton(socket.AF_INET, '10.1.2.3'), socket.sockaddr(address))`;
    expect(outputOf(program)).toBe(`3 3
b'one' 16 b'tw'
OSError(11,)
127.0.0.1 b'\\n\\x01\\x02\\x03' (2, b'\\x7f\\x00\\x00\\x01', 8135)
`);
  });
});
