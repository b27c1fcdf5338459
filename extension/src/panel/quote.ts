/** Words as a magic's line takes them. */

/** A piece of a line, or the sentence that says why it cannot be written. */
export type Quoted = { readonly words: string } | { readonly why: string };

// letters, digits and what paths are made of; all else is safer in quotes
const PLAIN = /^[\p{L}\p{N}_./\\:~=+@%,-]+$/u;

/** Quote a word for a line where that is needed: `two words` becomes `'two words'`. */
export function quoted(word: string): Quoted {
  if (/\p{Cc}/u.test(word))
    return { why: 'A line cannot hold a line break or a tab; use Python for this name.' };
  if (PLAIN.test(word)) return { words: word };
  if (!word.includes("'")) return { words: `'${word}'` };
  if (!word.includes('"')) return { words: `"${word}"` };
  return {
    why: `${word} holds both kinds of quotes, which a line cannot; use Python for this name.`
  };
}

/** An option with its value: `--actual 'two words'`. */
export function option(name: string, value: string): Quoted {
  const found = quoted(value);
  if ('why' in found) return found;
  // a value that starts with a dash would be read as an option of its own
  return { words: `${name}${value.startsWith('-') ? '=' : ' '}${found.words}` };
}
