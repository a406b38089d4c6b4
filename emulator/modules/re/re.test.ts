import { describe, expect, it } from 'vitest';
import { outputOf } from '../../vm/test-machine.ts';

// What stands here was printed by the official builds of 1.27.0.

describe('re', () => {
  it('matches at the start, searches everywhere, and gives its groups', () => {
    const program = `import re
m = re.match('(a+)(b)?(c)*', 'aacd')
print(m.group(0), m.group(1), m.group(2), m.group(3))
print(re.match('b', 'ab'), re.search('b', 'ab').group(0))
for pattern, text in (('[a-c]+', 'xabcd'), ('[^a-c]+', 'abxyz'), (r'\\d+\\s\\w+', 'no 12 mice'), (r'^ab', 'ab'), ('ab$', 'abab'), ('a.c', 'a\\nc'), ('a|bc|d', 'bcd'), ('(?:ab)+', 'ababx'), (r'\\.', 'a.b'), ('a??b', 'aab'), ('a+?', 'aaa'), ('a*?b', 'aab'), (r'[\\d-]+', '1-2'), (r'\\W\\S\\D', '-ab')):
    m = re.search(pattern, text)
    print(pattern, m and m.group(0))
print(re.match('a', 'a'))`;
    expect(outputOf(program)).toBe(`aac aa None c
None b
[a-c]+ abc
[^a-c]+ xyz
\\d+\\s\\w+ 12 mice
^ab ab
ab$ ab
a.c a
c
a|bc|d bc
(?:ab)+ abab
\\. .
a??b ab
a+? a
a*?b aab
[\\d-]+ 1-2
\\W\\S\\D -ab
<match num=1>
`);
  });

  it('refuses groups that are not there', () => {
    const program = `import re
m = re.match('(a)', 'ab')
for n in (1, 2, -1):
    try:
        print(m.group(n))
    except IndexError as e:
        print(repr(e))`;
    expect(outputOf(program)).toBe(`a
IndexError(2,)
IndexError(-1,)
`);
  });

  it('refuses patterns that it cannot compile', () => {
    const program = `import re
for pattern in ('*', '(a', 'a)', '[a', '[a-', r'\\\\', 'a**', '?', '(?=a)', '+', '[]', '{', 'a{2}', '[z-a]', '\\\\'):
    try:
        print(pattern, re.compile(pattern).match('aa'))
    except Exception as e:
        print(pattern, repr(e))`;
    expect(outputOf(program)).toBe(`* ValueError('regex too complex',)
(a ValueError('regex too complex',)
a) ValueError('error in regex',)
[a ValueError('regex too complex',)
[a- ValueError('regex too complex',)
\\\\ None
a** ValueError('regex too complex',)
? ValueError('regex too complex',)
(?=a) ValueError('regex too complex',)
+ ValueError('regex too complex',)
[] None
{ None
a{2} None
[z-a] None
\\ ValueError('regex too complex',)
`);
  });

  it('splits, and substitutes with text, references and functions', () => {
    const program = `import re
r = re.compile('[ ,]+')
print(r.split('a, b  c,d'), r.split('a, b  c,d', 2))
print(re.sub('a', 'b', 'caaat'), re.sub('a', 'b', 'caaat', 2), re.sub('(c)(a)', r'\\2\\1', 'cat'), re.sub(r'(\\w)\\s', r'<\\g<1>>', 'a b c'))
print(re.sub('a', lambda m: m.group(0).upper() + '!', 'banana'))
print(re.sub(b'a', b'b', b'cat'), re.search(b'a+', b'caat').group(0))
for bad in (r'\\3', r'\\g<3>', r'\\gx'):
    try:
        print(re.sub('(a)', bad, 'cat'))
    except Exception as e:
        print(repr(e))
try:
    re.compile('(a)').split('bab')
except Exception as e:
    print(repr(e))`;
    expect(outputOf(program)).toBe(`['a', 'b', 'c', 'd'] ['a', 'b', 'c,d']
cbbbt cbbat act <a><b>c
bA!nA!nA!
b'cbt' b'aa'
IndexError(3,)
IndexError(3,)
cgxt
NotImplementedError('splitting with sub-captures',)
`);
  });

  it('gives up on a pattern that needs too deep a search, with an error the program can catch', () => {
    const program = `import re
try:
    re.match('(((((a*)*)*)*)*)*', 'aaaaaaaaaaaaaaaaaaaaaaa')
except RuntimeError as e:
    print('too deep', e)
try:
    re.match('(a|b)*', 'ab' * 20000)
except RuntimeError as e:
    print('too deep', e)`;
    expect(outputOf(program)).toBe(`too deep maximum recursion depth exceeded
too deep maximum recursion depth exceeded
`);
  });
});
