package dev.workspaceoperator.crd;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.workspaceoperator.workspace.Bounds;
import dev.workspaceoperator.workspace.DeclaredReceiver;
import dev.workspaceoperator.workspace.DeletionPolicy;
import dev.workspaceoperator.workspace.NotificationKind;
import dev.workspaceoperator.workspace.Plan;
import dev.workspaceoperator.workspace.Scope;
import dev.workspaceoperator.workspace.Setting;
import dev.workspaceoperator.workspace.SettingType;
import dev.workspaceoperator.workspace.rule.PlanGate;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceColumnDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceColumnDefinitionBuilder;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinitionVersion;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.api.model.apiextensions.v1.ValidationRule;
import io.fabric8.kubernetes.api.model.apiextensions.v1.ValidationRuleBuilder;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What the annotations on the Java types cannot say of the CRD: enums, patterns, list types, the
 * default of the status, and the rules in CEL. Every length is bounded, because the API server
 * estimates what a rule costs at the largest possible object.
 */
final class CrdRules {
  /** Text that PostgreSQL can store. */
  private static final String TEXT = "^[^\\x00]*$";

  private static final String DNS_LABEL = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$";

  /** A decimal with at most 9 digits before the dot and 6 after it, or the highest budget. */
  private static final String BUDGET =
      "^(unlimited|(0|[1-9][0-9]{0,8})(\\.[0-9]{1,6})?|%d(\\.0{1,6})?)$"
          .formatted(Bounds.BUDGET_USD_MAX);

  private static final String RFC_3339 = "^" + ApiKeyReader.RFC_3339.pattern() + "$";

  private static final List<CustomResourceColumnDefinition> PRINTER_COLUMNS =
      List.of(
          column("Ready", "string", ".status.conditions[?(@.type==\"Ready\")].status"),
          column("Plan", "string", ".status.plan"),
          column("Killed", "boolean", ".status.effective.killSwitch.value"),
          column("Budget", "string", ".status.effective.dailyBudgetUsd.value"),
          column("Runs (max)", "integer", ".status.effective.maxConcurrentRuns.value"),
          wideColumn("Spent", ".status.usage.spentUsd"),
          wideColumn("User budget", ".status.effective.userDailyBudgetUsd.value"),
          wideColumn("Reason", ".status.conditions[?(@.type==\"Ready\")].reason"),
          column("Age", "date", ".metadata.creationTimestamp"));

  private CrdRules() {}

  static void addTo(CustomResourceDefinition crd) {
    CustomResourceDefinitionVersion version = crd.getSpec().getVersions().getFirst();
    JSONSchemaProps root = version.getSchema().getOpenAPIV3Schema();
    root.setDescription(
        "A team's workspace for AI agents: what they may spend, how many runs they may have at the"
            + " same time, and a kill switch.");
    version.setAdditionalPrinterColumns(PRINTER_COLUMNS);
    root.setXKubernetesValidations(List.of(slugFromName(), slugImmutable()));
    addToSpec(field(root, "spec"));
    addToStatus(field(root, "status"));
  }

  private static void addToSpec(JSONSchemaProps spec) {
    for (Setting setting : Setting.values()) {
      setBounds(field(spec, setting.specName()), setting.type());
    }
    setText(field(spec, "slug"), 1, Bounds.SLUG_LENGTH_MAX, DNS_LABEL);
    field(spec, "plan").setEnum(strings(Plan.values(), Plan::label));
    field(spec, "plan").setMaxLength(16L);
    setText(field(spec, "killSwitchReason"), 0, Bounds.REASON_LENGTH_MAX, TEXT);
    field(spec, "deletionPolicy").setEnum(strings(DeletionPolicy.values(), DeletionPolicy::label));
    addToApiKeys(field(spec, "apiKeys"));
    addToNotifications(field(spec, "notifications"));
    spec.setXKubernetesValidations(
        Stream.concat(
                Arrays.stream(Setting.values())
                    .filter(setting -> !Plan.BASIC.includes(setting.requiredPlan()))
                    .map(CrdRules::needsPlan),
                Stream.of(killSwitchNeedsPlan(), digestsDiffer()))
            .toList());
  }

  private static void setBounds(JSONSchemaProps value, SettingType type) {
    switch (type) {
      case SettingType.Text(int min, int max) -> setText(value, min, max, TEXT);
      case SettingType.Money _ -> addBudget(value);
      case SettingType.Count(int max) -> {
        value.setMinimum(0.0);
        value.setMaximum((double) max);
      }
    }
  }

  private static void setText(JSONSchemaProps text, long min, long max, String pattern) {
    text.setMinLength(min);
    text.setMaxLength(max);
    text.setPattern(pattern);
  }

  private static void addBudget(JSONSchemaProps budget) {
    budget.setMinimum(0.0);
    budget.setMaximum((double) Bounds.BUDGET_USD_MAX);
    budget.setPattern(BUDGET);
    budget.setMaxLength(17L);
  }

