package dev.workspaceoperator.versions;

import java.util.List;
import java.util.Map;

/** What is tried of all that there is. */
final class Chosen {
  private Chosen() {}

  /**
   * Those that are asked for, in that order; all for none.
   *
   * @param property that asks for them
   * @throws IllegalArgumentException for one that there is not; says which there are
   */
  static List<Trial> of(String property, Map<String, Trial> all, List<String> asked) {
    if (asked.isEmpty()) {
      return List.copyOf(all.values());
    }
    if (!all.keySet().containsAll(asked)) {
      throw new IllegalArgumentException(
          "-D%s= takes, with commas, %s; not %s"
              .formatted(property, String.join(", ", all.keySet()), String.join(",", asked)));
    }
    return asked.stream().map(all::get).toList();
  }
}
