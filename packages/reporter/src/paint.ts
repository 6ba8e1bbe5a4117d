import { styleText } from "node:util";

type Format = Parameters<typeof styleText>[0];

/** Colours a text, or leaves it as it is. */
export type Paint = (format: Format, text: string) => string;

/** No colours: for files, pipes and tests. */
export const plain: Paint = (_format, text) => text;

/** Colours where the stream is a terminal; NO_COLOR and FORCE_COLOR have the last word. */
export function paintFor(stream: NodeJS.WritableStream): Paint {
  return (format, text) => styleText(format, text, { stream });
}
