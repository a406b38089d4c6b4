# HTTP/1.0 over a socket, as micropython-lib's requests 0.10.2 speaks it: one connection for each request, no chunked answers.

import socket


# The body is read when somebody asks for it, and then the connection is closed.
class Response:
    def __init__(self, f):
        self.encoding = "utf-8"
        self.raw = f
        self._cached = None

    @property
    def content(self):
        if self._cached is None:
            stream, self.raw = self.raw, None
            try:
                self._cached = stream.read()
            finally:
                stream.close()
        return self._cached

    @property
    def text(self):
        return str(self.content, self.encoding)

    def json(self):
        import json

        return json.loads(self.content)

    def close(self):
        stream, self.raw, self._cached = self.raw, None, None
        if stream:
            stream.close()


# (tls or None, host, port, path) of a URL.
def _parse_url(url):
    scheme, _, host, *rest = url.split("/", 3)
    tls = None
    port = 80
    if scheme == "https:":
        import tls

        port = 443
    elif scheme != "http:":
        raise ValueError("Unsupported protocol: " + scheme)
    if ":" in host:
        host, digits = host.split(":", 1)
        port = int(digits)
    return tls, host, port, rest[0] if rest else ""


# Adds the fields that a request needs beside those that the caller gave.
def _complete(headers, host, data, pieces, is_json):
    defaults = [("Host", host)]
    if is_json:
        defaults.append(("Content-Type", "application/json"))
    if data and not pieces:
        defaults.append(("Content-Length", str(len(data))))
    elif data and "Content-Length" not in headers:
        defaults.append(("Transfer-Encoding", "chunked"))
    defaults.append(("Connection", "close"))
    for name, value in defaults:
        headers.setdefault(name, value)


def _send_pieces(s, data, chunked):
    for piece in data:
        if chunked:
            s.write(b"%x\r\n" % len(piece))
            s.write(piece)
            s.write(b"\r\n")
        else:
            s.write(piece)
    if chunked:
        s.write("0\r\n\r\n")


# (status, reason)
def _read_status(s):
    line = s.readline().split(None, 2)
    if len(line) < 2:
        raise ValueError("HTTP error: BadStatusLine:\n%s" % line)
    return int(line[1]), line[2].rstrip() if len(line) > 2 else ""


# Reads the fields of an answer, hands them on, and returns where it redirects to, or None.
def _read_fields(s, status, found, parse_headers):
    target = None
    while True:
        line = s.readline()
        if line in (b"\r\n", b""):
            return target
        if line.startswith(b"Location:") and status // 100 != 2:
            if status not in (301, 302, 303, 307, 308):
                raise NotImplementedError("Redirect %d not yet supported" % status)
            target = str(line[10:-2], "utf-8")
        elif line.startswith(b"Transfer-Encoding:") and b"chunked" in line:
            raise ValueError("Unsupported " + str(line, "utf-8"))
        if parse_headers is True:
            name, value = str(line, "utf-8").split(":", 1)
            found[name] = value.strip()
        elif parse_headers is not False:
            parse_headers(line, found)


def request(
    method, url, data=None, json=None, headers=None, stream=None, auth=None, timeout=None, parse_headers=True
):
    headers = dict(headers or ())
    if auth is not None:
        from binascii import b2a_base64

        headers["Authorization"] = "Basic " + b2a_base64(b"%s:%s" % auth)[:-1].decode()
    tls, host, port, path = _parse_url(url)
    family, _, protocol, _, address = socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM)[0]
    s = socket.socket(family, socket.SOCK_STREAM, protocol)
    try:
        if timeout is not None:
            s.settimeout(timeout)
        s.connect(address)
        if tls:
            context = tls.SSLContext(tls.PROTOCOL_TLS_CLIENT)
            context.verify_mode = tls.CERT_NONE
            s = context.wrap_socket(s, server_hostname=host)
        if json is not None:
            assert data is None
            from json import dumps

            data = dumps(json)
        # A generator's pieces are sent as they come; their length is not known.
        pieces = data and hasattr(data, "__next__") and not hasattr(data, "__len__")
        _complete(headers, host, data, pieces, json is not None)
        s.write(b"%s /%s HTTP/1.0\r\n" % (method, path))
        for name in headers:
            for text in (name, b": ", headers[name], b"\r\n"):
                s.write(text)
        s.write(b"\r\n")
        if pieces:
            _send_pieces(s, data, headers.get("Transfer-Encoding") == "chunked")
        elif data:
            s.write(data)

        found = None if parse_headers is False else {}
        status, reason = _read_status(s)
        target = _read_fields(s, status, found, parse_headers)
    except OSError:
        s.close()
        raise

    if target is None:
        response = Response(s)
        response.status_code, response.reason = status, reason
        if found is not None:
            response.headers = found
        return response
    s.close()
    # It may lead to another host.
    headers.pop("Host", None)
    if status in (307, 308):
        return request(method, target, data, json, headers, stream)
    return request("GET", target, None, None, headers, stream)


def head(url, **kw):
    return request("HEAD", url, **kw)


def get(url, **kw):
    return request("GET", url, **kw)


def post(url, **kw):
    return request("POST", url, **kw)


def put(url, **kw):
    return request("PUT", url, **kw)


def patch(url, **kw):
    return request("PATCH", url, **kw)


def delete(url, **kw):
    return request("DELETE", url, **kw)


__version__ = "0.10.2"