  private static void addToApiKeys(JSONSchemaProps apiKeys) {
    apiKeys.setXKubernetesListType("map");
    apiKeys.setXKubernetesListMapKeys(List.of("name"));
    JSONSchemaProps key = apiKeys.getItems().getSchema();
    apiKeys.setMaxItems((long) Bounds.MANIFEST_API_KEYS_MAX);
    setText(field(key, "name"), 1, Bounds.API_KEY_NAME_LENGTH_MAX, TEXT);
    setText(field(key, "sha256"), 64, 64, "^[0-9a-f]{64}$");
    setText(field(key, "expiresAt"), 20, 35, RFC_3339);
    field(key, "expiresAt").setFormat("date-time");
    JSONSchemaProps scopes = field(key, "scopes");
    List<JsonNode> allowed =
        strings(
            Arrays.stream(Scope.values()).filter(scope -> !scope.isFleet()).toArray(Scope[]::new),
            Scope::label);
    scopes.setXKubernetesListType("set");
    scopes.setMinItems(1L);
    scopes.setMaxItems((long) allowed.size());
    scopes.getItems().getSchema().setEnum(allowed);
    scopes.getItems().getSchema().setMaxLength(32L);
  }

  private static void addToNotifications(JSONSchemaProps notifications) {
    notifications.setXKubernetesListType("map");
    notifications.setXKubernetesListMapKeys(List.of("name"));
    notifications.setMaxItems((long) Bounds.MANIFEST_RECEIVERS_MAX);
    JSONSchemaProps receiver = notifications.getItems().getSchema();
    setText(field(receiver, "name"), 1, Bounds.SLUG_LENGTH_MAX, DNS_LABEL);
    setText(
        field(receiver, "url"),
        1,
        DeclaredReceiver.URL_LENGTH_MAX,
        "^" + DeclaredReceiver.URL.pattern() + "$");
    setText(field(receiver, "keyName"), 1, Bounds.SLUG_LENGTH_MAX, DNS_LABEL);
    JSONSchemaProps types = field(receiver, "types");
    types.setXKubernetesListType("set");
    types.setMinItems(1L);
    types.setMaxItems((long) NotificationKind.values().length);
    types
        .getItems()
        .getSchema()
        .setEnum(strings(NotificationKind.values(), NotificationKind::label));
    types.getItems().getSchema().setMaxLength(16L);
  }

  private static void addToStatus(JSONSchemaProps status) {
    status.setDefault(JsonNodeFactory.instance.objectNode().put("observedGeneration", -1));
    field(status, "observedGeneration").setFormat("int64");
    // For the rule that reads it, whose cost is estimated.
    field(status, "slug").setMaxLength((long) Bounds.SLUG_LENGTH_MAX);
    field(field(status, "audit"), "seq").setFormat("int64");
    JSONSchemaProps latches = field(field(status, "killSwitch"), "latches");
    latches.setXKubernetesListType("map");
    latches.setXKubernetesListMapKeys(List.of("source"));
    latches.getItems().getSchema().setRequired(List.of("source"));
    field(latches.getItems().getSchema(), "since").setFormat("date-time");
    JSONSchemaProps effective = field(status, "effective");
    effective
        .getProperties()
        .values()
        .forEach(value -> field(value, "until").setFormat("date-time"));
    for (Setting setting : Setting.values()) {
      if (setting.type() instanceof SettingType.Count) {
        field(field(effective, setting.specName()), "value").setFormat("int32");
      }
    }
    JSONSchemaProps usage = field(status, "usage");
    field(usage, "day").setFormat("date");
    field(usage, "asOf").setFormat("date-time");
    field(usage, "activeRuns").setFormat("int32");
    JSONSchemaProps conditions = field(status, "conditions");
    conditions.setXKubernetesListType("map");
    conditions.setXKubernetesListMapKeys(List.of("type"));
    JSONSchemaProps condition = conditions.getItems().getSchema();
    field(condition, "observedGeneration").setFormat("int64");
    field(condition, "lastTransitionTime").setFormat("date-time");
    field(condition, "status")
        .setEnum(strings(new String[] {"True", "False", "Unknown"}, Function.identity()));
  }

  // The rules below say of the declared layer what PlanGate says; PlanGateEquivalenceIT compares.

  private static ValidationRule needsPlan(Setting setting) {
    String equal =
        switch (setting.type()) {
          case SettingType.Money _ -> "old != 'unlimited' && double(old) == double(self.FIELD)";
          case SettingType.Count _, SettingType.Text _ -> "old == self.FIELD";
        };
    String free =
        setting.freeValue().map(value -> "self.FIELD == %s || ".formatted(cel(value))).orElse("");
    return planRule(
        setting.specName(),
        setting.requiredPlan(),
        free + "oldSelf.?FIELD.optMap(old, %s).orValue(false)".formatted(equal));
  }

