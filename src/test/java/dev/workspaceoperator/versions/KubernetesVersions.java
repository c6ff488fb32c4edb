package dev.workspaceoperator.versions;

import dev.workspaceoperator.env.KubeBinaries;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The Kubernetes versions that the repository pins. */
final class KubernetesVersions {
  /** By what {@code -Dkubernetes=} calls them. */
  private final Map<String, Trial> trials;

  private KubernetesVersions(Map<String, Trial> trials) {
    this.trials = trials;
  }

  static KubernetesVersions pinned() {
    Map<String, Trial> trials = new LinkedHashMap<>();
    KubeBinaries.pinned().forEach((name, version) -> trials.put(name, trial(name, version)));
    return new KubernetesVersions(trials);
  }

  private static Trial trial(String name, String version) {
    return new Trial(Subject.KUBERNETES, version, "", Map.of(KubeBinaries.CHOICE, name));
  }

  /** A version may also be asked for by its number. */
  private String nameOf(String asked) {
    return trials.entrySet().stream()
        .filter(entry -> entry.getValue().version().equals(asked))
        .map(Map.Entry::getKey)
        .findFirst()
        .orElse(asked);
  }

  /**
   * Those that are asked for; all for none.
   *
   * @throws IllegalArgumentException for one that there is not
   */
  List<Trial> trials(List<String> asked) {
    return Chosen.of(KubeBinaries.CHOICE, trials, asked.stream().map(this::nameOf).toList());
  }
}
