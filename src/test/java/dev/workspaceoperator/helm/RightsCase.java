package dev.workspaceoperator.helm;

import dev.workspaceoperator.crd.ManifestReader;
import dev.workspaceoperator.crd.Reading;
import dev.workspaceoperator.crd.Workspace;
import dev.workspaceoperator.workspace.Budget;
import dev.workspaceoperator.workspace.Declaration;
import dev.workspaceoperator.workspace.DeclaredSettings;
import dev.workspaceoperator.workspace.EffectiveValue;
import dev.workspaceoperator.workspace.Permission;
import dev.workspaceoperator.workspace.Setting;
import dev.workspaceoperator.workspace.Source;
import dev.workspaceoperator.workspace.TestSettings;
import dev.workspaceoperator.workspace.rule.Loosening;
import dev.workspaceoperator.workspace.rule.PlanGate;
import dev.workspaceoperator.workspace.rule.Standing;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One way from a Workspace to another.
 *
 * @param before null for a creation
 * @param after a spec in JSON; null for a deletion
 */
record RightsCase(@Nullable Before before, @Nullable String after) {
  /**
   * A Workspace that there is.
   *
   * @param spec in JSON
   * @param status in JSON
   * @param standing what the status tells
   */
  record Before(String spec, String status, Standing standing) {
    static Before of(String spec) {
      return new Before(spec, "{}", Standing.UNSEEN);
    }

    static Before budgetInForce(Setting setting, String spec, Source source, String value) {
      return new Before(
          spec,
          effective(setting.specName(), source, '"' + value + '"'),
          TestSettings.standing(setting, budget(source, value)));
    }

    static Before runsInForce(String spec, Source source, int value) {
      return new Before(
          spec,
          effective("maxConcurrentRuns", source, String.valueOf(value)),
          TestSettings.standing(Setting.MAX_CONCURRENT_RUNS, EffectiveValue.of(value, source)));
    }

    static Before used(String spec, boolean isUsed, String usage) {
      return new Before(spec, "{\"usage\":%s}".formatted(usage), new Standing(Map.of(), isUsed));
    }

    private static EffectiveValue<Budget> budget(Source source, String value) {
      return EffectiveValue.of(Budget.ofText(value).orElseThrow(), source);
    }

    private static String effective(String field, Source source, String json) {
      return "{\"effective\":{\"%s\":{\"value\":%s,\"source\":\"%s\"}}}"
          .formatted(field, json, source.label());
    }
  }

  /** What it needs by the rule. */
  Set<Permission> needed(Loosening rule) {
    if (before == null) {
      return rule.ofCreation(declaration(after));
    }
    Declaration from = declaration(before.spec());
    return after == null
        ? rule.ofDeletion(from, before.standing())
        : rule.ofChange(from, before.standing(), declaration(after));
  }

  /** Whether the plan allows it: if not, nobody may. */
  boolean isWithinThePlan() {
    return after == null
        || PlanGate.judgeManifest(
                before == null ? DeclaredSettings.NONE : declaration(before.spec()).settings(),
                declaration(after).settings())
            .isEmpty();
  }

  @Override
  public String toString() {
    return (before == null ? "nothing" : before.spec() + " with status " + before.status())
        + " → "
        + (after == null ? "nothing" : after);
  }

  /** Creations, changes and deletions of all of them, as far as the plans allow. */
  static List<RightsCase> between(List<Before> befores, List<String> afters) {
    Set<RightsCase> cases = new LinkedHashSet<>();
    for (String after : afters) {
      cases.add(new RightsCase(null, after));
      befores.forEach(before -> cases.add(new RightsCase(before, after)));
    }
    befores.forEach(before -> cases.add(new RightsCase(before, null)));
    return new ArrayList<>(cases.stream().filter(RightsCase::isWithinThePlan).toList());
  }

  private static Declaration declaration(@Nullable String spec) {
    Workspace workspace =
        Serialization.unmarshal(
            "{\"metadata\":{\"namespace\":\"n\",\"name\":\"a\"},\"spec\":%s}".formatted(spec),
            Workspace.class);
    return switch (ManifestReader.read(workspace, "a-cluster")) {
      case Reading.WellFormed wellFormed -> Declaration.of(wellFormed.manifest());
      case Reading.Malformed malformed -> throw new AssertionError(spec + ": " + malformed);
    };
  }
}