  private static String cel(Object value) {
    return value instanceof Integer ? value.toString() : "'" + value + "'";
  }

  private static ValidationRule killSwitchNeedsPlan() {
    return planRule(
        "killSwitch", PlanGate.KILL_SWITCH_PLAN, "!self.FIELD || oldSelf.?FIELD.orValue(false)");
  }

  /**
   * A field that needs a plan, except where it is absent or {@code allowed} on every plan.
   *
   * @param allowed in CEL, with FIELD for the field's name
   */
  private static ValidationRule planRule(String field, Plan required, String allowed) {
    String plans =
        Stream.of(Plan.values())
            .filter(plan -> plan.includes(required))
            .map(plan -> "'" + plan.label() + "'")
            .collect(Collectors.joining(", "));
    return new ValidationRuleBuilder()
        .withRule(
            "!has(self.FIELD) || has(self.plan) && self.plan in [PLANS] || "
                    .replace("PLANS", plans)
                    .replace("FIELD", field)
                + allowed.replace("FIELD", field))
        .withMessage("spec.%s needs plan %s or higher.".formatted(field, required))
        .withMessageExpression(
            ("'spec.%s needs plan %s or higher, and this workspace\\'s plan is ' + (has(self.plan)"
                    + " ? self.plan : '%s') + '.'")
                .formatted(field, required, Plan.BASIC))
        .withReason("FieldValueForbidden")
        .withFieldPath("." + field)
        .withOptionalOldSelf(true)
        .build();
  }

  private static ValidationRule digestsDiffer() {
    return new ValidationRuleBuilder()
        .withRule(
            "!has(self.apiKeys) || self.apiKeys.all(key, self.apiKeys.exists_one(other,"
                + " other.sha256 == key.sha256))")
        .withMessage("Two API keys cannot have the same sha256: list each key once.")
        // Not FieldValueDuplicate: with that reason the API server leaves out the message.
        .withReason("FieldValueInvalid")
        .withFieldPath(".apiKeys")
        .build();
  }

  /**
   * Judged on creation and where a slug is taken away, so that it can never stand in the way of a
   * write of the status.
   */
  private static ValidationRule slugFromName() {
    return new ValidationRuleBuilder()
        .withRule(
            "has(self.spec) && has(self.spec.slug) ||"
                + " size(self.metadata.name) <= %d && !self.metadata.name.contains('.') ||"
                    .formatted(Bounds.SLUG_LENGTH_MAX)
                + " oldSelf.optMap(old, !(has(old.spec) && has(old.spec.slug))).orValue(false)")
        .withMessage(
            "spec.slug must be set, because metadata.name cannot serve as the slug: a slug is a DNS"
                + " label (lower-case letters, digits and inner hyphens, at most 63).")
        .withReason("FieldValueInvalid")
        .withFieldPath(".spec.slug")
        .withOptionalOldSelf(true)
        .build();
  }

  /**
   * For ever, once a slug was in force: that is what status tells. What never was, because another
   * workspace has it, can be changed, and what differs from the one in force can be set to it.
   */
  private static ValidationRule slugImmutable() {
    String slug = "(has(SELF.spec) && has(SELF.spec.slug) ? SELF.spec.slug : SELF.metadata.name)";
    return new ValidationRuleBuilder()
        .withRule(
            "SELF == OLD || !has(oldSelf.status) || !has(oldSelf.status.slug) || SELF == oldSelf.status.slug"
                .replace("OLD", slug.replace("SELF", "oldSelf"))
                .replace("SELF", slug.replace("SELF", "self")))
        .withMessageExpression(
            "'spec.slug cannot be changed or removed: this workspace\\'s slug is ' +"
                + " oldSelf.status.slug + '.'")
        .withMessage("spec.slug cannot be changed or removed.")
        .withReason("FieldValueInvalid")
        .withFieldPath(".spec.slug")
        .build();
  }

  private static CustomResourceColumnDefinition column(String name, String type, String jsonPath) {
    return new CustomResourceColumnDefinitionBuilder()
        .withName(name)
        .withType(type)
        .withJsonPath(jsonPath)
        .build();
  }

  /** Shown by {@code kubectl get -o wide} only. */
  private static CustomResourceColumnDefinition wideColumn(String name, String jsonPath) {
    return new CustomResourceColumnDefinitionBuilder(column(name, "string", jsonPath))
        .withPriority(1)
        .build();
  }

  private static JSONSchemaProps field(JSONSchemaProps parent, String name) {
    JSONSchemaProps child = parent.getProperties().get(name);
    if (child == null) {
      throw new IllegalStateException("the Java types have no field " + name);
    }
    return child;
  }

  private static <E> List<JsonNode> strings(E[] values, Function<E, String> label) {
    return Arrays.stream(values)
        .map(label)
        .map(text -> (JsonNode) JsonNodeFactory.instance.textNode(text))
        .toList();
  }
}
