package dev.workspaceoperator.env;

import java.net.URI;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * Reads the public list of envtest archives (kube-apiserver, etcd, kubectl) of controller-tools.
 */
final class EnvtestIndex {
  /**
   * One archive.
   *
   * @param version as in {@code v1.37.0}
   * @param sha512 lower-case hexadecimal
   */
  record Archive(String version, URI location, String sha512) {}

  private EnvtestIndex() {}

  /** The wanted version for this platform, else the newest patch of the same minor version. */
  static Optional<Archive> find(String index, PinnedModule wanted, String os, String arch) {
    Pattern entry =
        Pattern.compile(
            "envtest-("
                + Pattern.quote(wanted.minor())
                + "\\.\\d+)-"
                + Pattern.quote(os + "-" + arch)
                + "\\.tar\\.gz:\\s+hash:\\s*(\\p{XDigit}{128})\\s+selfLink:\\s*(https://\\S+)");
    Comparator<Archive> byFit =
        Comparator.comparingInt(archive ->
            archive.version().equals(wanted.version())
                ? Integer.MAX_VALUE
                : patch(archive.version()));
    return entry.matcher(index).results().map(EnvtestIndex::archive).max(byFit);
  }

  private static Archive archive(MatchResult entry) {
    return new Archive(
        entry.group(1), URI.create(entry.group(3)), entry.group(2).toLowerCase(Locale.ROOT));
  }

  private static int patch(String version) {
    return Integer.parseInt(version.substring(version.lastIndexOf('.') + 1));
  }
}
