import { describe, expect, it } from 'vitest';
import { outputOf } from '../vm/test-machine.ts';

// What stands here was printed by the official builds of 1.27.0.

describe('json', () => {
  it('writes every kind of value as JSON', () => {
    const program = `import json
for value in (None, True, False, 1, -2, 10**20, 1.5, 1e300, '', 'a"b\\\\c\\n\\t\\x01é', [], [1, [2]], (1, 2), {}, {'a': 1, 2: None}, {1.5: 'x'}, b'ab'):
    try:
        print(json.dumps(value))
    except Exception as e:
        print(repr(e))
print(json.dumps([1, {'a': (2, 3)}], separators=(',', ':')), json.dumps({'a': [1, 2]}, separators=(' ; ', '=')))
try:
    json.dumps(1, separators=5)
except Exception as e:
    print(repr(e))
try:
    json.dumps(1, separators=(1,))
except Exception as e:
    print(repr(e))
class Unknown:
    def __repr__(self): return 'unknown'
print(json.dumps(Unknown()), json.dumps({1, 2} - {2}), json.dumps(object) == str(object))`;
    expect(outputOf(program)).toBe(`null
true
false
1
-2
100000000000000000000
1.5
1e+300
""
"a\\"b\\\\c\\n\\t\\u0001é"
[]
[1, [2]]
[1, 2]
{}
{"a": 1, "2": null}
{"1.5": "x"}
"ab"
[1,{"a":[2,3]}] {"a"=[1 ; 2]}
TypeError("object 'int' isn't a tuple or list",)
ValueError('requested length 2 but object has length 1',)
unknown {1} True
`);
  });

  it('reads JSON, and says that it cannot read what is none', () => {
    const program = `import json
for text in ('null', ' true', 'false ', '0', '-12', '1.5e3', '1e2', '"a\\\\n\\\\u00e9\\\\"\\\\/"', '[1, 2,3 ]', '[]', '{"a": {"b": []}}', '{}', '1 2', '', 'nul', '"abc', '[1,', '{"a"}', '{1:2}', '[1 2]', 'x', '{"a":1,}', '[,1]', '"\\\\u12"', "'a'", '\\t[\\n1\\r]'):
    try:
        print(text, json.loads(text))
    except Exception as e:
        print(text, repr(e))
print(json.loads(b'[1]'), json.loads(bytearray(b'{"a":null}')))`;
    expect(outputOf(program)).toBe(`null None
 true True
false  False
0 0
-12 -12
1.5e3 1500.0
1e2 100.0
"a\\n\\u00e9\\"\\/" a
é"/
[1, 2,3 ] [1, 2, 3]
[] []
{"a": {"b": []}} {'a': {'b': []}}
{} {}
1 2 ValueError('syntax error in JSON',)
 ValueError('syntax error in JSON',)
nul ValueError('syntax error in JSON',)
"abc ValueError('syntax error in JSON',)
[1, ValueError('syntax error in JSON',)
{"a"} {}
{1:2} {1: 2}
[1 2] [1, 2]
x ValueError('syntax error in JSON',)
{"a":1,} {'a': 1}
[,1] [1]
"\\u12" ValueError('syntax error in JSON',)
'a' ValueError('syntax error in JSON',)
\t[
1\r] [1]
[1] {'a': None}
`);
  });

  it('reads and writes streams', () => {
    const program = `import json, io
out = io.StringIO()
json.dump({'a': [1, 2.5, None]}, out)
print(out.getvalue())
json.dump([1, 2], out, separators=(',', ':'))
print(out.getvalue(), json.load(io.StringIO('{"x": [true]} rest') if False else io.StringIO('{"x": [true]}')))
try:
    json.dump(1, 5)
except Exception as e:
    print(repr(e))
try:
    json.load('[1]')
except Exception as e:
    print(repr(e))`;
    expect(outputOf(program)).toBe(`{"a": [1, 2.5, null]}
{"a": [1, 2.5, null]}[1,2] {'x': [True]}
OSError('stream operation not supported',)
OSError('stream operation not supported',)
`);
  });
});
