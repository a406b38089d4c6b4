/** Does the REPL need another line (py/repl.c, mp_repl_continue_with_input)? */

const COMPOUND = ['if', 'while', 'for', 'try', 'with', 'def', 'class', 'async'];

function startsWithWord(input: string, word: string): boolean {
  return input.startsWith(word) && !/[A-Za-z0-9_\x80-\xff]/.test(input[word.length] ?? '');
}

/** True when `input` opens a block, a bracket or a string that it does not close, or ends in a backslash. */
export function needsContinuation(input: string): boolean {
  if (input === '') return false;
  const compound = input.startsWith('@') || COMPOUND.some(word => startsWithWord(input, word));
  let round = 0;
  let square = 0;
  let curly = 0;
  let quote = '';
  for (let i = 0; i < input.length; i++) {
    const c = input[i];
    if (c === "'" || c === '"') {
      const triple = c.repeat(3);
      if ((quote === '' || quote === triple) && input.startsWith(triple, i)) {
        i += 2;
        quote = quote === '' ? triple : '';
      } else if (quote === '' || quote === c) quote = quote === '' ? c : '';
    } else if (c === '\\' && /['"\\]/.test(input[i + 1] ?? '')) {
      if (quote !== '') i++;
    } else if (quote === '') {
      if (c === '(') round++;
      else if (c === ')') round--;
      else if (c === '[') square++;
      else if (c === ']') square--;
      else if (c === '{') curly++;
      else if (c === '}') curly--;
    }
  }
  if (quote.length === 3) return true;
  if ((round > 0 || square > 0 || curly > 0) && quote === '') return true;
  if (input.endsWith('\\')) return true;
  return compound && !input.endsWith('\n');
}
