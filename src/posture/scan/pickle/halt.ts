/** Where an unpickler would stop with an exception: an outcome of the run, not an error of ours. */
export class Halt extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = "Halt";
  }
}
