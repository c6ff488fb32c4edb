package dev.workspaceoperator;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** The packages of the program as they are compiled, and which of them knows which. */
final class Rooms {
  static final String ROOT = "dev.workspaceoperator";
  static final JavaClasses PROGRAM =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages(ROOT);

  private Rooms() {}

  /** The class of a file. */
  static JavaClass outermost(JavaClass nested) {
    JavaClass outermost = nested.getBaseComponentType();
    while (outermost.getEnclosingClass().isPresent()) {
      outermost = outermost.getEnclosingClass().get();
    }
    return outermost;
  }

  /** Its name, from below the program's own package: as {@code gate.Lane}. */
  static String name(JavaClass of) {
    return of.getName().substring(ROOT.length() + 1);
  }

  /** Each package with those that it knows, except those that it knows through others anyway. */
  static SortedMap<String, SortedSet<String>> arrows() {
    SortedMap<String, SortedSet<String>> known = known();
    SortedMap<String, SortedSet<String>> arrows = new TreeMap<>();
    known.forEach((from, all) -> {
      SortedSet<String> direct = new TreeSet<>(all);
      for (String through : all) {
        direct.removeAll(reachable(known, through));
      }
      arrows.put(from, direct);
    });
    return arrows;
  }

  private static SortedMap<String, SortedSet<String>> known() {
    SortedMap<String, SortedSet<String>> known = new TreeMap<>();
    for (JavaClass each : PROGRAM) {
      String from = room(each);
      known.computeIfAbsent(from, _ -> new TreeSet<>());
      for (Dependency dependency : each.getDirectDependenciesFromSelf()) {
        JavaClass target = dependency.getTargetClass().getBaseComponentType();
        if (target.getPackageName().startsWith(ROOT) && !room(target).equals(from)) {
          known.get(from).add(room(target));
        }
      }
    }
    return known;
  }

  private static SortedSet<String> reachable(
      SortedMap<String, SortedSet<String>> known, String from) {
    SortedSet<String> reached = new TreeSet<>();
    for (String next : known.get(from)) {
      if (reached.add(next)) {
        reached.addAll(reachable(known, next));
      }
    }
    return reached;
  }

  private static String room(JavaClass of) {
    return of.getPackageName().substring(ROOT.length() + 1);
  }
}
