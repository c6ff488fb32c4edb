package dev.workspaceoperator.crd;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.workspaceoperator.workspace.Bounds;
import dev.workspaceoperator.workspace.DeclaredSettings;
import dev.workspaceoperator.workspace.DeletionPolicy;
import dev.workspaceoperator.workspace.Manifest;
import dev.workspaceoperator.workspace.Plan;
import dev.workspaceoperator.workspace.ResourceIdentity;
import dev.workspaceoperator.workspace.Setting;
import dev.workspaceoperator.workspace.SettingType;
import dev.workspaceoperator.workspace.SettingValues;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads a resource into a {@link Manifest}, or tells everything that is wrong with it. It refuses
 * what the CRD's schema refuses, for clusters whose CRD has lost its rules. Any input has an
 * answer; nothing is thrown. A JSON {@code null} counts as absent.
 */
public final class ManifestReader {
  private static final WorkspaceSpec EMPTY_SPEC =
      WorkspaceSpec.of(JsonNodeFactory.instance.objectNode());

  private final FieldReader fields = new FieldReader();

  private ManifestReader() {}

  /**
   * Reads a resource.
   *
   * @param cluster {@code cluster.name} of this installation, part of the workspace's identity
   */
  public static Reading read(Workspace resource, String cluster) {
    return new ManifestReader().readAll(resource, cluster);
  }

  private Reading readAll(Workspace resource, String cluster) {
    ObjectMeta metadata = resource.getMetadata();
    WorkspaceSpec spec = Objects.requireNonNullElse(resource.getSpec(), EMPTY_SPEC);
    JsonNode unreadable = spec.unreadable();
    if (unreadable != null && !unreadable.isNull()) {
      fields.refuse("spec", "must be an object with fields such as plan and dailyBudgetUsd");
    }
    String slug = readSlug(spec, metadata.getName());
    Plan plan =
        fields
            .choice("spec.plan", spec.plan(), Plan::ofLabel, labels(Plan.values(), Plan::label))
            .orElse(Plan.BASIC);
    DeclaredSettings settings =
        new DeclaredSettings(
            plan,
            readValues(spec),
            fields.bool("spec.killSwitch", spec.killSwitch()),
            fields.text(
                "spec.killSwitchReason", spec.killSwitchReason(), 0, Bounds.REASON_LENGTH_MAX));
    DeletionPolicy deletionPolicy =
        fields
            .choice(
                "spec.deletionPolicy",
                spec.deletionPolicy(),
                DeletionPolicy::ofLabel,
                labels(DeletionPolicy.values(), DeletionPolicy::label))
            .orElse(DeletionPolicy.RETAIN);
    var apiKeys = new ApiKeyReader(fields).read(spec.apiKeys());
    var notifications = new ReceiverReader(fields).read(spec.notifications());

    if (!fields.violations().isEmpty()) {
      return new Reading.Malformed(fields.violations());
    }
    return new Reading.WellFormed(
        new Manifest(
            new ResourceIdentity(cluster, metadata.getNamespace(), metadata.getName()),
            Objects.requireNonNullElse(metadata.getUid(), ""),
            Objects.requireNonNullElse(metadata.getGeneration(), 0L),
            slug,
            settings,
            deletionPolicy,
            apiKeys,
            notifications));
  }

  private SettingValues readValues(WorkspaceSpec spec) {
    Map<Setting, Object> said = new EnumMap<>(Setting.class);
    for (Setting setting : Setting.values()) {
      String path = "spec." + setting.specName();
      @Nullable JsonNode json = spec.value(setting);
      Optional<?> value =
          switch (setting.type()) {
            case SettingType.Text(int min, int max) -> fields.text(path, json, min, max);
            case SettingType.Money _ -> fields.budget(path, json);
            case SettingType.Count(int max) -> fields.integer(path, json, 0, max);
          };
      value.ifPresent(it -> said.put(setting, it));
    }
    return new SettingValues(said);
  }

  private String readSlug(WorkspaceSpec spec, String resourceName) {
    JsonNode declared = spec.slug();
    if (declared == null || declared.isNull()) {
      if (!Bounds.DNS_LABEL.matcher(resourceName).matches()) {
        fields.refuse(
            "spec.slug",
            "must be set, because the resource's name \"%s\" cannot serve as the slug: a slug is a"
                    .formatted(resourceName)
                + " DNS label (lower-case letters, digits and inner hyphens, at most 63)");
      }
      return resourceName;
    }
    Optional<String> slug = fields.text("spec.slug", declared, 1, Bounds.SLUG_LENGTH_MAX);
    if (slug.isPresent() && !Bounds.DNS_LABEL.matcher(slug.get()).matches()) {
      fields.refuse(
          "spec.slug",
          "must be a DNS label (lower-case letters, digits and inner hyphens), not \"%s\""
              .formatted(slug.get()));
    }
    return slug.orElse(resourceName);
  }

  private static <E> String labels(E[] values, Function<E, String> label) {
    return Arrays.stream(values).map(label).collect(Collectors.joining(", "));
  }
}
