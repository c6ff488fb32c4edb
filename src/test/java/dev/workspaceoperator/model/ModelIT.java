package dev.workspaceoperator.model;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * A short script, the same each time; {@code -Dmodel.operations=} makes a longer one by chance,
 * {@code -Dmodel.seed=} that one once more.
 */
class ModelIT {
  private static final int SHORT = 25;
  private static final int OPERATIONS = Integer.getInteger("model.operations", SHORT);
  private static final int TAIL = 25;

  @Test
  void theProgramAnswersAsTheContractDoes() throws Exception {
    long byChance = OPERATIONS == SHORT ? 1 : new SecureRandom().nextInt(Integer.MAX_VALUE);
    long seed = Long.getLong("model.seed", byChance);
    System.out.printf("Model: seed %d, %d operations%n", seed, OPERATIONS);
    Model model = new Model();
    NextActions script = new NextActions(seed);
    List<String> said = new ArrayList<>();
    List<Action> asked = new ArrayList<>();
    try (Program program = Program.start()) {
      for (int number = 1; number <= OPERATIONS; number++) {
        Action operation = script.next(model);
        said.add("%4d %s".formatted(number, operation));
        asked.add(operation);
        try {
          step(model, program, operation);
        } catch (AssertionError | RuntimeException e) {
          throw new AssertionError(
              "seed %d, operation %d; what led there:%n%s%n%s"
                  .formatted(seed, number, tail(said, asked), e.getMessage()),
              e);
        }
      }
      program.holdEvents(model);
    }
  }

  private static void step(Model model, Program program, Action operation) throws Exception {
    Map<String, Optional<Model.Key>> before = holders(model);
    ModelAnswer expected = model.answer(operation);
    ModelAnswer actual = program.perform(operation);
    if (!actual.equals(expected)) {
      throw new AssertionError("expected %s but was %s".formatted(expected, actual));
    }
    for (Team team : model.teams()) {
      program.hold(model, team);
    }
    Map<String, Optional<Model.Key>> after = holders(model);
    for (String label : labels(before, after)) {
      if (!before.getOrDefault(label, Optional.empty()).equals(after.get(label))) {
        program.holdKey(model, label);
      }
    }
  }

  private static Set<String> labels(
      Map<String, Optional<Model.Key>> before, Map<String, Optional<Model.Key>> after) {
    Set<String> labels = new TreeSet<>(before.keySet());
    labels.addAll(after.keySet());
    return labels;
  }

  private static Map<String, Optional<Model.Key>> holders(Model model) {
    Map<String, Optional<Model.Key>> holders = new HashMap<>();
    model.labels().forEach(label -> holders.put(label, model.holder(label)));
    return holders;
  }

  /** The last operations that can bear on the one that failed. */
  private static String tail(List<String> said, List<Action> asked) {
    Set<String> pair = NextActions.pairOf(asked.getLast().team());
    List<String> tail = new ArrayList<>();
    for (int i = 0; i < said.size(); i++) {
      if (pair.contains(asked.get(i).team()) || asked.get(i) instanceof Action.KillAll) {
        tail.add(said.get(i));
      }
    }
    return String.join(
        System.lineSeparator(), tail.subList(Math.max(0, tail.size() - TAIL), tail.size()));
  }
}
