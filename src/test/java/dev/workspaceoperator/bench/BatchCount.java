package dev.workspaceoperator.bench;

/**
 * The transactions of a gate, as its metrics tell them.
 *
 * @param count how many committed
 * @param operations that they decided
 * @param seconds that they lasted, from begin to commit, all together
 */
record BatchCount(double count, double operations, double seconds) {
  static final BatchCount NONE = new BatchCount(0, 0, 0);

  BatchCount since(BatchCount start) {
    return new BatchCount(
        count - start.count, operations - start.operations, seconds - start.seconds);
  }

  BatchCount plus(BatchCount other) {
    return new BatchCount(
        count + other.count, operations + other.operations, seconds + other.seconds);
  }

  /** Operations of one. */
  double size() {
    return operations / count;
  }

  /** How long one lasts. */
  double millis() {
    return seconds * 1e3 / count;
  }
}
