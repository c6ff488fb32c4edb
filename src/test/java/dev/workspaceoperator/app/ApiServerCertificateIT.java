package dev.workspaceoperator.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.workspaceoperator.env.KubeApiServer;
import dev.workspaceoperator.env.ServingAuthority;
import dev.workspaceoperator.env.SharedDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Controllers, and an API server that comes back from a crash with another certificate. */
@SuppressWarnings("NullAway.Init") // Set up once for all tests.
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class ApiServerCertificateIT {
  private static final Duration STARTED_WITHIN = Duration.ofSeconds(60);
  private static final Duration CONVERGED_WITHIN = Duration.ofSeconds(30);

  /** Well under the time after which a lease that is not given back runs out. */
  private static final Duration HANDED_OVER_WITHIN = Duration.ofSeconds(5);

  @RegisterExtension final RoleProcesses controllers = RoleProcesses.ofEachTest();

  @TempDir private static Path authorities;
  @TempDir private static Path serverDirectory;
  private static KubeApiServer server;

  /** Whose certificate the server has. */
  private static ServingAuthority authority;

  @TempDir private Path directory;

  @BeforeAll
  static void startServer() throws Exception {
    authority = ServingAuthority.create(Files.createDirectory(authorities.resolve("first")));
    issueAnew();
    server = TeamWorkspace.startServer(serverDirectory);
  }

  @AfterAll
  static void stopServer() {
    server.close();
  }

  @Test
  @Tag("long")
  void ofTheSameAuthorityTheControllerGoesOn() throws Exception {
    String before = Files.readString(serverDirectory.resolve(KubeApiServer.CERTIFICATE));
    try (TeamWorkspace bench =
        TeamWorkspace.open(server, "restarted-server", SharedDatabase.create())) {
      bench.create("{dailyBudgetUsd: 5}");
      RoleProcess controller = controllers.start(bench.aloneOptions());
      await().atMost(STARTED_WITHIN).until(bench::isSynced);

      server.killApiServer();
      assertThat(issueAnew()).content().isNotEqualTo(before);
      server.start();
      bench.declareBudget(7);

      await().atMost(CONVERGED_WITHIN).until(bench::isSynced);
      assertThat(bench.storedBudget()).containsExactly("7");
      assertThat(controller.isAlive()).isTrue();
    }
  }

  @Test
  @Tag("long")
  void ofAnotherAuthorityTheyEndAndStartAnewWithIt() throws Exception {
    Path authorityFile = Files.writeString(directory.resolve("ca.crt"), authority.certificate());
    try (TeamWorkspace bench =
        TeamWorkspace.open(server, "other-authority", SharedDatabase.create())) {
      bench.create("{dailyBudgetUsd: 5}");
      Path kubeconfig = kubeconfig(authorityFile);
      RoleProcess one = controllers.start(bench.electedOptions(kubeconfig));
      RoleProcess two = controllers.start(bench.electedOptions(kubeconfig));
      ServingAuthority other =
          ServingAuthority.create(Files.createDirectory(authorities.resolve("other")));
      await().atMost(STARTED_WITHIN).until(bench::isSynced);
      await().atMost(STARTED_WITHIN).until(() -> one.isReady() && two.isReady());
      RoleProcess leader = one.isLeading() ? one : two;
      RoleProcess standby = one.isLeading() ? two : one;

      server.killApiServer();
      authority = other;
      issueAnew();
      server.start();
      await().atMost(CONVERGED_WITHIN).until(() -> !leader.isAlive());
      assertThat(leader.exitCode()).isEqualTo(ControllerRole.EXIT_REPLACED);
      assertThat(standby.isAlive()).isTrue();
      Files.writeString(authorityFile, other.certificate());

      await().atMost(CONVERGED_WITHIN).until(() -> !standby.isAlive());
      assertThat(standby.exitCode()).isEqualTo(ControllerRole.EXIT_AUTHORITY_CHANGED);
      controllers.start(bench.electedOptions(kubeconfig));
      try (TeamWorkspace now = bench.reconnected()) {
        now.declareBudget(7);
        await().atMost(STARTED_WITHIN).until(now::isSynced);
        assertThat(now.storedBudget()).containsExactly("7");
      }
    }
  }

  @Test
  @Tag("long")
  void aLeaderThatEndsBecauseItsAuthorityChangedGivesItsLeaseBack() throws Exception {
    String trusted = server.certificateAuthority();
    Path authorityFile = Files.writeString(directory.resolve("ca.crt"), trusted);
    try (TeamWorkspace bench =
        TeamWorkspace.open(server, "rolled-authority", SharedDatabase.create())) {
      bench.create("{dailyBudgetUsd: 5}");
      RoleProcess leader = controllers.start(bench.electedOptions(kubeconfig(authorityFile)));
      await().atMost(STARTED_WITHIN).until(leader::isLeading);
      RoleProcess standby = controllers.start(bench.electedOptions());
      await().atMost(STARTED_WITHIN).until(standby::isReady);

      Files.writeString(authorityFile, trusted + ServingAuthority.create(directory).certificate());

      await().atMost(CONVERGED_WITHIN).until(() -> !leader.isAlive());
      assertThat(leader.exitCode()).isEqualTo(ControllerRole.EXIT_AUTHORITY_CHANGED);
      await().atMost(HANDED_OVER_WITHIN).until(standby::isLeading);
      bench.declareBudget(7);
      await().atMost(CONVERGED_WITHIN).until(bench::isSynced);
      assertThat(bench.storedBudget()).containsExactly("7");
    }
  }

  private Path kubeconfig(Path authorityFile) throws IOException {
    return Files.writeString(
        directory.resolve("kubeconfig"),
        Files.readString(server.kubeconfig())
            .replaceAll(
                "certificate-authority-data: .*", "certificate-authority: " + authorityFile));
  }

  /** Gives the API server another certificate, which it has from its next start on. */
  private static Path issueAnew() throws Exception {
    Path certificate = serverDirectory.resolve(KubeApiServer.CERTIFICATE);
    authority.issue(certificate, certificate.resolveSibling(KubeApiServer.KEY));
    return certificate;
  }
}
