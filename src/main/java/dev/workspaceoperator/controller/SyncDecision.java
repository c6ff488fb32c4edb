package dev.workspaceoperator.controller;

import dev.workspaceoperator.workspace.DeclaredApiKey;
import dev.workspaceoperator.workspace.DeclaredReceiver;
import dev.workspaceoperator.workspace.DeclaredSettings;
import dev.workspaceoperator.workspace.Manifest;
import dev.workspaceoperator.workspace.PlanRefusal;
import dev.workspaceoperator.workspace.Setting;
import dev.workspaceoperator.workspace.StoredWorkspace;
import dev.workspaceoperator.workspace.StoredWorkspace.State;
import dev.workspaceoperator.workspace.port.Gathered;
import dev.workspaceoperator.workspace.rule.PlanGate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** What to do with a well-formed manifest, given what the store knows. Pure. */
public sealed interface SyncDecision {
  /** The store says the same already: nothing to write. */
  record InForce() implements SyncDecision {}

  /**
   * Write it.
   *
   * @param manifest the manifest without the keys that belong to somebody else
   * @param state what the workspace is to be
   * @param expectedDeclaredRevision what the decision was made against; 0 for a new workspace
   */
  record Sync(Manifest manifest, State state, long expectedDeclaredRevision)
      implements SyncDecision {}

  /** The store has a newer generation of this resource: this view of it is old. */
  record Superseded() implements SyncDecision {}

  /**
   * Nothing of this generation is applied (design.md §3.5).
   *
   * @param stall every cause
   */
  record Refuse(Stall stall) implements SyncDecision {}

  /** Decides. */
  static SyncDecision decide(Manifest manifest, Presence presence, Gathered gathered) {
    State state = presence.stateUnder(manifest.deletionPolicy());
    Optional<StoredWorkspace> stored = gathered.workspace();
    if (stored.filter(workspace -> hasNewer(workspace, manifest, gathered)).isPresent()) {
      return new Superseded();
    }
    List<Stall.Cause> refusals = refusals(manifest, state, gathered);
    if (!refusals.isEmpty()) {
      return new Refuse(Stall.ofRefusal(refusals));
    }
    Manifest own = withoutForeignKeys(manifest, gathered);
    if (stored.filter(workspace -> isInForce(workspace, own, state)).isPresent()) {
      return new InForce();
    }
    return new Sync(own, state, stored.map(StoredWorkspace::declaredRevision).orElse(0L));
  }

  /** In the order of design.md §14; empty if the manifest can be applied. */
  private static List<Stall.Cause> refusals(Manifest manifest, State state, Gathered gathered) {
    DeclaredSettings asked = manifest.settings();
    DeclaredSettings accepted =
        gathered
            .workspace()
            .map(workspace -> workspace.layers().declared())
            .orElse(DeclaredSettings.NONE);
    List<PlanRefusal> aboveThePlan = PlanGate.judgeManifest(accepted, asked);
    Optional<Stall.Cause> slug = slugRefusal(manifest, state, gathered);
    if (aboveThePlan.isEmpty() && slug.isEmpty()) {
      return List.of();
    }
    List<Stall.Cause> causes = new ArrayList<>();
    if (!aboveThePlan.isEmpty()) {
      causes.add(
          new Stall.Cause(
              Reason.PLAN_UPGRADE_REQUIRED,
              aboveThePlan.stream().map(PlanRefusal::sentence).collect(Collectors.joining(" "))));
    }
    List<PlanRefusal> asleep =
        Arrays.stream(Setting.values())
            .filter(setting -> setting.sleepsOn(asked.plan()))
            .flatMap(setting -> PlanGate.aboveThePlan(asked, setting).stream())
            .filter(refusal -> !aboveThePlan.contains(refusal))
            .toList();
    Stall.notInForce(asleep).ifPresent(causes::add);
    slug.ifPresent(causes::add);
    Stall.foreignKeys(manifest, gathered.foreignKeys()).ifPresent(causes::add);
    return causes;
  }

  private static Optional<Stall.Cause> slugRefusal(
      Manifest manifest, State state, Gathered gathered) {
    Optional<String> slugInUse =
        gathered.workspace().flatMap(workspace -> workspace.slugBindingOn(manifest));
    if (slugInUse.isPresent() && !slugInUse.get().equals(manifest.slug())) {
      return Optional.of(
          new Stall.Cause(
              Reason.SLUG_IMMUTABLE,
              "This workspace's slug is \"%s\" and cannot become \"%s\". Set spec.slug to \"%s\"; or delete this resource, free the slug by \"workspace-operator workspace release-slug %s/%s\", and create it again."
                  .formatted(
                      slugInUse.get(),
                      manifest.slug(),
                      slugInUse.get(),
                      manifest.identity().namespace(),
                      manifest.identity().name())));
    }
    return gathered.slugTaken() && state != State.ARCHIVED
        ? Optional.of(
            new Stall.Cause(
                Reason.SLUG_TAKEN,
                "Another workspace holds the slug \"%s\". Set spec.slug to a slug that is free; this heals by itself if the other workspace releases it."
                    .formatted(manifest.slug())))
        : Optional.empty();
  }

  private static boolean hasNewer(StoredWorkspace workspace, Manifest manifest, Gathered gathered) {
    boolean comparable =
        workspace.resourceUid().equals(manifest.uid())
            && workspace.controllerEpoch() == gathered.controllerEpoch();
    return comparable && workspace.resourceGeneration() > manifest.generation();
  }

  private static boolean isInForce(StoredWorkspace workspace, Manifest manifest, State state) {
    return workspace.state() == state
        && workspace.resourceUid().equals(manifest.uid())
        && workspace.resourceGeneration() == manifest.generation()
        && (state == State.ARCHIVED || workspace.slug().equals(Optional.of(manifest.slug())))
        && workspace.deletionPolicy() == manifest.deletionPolicy()
        && workspace.layers().declared().equals(manifest.settings())
        && Set.<DeclaredApiKey>copyOf(workspace.declaredKeys())
            .equals(Set.copyOf(manifest.apiKeys()))
        && Set.<DeclaredReceiver>copyOf(workspace.notifications())
            .equals(Set.copyOf(manifest.notifications()));
  }

  private static Manifest withoutForeignKeys(Manifest manifest, Gathered gathered) {
    return new Manifest(
        manifest.identity(),
        manifest.uid(),
        manifest.generation(),
        manifest.slug(),
        manifest.settings(),
        manifest.deletionPolicy(),
        manifest.apiKeys().stream()
            .filter(key -> !gathered.foreignKeys().contains(key.digest()))
            .toList(),
        manifest.notifications());
  }
}
