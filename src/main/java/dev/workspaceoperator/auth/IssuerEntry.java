package dev.workspaceoperator.auth;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.workspaceoperator.workspace.Scope;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** One object of the file of issuers, read field by field; each mistake names the field. */
final class IssuerEntry {
  private final String path;
  private final ObjectNode object;
  private final Consumer<String> mistakes;
  private boolean sound = true;

  IssuerEntry(String path, ObjectNode object, Consumer<String> mistakes) {
    this.path = path;
    this.object = object;
    this.mistakes = mistakes;
  }

  /** Notes a mistake, such as {@code issuers[0].audience is required}. */
  void mistake(String field, String what) {
    sound = false;
    mistakes.accept("%s.%s %s.".formatted(path, field, what));
  }

  /** Whether there was no mistake. */
  boolean isSound() {
    return sound;
  }

  boolean has(String field) {
    return object.has(field);
  }

  /** An object within this one; its mistakes are told with the whole path. */
  Optional<IssuerEntry> object(String field) {
    JsonNode value = object.path(field);
    if (value.isMissingNode()) {
      return Optional.empty();
    }
    if (value instanceof ObjectNode inner) {
      return Optional.of(new IssuerEntry(path + "." + field, inner, mistakes));
    }
    mistake(field, "must be an object");
    return Optional.empty();
  }

  /** An object within this one has been read: its mistakes are this one's. */
  void adopt(IssuerEntry inner) {
    sound &= inner.isSound();
  }

  void refuseOthersThan(Set<String> known) {
    Set<String> others = new TreeSet<>();
    object.fieldNames().forEachRemaining(others::add);
    others.removeAll(known);
    for (String other : others) {
      mistake(other, "is not known. Known are: " + String.join(", ", new TreeSet<>(known)));
    }
  }

  Optional<String> text(String field) {
    JsonNode value = object.path(field);
    if (value.isMissingNode()) {
      return Optional.empty();
    }
    Optional<String> text = Optional.ofNullable(value.textValue()).filter(IssuerEntry::isWord);
    if (text.isEmpty()) {
      mistake(field, "must be a text without spaces");
    }
    return text;
  }

  /** One text or a list of them. */
  Set<String> texts(String field) {
    JsonNode value = object.path(field);
    if (!value.isArray()) {
      return text(field).map(Set::of).orElse(Set.of());
    }
    Set<String> texts = new LinkedHashSet<>();
    for (JsonNode item : value) {
      if (item.isTextual() && isWord(item.textValue())) {
        texts.add(item.textValue());
      } else {
        mistake(field, "must be a list of texts without spaces");
      }
    }
    return texts;
  }

  /** The names of a claim, the most wanted first. */
  List<ClaimName> claims(String field) {
    Set<String> names = texts(field);
    if (object.path(field).isArray() && object.path(field).isEmpty()) {
      mistake(field, "must name a claim");
    }
    return names.stream().map(ClaimName::new).toList();
  }

  Set<Scope> scopes(String field) {
    Set<Scope> scopes = EnumSet.noneOf(Scope.class);
    for (String label : texts(field)) {
      Scope.ofLabel(label)
          .ifPresentOrElse(
              scopes::add,
              () ->
                  mistake(
                      field,
                      "has the unknown scope \"%s\". Known are: %s"
                          .formatted(
                              label,
                              Arrays.stream(Scope.values())
                                  .map(Scope::label)
                                  .collect(Collectors.joining(", ")))));
    }
    return Collections.unmodifiableSet(scopes);
  }

  boolean bool(String field) {
    JsonNode value = object.path(field);
    if (!value.isMissingNode() && !value.isBoolean()) {
      mistake(field, "must be true or false");
    }
    return value.asBoolean(false);
  }

  int integer(String field, int min, int max, int absent) {
    JsonNode value = object.path(field);
    if (value.isMissingNode()) {
      return absent;
    }
    if (!value.isInt() || value.intValue() < min || value.intValue() > max) {
      mistake(field, "must be a whole number from %d to %d".formatted(min, max));
      return absent;
    }
    return value.intValue();
  }

  <T> T word(String field, Map<String, T> words, T absent) {
    Optional<String> word = text(field);
    if (word.isPresent() && !words.containsKey(word.get())) {
      mistake(field, "must be one of " + String.join(", ", new TreeSet<>(words.keySet())));
    }
    return word.map(words::get).orElse(absent);
  }

  /** A file that can be read now. */
  Optional<Path> file(String field) {
    JsonNode value = object.path(field);
    if (value.isMissingNode()) {
      return Optional.empty();
    }
    try {
      Path file = Path.of(value.asText());
      if (value.isTextual() && Files.isRegularFile(file) && Files.isReadable(file)) {
        return Optional.of(file);
      }
    } catch (InvalidPathException e) {
      // Reported below.
    }
    mistake(field, "must be the path of a file that can be read");
    return Optional.empty();
  }

  private static boolean isWord(String text) {
    return !text.isEmpty()
        && text.codePoints()
            .noneMatch(point -> Character.isWhitespace(point) || Character.isISOControl(point));
  }
}
