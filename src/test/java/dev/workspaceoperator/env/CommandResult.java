package dev.workspaceoperator.env;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * How a command ended.
 *
 * @param exitCode {@value #NOT_ENDED} when it could not run or was stopped at its bound; {@code
 *     stderr} then says which
 */
public record CommandResult(int exitCode, String stdout, String stderr) {
  public static final int NOT_ENDED = -1;

  /** Standard output of a command that must succeed. */
  public String orThrow() {
    if (exitCode != 0) {
      throw new IllegalStateException("exit code " + exitCode + ": " + stderr + stdout);
    }
    return stdout;
  }

  /** Runs a command with this standard input, at most for the bound. */
  public static CommandResult of(ProcessBuilder builder, String stdin, Duration bound)
      throws InterruptedException {
    try {
      Path directory = Files.createTempDirectory("workspace-operator-command-");
      try {
        return run(builder, stdin, bound, directory);
      } finally {
        Trees.delete(directory);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Through files, not pipes: no reader thread, and no child can block on a full pipe. */
  private static CommandResult run(
      ProcessBuilder builder, String stdin, Duration bound, Path directory)
      throws IOException, InterruptedException {
    Path in = Files.writeString(directory.resolve("stdin"), stdin);
    Path out = directory.resolve("stdout");
    Path err = directory.resolve("stderr");
    builder.redirectInput(in.toFile()).redirectOutput(out.toFile()).redirectError(err.toFile());
    Process process;
    try {
      process = builder.start();
    } catch (IOException e) {
      return new CommandResult(NOT_ENDED, "", String.valueOf(e.getMessage()));
    }
    boolean ended = false;
    try {
      ended = process.waitFor(bound.toMillis(), TimeUnit.MILLISECONDS);
    } finally {
      process.destroyForcibly();
    }
    String stderr = Files.readString(err);
    return ended
        ? new CommandResult(process.exitValue(), Files.readString(out), stderr)
        : new CommandResult(
            NOT_ENDED,
            Files.readString(out),
            stderr + "\nstopped after " + bound.toSeconds() + " s");
  }
}
