package dev.workspaceoperator.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.workspaceoperator.auth.Authenticator;
import dev.workspaceoperator.contract.ApiOperation;
import dev.workspaceoperator.contract.OpenApiDocument;
import dev.workspaceoperator.http.events.ChangeHub;
import dev.workspaceoperator.http.events.EventSettings;
import dev.workspaceoperator.http.server.ProblemCode;
import dev.workspaceoperator.http.server.Route;
import dev.workspaceoperator.workspace.PlanDefaults;
import dev.workspaceoperator.workspace.Scope;
import dev.workspaceoperator.workspace.port.Admissions;
import dev.workspaceoperator.workspace.port.ApiKeys;
import dev.workspaceoperator.workspace.port.AuditLog;
import dev.workspaceoperator.workspace.port.Fleet;
import dev.workspaceoperator.workspace.port.OverrideStore;
import dev.workspaceoperator.workspace.port.RunBooks;
import dev.workspaceoperator.workspace.port.RuntimeSettings;
import dev.workspaceoperator.workspace.port.UsageBooks;
import dev.workspaceoperator.workspace.port.WorkspaceDirectory;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.reflect.Proxy;
import java.time.Clock;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** {@code openapi.yaml} has what the server has, and nothing else. */
class DocumentedRoutesTest {
  private static final OpenApiDocument DOCUMENT = OpenApiDocument.shipped();

  /** What a caller must know of a call; the path without its trailing slash. */
  private record NamedStatement(
      String method, String path, Set<String> scopes, Set<String> consumes) {
    static NamedStatement of(Route route) {
      return new NamedStatement(
          route.verb().name(),
          route.template(),
          route.scopes().stream().map(Scope::label).collect(Collectors.toSet()),
          switch (route.body()) {
            case NONE -> Set.of();
            case JSON, OPTIONAL_JSON -> Set.of("application/json");
            case MERGE_PATCH -> Set.of("application/json", "application/merge-patch+json");
          });
    }

    static NamedStatement of(ApiOperation operation) {
      return new NamedStatement(
          operation.method(),
          operation.template().replaceFirst("/$", ""),
          operation.scopes(),
          operation.consumes());
    }
  }

  @Test
  void everyRouteIsAnOperationAndEveryOperationARoute() {
    RuntimeSettings settings = unused(RuntimeSettings.class);
    try (ChangeHub events =
        ChangeHub.start(
            unused(Authenticator.class),
            settings,
            PlanDefaults.STANDARD,
            EventSettings.STANDARD,
            new SimpleMeterRegistry())) {
      ApiPorts ports =
          new ApiPorts(
              PlanDefaults.STANDARD,
              settings,
              unused(OverrideStore.class),
              unused(ApiKeys.class),
              unused(AuditLog.class),
              unused(Fleet.class),
              unused(WorkspaceDirectory.class),
              unused(Admissions.class),
              unused(RunBooks.class),
              unused(UsageBooks.class),
              new UsageExports(new SimpleMeterRegistry()),
              events,
              Clock.systemUTC());

      assertThat(ports.routes().stream().map(NamedStatement::of))
          .containsExactlyInAnyOrderElementsOf(
              DOCUMENT.operations().stream().map(NamedStatement::of).toList());
    }
  }

  /** Nothing is asked of it: only which routes there are is looked at. */
  private static <T> T unused(Class<T> port) {
    return port.cast(
        Proxy.newProxyInstance(
            port.getClassLoader(),
            new Class<?>[] {port},
            (_, method, _) -> {
              throw new UnsupportedOperationException(method.toString());
            }));
  }

  @Test
  void everyCodeHasItsStatusTitleAndType() {
    Map<String, JsonNode> examples = DOCUMENT.problemExamples();

    assertThat(examples).containsOnlyKeys(codes());
    for (ProblemCode code : ProblemCode.values()) {
      JsonNode example = examples.getOrDefault(code.name(), DOCUMENT.root());
      assertThat(example.path("code").asText()).isEqualTo(code.name());
      assertThat(example.path("status").asInt()).as(code.name()).isEqualTo(code.status().code());
      assertThat(example.path("title").asText()).as(code.name()).isEqualTo(code.title());
      assertThat(example.path("type").asText()).as(code.name()).isEqualTo(code.type());
    }
  }

  @Test
  void theDocumentNamesEveryCode() {
    assertThat(DOCUMENT.root().at("/components/schemas/Problem/discriminator/mapping").properties())
        .extracting(Map.Entry::getKey)
        .containsExactlyInAnyOrder(codes());
  }

  private static String[] codes() {
    return Arrays.stream(ProblemCode.values()).map(ProblemCode::name).toArray(String[]::new);
  }
}
