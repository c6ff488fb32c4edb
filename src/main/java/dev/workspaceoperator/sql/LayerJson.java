package dev.workspaceoperator.sql;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.workspaceoperator.workspace.Budget;
import dev.workspaceoperator.workspace.Setting;
import dev.workspaceoperator.workspace.SettingType;
import dev.workspaceoperator.workspace.SettingValues;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A layer of settings as its column has it: an object by {@link Setting#storeName}, money in
 * micro-USD. What a later release has put there is not read, and whoever writes leaves it alone.
 */
public final class LayerJson {
  /** Every key that this release knows: those that it replaces when it writes a layer. */
  public static final List<String> KEYS =
      Arrays.stream(Setting.values()).map(Setting::storeName).toList();

  private static final Map<String, Setting> BY_KEY =
      Arrays.stream(Setting.values())
          .collect(Collectors.toUnmodifiableMap(Setting::storeName, Function.identity()));
  private static final JsonFactory JSON = new JsonFactory();
  private static final String SILENT = "{}";

  private LayerJson() {}

  /** Writes what a layer says. */
  public static String write(SettingValues values) {
    return values.said().entrySet().stream()
        .map(said -> CanonicalJson.text(said.getKey().storeName()) + ":" + write(said.getValue()))
        .collect(Collectors.joining(",", "{", "}"));
  }

  private static String write(Object value) {
    return switch (value) {
      case String text -> CanonicalJson.text(StorableText.require(text));
      case Budget budget -> Long.toString(budget.micros());
      case Integer count -> count.toString();
      default -> throw new IllegalArgumentException("not a setting's value: " + value.getClass());
    };
  }

  /** Reads what a layer says. */
  public static SettingValues read(String json) {
    // Most layers: a batch of the gate reads two for each workspace.
    if (json.equals(SILENT)) {
      return SettingValues.NONE;
    }
    Map<Setting, Object> said = new EnumMap<>(Setting.class);
    try (JsonParser parser = JSON.createParser(json)) {
      parser.nextToken();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        Setting setting = BY_KEY.get(parser.currentName());
        parser.nextToken();
        if (setting != null) {
          said.put(setting, read(parser, setting.type()));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("a layer of settings cannot be read", e);
    }
    return new SettingValues(said);
  }

  private static Object read(JsonParser parser, SettingType type) throws IOException {
    return switch (type) {
      case SettingType.Text _ -> parser.getText();
      case SettingType.Money _ -> new Budget(parser.getLongValue());
      case SettingType.Count _ -> parser.getIntValue();
    };
  }
}
