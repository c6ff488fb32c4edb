package dev.workspaceoperator.gate;

import dev.workspaceoperator.workspace.MicroUsd;
import dev.workspaceoperator.workspace.PlanDefaults;
import java.time.Duration;

/**
 * How the gate works.
 *
 * @param lanes batches that can be in flight at the same time, 1..8; each has a connection
 * @param batchMax most operations that one transaction decides
 * @param queueMax most operations that wait in one lane; beyond it a caller hears of overload
 * @param queueDeadline how long an operation may wait before it is dispatched
 * @param outcomeDeadline how long the outcome of a lost COMMIT is looked for
 * @param defaultReservation what a step reserves that names no cost
 * @param planDefaults what is in force in workspaces that set nothing
 */
public record GateSettings(
    int lanes,
    int batchMax,
    int queueMax,
    Duration queueDeadline,
    Duration outcomeDeadline,
    MicroUsd defaultReservation,
    PlanDefaults planDefaults) {
  /** Most lanes of a replica (design.md §7). */
  public static final int LANES_MAX = 8;

  /** More than the standard number adds nothing to one PostgreSQL. */
  private static final int LANES_STANDARD_MAX = 4;

  /** One slow row must not hold up everything. */
  private static final int LANES_STANDARD_MIN = 2;

  /**
   * What holds where nothing is configured. A lane for each core: with more of them than cores the
   * same load makes smaller batches, each of which costs PostgreSQL as much as 20 admissions.
   */
  public static final GateSettings STANDARD =
      new GateSettings(
          Math.clamp(
              Runtime.getRuntime().availableProcessors(), LANES_STANDARD_MIN, LANES_STANDARD_MAX),
          512,
          4096,
          Duration.ofSeconds(2),
          Duration.ofSeconds(10),
          new MicroUsd(10_000),
          PlanDefaults.STANDARD);

  public GateSettings {
    if (lanes < 1 || lanes > LANES_MAX) {
      throw new IllegalArgumentException(
          "the number of lanes must be from 1 to %d, not %d".formatted(LANES_MAX, lanes));
    }
    if (batchMax < 1 || queueMax < batchMax) {
      throw new IllegalArgumentException(
          "a batch must hold at least 1 operation, and a queue at least a batch");
    }
  }

  /** The same with other defaults of workspaces. */
  public GateSettings withPlanDefaults(PlanDefaults defaults) {
    return new GateSettings(
        lanes, batchMax, queueMax, queueDeadline, outcomeDeadline, defaultReservation, defaults);
  }

  /** The same with another reservation of a step that names no cost. */
  public GateSettings withDefaultReservation(MicroUsd reservation) {
    return new GateSettings(
        lanes, batchMax, queueMax, queueDeadline, outcomeDeadline, reservation, planDefaults);
  }

  /** The same with another number of lanes. */
  public GateSettings withLanes(int count) {
    return new GateSettings(
        count,
        batchMax,
        queueMax,
        queueDeadline,
        outcomeDeadline,
        defaultReservation,
        planDefaults);
  }
}
