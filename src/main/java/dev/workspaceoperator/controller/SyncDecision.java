package dev.workspaceoperator.controller;

import dev.workspaceoperator.workspace.DeclaredApiKey;
import dev.workspaceoperator.workspace.DeclaredSettings;
import dev.workspaceoperator.workspace.Gathered;
import dev.workspaceoperator.workspace.Manifest;
import dev.workspaceoperator.workspace.PlanGate;
import dev.workspaceoperator.workspace.PlanRefusal;
import dev.workspaceoperator.workspace.StoredWorkspace;
import dev.workspaceoperator.workspace.StoredWorkspace.State;
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
   * @param expectedDeclaredRevision what the decision was made against; 0 for a new workspace
   */
  record Sync(Manifest manifest, long expectedDeclaredRevision) implements SyncDecision {}

  /** The store has a newer generation of this resource: this view of it is old. */
  record Superseded() implements SyncDecision {}

  /**
   * Nothing of this generation is applied (design.md §3.5).
   *
   * @param reason why
   * @param message what to change, in full sentences
   */
  record Refuse(Reason reason, String message) implements SyncDecision {}

  /** Decides. */
  static SyncDecision decide(Manifest manifest, Gathered gathered) {
    Optional<StoredWorkspace> stored = gathered.workspace();
    if (stored.filter(workspace -> hasNewer(workspace, manifest, gathered)).isPresent()) {
      return new Superseded();
    }
    Optional<String> slugInUse =
        stored
            .filter(workspace -> workspace.state() != State.ARCHIVED)
            .flatMap(StoredWorkspace::slug);
    if (slugInUse.isPresent() && !slugInUse.get().equals(manifest.slug())) {
      return new Refuse(
          Reason.SLUG_IMMUTABLE,
          "This workspace's slug is \"%s\" and cannot become \"%s\". Set spec.slug to \"%s\"; or delete this resource, free the slug by \"workspace-operator workspace release-slug %s/%s\", and create it again."
              .formatted(
                  slugInUse.get(),
                  manifest.slug(),
                  slugInUse.get(),
                  manifest.identity().namespace(),
                  manifest.identity().name()));
    }
    if (gathered.slugTaken()) {
      return new Refuse(
          Reason.SLUG_TAKEN,
          "Another workspace holds the slug \"%s\". Set spec.slug to a slug that is free; this heals by itself if the other workspace releases it."
              .formatted(manifest.slug()));
    }
    DeclaredSettings accepted =
        stored.map(workspace -> workspace.layers().declared()).orElse(DeclaredSettings.NONE);
    List<PlanRefusal> refusals = PlanGate.judgeManifest(accepted, manifest.settings());
    if (!refusals.isEmpty()) {
      return new Refuse(
          Reason.PLAN_UPGRADE_REQUIRED,
          refusals.stream().map(PlanRefusal::sentence).collect(Collectors.joining(" "))
              + " Nothing of this generation is applied.");
    }
    Manifest own = withoutForeignKeys(manifest, gathered);
    if (stored.filter(workspace -> isInForce(workspace, own)).isPresent()) {
      return new InForce();
    }
    return new Sync(own, stored.map(StoredWorkspace::declaredRevision).orElse(0L));
  }

  private static boolean hasNewer(StoredWorkspace workspace, Manifest manifest, Gathered gathered) {
    boolean comparable =
        workspace.resourceUid().equals(manifest.uid())
            && workspace.controllerEpoch() == gathered.controllerEpoch();
    return comparable && workspace.resourceGeneration() > manifest.generation();
  }

  private static boolean isInForce(StoredWorkspace workspace, Manifest manifest) {
    return workspace.state() == State.PRESENT
        && workspace.resourceUid().equals(manifest.uid())
        && workspace.resourceGeneration() == manifest.generation()
        && workspace.slug().equals(Optional.of(manifest.slug()))
        && workspace.deletionPolicy() == manifest.deletionPolicy()
        && workspace.layers().declared().equals(manifest.settings())
        && Set.<DeclaredApiKey>copyOf(workspace.declaredKeys())
            .equals(Set.copyOf(manifest.apiKeys()));
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
            .toList());
  }
}
