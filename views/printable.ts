/**
 * Guest output is data: whatever a board prints or names its files, it cannot steer a terminal, break a page or write
 * a script into it. Everything that came from a board passes through here before a person sees it.
 */

/** Line ends stay; every other control character, and those that turn the direction of writing, are shown and not obeyed. */
export function printable(text: string): string {
  return text
    .replace(/\r\n/g, '\n')
    .replace(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/g, shown)
    .replace(
      /[\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufffe\uffff]/g,
      c => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
    )
    .replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, c => `\\u${c.charCodeAt(0).toString(16)}`);
}

function shown(c: string): string {
  return `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`;
}

/** For HTML and SVG, in text and in quoted attributes. */
export function escapeHtml(text: string): string {
  return printable(text).replace(/[&<>"']/g, c => `&#${c.charCodeAt(0)};`);
}

/** For XML 1.0, in text and in quoted attributes: what XML cannot hold is already made visible by `printable`. */
export function escapeXml(text: string): string {
  return printable(text).replace(/[&<>"']/g, c => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' })[c]!);
}

/** For a line of Markdown, tables included. */
export function escapeMarkdown(text: string): string {
  return printable(text)
    .replace(/\n/g, ' ')
    .replace(/[\\`*_{}[\]()#+!|<>~&@:$-]/g, c => (c === '<' ? '&lt;' : c === '>' ? '&gt;' : c === '&' ? '&amp;' : `\\${c}`));
}

/** A Markdown code block that its content cannot end. */
export function markdownBlock(text: string): string {
  const inside = printable(text);
  const longest = Math.max(2, ...[...inside.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}text\n${inside}\n${fence}`;
}
