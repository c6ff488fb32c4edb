package dev.workspaceoperator.env;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * A file system of a few MiB that a server keeps its files in: it can be full, and read-only.
 * Mounting one takes root.
 */
public final class SmallDisk implements AutoCloseable {
  private static final Duration MOUNT_BOUND = Duration.ofSeconds(10);
  private static final int CHUNK_BYTES = 64 * 1024;

  private final Path at;
  private final Path ballast;
  private boolean writable = true;

  private SmallDisk(Path at) {
    this.at = at;
    this.ballast = at.resolve("ballast");
  }

  /** Whether this process may mount one. */
  public static boolean isPossible() throws InterruptedException {
    Path probe = ThrowawayDirectory.create();
    try {
      mount(probe, 1).close();
      return true;
    } catch (IllegalStateException e) {
      System.err.println("NO DISK CAN BE FULL HERE: mounting a small one takes root: " + e);
      return false;
    } finally {
      Trees.delete(probe);
    }
  }

  /**
   * Mounts one on an empty directory, for PostgreSQL's own user.
   *
   * @throws IllegalStateException if that is not permitted
   */
  public static SmallDisk mount(Path at, int mebibytes) throws InterruptedException {
    run("mount", "-t", "tmpfs", "-o", "size=%dm".formatted(mebibytes), "tmpfs", at.toString());
    ServerUser.own(at);
    return new SmallDisk(at);
  }

  /** A directory in it, for PostgreSQL's own user. */
  public Path directory(String name) throws IOException {
    Path made = Files.createDirectory(at.resolve(name));
    ServerUser.own(made);
    return made;
  }

  /** Leaves no byte free. */
  public void fill() throws IOException {
    try (OutputStream out = Files.newOutputStream(ballast)) {
      for (int size = CHUNK_BYTES; size > 0; size /= 2) {
        writeAll(out, size);
      }
    }
  }

  private static void writeAll(OutputStream out, int size) {
    byte[] bytes = new byte[size];
    try {
      while (true) {
        out.write(bytes);
      }
    } catch (IOException full) {
      // No room for that much: for less, perhaps.
    }
  }

  /** Frees what {@link #fill} took. */
  public void free() throws IOException {
    Files.deleteIfExists(ballast);
  }

  /** Whatever is opened from now on cannot be written; what is open already can. */
  public void makeReadOnly() throws InterruptedException {
    run("mount", "--bind", at.toString(), at.toString());
    writable = false;
    run("mount", "-o", "remount,bind,ro", at.toString());
  }

  /** Undoes {@link #makeReadOnly}. */
  public void makeWritable() throws InterruptedException {
    if (!writable) {
      run("umount", "--lazy", at.toString());
      writable = true;
    }
  }

  @Override
  public void close() {
    try {
      makeWritable();
      run("umount", "--lazy", at.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void run(String... command) throws InterruptedException {
    String _ = CommandResult.of(new ProcessBuilder(List.of(command)), "", MOUNT_BOUND).orThrow();
  }

  /** Moves what is there into it, and leaves a link to it. */
  public void takeIn(Path directory) throws IOException, InterruptedException {
    Path inside = at.resolve(directory.getFileName());
    run("mv", directory.toString(), inside.toString());
    try {
      Files.createSymbolicLink(directory, inside);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
