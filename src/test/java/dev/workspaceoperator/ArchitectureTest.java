package dev.workspaceoperator;

import static com.tngtech.archunit.core.domain.JavaAccess.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaAccess.Predicates.targetOwner;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Dependencies between packages point downwards; only {@code app} knows all. */
class ArchitectureTest {
  private static final String ROOT = Rooms.ROOT;
  private static final Path SOURCES = Path.of("src/main/java/dev/workspaceoperator");
  private static final JavaClasses PROGRAM = Rooms.PROGRAM;

  @Test
  void packagesKnowOnlyThoseBelowThem() {
    layeredArchitecture()
        .consideringOnlyDependenciesInLayers()
        .withOptionalLayers(true)
        .layer("workspace")
        .definedBy(ROOT + ".workspace..")
        .layer("crd")
        .definedBy(ROOT + ".crd..")
        .layer("controller")
        .definedBy(ROOT + ".controller..")
        .layer("store")
        .definedBy(ROOT + ".store..")
        .layer("sql")
        .definedBy(ROOT + ".sql..")
        .layer("gate")
        .definedBy(ROOT + ".gate..")
        .layer("http")
        .definedBy(ROOT + ".http..")
        .layer("auth")
        .definedBy(ROOT + ".auth..")
        .layer("share")
        .definedBy(ROOT + ".share..")
        .layer("loop")
        .definedBy(ROOT + ".loop..")
        .layer("metric")
        .definedBy(ROOT + ".metric..")
        .layer("digest")
        .definedBy(ROOT + ".digest..")
        .layer("extauthz")
        .definedBy(ROOT + ".extauthz..")
        .layer("network")
        .definedBy(ROOT + ".network..")
        .layer("notification")
        .definedBy(ROOT + ".notification..")
        .layer("trace")
        .definedBy(ROOT + ".trace..")
        .layer("app")
        .definedBy(ROOT + ".app..")
        .whereLayer("network")
        .mayNotAccessAnyLayer()
        .whereLayer("notification")
        .mayOnlyBeAccessedByLayers("app")
        .whereLayer("notification")
        .mayOnlyAccessLayers("workspace", "loop", "metric", "network")
        .whereLayer("extauthz")
        .mayOnlyBeAccessedByLayers("app")
        .whereLayer("extauthz")
        .mayOnlyAccessLayers("workspace", "auth", "share", "loop", "http", "metric", "trace")
        .whereLayer("app")
        .mayNotBeAccessedByAnyLayer()
        .whereLayer("controller")
        .mayOnlyBeAccessedByLayers("app")
        .whereLayer("http")
        .mayOnlyBeAccessedByLayers("app", "extauthz")
        .whereLayer("gate")
        .mayOnlyBeAccessedByLayers("app")
        .whereLayer("store")
        .mayOnlyBeAccessedByLayers("app")
        .whereLayer("sql")
        .mayOnlyBeAccessedByLayers("app", "gate", "store")
        .whereLayer("sql")
        .mayOnlyAccessLayers("workspace", "loop", "metric", "trace")
        .whereLayer("auth")
        .mayOnlyBeAccessedByLayers("app", "http", "extauthz")
        .whereLayer("share")
        .mayOnlyAccessLayers("workspace", "loop", "metric")
        .whereLayer("loop")
        .mayOnlyAccessLayers("metric")
        .whereLayer("metric")
        .mayNotAccessAnyLayer()
        .whereLayer("trace")
        .mayOnlyAccessLayers("loop", "metric")
        .whereLayer("trace")
        .mayOnlyBeAccessedByLayers("app", "controller", "extauthz", "gate", "http", "sql")
        .whereLayer("digest")
        .mayNotAccessAnyLayer()
        .whereLayer("digest")
        .mayOnlyBeAccessedByLayers("auth", "store", "http")
        .whereLayer("share")
        .mayOnlyBeAccessedByLayers("app", "auth", "gate", "http", "extauthz")
        .whereLayer("crd")
        .mayOnlyAccessLayers("workspace")
        .whereLayer("controller")
        .mayOnlyAccessLayers("workspace", "crd", "loop", "metric", "trace")
        .whereLayer("crd")
        .mayOnlyBeAccessedByLayers("app", "controller")
        .check(PROGRAM);
  }

  @Test
  void theRoomsOfHttpKnowOnlyThoseBelowThem() {
    layeredArchitecture()
        .consideringOnlyDependenciesInLayers()
        .layer("resources")
        .definedBy(ROOT + ".http")
        .layer("console")
        .definedBy(ROOT + ".http.console")
        .layer("events")
        .definedBy(ROOT + ".http.events")
        .layer("view")
        .definedBy(ROOT + ".http.view")
        .layer("server")
        .definedBy(ROOT + ".http.server")
        .layer("connections")
        .definedBy(ROOT + ".http.connections")
        .whereLayer("resources")
        .mayNotBeAccessedByAnyLayer()
        .whereLayer("console")
        .mayOnlyBeAccessedByLayers("resources")
        .whereLayer("events")
        .mayOnlyBeAccessedByLayers("resources")
        .whereLayer("view")
        .mayOnlyBeAccessedByLayers("resources", "events")
        .whereLayer("server")
        .mayOnlyBeAccessedByLayers("resources", "events", "view", "console")
        .whereLayer("connections")
        .mayNotAccessAnyLayer()
        .check(PROGRAM);
  }

