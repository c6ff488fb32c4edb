package dev.workspaceoperator.app;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a process tells of its figures, read as Prometheus reads it. */
record Scrape(Map<String, Family> families) {
  private static final Pattern SAMPLE =
      Pattern.compile("([a-zA-Z_:][\\w:]*)(?:\\{(.*)})? (\\S+)(?: .*)?");
  private static final Pattern LABEL = Pattern.compile("(\\w+)=\"((?:[^\"\\\\]|\\\\.)*)\"");

  /** Of one name. */
  record Family(String type, String help, Set<String> labels, Map<String, Double> samples) {}

  /** Reads the text format. */
  static Scrape of(String text) {
    Map<String, String> helps = new LinkedHashMap<>();
    Map<String, Family> families = new LinkedHashMap<>();
    String current = "";
    for (String line : text.lines().toList()) {
      String[] words = line.split(" ", 4);
      if (line.startsWith("# HELP ")) {
        helps.put(words[2], words.length > 3 ? words[3] : "");
      } else if (line.startsWith("# TYPE ")) {
        current = words[2];
        families.put(
            current,
            new Family(
                words[3], helps.getOrDefault(current, ""), new TreeSet<>(), new LinkedHashMap<>()));
      } else if (!line.startsWith("#")) {
        Matcher sample = SAMPLE.matcher(line);
        if (!sample.matches()) {
          throw new AssertionError("not a sample: " + line);
        }
        Family family = families.get(current);
        if (family == null || !sample.group(1).startsWith(current)) {
          throw new AssertionError("a sample of no family: " + line);
        }
        labels(Optional.ofNullable(sample.group(2)).orElse("")).forEach(family.labels()::add);
        family.samples().put(line.substring(0, line.lastIndexOf(' ')), value(sample.group(3)));
      }
    }
    return new Scrape(families);
  }

  /**
   * What is told under a name.
   *
   * @throws AssertionError if nothing is
   */
  Family family(String name) {
    Family family = families.get(name);
    if (family == null) {
      throw new AssertionError("%s is not among %s".formatted(name, families.keySet()));
    }
    return family;
  }

  /** The value of a sample, by its name with its labels as they are told; empty for none. */
  Optional<Double> value(String family, String sample) {
    return Optional.ofNullable(families.get(family))
        .flatMap(of -> Optional.ofNullable(of.samples().get(sample)));
  }

  private static Set<String> labels(String text) {
    Set<String> names = new LinkedHashSet<>();
    Matcher label = LABEL.matcher(text);
    while (label.find()) {
      names.add(label.group(1));
    }
    names.remove("le");
    names.remove("quantile");
    return names;
  }

  private static double value(String text) {
    return switch (text) {
      case "+Inf" -> Double.POSITIVE_INFINITY;
      case "-Inf" -> Double.NEGATIVE_INFINITY;
      default -> Double.parseDouble(text);
    };
  }
}
