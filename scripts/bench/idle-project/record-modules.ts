/** Preloaded: writes down every module that the process loads, when it ends. */
import { writeFileSync } from "node:fs";
import { registerHooks } from "node:module";

const loaded = new Set<string>();
registerHooks({
  load: (url, context, next) => {
    loaded.add(url);
    return next(url, context);
  },
});
process.on("exit", () => {
  const file = process.env["BENCH_MODULES"];
  if (file !== undefined) writeFileSync(`${file}.${process.pid}`, [...loaded].join("\n"));
});