  @Test
  void theRoomsOfTheProgramKnowOnlyThoseBelowThem() {
    layeredArchitecture()
        .consideringOnlyDependenciesInLayers()
        .layer("roles")
        .definedBy(ROOT + ".app")
        .layer("commands")
        .definedBy(ROOT + ".app.command")
        .layer("options")
        .definedBy(ROOT + ".app.option")
        .whereLayer("roles")
        .mayNotBeAccessedByAnyLayer()
        .whereLayer("commands")
        .mayOnlyBeAccessedByLayers("roles")
        .whereLayer("options")
        .mayNotAccessAnyLayer()
        .check(PROGRAM);
  }

  /** The two doors share how callers sign in and how refusals are told, and nothing else. */
  @Test
  void extAuthzKnowsOfHttpWhatRefusalsAreToldWith() {
    noClasses()
        .that()
        .resideInAPackage(ROOT + ".extauthz..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            ROOT + ".http", ROOT + ".http.events", ROOT + ".http.view", ROOT + ".http.connections")
        .check(PROGRAM);
  }

  /** Rules and ports know the values, and not each other. */
  @Test
  void theRoomsOfAWorkspaceKnowOnlyThoseBelowThem() {
    layeredArchitecture()
        .consideringOnlyDependenciesInLayers()
        .layer("values")
        .definedBy(ROOT + ".workspace")
        .layer("rules")
        .definedBy(ROOT + ".workspace.rule..")
        .layer("ports")
        .definedBy(ROOT + ".workspace.port..")
        .whereLayer("values")
        .mayNotAccessAnyLayer()
        .whereLayer("rules")
        .mayOnlyAccessLayers("values")
        .whereLayer("ports")
        .mayOnlyAccessLayers("values")
        .check(PROGRAM);
  }

  /** What is not loaded where nobody asks for traces is named in one room alone. */
  @Test
  void onlyTracesKnowOpenTelemetry() {
    noClasses()
        .that()
        .resideOutsideOfPackage(ROOT + ".trace..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.opentelemetry..")
        .check(PROGRAM);
  }

  @Test
  void noClassesKnowEachOtherInACircle() {
    SlicesRuleDefinition.slices()
        .assignedFrom(new OutermostClasses())
        .should()
        .beFreeOfCycles()
        .check(PROGRAM);
  }

  @Test
  void theRulesAndTheLedgerArePure() {
    classes()
        .that()
        .resideInAnyPackage(ROOT + ".workspace..", ROOT + ".gate.ledger..")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            ROOT + ".workspace..",
            ROOT + ".gate.ledger..",
            "java.lang..",
            "java.math",
            "java.time..",
            "java.util..",
            "org.jspecify..")
        .check(PROGRAM);
    noClasses()
        .that()
        .resideInAnyPackage(ROOT + ".workspace..", ROOT + ".gate.ledger..")
        .should()
        .callMethod(java.time.Instant.class, "now")
        .orShould()
        .callMethod(System.class, "currentTimeMillis")
        .orShould()
        .callMethod(System.class, "nanoTime")
        .check(PROGRAM);
  }

  @Test
  void theGateKnowsNoClockButTheDatabases() {
    noClasses()
        .that()
        .resideInAPackage(ROOT + ".gate..")
        .should()
        .accessTargetWhere(target(name("now")).and(targetOwner(resideInAPackage("java.time"))))
        .orShould()
        .accessTargetWhere(target(name("currentTimeMillis")))
        .orShould()
        .dependOnClassesThat()
        .areAssignableTo(InstantSource.class)
        .check(PROGRAM);
  }

  /** A thread that an Error ends leaves no trace: see {@code loop}. */
  @Test
  void whatGoesOnForAsLongAsTheProcessIsKept() throws IOException {
    Pattern loops =
        Pattern.compile(
            "Thread\\.of(?:Platform|Virtual)\\(\\)[^;]*?\\.(?:un)?start(?:ed)?\\(\\s*(?<thread>[^;]*)"
                + "|schedule(?:WithFixedDelay|AtFixedRate)\\(\\s*(?<task>[^;]*)");
    List<String> unkept = new ArrayList<>();
    try (Stream<Path> files = Files.walk(SOURCES)) {
      for (Path file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
        Matcher found = loops.matcher(Files.readString(file));
        while (found.find()) {
          String work =
              Optional.ofNullable(found.group("thread")).orElseGet(() -> found.group("task"));
          if (!work.startsWith("Loop.")) {
            unkept.add(file.getFileName().toString());
          }
        }
      }
    }
    assertThat(unkept)
        .as("each of these ends by itself, or sees to it that nothing ends it")
        .containsExactlyInAnyOrder(
            "ControllerCommand.java",
            "EventTopic.java",
            // Rounds of a Loop, made once for two who run them.
            "Housekeeping.java",
            "IssuerKeys.java",
            "Lane.java",
            // A request, and what cuts it off.
            "ManagementServer.java",
            "ManagementServer.java",
            "ServingRole.java");
  }

  @Test
  void everyPackageSaysWhatItIsForAndIsNullMarked() throws IOException {
    List<Path> packages;
    try (Stream<Path> entries = Files.walk(SOURCES)) {
      packages = entries.filter(path -> Files.isDirectory(path) && !path.equals(SOURCES)).toList();
    }
    assertThat(packages).isNotEmpty();
    for (Path directory : packages) {
      assertThat(directory.resolve("package-info.java"))
          .as("says where to start reading")
          .content()
          .containsIgnoringCase("start reading")
          .contains("@NullMarked");
    }
  }

  /** A class with all that is nested in it. */
  private static final class OutermostClasses implements SliceAssignment {
    @Override
    public SliceIdentifier getIdentifierOf(JavaClass javaClass) {
      return SliceIdentifier.of(Rooms.outermost(javaClass).getName());
    }

    @Override
    public String getDescription() {
      return "classes with what is nested in them";
    }
  }
}
