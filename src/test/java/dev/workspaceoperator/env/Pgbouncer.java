package dev.workspaceoperator.env;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A real PgBouncer on this machine, in front of one PostgreSQL and all its databases, in
 * transaction mode unless it is told otherwise. Never outlives this JVM.
 *
 * <p>{@code -Dpgbouncer=/path/to/pgbouncer} names another one than the machine's.
 */
public final class Pgbouncer implements AutoCloseable {
  private static final String GIVEN_PROGRAM = "pgbouncer";
  private static final Path FINDER = Path.of("src/test/pgbouncer/find").toAbsolutePath();
  private static final Duration FIND_BOUND = Duration.ofMinutes(4);
  private static final Duration START_BOUND = Duration.ofSeconds(20);
  private static final Duration STOP_GRACE = Duration.ofSeconds(5);
  private static final Pattern VERSION = Pattern.compile("PgBouncer (\\d+)\\.(\\d+)");
  private static final Pattern SERVER =
      Pattern.compile("postgresql://([^:]+):([^@]+)@127\\.0\\.0\\.1:(\\d+)");

  private final EmbeddedProcess process;
  private final String url;

  private Pgbouncer(EmbeddedProcess process, String url) {
    this.process = process;
    this.url = url;
  }

  /**
   * The program.
   *
   * @param path of it
   * @param libraries where its libraries are, if not where every program's are
   */
  private record Program(String path, Optional<String> libraries) {
    static Program find() throws InterruptedException {
      String given = System.getProperty(GIVEN_PROGRAM);
      if (given != null) {
        return new Program(given, Optional.empty());
      }
      List<String> lines =
          CommandResult.of(new ProcessBuilder(FINDER.toString()), "", FIND_BOUND)
              .orThrow()
              .lines()
              .toList();
      return new Program(lines.getFirst(), lines.stream().skip(1).findFirst());
    }

    List<String> command(String... arguments) {
      List<String> command = new ArrayList<>();
      libraries.ifPresent(folder -> command.addAll(List.of("env", "LD_LIBRARY_PATH=" + folder)));
      command.add(path);
      command.addAll(List.of(arguments));
      return command;
    }
  }

  /** Whether it keeps track of prepared statements in transaction mode, as 1.21 and newer do. */
  public static boolean tracksStatements() throws InterruptedException {
    String printed =
        CommandResult.of(
                new ProcessBuilder(Program.find().command("--version")), "", Duration.ofSeconds(10))
            .orThrow();
    Matcher version = VERSION.matcher(printed);
    if (!version.find()) {
      throw new IllegalStateException("no version of pgbouncer: " + printed);
    }
    int major = Integer.parseInt(version.group(1));
    return major > 1 || Integer.parseInt(version.group(2)) >= 21;
  }

  /**
   * Starts one.
   *
   * @param directory for its files
   * @param database any address of the server behind it, {@code
   *     postgresql://user:password@127.0.0.1:port…}; only this user signs in
   * @param settings of its {@code [pgbouncer]} section, beyond or instead of these ones
   */
  public static Pgbouncer start(
      Path directory, String database, Map<String, String> settings, Consumer<String> progress)
      throws InterruptedException {
    Matcher server = SERVER.matcher(database);
    if (!server.lookingAt()) {
      throw new IllegalArgumentException("no address of a local PostgreSQL with user and password");
    }
    int port = FreePort.find();
    Map<String, String> all = new TreeMap<>();
    all.put("listen_addr", "127.0.0.1");
    all.put("listen_port", Integer.toString(port));
    all.put("unix_socket_dir", "");
    all.put("auth_type", "scram-sha-256");
    all.put("auth_file", directory.resolve("users.txt").toString());
    all.put("pool_mode", "transaction");
    all.put("server_login_retry", "1");
    all.put("default_pool_size", "20");
    all.put("max_client_conn", "500");
    all.putAll(settings);
    Path configuration = directory.resolve("pgbouncer.ini");
    PrivateFiles.createDirectory(directory);
    PrivateFiles.write(
        directory.resolve("users.txt"),
        "\"%s\" \"%s\"\n".formatted(server.group(1), server.group(2)));
    PrivateFiles.write(
        configuration,
        "[databases]\n* = host=127.0.0.1 port=%s\n[pgbouncer]\n%s\n"
            .formatted(
                server.group(3),
                all.entrySet().stream()
                    .map(setting -> setting.getKey() + " = " + setting.getValue())
                    .collect(Collectors.joining("\n"))));
    ServerUser.own(directory);
    EmbeddedProcess process =
        EmbeddedProcess.start(
            "pgbouncer",
            ServerUser.command(Program.find().command(configuration.toString())),
            directory,
            progress);
    Pgbouncer started =
        new Pgbouncer(
            process,
            "postgresql://%s:%s@127.0.0.1:%d".formatted(server.group(1), server.group(2), port));
    started.awaitReady(server, port);
    return started;
  }

  /** {@code postgresql://user:password@127.0.0.1:port/database} by way of it. */
  public String url(String database) {
    return url + "/" + database;
  }

  /** The same for the database that an address of the server behind it names. */
  public String inFrontOf(String address) {
    return url(address.substring(address.lastIndexOf('/') + 1));
  }

  /** What it said last. */
  public String logTail() {
    return process.logTail();
  }

  private void awaitReady(Matcher server, int port) throws InterruptedException {
    try {
      Readiness.await(
          "pgbouncer",
          process,
          START_BOUND,
          () -> {
            try (var _ =
                DriverManager.getConnection(
                    "jdbc:postgresql://127.0.0.1:%d/postgres?preferQueryMode=simple"
                        .formatted(port),
                    server.group(1),
                    server.group(2))) {
              return true;
            } catch (SQLException e) {
              throw new IOException(e);
            }
          });
    } catch (KubeUnavailableException e) {
      close();
      throw e;
    }
  }

  @Override
  public void close() {
    try {
      process.stop(STOP_GRACE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
