package dev.workspaceoperator.helm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.luaj.vm2.Globals;
import org.luaj.vm2.LoadState;
import org.luaj.vm2.LuaTable;
import org.luaj.vm2.LuaValue;
import org.luaj.vm2.compiler.LuaC;
import org.luaj.vm2.lib.BaseLib;
import org.luaj.vm2.lib.PackageLib;
import org.luaj.vm2.lib.StringLib;
import org.luaj.vm2.lib.TableLib;

/**
 * What Argo CD makes of a Workspace with {@code examples/argocd/health.lua}.
 *
 * @param status as in {@code Healthy}
 */
public record ArgoHealth(String status, String message) {
  static final Path SCRIPT = Path.of("examples", "argocd", "health.lua");

  /** Runs the script on an object, given in JSON, with the libraries that Argo CD gives it. */
  public static ArgoHealth of(String json) {
    try {
      Globals lua = new Globals();
      lua.load(new BaseLib());
      lua.load(new PackageLib());
      lua.load(new TableLib());
      lua.load(new StringLib());
      LoadState.install(lua);
      LuaC.install(lua);
      lua.set("obj", table(new ObjectMapper().readTree(json)));
      LuaValue health = lua.load(Files.readString(SCRIPT), SCRIPT.toString()).call();
      return new ArgoHealth(
          health.get("status").checkjstring(), health.get("message").checkjstring());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static LuaValue table(JsonNode node) {
    if (node.isObject() || node.isArray()) {
      LuaTable table = new LuaTable();
      node.properties().forEach(entry -> table.set(entry.getKey(), table(entry.getValue())));
      for (int i = 0; node.isArray() && i < node.size(); i++) {
        table.set(i + 1, table(node.get(i)));
      }
      return table;
    }
    if (node.isNumber()) {
      return LuaValue.valueOf(node.doubleValue());
    }
    if (node.isBoolean()) {
      return LuaValue.valueOf(node.booleanValue());
    }
    return node.isNull() ? LuaValue.NIL : LuaValue.valueOf(node.textValue());
  }
}
