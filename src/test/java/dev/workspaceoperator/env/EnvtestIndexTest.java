package dev.workspaceoperator.env;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class EnvtestIndexTest {
  private static final PinnedModule WANTED = new PinnedModule(Path.of("tools/kube"), "v1.37.2");

  @Test
  void takesTheWantedVersionBeforeANewerPatch() {
    String index = entry("v1.37.9", "linux-amd64") + entry("v1.37.2", "linux-amd64");

    assertThat(find(index)).hasValue("v1.37.2");
  }

  @Test
  void takesTheNewestPatchByNumberWhenTheWantedOneIsNotPublished() {
    String index =
        entry("v1.37.0", "linux-amd64")
            + entry("v1.37.10", "linux-amd64")
            + entry("v1.37.9", "linux-amd64");

    assertThat(find(index)).hasValue("v1.37.10");
  }

  @Test
  void takesNoOtherMinorVersionAndNoOtherPlatform() {
    String index =
        entry("v1.38.0", "linux-amd64")
            + entry("v1.3.7", "linux-amd64")
            + entry("v1.37.2", "linux-arm64")
            + entry("v1.37.2", "darwin-amd64");

    assertThat(find(index)).isEmpty();
  }

  private static Optional<String> find(String index) {
    return EnvtestIndex.find("releases:\n" + index, WANTED, "linux", "amd64")
        .map(EnvtestIndex.Archive::version);
  }

  private static String entry(String version, String platform) {
    String archive = "envtest-" + version + "-" + platform + ".tar.gz";
    return """
      %s:
        %s:
          hash: %s
          selfLink: https://example.com/%s
    """
        .formatted(version, archive, "0f".repeat(64), archive);
  }
}
