/** How far the pull of one image is. Layers that are there already count as done. */
export interface PullProgress {
  readonly layers: number;
  readonly layersDone: number;
  /** Bytes that have come and that are known to come; neither counts layers that are there already. */
  readonly bytes: number;
  readonly totalBytes: number;
}

interface Layer {
  readonly bytes: number;
  readonly totalBytes: number;
  readonly isDone: boolean;
}

/**
 * What `docker compose --progress json pull` tells, line by line. Compose names what it pulls by
 * the service, newer versions by `Image` and its name; the caller knows which is which.
 */
export class PullLog {
  readonly #layers = new Map<string, Map<string, Layer>>();
  readonly #failures = new Map<string, string>();
  #error: string | undefined;

  /** What the line is about when it changes that one's progress, else undefined. */
  read(line: string): string | undefined {
    const { id, parent_id: parent, text, status, current, total, message } = parse(line);
    if (message !== undefined) this.#error = message;
    if (id === undefined) return undefined;
    if (parent === undefined) {
      if (text === "Error") this.#failures.set(plain(id), status ?? "");
      return undefined;
    }
    const of = plain(parent);
    const layers = this.#layers.get(of) ?? new Map<string, Layer>();
    this.#layers.set(of, layers.set(id, nextLayer(layers.get(id), text ?? "", current, total)));
    return of;
  }

  progressOf(name: string): PullProgress {
    const layers = [...(this.#layers.get(name)?.values() ?? [])];
    const sum = (of: (layer: Layer) => number) => layers.reduce((all, one) => all + of(one), 0);
    return {
      layers: layers.length,
      layersDone: sum(({ isDone }) => Number(isDone)),
      bytes: sum(({ bytes }) => bytes),
      totalBytes: sum(({ totalBytes }) => totalBytes),
    };
  }

  /** Why it failed, by what could not be pulled. */
  get failures(): ReadonlyMap<string, string> {
    return this.#failures;
  }

  /** Compose's last word on what went wrong as a whole. */
  get error(): string | undefined {
    return this.#error;
  }
}

function nextLayer(
  before: Layer | undefined,
  text: string,
  current: number | undefined,
  total: number | undefined,
): Layer {
  const { bytes, totalBytes } = before ?? { bytes: 0, totalBytes: 0 };
  if (text === "Downloading") {
    const expected = total ?? totalBytes;
    return { bytes: current ?? bytes, totalBytes: expected, isDone: false };
  }
  const hasCome = /^(?:Download complete|Verifying Checksum|Extracting|Pull complete)$/.test(text);
  // A small layer is there before its first report; only its extraction tells the size.
  const size = totalBytes === 0 && text === "Extracting" ? (total ?? 0) : totalBytes;
  return {
    bytes: hasCome ? size : bytes,
    totalBytes: size,
    isDone: text === "Pull complete" || text === "Already exists",
  };
}

function plain(id: string): string {
  return id.replace(/^Image /, "");
}

interface Line {
  readonly id?: string;
  readonly parent_id?: string;
  readonly text?: string;
  readonly status?: string;
  readonly message?: string;
  readonly current?: number;
  readonly total?: number;
}

/** Warnings stand between the lines of JSON. */
function parse(line: string): Line {
  if (!line.startsWith("{")) return {};
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return {};
  }
  const fields = Object.entries(typeof value === "object" && value !== null ? value : {});
  const words = ["id", "parent_id", "text", "status", "message"];
  return Object.fromEntries(
    fields.filter(([name, field]) => typeof field === (words.includes(name) ? "string" : "number")),
  );
}
