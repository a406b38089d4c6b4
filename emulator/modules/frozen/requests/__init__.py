# HTTP/1.0 over a socket, as micropython-lib's requests 0.10.2 speaks it: one connection for each request, no chunked answers.

import socket


class Response:
    def __init__(self, f):
        self.raw = f
        self.encoding = "utf-8"
        self._cached = None

    def close(self):
        self._cached = None
        if self.raw:
            self.raw.close()
            self.raw = None

    @property
    def content(self):
        if self._cached is None:
            try:
                self._cached = self.raw.read()
            finally:
                self.raw.close()
                self.raw = None
        return self._cached

    @property
    def text(self):
        return str(self.content, self.encoding)

    def json(self):
        from json import loads

        return loads(self.content)


def request(
    method,
    url,
    data=None,
    json=None,
    headers=None,
    stream=None,
    auth=None,
    timeout=None,
    parse_headers=True,
):
    headers = {} if headers is None else headers.copy()
    if auth is not None:
        from binascii import b2a_base64

        user, password = auth
        headers["Authorization"] = "Basic " + str(b2a_base64(b"{}:{}".format(user, password))[:-1], "ascii")

    proto, _, host, *path = url.split("/", 3)
    if proto == "http:":
        port = 80
    elif proto == "https:":
        import tls

        port = 443
    else:
        raise ValueError("Unsupported protocol: " + proto)
    if ":" in host:
        host, port = host.split(":", 1)
        port = int(port)
    # A generator's pieces are sent as they come; its length is not known.
    pieces = data and hasattr(data, "__next__") and not hasattr(data, "__len__")
    family, _, protocol, _, address = socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM)[0]
    found = None if parse_headers is False else {}
    redirect = None
    s = socket.socket(family, socket.SOCK_STREAM, protocol)
    if timeout is not None:
        s.settimeout(timeout)
    try:
        s.connect(address)
        if proto == "https:":
            context = tls.SSLContext(tls.PROTOCOL_TLS_CLIENT)
            context.verify_mode = tls.CERT_NONE
            s = context.wrap_socket(s, server_hostname=host)
        s.write(b"%s /%s HTTP/1.0\r\n" % (method, path[0] if path else ""))
        if "Host" not in headers:
            headers["Host"] = host
        if json is not None:
            assert data is None
            from json import dumps

            data = dumps(json)
            if "Content-Type" not in headers:
                headers["Content-Type"] = "application/json"
        if data:
            if not pieces:
                if "Content-Length" not in headers:
                    headers["Content-Length"] = str(len(data))
            elif "Transfer-Encoding" not in headers and "Content-Length" not in headers:
                headers["Transfer-Encoding"] = "chunked"
        if "Connection" not in headers:
            headers["Connection"] = "close"
        for name in headers:
            for text in (name, b": ", headers[name], b"\r\n"):
                s.write(text)
        s.write(b"\r\n")
        if data and not pieces:
            s.write(data)
        elif data:
            chunked = headers.get("Transfer-Encoding") == "chunked"
            for piece in data:
                if chunked:
                    s.write(b"%x\r\n" % len(piece))
                s.write(piece)
                if chunked:
                    s.write(b"\r\n")
            if chunked:
                s.write("0\r\n\r\n")

        line = s.readline().split(None, 2)
        if len(line) < 2:
            raise ValueError("HTTP error: BadStatusLine:\n%s" % line)
        status = int(line[1])
        reason = line[2].rstrip() if len(line) > 2 else ""
        while True:
            line = s.readline()
            if line in (b"", b"\r\n"):
                break
            if line.startswith(b"Transfer-Encoding:"):
                if b"chunked" in line:
                    raise ValueError("Unsupported " + str(line, "utf-8"))
            elif line.startswith(b"Location:") and not 200 <= status <= 299:
                if status not in (301, 302, 303, 307, 308):
                    raise NotImplementedError("Redirect %d not yet supported" % status)
                redirect = str(line[10:-2], "utf-8")
            if parse_headers is True:
                name, value = str(line, "utf-8").split(":", 1)
                found[name] = value.strip()
            elif parse_headers is not False:
                parse_headers(line, found)
    except OSError:
        s.close()
        raise

    if not redirect:
        response = Response(s)
        response.status_code = status
        response.reason = reason
        if found is not None:
            response.headers = found
        return response
    s.close()
    # It may lead to another host.
    headers.pop("Host", None)
    if status in (307, 308):
        return request(method, redirect, data, json, headers, stream)
    return request("GET", redirect, None, None, headers, stream)


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
