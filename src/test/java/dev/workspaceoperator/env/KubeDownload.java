package dev.workspaceoperator.env;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.URLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/** Fetches the programs as envtest publishes them; the published SHA-512 must match. */
final class KubeDownload {
  private static final URI INDEX =
      URI.create(
          "https://raw.githubusercontent.com/kubernetes-sigs/controller-tools/HEAD/envtest-releases.yaml");

  /** A network that swallows packets must not hold up the build that comes next. */
  private static final Duration SILENCE_BOUND = Duration.ofSeconds(10);

  private static final Duration REPORT_EVERY = Duration.ofSeconds(15);

  private final PinnedModule wanted;
  private final Consumer<String> progress;
  private final AtomicLong received = new AtomicLong();

  KubeDownload(PinnedModule wanted, Consumer<String> progress) {
    this.wanted = wanted;
    this.progress = progress;
  }

  /** Puts the programs into the directory; any failure is an {@link IOException}. */
  void download(List<String> programs, Path into) throws IOException, InterruptedException {
    progress.accept("Kubernetes: looking for a download of " + wanted.version());
    FutureTask<Void> task =
        new FutureTask<>(() -> {
          fetchAll(programs, into);
          return null;
        });
    Thread thread = Thread.ofVirtual().name("kube-download").start(task);
    try {
      await(task);
    } finally {
      thread.interrupt();
    }
  }

  private void await(FutureTask<Void> task) throws IOException, InterruptedException {
    long before = -1;
    Deadline silence = Deadline.in(SILENCE_BOUND);
    Deadline report = Deadline.in(REPORT_EVERY);
    while (true) {
      try {
        task.get(200, TimeUnit.MILLISECONDS);
        return;
      } catch (ExecutionException e) {
        throw new IOException(String.valueOf(e.getCause()), e);
      } catch (TimeoutException e) {
        long now = received.get();
        if (now != before) {
          before = now;
          silence = Deadline.in(SILENCE_BOUND);
        } else if (silence.passed()) {
          throw new IOException("no byte for " + SILENCE_BOUND.toSeconds() + " s", e);
        }
        if (report.passed()) {
          progress.accept("Kubernetes: downloading, " + now / 1_000_000 + " MB so far");
          report = Deadline.in(REPORT_EVERY);
        }
      }
    }
  }

  private void fetchAll(List<String> programs, Path into) throws IOException {
    Path index = into.resolve("index.yaml");
    fetch(INDEX, index);
    EnvtestIndex.Archive archive =
        EnvtestIndex.find(Files.readString(index), wanted, os(), arch())
            .orElseThrow(() ->
                new IOException(
                    "nothing published for %s on %s-%s".formatted(wanted.minor(), os(), arch())));
    progress.accept("Kubernetes: downloading " + archive.location());
    Path file = into.resolve("archive.tar.gz");
    String sha512 = fetch(archive.location(), file);
    if (!sha512.equals(archive.sha512())) {
      throw new IOException(
          archive.location() + " has SHA-512 " + sha512 + ", published is " + archive.sha512());
    }
    TarGz.extract(file, programs, into);
  }

  private String fetch(URI from, Path to) throws IOException {
    URLConnection connection = from.toURL().openConnection();
    connection.setConnectTimeout(Math.toIntExact(SILENCE_BOUND.toMillis()));
    connection.setReadTimeout(Math.toIntExact(SILENCE_BOUND.toMillis()));
    MessageDigest digest = sha512();
    try (InputStream in = new DigestInputStream(connection.getInputStream(), digest);
        OutputStream out = Files.newOutputStream(to)) {
      byte[] buffer = new byte[1 << 16];
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        out.write(buffer, 0, read);
        received.addAndGet(read);
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static MessageDigest sha512() {
    try {
      return MessageDigest.getInstance("SHA-512");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String os() {
    String name = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    return name.contains("mac") ? "darwin" : "linux";
  }

  private static String arch() {
    String name = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
    return switch (name) {
      case "x86_64", "amd64" -> "amd64";
      case "aarch64", "arm64" -> "arm64";
      default -> name;
    };
  }
}
