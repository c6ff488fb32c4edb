package dev.workspaceoperator.extauthz;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.workspaceoperator.workspace.Call;
import dev.workspaceoperator.workspace.MicroUsd;
import dev.workspaceoperator.workspace.Step;
import java.util.Optional;
import java.util.UUID;

/**
 * What was reserved for a request, as Envoy carries it from the question to the access log.
 *
 * @param workspaceId whose it is
 * @param runId of which run
 * @param stepId the same as the run's where both are one call
 * @param reserved the most that it may cost
 * @param model whose price it has, if that is known
 * @param isDearer whether a dearer tier than the standard one was asked for
 */
record Reservation(
    UUID workspaceId,
    UUID runId,
    UUID stepId,
    MicroUsd reserved,
    Optional<String> model,
    boolean isDearer) {
  private static final String WORKSPACE = "workspace";
  private static final String RUN = "run_id";
  private static final String CALL = "call_id";
  private static final String RESERVED = "reserved_micro_usd";
  private static final String MODEL = "model";
  private static final String DEARER = "dearer_tier";
  private static final String TOKEN = "settle_token";

  static Reservation of(UUID workspaceId, Call call, CostEstimate cost) {
    return of(workspaceId, call.run().id(), call.step(), cost);
  }

  static Reservation of(UUID workspaceId, UUID runId, Step step, CostEstimate cost) {
    return new Reservation(
        workspaceId, runId, step.id(), step.reserved(), cost.pricedModel(), cost.isDearer());
  }

  boolean isCall() {
    return runId.equals(stepId);
  }

  /** As metadata, with what proves later that it is one of ours. */
  Struct metadata(SettleTokens tokens) {
    Struct.Builder metadata =
        Struct.newBuilder()
            .putFields(CALL, text(stepId.toString()))
            .putFields(RUN, text(runId.toString()))
            .putFields(WORKSPACE, text(workspaceId.toString()))
            .putFields(
                RESERVED, Value.newBuilder().setNumberValue((double) reserved.micros()).build())
            .putFields(TOKEN, text(tokens.of(subject())));
    model.ifPresent(name -> metadata.putFields(MODEL, text(name)));
    if (isDearer) {
      metadata.putFields(DEARER, Value.newBuilder().setBoolValue(true).build());
    }
    return metadata.build();
  }

  /**
   * What metadata says that an admission gave; empty if no admission gave it so.
   *
   * @param tokens know it again
   */
  static Optional<Reservation> read(Struct metadata, SettleTokens tokens) {
    try {
      Reservation told =
          new Reservation(
              UUID.fromString(text(metadata, WORKSPACE)),
              UUID.fromString(text(metadata, RUN)),
              UUID.fromString(text(metadata, CALL)),
              new MicroUsd((long) metadata.getFieldsOrDefault(RESERVED, text("")).getNumberValue()),
              Optional.of(text(metadata, MODEL)).filter(name -> !name.isEmpty()),
              metadata.getFieldsOrDefault(DEARER, Value.getDefaultInstance()).getBoolValue());
      return tokens.isOf(text(metadata, TOKEN), told.subject())
          ? Optional.of(told)
          : Optional.empty();
    } catch (IllegalArgumentException e) {
      // No UUID, or no amount: nothing that we gave.
      return Optional.empty();
    }
  }

  /** All of it, so that no part can be changed. */
  private String subject() {
    return String.join(
        "\n",
        workspaceId.toString(),
        runId.toString(),
        stepId.toString(),
        Long.toString(reserved.micros()),
        model.orElse(""),
        Boolean.toString(isDearer));
  }

  private static Value text(String text) {
    return Value.newBuilder().setStringValue(text).build();
  }

  private static String text(Struct metadata, String name) {
    return metadata.getFieldsOrDefault(name, Value.getDefaultInstance()).getStringValue();
  }
}
