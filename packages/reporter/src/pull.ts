import type { LifecycleEvent } from "@real-services/core";

type Progress = Pick<
  Extract<LifecycleEvent, { readonly type: "image:progress" }>,
  "layers" | "layersDone" | "bytes" | "totalBytes"
>;

/** The images of one pull, each with its progress once the engine has told of it. */
export type Pull = Map<string, Progress | undefined>;

/** All images together: `3 of 9 layers  12.5 of 80.0 MB  postgres:17, redis:7`. */
export function summarizePull(pull: Pull): string {
  const told = [...pull.values()].filter((progress) => progress !== undefined);
  const sum = (name: keyof Progress) => told.reduce((all, progress) => all + progress[name], 0);
  const [layers, bytes] = [sum("layers"), sum("totalBytes")];
  return [
    layers === 0 ? "" : `${sum("layersDone")} of ${layers} layers`,
    bytes === 0 ? "" : `${megabytes(sum("bytes"))} of ${megabytes(bytes)} MB`,
    [...pull.keys()].join(", "),
  ]
    .filter((part) => part !== "")
    .join("  ");
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
