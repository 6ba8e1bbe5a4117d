import { buffer } from "node:stream/consumers";
import { pack } from "tar-stream";
import type { InjectedFile } from "../stack/injected-files.ts";

/** A tar archive to unpack at the root of a container. */
export async function archiveOf(files: readonly InjectedFile[]): Promise<Buffer> {
  const archive = pack();
  for (const { path, content, mode, uid, gid } of files) {
    archive.entry({ name: path.replace(/^\/+/, ""), mode, uid, gid }, content);
  }
  archive.finalize();
  return buffer(archive);
}
