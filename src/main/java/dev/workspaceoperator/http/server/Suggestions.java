package dev.workspaceoperator.http.server;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Guesses which name was meant by one that does not exist. */
final class Suggestions {
  private static final int LENGTH_MAX = 64;

  private Suggestions() {}

  /** A sentence: the nearest known name, or all of them. */
  static String of(String name, List<String> known) {
    Optional<String> nearest =
        name.length() > LENGTH_MAX
            ? Optional.empty()
            : known.stream()
                .filter(candidate -> isNear(name, candidate))
                .min(Comparator.comparingInt(candidate -> distance(name, candidate)));
    return nearest
        .map("Did you mean %s?"::formatted)
        .orElseGet(() -> "Known are: " + String.join(", ", known) + ".");
  }

  private static boolean isNear(String name, String candidate) {
    return distance(name, candidate) <= Math.max(2, candidate.length() / 3)
        || squeezed(candidate).equals(squeezed(name))
        || squeezed(candidate).startsWith(squeezed(name) + "usd");
  }

  /** Without case and separators, so that {@code dailyBudgetUsd} is found too. */
  private static String squeezed(String name) {
    StringBuilder text = new StringBuilder();
    name.chars()
        .filter(Character::isLetterOrDigit)
        .forEach(c -> text.append((char) Character.toLowerCase(c)));
    return text.toString();
  }

  /** How many letters must be changed, added or removed (Levenshtein). */
  private static int distance(String a, String b) {
    int[] previous = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      previous[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int[] current = new int[b.length() + 1];
      current[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int substitution = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        current[j] = Math.min(substitution, 1 + Math.min(previous[j], current[j - 1]));
      }
      previous = current;
    }
    return previous[b.length()];
  }
}
