package dev.workspaceoperator.app.option;

import dev.workspaceoperator.auth.ForwardProxies;
import dev.workspaceoperator.auth.IssuerFile;
import dev.workspaceoperator.auth.TokenIssuer;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Whose tokens are accepted beside API keys. */
public final class SignInOptions {
  @Option(
      names = "--jwt-issuers-file",
      paramLabel = "FILE",
      description =
          "The issuers whose tokens are accepted beside API keys, in YAML or JSON; read at the start. See docs/sign-in.md. Default: none.")
  private @Nullable String issuersFile;

  /** The issuers of the file; none without one. */
  public List<TokenIssuer> read(ConfigurationReader reader) {
    return reader
        .file("--jwt-issuers-file", issuersFile)
        .map(file ->
            IssuerFile.read(file, mistake -> reader.mistake("--jwt-issuers-file " + mistake)))
        .orElse(List.of());
  }

  /**
   * The proxies on the way to them, which have variables that are every program's: what they hold
   * is nobody's mistake where nothing is asked for.
   */
  public ForwardProxies proxies(ConfigurationReader reader) {
    return issuersFile == null
        ? ForwardProxies.NONE
        : ForwardProxies.in(reader.environment(), reader::mistake);
  }
}
