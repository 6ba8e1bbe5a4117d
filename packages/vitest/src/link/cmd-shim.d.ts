declare module "cmd-shim" {
  /** Writes `to`, `to.cmd` and `to.ps1`, each of which runs `from`. */
  const cmdShim: (from: string, to: string) => Promise<void>;
  export = cmdShim;
}
