package dev.workspaceoperator.app;

import dev.workspaceoperator.crd.WorkspaceCrd;
import dev.workspaceoperator.env.KubeApiServer;
import dev.workspaceoperator.env.SharedDatabase;
import dev.workspaceoperator.env.SharedKubeApiServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;

/**
 * With a controller in this JVM, as administrator. Each build runs the same in {@link
 * LeastPrivilegeIT}, with the packaged program and the rights that it ships with.
 */
@Tag("long")
@SuppressWarnings("NullAway.Init") // Set up once for all tests.
class WorkspaceE2eIT extends WorkspaceE2eTests {
  private static Cluster cluster;
  private static ControllerRole controller;

  WorkspaceE2eIT() {
    super(cluster);
  }

  @BeforeAll
  static void start() throws InterruptedException {
    KubeApiServer server = SharedKubeApiServer.get();
    WorkspaceCrd.install(server);
    cluster = new Cluster(server, SharedDatabase.create(), "e2e");
    controller = cluster.controller();
  }

  @AfterAll
  static void stop() {
    controller.close();
  }
}
