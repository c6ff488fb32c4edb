package dev.workspaceoperator.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.LongPredicate;
import java.util.stream.Stream;

/**
 * CPU time, in seconds, of everything that takes part. Linux only: reads {@code /proc}.
 *
 * @param client this process, which is the users and the bare client
 */
record CpuTimes(double apiServer, double etcd, double postgres, double controller, double client) {
  private static final double TICKS_PER_SECOND = 100;
  private static final Path PROC = Path.of("/proc");

  /**
   * So far.
   *
   * @param kubeDirectory what the API server and etcd have on their command lines
   * @param postmaster the process id of PostgreSQL
   * @param controller the process id of the controller, if one is running
   */
  static CpuTimes now(Path kubeDirectory, long postmaster, OptionalLong controller)
      throws IOException {
    String directory = kubeDirectory.toAbsolutePath().toString();
    return new CpuTimes(
        sum(pid -> isCommand(pid, "kube-apiserver", directory)),
        sum(pid -> isCommand(pid, "etcd", directory)),
        ofPostgres(postmaster),
        controller.isPresent() ? ofProcess(controller.getAsLong()) : 0,
        ofProcess(ProcessHandle.current().pid()));
  }

  /** What was used since then. */
  CpuTimes since(CpuTimes start) {
    return new CpuTimes(
        apiServer - start.apiServer,
        etcd - start.etcd,
        postgres - start.postgres,
        controller - start.controller,
        client - start.client);
  }

  /** All processes of a PostgreSQL. */
  static double ofPostgres(long postmaster) throws IOException {
    return sum(pid -> pid == postmaster || parent(pid) == postmaster);
  }

  /** User and system time of one process and of its children that have ended. */
  static double ofProcess(long pid) {
    List<String> fields = stat(pid);
    // Fields 14 to 17 of proc(5); the list begins with the third.
    return fields.isEmpty()
        ? 0
        : fields.subList(11, 15).stream().mapToLong(Long::parseLong).sum() / TICKS_PER_SECOND;
  }

  static long parent(long pid) {
    List<String> fields = stat(pid);
    return fields.isEmpty() ? -1 : Long.parseLong(fields.get(1));
  }

  private static double sum(LongPredicate wanted) throws IOException {
    try (Stream<Path> processes = Files.list(PROC)) {
      return processes
          .map(path -> path.getFileName().toString())
          .filter(name -> name.chars().allMatch(Character::isDigit))
          .mapToLong(Long::parseLong)
          .filter(wanted)
          .mapToDouble(CpuTimes::ofProcess)
          .sum();
    }
  }

  private static boolean isCommand(long pid, String name, String argument) {
    String commandLine = read(pid, "cmdline");
    return commandLine.contains(argument) && commandLine.split("\0", 2)[0].endsWith("/" + name);
  }

  /** From the third field on; the second, in parentheses, may hold blanks. Empty: it has ended. */
  private static List<String> stat(long pid) {
    String stat = read(pid, "stat");
    return stat.isEmpty()
        ? List.of()
        : List.of(stat.substring(stat.lastIndexOf(')') + 2).strip().split(" ", -1));
  }

  private static String read(long pid, String file) {
    try {
      return Files.readString(PROC.resolve(Long.toString(pid)).resolve(file));
    } catch (IOException gone) {
      return "";
    }
  }
}
