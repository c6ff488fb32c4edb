package dev.workspaceoperator.env;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A bridge of this machine with a network namespace on it for each host, which can be cut off: then
 * packets to it and from it vanish, and nobody is told. Needs root and the commands {@code ip} and
 * {@code iptables}, which is used within the namespaces alone.
 */
public final class PrivateNetwork implements AutoCloseable {
  private static final Duration BOUND = Duration.ofSeconds(10);
  private static final String PREFIX = "wof";
  private static final int SUBNETS = 250;

  private final String name;
  private final String subnet;
  private final List<String> hosts;

  private PrivateNetwork(long pid, List<String> hosts) {
    this.name = PREFIX + pid;
    this.subnet = "10.211.%d.".formatted(1 + pid % SUBNETS);
    this.hosts = List.copyOf(hosts);
  }

  /**
   * Makes one.
   *
   * @param hosts a letter each
   * @return empty where this process may not
   */
  public static Optional<PrivateNetwork> open(List<String> hosts) throws InterruptedException {
    dropAbandoned();
    PrivateNetwork network = new PrivateNetwork(ProcessHandle.current().pid(), hosts);
    boolean opened = false;
    try {
      opened = network.make();
    } finally {
      if (!opened) {
        network.close();
      }
    }
    return opened ? Optional.of(network) : Optional.empty();
  }

  private boolean make() throws InterruptedException {
    boolean made =
        succeeds("ip", "link", "add", name, "type", "bridge")
            && succeeds("ip", "address", "add", subnet + "1/24", "dev", name)
            && succeeds("ip", "link", "set", name, "up");
    for (String host : hosts) {
      String space = space(host);
      String wire = name + host;
      made =
          made
              && succeeds("ip", "netns", "add", space)
              && succeeds(
                  "ip", "link", "add", wire, "type", "veth", "peer", "name", "eth0", "netns", space)
              && succeeds("ip", "link", "set", wire, "master", name, "up")
              && succeeds("ip", "-n", space, "address", "add", address(host) + "/24", "dev", "eth0")
              && succeeds("ip", "-n", space, "link", "set", "eth0", "up")
              && succeeds("ip", "-n", space, "link", "set", "lo", "up")
              && succeeds(inside(host, List.of("iptables", "--list")).toArray(String[]::new));
    }
    return made;
  }

  /** Where a host is. */
  String address(String host) {
    return subnet + (2 + hosts.indexOf(host));
  }

  /** A command as it runs on a host. */
  List<String> inside(String host, List<String> command) {
    List<String> all = new ArrayList<>(List.of("ip", "netns", "exec", space(host)));
    all.addAll(command);
    return all;
  }

  /** Its packets vanish from now on. */
  void cut(String host) throws InterruptedException {
    filter(host, "--insert");
  }

  /** They arrive again. */
  void heal(String host) throws InterruptedException {
    filter(host, "--delete");
  }

  private void filter(String host, String change) throws InterruptedException {
    run(inside(host, List.of("iptables", change, "INPUT", "!", "-i", "lo", "-j", "DROP")))
        .orThrow();
    run(inside(host, List.of("iptables", change, "OUTPUT", "!", "-o", "lo", "-j", "DROP")))
        .orThrow();
  }

  @Override
  public void close() {
    try {
      drop(name);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** What a JVM left behind that was killed. */
  private static void dropAbandoned() throws InterruptedException {
    CommandResult spaces = run(List.of("ip", "netns", "list"));
    for (String line : spaces.stdout().lines().toList()) {
      String space = line.split(" ", 2)[0];
      if (space.matches(PREFIX + "\\d+-[a-z]")) {
        String name = space.substring(0, space.indexOf('-'));
        long pid = Long.parseLong(name.substring(PREFIX.length()));
        if (ProcessHandle.of(pid).isEmpty()) {
          drop(name);
        }
      }
    }
  }

  private static void drop(String name) throws InterruptedException {
    CommandResult spaces = run(List.of("ip", "netns", "list"));
    for (String line : spaces.stdout().lines().toList()) {
      String space = line.split(" ", 2)[0];
      if (space.startsWith(name + "-")) {
        boolean _ = succeeds("ip", "netns", "delete", space);
        boolean _ = succeeds("ip", "link", "delete", name + space.substring(name.length() + 1));
      }
    }
    boolean _ = succeeds("ip", "link", "delete", name);
  }

  private String space(String host) {
    return name + "-" + host;
  }

  private static boolean succeeds(String... command) throws InterruptedException {
    return run(List.of(command)).exitCode() == 0;
  }

  private static CommandResult run(List<String> command) throws InterruptedException {
    return CommandResult.of(new ProcessBuilder(command), "", BOUND);
  }
}
