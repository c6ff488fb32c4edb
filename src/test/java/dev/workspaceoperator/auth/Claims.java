package dev.workspaceoperator.auth;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** The claims of a token as JSON text, so that wrong ones can be written too. */
final class Claims {
  private final Map<String, String> members = new LinkedHashMap<>();

  Claims with(String name, String text) {
    return raw(name, "\"" + text + "\"");
  }

  Claims with(String name, long number) {
    return raw(name, Long.toString(number));
  }

  Claims raw(String name, String json) {
    members.put(name, json);
    return this;
  }

  Claims without(String name) {
    members.remove(name);
    return this;
  }

  String json() {
    return members.entrySet().stream()
        .map(member -> "\"" + member.getKey() + "\":" + member.getValue())
        .collect(Collectors.joining(",", "{", "}"));
  }
}
