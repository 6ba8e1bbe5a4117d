/**
 * The variables in this process itself: global setups and `prepare` read them before any worker
 * exists. Where two projects want different values neither is set; their workers get their own.
 */
export class ExposedVariables {
  readonly #env: NodeJS.ProcessEnv;
  readonly #before = new Map<string, string | undefined>();
  readonly #set = new Map<string, string | undefined>();

  constructor(env: NodeJS.ProcessEnv = process.env) {
    this.#env = env;
  }

  expose(variables: Readonly<Record<string, string>>): void {
    for (const [name, value] of Object.entries(variables)) {
      if (!this.#set.has(name)) this.#before.set(name, this.#env[name]);
      const isContested = this.#set.has(name) && this.#set.get(name) !== value;
      this.#write(name, isContested ? undefined : value);
      this.#set.set(name, isContested ? undefined : value);
    }
  }

  /** Puts back what was there before. */
  restore(): void {
    for (const [name, value] of this.#before) this.#write(name, value);
    this.#before.clear();
    this.#set.clear();
  }

  #write(name: string, value: string | undefined): void {
    if (value === undefined) delete this.#env[name];
    else this.#env[name] = value;
  }
}
