package dev.workspaceoperator.controller;

import dev.workspaceoperator.crd.Violation;
import dev.workspaceoperator.workspace.ApiKeyDigest;
import dev.workspaceoperator.workspace.DeclaredApiKey;
import dev.workspaceoperator.workspace.Manifest;
import dev.workspaceoperator.workspace.Plan;
import dev.workspaceoperator.workspace.PlanRefusal;
import dev.workspaceoperator.workspace.port.ReceiverRules;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Something that a manifest asks for is not in force, and waiting alone will not help.
 *
 * @param reason why; of several causes the first, in the order of design.md §14
 * @param message every cause and what to do about it, in full sentences
 */
public record Stall(Reason reason, String message) {
  /**
   * One of the causes.
   *
   * @param message what to do about it, in full sentences
   */
  record Cause(Reason reason, String message) {}

  /** The manifest is not well-formed. */
  static Stall ofViolations(List<Violation> violations) {
    return new Stall(
        Reason.INVALID_SPEC,
        violations.stream().map(Violation::toString).collect(Collectors.joining(" "))
            + " Nothing of this generation is applied.");
  }

  /** Nothing of the manifest is applied, for these causes, the first of them first. */
  static Stall ofRefusal(List<Cause> causes) {
    return of(causes, "Nothing of this generation is applied.");
  }

  /**
   * The manifest is applied but for what it cannot have; empty if it has everything.
   *
   * @param notInForce accepted earlier, and not in force on this plan
   * @param foreign those of its keys that belong to somebody else
   * @param rules what receivers it may name
   */
  static Optional<Stall> ofAccepted(
      Manifest manifest,
      List<PlanRefusal> notInForce,
      Set<ApiKeyDigest> foreign,
      ReceiverRules rules) {
    List<Cause> causes = new ArrayList<>();
    notInForce(notInForce).ifPresent(causes::add);
    foreignKeys(manifest, foreign).ifPresent(causes::add);
    refusedReceivers(manifest, rules).ifPresent(causes::add);
    return ofAccepted(causes);
  }

  private static Optional<Stall> ofAccepted(List<Cause> causes) {
    return causes.isEmpty()
        ? Optional.empty()
        : Optional.of(of(causes, "Everything else of this manifest is in force."));
  }

  /** What was accepted earlier lacks for a plan; empty if nothing. */
  static Optional<Stall> ofStored(List<PlanRefusal> notInForce) {
    return ofAccepted(notInForce(notInForce).stream().toList());
  }

  /** Run caps that are accepted, and that the plan does not let wake; empty for none. */
  static Optional<Cause> notInForce(List<PlanRefusal> caps) {
    return caps.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Cause(
                Reason.PLAN_UPGRADE_REQUIRED,
                caps.stream()
                    .map(refusal ->
                        "%s The workspace runs at %d, as every %s workspace does."
                            .formatted(
                                refusal.sentence(), Plan.BASIC_MAX_CONCURRENT_RUNS, refusal.plan()))
                    .collect(Collectors.joining(" "))));
  }

  /** The manifest lists keys that belong to somebody else; empty if it lists none. */
  static Optional<Cause> foreignKeys(Manifest manifest, Set<ApiKeyDigest> foreign) {
    List<String> names =
        manifest.apiKeys().stream()
            .filter(key -> foreign.contains(key.digest()))
            .map(DeclaredApiKey::name)
            .toList();
    return names.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Cause(
                Reason.API_KEY_TAKEN,
                "Ignored, because the same key is in use elsewhere: spec.apiKeys %s. Make a new key, or revoke the other."
                    .formatted(names)));
  }

  /** The manifest names receivers that are sent nothing; empty if it names none. */
  private static Optional<Cause> refusedReceivers(Manifest manifest, ReceiverRules rules) {
    List<String> refusals =
        manifest.notifications().stream()
            .flatMap(receiver ->
                rules.refusal(manifest.identity(), receiver).stream()
                    .map(why ->
                        "Nothing is sent to spec.notifications \"%s\": %s."
                            .formatted(receiver.name(), why)))
            .toList();
    return refusals.isEmpty()
        ? Optional.empty()
        : Optional.of(new Cause(Reason.NOTIFICATION_REFUSED, String.join(" ", refusals)));
  }

  private static Stall of(List<Cause> causes, String consequence) {
    return new Stall(
        causes.getFirst().reason(),
        causes.stream().map(Cause::message).collect(Collectors.joining(" ")) + " " + consequence);
  }
}
