/** Finds the sentences of the library that somebody probably meant. */

/** Words of a sentence; parameters and quoted texts count as one placeholder. */
function words(sentence: string): string[] {
  return sentence
    .replace(/"[^"]*"/g, ' {} ')
    .replace(/\{[^}]*\}/g, ' {} ')
    .replace(/[-+]?\d[\w.]*( ?(?:ms|s|µs|Hz|kHz|MHz|V|mV|%))?/g, ' {} ')
    .replace(/\(([^)]*)\)/g, '$1')
    .toLowerCase()
    .split(/[^\w{}-]+/)
    .filter(word => word !== '');
}

/** The sentences that share most words with `text`, best first, at most three; none when nothing is alike. */
export function similarSentences(text: string, sentences: readonly string[]): string[] {
  const wanted = words(text);
  return sentences
    .map(sentence => {
      const have = words(sentence);
      const rest = [...have];
      const shared = wanted.filter(word => {
        const index = rest.indexOf(word);
        if (index >= 0) rest.splice(index, 1);
        return index >= 0;
      });
      const real = shared.filter(word => word !== '{}' && word.length > 2).length;
      return { sentence, score: real === 0 ? 0 : (2 * shared.length) / (wanted.length + have.length) };
    })
    .filter(({ score }) => score > 0.4)
    .sort((a, b) => b.score - a.score || (a.sentence < b.sentence ? -1 : 1))
    .slice(0, 3)
    .map(({ sentence }) => sentence);
}
