import type { ComposeModel } from "./stack/model.ts";

const SECRET_NAME =
  /pass(word|wd|phrase)?|secret|token|api_?key|private_?key|credential|auth_?key/i;
/** Shorter values are words that logs are full of. */
const MIN_LENGTH = 6;

export type Mask = (text: string) => string;

/**
 * Replaces the values of variables whose names look secret. A value that some other variable or a
 * service shows openly (`postgres`, say) is no secret, and masking it would garble every log.
 */
export function createMask(model: ComposeModel): Mask {
  const open = new Set(Object.keys(model.services));
  const secret = new Set<string>();
  for (const service of Object.values(model.services)) {
    for (const [name, value] of Object.entries(service.environment ?? {})) {
      if (value === null || value.length < MIN_LENGTH) continue;
      const text = value.replaceAll("$$", "$");
      if (!SECRET_NAME.test(name)) open.add(text);
      // Logs are read line by line, and so a key of several lines is looked for line by line.
      else for (const line of text.split(/\r?\n/)) if (line.length >= MIN_LENGTH) secret.add(line);
    }
  }
  const values = [...secret].filter((value) => !open.has(value));
  // Longest first: one secret may be a part of another.
  values.sort((a, b) => b.length - a.length);
  return (text) => values.reduce((masked, value) => masked.replaceAll(value, "*****"), text);
}
