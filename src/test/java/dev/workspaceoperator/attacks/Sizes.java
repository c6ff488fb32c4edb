package dev.workspaceoperator.attacks;

/**
 * How big everything is.
 *
 * @param quietSeconds how long the victim is measured before each attack
 * @param firstSeconds of an attack, whose failures count, and whose quantiles are told apart: the
 *     JVM compiles what it calls for the first time, once in the life of a replica
 * @param attackSeconds and during the rest of it
 * @param victimPerSecond steps of the victim
 * @param kills how often the victim uses its kill switch during an attack
 * @param silent connections that say nothing
 * @param streams event streams that nobody reads
 * @param rows runs in lists
 * @param users that a workspace has
 * @param running runs of one workspace
 * @param dead runs of one workspace whose lease has ended
 * @param manifests Workspaces that are applied and deleted
 * @param warmSeconds of full load before the first attack on a replica
 * @param replicas whether each attack has one of its own
 */
record Sizes(
    double quietSeconds,
    double firstSeconds,
    double attackSeconds,
    int victimPerSecond,
    int kills,
    int silent,
    int streams,
    int rows,
    int users,
    int running,
    int dead,
    int manifests,
    double warmSeconds,
    Replicas replicas) {
  /** Whose replica it is. */
  enum Replicas {
    ONE_FOR_ALL,
    ONE_EACH
  }

  static final Sizes FULL =
      new Sizes(
          12,
          20,
          12,
          100,
          5,
          10_000,
          2_000,
          20_000,
          1_000_000,
          100_000,
          500_000,
          10_000,
          8,
          Replicas.ONE_EACH);

  static final Sizes SMALL =
      new Sizes(
          0.4, 0, 1.5, 50, 1, 600, 100, 2_000, 2_000, 1_000, 2_000, 50, 1, Replicas.ONE_FOR_ALL);
}
