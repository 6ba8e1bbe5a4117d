import { closeSync, createReadStream, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { createGunzip } from "node:zlib";

/** As `archiveRuns` writes it; a name that leads elsewhere is not one. */
const HEADING = /^==> (\w[\w.-]*) <==$/;
const LINE_END = 0x0a;

/** Makes the folder of a run again out of what `archiveRuns` made of it, for `readSlice`. @param folder empty */
export async function unpackArchive(path: string, folder: string): Promise<void> {
  let file: number | undefined;
  let held: Buffer | undefined;
  const close = () => {
    if (file !== undefined) closeSync(file);
  };
  try {
    for await (const line of linesOf(path)) {
      const [, name] = HEADING.exec(String(line.subarray(0, -1))) ?? [];
      if (name === undefined) {
        if (held !== undefined && file !== undefined) writeSync(file, held);
        held = line;
        continue;
      }
      // The line before a heading is the archive's own, unless the file did not end with its line.
      if (file !== undefined && held !== undefined) writeSync(file, held.subarray(0, -1));
      close();
      held = undefined;
      file = openSync(join(folder, name), "w", 0o600);
    }
    if (file !== undefined && held !== undefined) writeSync(file, held.subarray(0, -1));
  } finally {
    close();
  }
}

/** With their ends. */
async function* linesOf(path: string): AsyncGenerator<Buffer> {
  const rest: Buffer[] = [];
  for await (const chunk of createReadStream(path).pipe(createGunzip())) {
    if (!Buffer.isBuffer(chunk)) continue;
    let from = 0;
    for (let end = chunk.indexOf(LINE_END); end !== -1; end = chunk.indexOf(LINE_END, from)) {
      yield Buffer.concat([...rest.splice(0), chunk.subarray(from, end + 1)]);
      from = end + 1;
    }
    rest.push(chunk.subarray(from));
  }
  const last = Buffer.concat(rest);
  if (last.length > 0) yield last;
}
