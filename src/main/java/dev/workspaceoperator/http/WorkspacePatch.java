package dev.workspaceoperator.http;

import com.fasterxml.jackson.databind.JsonNode;
import dev.workspaceoperator.http.server.Fields;
import dev.workspaceoperator.workspace.Bounds;
import dev.workspaceoperator.workspace.EffectiveSettings;
import dev.workspaceoperator.workspace.PlanDefaults;
import dev.workspaceoperator.workspace.Setting;
import dev.workspaceoperator.workspace.SettingsPatch;
import dev.workspaceoperator.workspace.port.Snapshot;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The body of PATCH (RFC 7396). {@code null} returns a setting to its default; a read-only field is
 * taken if it equals the present value, so that an answer of GET may be sent back.
 */
final class WorkspacePatch {
  private static final String ID = "id";
  private static final String SLUG = "slug";
  private static final String KILL_SWITCH = "kill_switch";
  private static final List<String> FIELDS =
      Stream.concat(
              Stream.of(ID, SLUG, KILL_SWITCH),
              Arrays.stream(Setting.values()).map(Setting::restName))
          .toList();

  private final Fields fields;
  private final PlanDefaults defaults;
  private final Map<Setting, Optional<?>> changes = new LinkedHashMap<>();
  private final List<String> onlyIfEqual = new ArrayList<>();

  /**
   * Reads a body.
   *
   * @throws ProblemException if it is no object
   */
  WorkspacePatch(JsonNode body, PlanDefaults defaults) {
    this.fields = new Fields(body, FIELDS);
    this.defaults = defaults;
    for (Setting setting : Setting.values()) {
      if (isNameOfResource(setting)) {
        onlyIfEqual.add(setting.restName());
      } else {
        read(setting, fields.setting(setting));
      }
    }
    for (String name : List.of(ID, SLUG, KILL_SWITCH)) {
      if (fields.has(name)) {
        onlyIfEqual.add(name);
      }
    }
  }

  /** Whether nothing is known to be wrong before the workspace is looked at. */
  boolean isValid() {
    return fields.isValid();
  }

  SettingsPatch changes() {
    return new SettingsPatch(changes);
  }

  /**
   * Compares the fields that may only be as they are.
   *
   * @throws ProblemException with everything that is wrong with the body, if anything is
   */
  void checkAgainst(Snapshot present) {
    EffectiveSettings inForce = present.effective(defaults);
    for (String name : onlyIfEqual) {
      JsonNode given = fields.raw(name).orElseThrow();
      boolean equal =
          switch (name) {
            case ID -> isText(given, Optional.of(present.workspace().id().toString()));
            case SLUG -> isText(given, present.workspace().slug());
            case KILL_SWITCH ->
                given.isBoolean() && given.booleanValue() == inForce.killSwitch().value();
            default -> isText(given, Optional.of(inForce.text(Setting.NAME).value()));
          };
      if (!equal) {
        fields.wrong(name, howToMend(name));
      }
    }
    fields.finish();
  }

  /** A resource's name, which stands in where none is set, may be longer than a name may be. */
  private boolean isNameOfResource(Setting setting) {
    return setting == Setting.NAME
        && fields
            .raw(setting.restName())
            .filter(value ->
                value.isTextual()
                    && value.textValue().codePointCount(0, value.textValue().length())
                        > Bounds.NAME_LENGTH_MAX)
            .isPresent();
  }

  private void read(Setting setting, Optional<?> value) {
    if (value.isPresent() || fields.isNull(setting.restName())) {
      changes.put(setting, value);
    }
  }

  private static boolean isText(JsonNode given, Optional<String> present) {
    return present
        .map(text -> given.isTextual() && given.textValue().equals(text))
        .orElseGet(given::isNull);
  }

  private static String howToMend(String name) {
    return switch (name) {
      case KILL_SWITCH ->
          "It cannot be changed here. Use POST /v1/workspace/kill-switch, and leave it out here.";
      case ID, SLUG -> "It cannot be changed. Leave it out, or send the present value.";
      default -> "It must have 1 to %d characters.".formatted(Bounds.NAME_LENGTH_MAX);
    };
  }
}
