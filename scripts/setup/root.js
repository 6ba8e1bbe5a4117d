import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository's folder, wherever the set-up is started from. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
