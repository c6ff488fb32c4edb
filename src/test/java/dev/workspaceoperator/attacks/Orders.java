package dev.workspaceoperator.attacks;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * An attack by what is sent to the replica.
 *
 * @param lab whose replica and attackers
 */
record Orders(AttackLab lab, List<Order> orders) implements Assault {
  @Override
  public void begin() throws IOException {
    lab.attackers().begin(lab.port(), orders);
  }

  @Override
  public String end() throws IOException {
    Map<String, Map<String, Long>> answers = lab.attackers().end();
    return answers.entrySet().stream()
        .map(order -> (answers.size() > 1 ? order.getKey() + ": " : "") + counts(order.getValue()))
        .collect(Collectors.joining("; "));
  }

  private static String counts(Map<String, Long> outcomes) {
    return outcomes.isEmpty()
        ? "no answer"
        : outcomes.entrySet().stream()
            .map(it -> String.format(Locale.ROOT, "%s %,d", it.getKey(), it.getValue()))
            .collect(Collectors.joining(", "));
  }
}
