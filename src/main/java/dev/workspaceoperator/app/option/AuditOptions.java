package dev.workspaceoperator.app.option;

import dev.workspaceoperator.store.AuditChain;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How audit rows are chained. */
public final class AuditOptions {
  @Option(
      names = "--audit-key-file",
      paramLabel = "FILE",
      description =
          "A secret of at least 32 bytes that keys the hashes of audit rows (HMAC), so that nobody without it can forge a chain. The same for every process. Default: none (SHA-256).")
  private @Nullable String keyFile;

  /** The chain with its key, if one is given. */
  public AuditChain read(ConfigurationReader reader) {
    Optional<Path> file = reader.file("--audit-key-file", keyFile);
    if (file.isEmpty()) {
      return AuditChain.unkeyed();
    }
    try {
      byte[] key = Files.readAllBytes(file.get());
      if (key.length >= AuditChain.KEY_BYTES_MIN) {
        return AuditChain.keyed(key);
      }
      reader.mistake(
          "--audit-key-file must hold at least %d bytes, not %d."
              .formatted(AuditChain.KEY_BYTES_MIN, key.length));
    } catch (IOException e) {
      reader.mistake(
          "--audit-key-file names the file %s, which cannot be read.".formatted(file.get()));
    }
    return AuditChain.unkeyed();
  }
}
